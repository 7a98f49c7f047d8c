// The analyst's life: it makes itself small, opens its sandbox, answers, and leaves at once when asked.
// Promises: it never takes the recorder's time or memory; what it knew of its runs is on disk before they start.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { constants, setPriority, totalmem } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { reasonOf } from '../../src-shared/base/result.ts';
import { openSandbox } from '../base/duck.ts';
import { type Log, openLog } from '../base/log.ts';
import { openParentPort } from '../base/parent-port.ts';
import { readBars } from './bars.ts';
import { Calendar } from './calendar.ts';
import { Exports } from './exports.ts';
import { openHistory } from './history.ts';
import { Runs } from './runs.ts';
import { openSnapshotSource } from './snapshot.ts';
import { openSummary } from './summary.ts';
import { readTicks } from './ticks.ts';
import { schema } from './views.ts';
import { endProcess } from './watch.ts';

const MB = 1024 ** 2;
/** What DuckDB may hold for queries and their results together, and what the whole process may use before it is ended. */
const QUERY_BYTES = 768 * MB;
const EXPORT_BYTES = 384 * MB;
const REST_BYTES = 640 * MB;
const TELL_MS = 250;
const LEAVE_MS = 1500;
const TOLD_RUNS = 30;
const TOLD_SQL = 2000;

export async function serve(self: URL): Promise<void> {
  yieldToTheRecorder();
  const port = openParentPort('analyst');
  const { dataDir } = await port.started;
  const log = openLog(dataDir, 'analyst');
  const folder = join(dataDir, 'analysis');
  mkdirSync(folder, { recursive: true });
  const notePath = join(folder, 'ended.txt');
  const ended = existsSync(notePath) ? readFileSync(notePath, 'utf8') : null;
  if (ended !== null) log.warn({ why: ended }, 'the analyst before this one was ended');
  rmSync(notePath, { force: true });

  const queryBytes = Math.min(QUERY_BYTES, Math.floor(totalmem() / 6));
  await startWatch(self, { limitBytes: queryBytes + EXPORT_BYTES + REST_BYTES, notePath }, log);
  const nowUs = (): number => Date.now() * 1000;
  const readable = [join(dataDir, 'market-data', 'trade'), join(dataDir, 'analysis', 'hot')];
  const duck = await openSandbox({ memoryLimit: `${Math.floor(queryBytes / MB)}MiB`, threads: 2, folders: readable });
  const snapshots = openSnapshotSource(port.ask);
  const history = openHistory(join(folder, 'runs.jsonl'), nowUs, ended);
  let untold = true;
  const common = {
    duck,
    dataDir,
    ask: port.ask,
    snapshots,
    nowUs,
    changed: () => {
      untold = true;
    },
    lastResort: (why: string) => endProcess(notePath, `stopped: ${why}, so the analyst was ended; recording went on`),
  };
  const runs = new Runs({ ...common, memoryLimitBytes: queryBytes, history });
  const exports = new Exports({ ...common, memoryLimitBytes: EXPORT_BYTES, readable });

  const summary = await openSummary(dataDir, log);
  const calendar = new Calendar({
    summary,
    snapshots,
    ask: port.ask,
    publish: (value) => port.publish('analysis.summary', value),
    nowUs,
    log,
  });
  const reading = { duck: summary.duck, dataDir, snapshots };

  const tell = (): void => {
    const live = runs.list();
    const ids = new Set(live.map((run) => run.runId));
    const past = history.list(TOLD_RUNS, '').filter((run) => !ids.has(run.runId));
    const told = [...live, ...past].slice(0, TOLD_RUNS);
    port.publish('analysis.runs', { runs: told.map((run) => ({ ...run, sql: run.sql.slice(0, TOLD_SQL) })) });
    port.publish('analysis.exports', { exports: exports.list() });
  };
  const beat = async (): Promise<void> => {
    if (!untold && !runs.busy && !exports.busy) return;
    untold = false;
    if (runs.busy) await runs.measure();
    tell();
  };
  let beating: Promise<void> = Promise.resolve();
  const ticker = setInterval(() => {
    beating = beating.then(beat);
  }, TELL_MS);

  port.onDrain(async (reason) => {
    log.info({ reason }, 'leaving');
    clearInterval(ticker);
    // A statement that will not be interrupted would hold up the end of everything.
    const late = setTimeout(() => endProcess(notePath, `stopped: ${reason}`), LEAVE_MS);
    await Promise.all([runs.leave(), exports.leave(), calendar.leave()]);
    clearTimeout(late);
  });
  port.serve({
    'analysis.calendar': (input) => calendar.calendar(input),
    'analysis.day': (input) => calendar.day(input),
    'analysis.bars': (input, { signal }) => readBars(reading, input, signal),
    'analysis.ticks': (input, { signal }) => readTicks(reading, input, signal),
    'analysis.run': (input) => runs.begin(input),
    'analysis.run-wait': ({ runId }, { signal }) => runs.wait(runId, signal),
    'analysis.rows': (input) => runs.rows(input),
    'analysis.cancel': ({ runId }) => runs.cancel(runId),
    'analysis.release': ({ runId }) => runs.release(runId),
    'analysis.history': ({ limit, search }) => ({ ok: true, value: { runs: history.list(limit, search) } }),
    'analysis.export': (input) => exports.begin(input),
    'analysis.export-wait': ({ exportId }, { signal }) => exports.wait(exportId, signal),
    'analysis.export-cancel': ({ exportId }) => exports.cancel(exportId),
    'analysis.schema': () => ({ ok: true, value: schema }),
  });
  port.ready();
  log.info({ queryBytes, unreadable: history.unreadable }, 'ready');
}

/** Below everything of the recorder for time, and before everything else when the system has to choose whom to end. */
function yieldToTheRecorder(): void {
  setPriority(constants.priority.PRIORITY_LOW);
  if (process.platform === 'linux') writeFileSync('/proc/self/oom_score_adj', '1000');
}

/** Without the watch a query could take memory that DuckDB does not count, so a watch that fails ends the analyst. */
async function startWatch(self: URL, data: { limitBytes: number; notePath: string }, log: Log): Promise<void> {
  const worker = new Worker(self, { workerData: data });
  worker.on('error', (error) => {
    log.error({ reason: reasonOf(error) }, 'the watch over the memory ended');
    process.exit(1);
  });
  await new Promise<void>((resolve) => worker.once('message', () => resolve()));
  worker.unref();
}
