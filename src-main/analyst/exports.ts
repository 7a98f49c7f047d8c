// Results as files: every row of a statement to CSV or Parquet, written by DuckDB beside its place and renamed when it is whole.
// Promises: nothing passes through a screen; a cancelled or failed export leaves no file; an export never overwrites another.
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { type Failure, fail, ok, type Result } from '../../src-shared/base/result.ts';
import { formatFileTime } from '../../src-shared/base/time.ts';
import type { ResultExport } from '../../src-shared/contract/analysis.ts';
import type { RequestParsed } from '../../src-shared/contract/index.ts';
import { type Duck, openSandbox } from '../base/duck.ts';
import { diskSpace, syncDirectory } from '../base/files.ts';
import type { ParentPort } from '../base/parent-port.ts';
import { type Bounded, bounded } from './bounded.ts';
import { exactSql } from './parquet-types.ts';
import { parameterTrouble } from './runs.ts';
import { quote, type SnapshotSource } from './snapshot.ts';
import { type Checked, checkStatement } from './statement.ts';
import { type Stop, troubleOf } from './trouble.ts';
import { macros, putUp } from './views.ts';

export interface ExportsOptions {
  /** For checking statements. */
  readonly duck: Duck;
  readonly dataDir: string;
  readonly readable: readonly string[];
  readonly memoryLimitBytes: number;
  readonly ask: ParentPort['ask'];
  readonly snapshots: SnapshotSource;
  readonly nowUs: () => number;
  readonly changed: () => void;
  readonly lastResort: (why: string) => void;
}

type Input = RequestParsed<'analysis.export'>;

interface Live {
  state: ResultExport;
  readonly input: Input;
  readonly checked: Checked;
  bounds: Bounded | undefined;
  cancelled: boolean;
  unfinished: string | undefined;
  progress: (() => number | null) | undefined;
  readonly startedUs: number;
  readonly ended: PromiseWithResolvers<void>;
}

const FOLDER = 'exports/analysis';
/** What an export leaves to the recorder: it stops before the disk's own ladder begins. */
const SPARE_BYTES = 2 * 1024 ** 3;
const WAITING = 20;
const RECENT = 50;
const LOOK_MS = 500;

export class Exports {
  readonly #options: ExportsOptions;
  readonly #live = new Map<string, Live>();
  #turn: Promise<void> = Promise.resolve();
  #open = 0;

  constructor(options: ExportsOptions) {
    this.#options = options;
    rmSync(join(options.dataDir, FOLDER, '.unfinished'), { recursive: true, force: true });
  }

  get busy(): boolean {
    return this.#open > 0;
  }

  /** Newest first. */
  list(): ResultExport[] {
    return [...this.#live.values()].reverse().map((live) => this.#told(live));
  }

  async begin(input: Input): Promise<Result<{ exportId: string }>> {
    if (this.#open >= WAITING)
      return fail('analysis.busy', `${this.#open} exports wait already; cancel some of them`, { retry: true });
    const checked = await this.#options.duck.with((connection) => checkStatement(connection, input.sql, macros));
    if (!checked.ok) return checked;
    if (checked.value.explain) return fail('analysis.refused', 'EXPLAIN has nothing to export');
    const exportId = randomUUID();
    const live: Live = {
      state: {
        exportId,
        title: input.title,
        format: input.format,
        state: 'queued',
        queuedUs: this.#options.nowUs(),
        endedUs: null,
        elapsedMs: 0,
        progress: null,
        bytes: 0,
        rows: null,
        path: null,
        reach: null,
        failure: null,
      },
      input,
      checked: checked.value,
      bounds: undefined,
      cancelled: false,
      unfinished: undefined,
      progress: undefined,
      startedUs: this.#options.nowUs(),
      ended: Promise.withResolvers(),
    };
    this.#live.set(exportId, live);
    this.#open += 1;
    this.#options.changed();
    this.#turn = this.#turn.then(() => this.#work(live));
    return ok({ exportId });
  }

  async wait(exportId: string, signal: AbortSignal): Promise<Result<ResultExport>> {
    const live = this.#live.get(exportId);
    if (!live) return fail('analysis.unknown-export', `there is no export ${exportId} since the analyst started`);
    const given = new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    await Promise.race([live.ended.promise, given]);
    return signal.aborted ? fail('request.cancelled', 'nobody waits for the export any more') : ok(this.#told(live));
  }

  cancel(exportId: string): Result<Record<string, never>> {
    const live = this.#live.get(exportId);
    if (!live) return fail('analysis.unknown-export', `there is no export ${exportId} since the analyst started`);
    live.cancelled = true;
    live.bounds?.end('cancel');
    return ok({});
  }

  async leave(): Promise<void> {
    for (const live of this.#live.values()) {
      live.cancelled = true;
      live.bounds?.end('leaving');
    }
    await this.#turn;
  }

  #told(live: Live): ResultExport {
    const { state, unfinished } = live;
    if (state.endedUs !== null) return state;
    const bytes = unfinished !== undefined && existsSync(unfinished) ? statSync(unfinished).size : 0;
    return {
      ...state,
      bytes,
      progress: live.progress?.() ?? null,
      elapsedMs: (this.#options.nowUs() - live.startedUs) / 1000,
    };
  }

  async #work(live: Live): Promise<void> {
    if (live.cancelled) this.#end(live, this.#trouble('', live, 'cancel'));
    else {
      live.state = { ...live.state, state: 'running' };
      this.#options.changed();
      await this.#write(live);
    }
    this.#open -= 1;
    live.ended.resolve();
    this.#options.changed();
    for (const [id] of [...this.#live].slice(0, Math.max(0, this.#live.size - RECENT))) this.#live.delete(id);
  }

  /** A sandbox of its own: it alone may write, and only into the folder of what is not finished. */
  async #write(live: Live): Promise<void> {
    const { dataDir, readable, memoryLimitBytes } = this.#options;
    const folder = join(dataDir, FOLDER);
    const staging = join(folder, '.unfinished');
    mkdirSync(staging, { recursive: true });
    const unfinished = join(staging, `${live.state.exportId}.${live.input.format}`);
    live.unfinished = unfinished;
    const duck = await openSandbox({
      memoryLimit: `${Math.floor(memoryLimitBytes / 1024 ** 2)}MiB`,
      threads: 1,
      folders: [...readable, staging],
    });
    const connection = await duck.connect();
    const bounds = bounded(connection, live.input.timeLimitMs, this.#options.lastResort);
    live.bounds = bounds;
    live.progress = () => connection.progress();
    if (live.cancelled) bounds.end('cancel');
    let noRoom = false;
    const look = setInterval(() => {
      void diskSpace(folder).then(({ freeBytes }) => {
        if (freeBytes >= SPARE_BYTES || bounds.stop !== undefined) return;
        noRoom = true;
        bounds.end('leaving');
      });
    }, LOOK_MS);
    try {
      const up = await putUp(connection, dataDir, live.checked.tables, live.input, this.#options);
      if (!up.ok) return this.#end(live, { state: 'failed', failure: up.failure });
      bounds.signal.throwIfAborted();
      live.state = { ...live.state, reach: up.value };
      const unfit = await unfitParameters(connection, live);
      if (unfit) return this.#end(live, { state: 'failed', failure: unfit });
      bounds.signal.throwIfAborted();
      const { format, parameters } = live.input;
      const how = format === 'csv' ? 'FORMAT csv, HEADER' : 'FORMAT parquet, COMPRESSION zstd';
      const sql = format === 'csv' ? live.checked.sql : await exactSql(connection, live.checked.sql, parameters);
      bounds.signal.throwIfAborted();
      const rows = await connection.countNamed(`COPY (\n${sql}\n) TO ${quote(unfinished)} (${how})`, parameters);
      bounds.signal.throwIfAborted();
      await this.#finish(live, folder, unfinished, rows);
    } catch (error) {
      this.#end(live, noRoom ? { state: 'stopped', failure: noRoomFailure } : this.#trouble(error, live, bounds.stop));
    } finally {
      clearInterval(look);
      bounds.over();
      live.progress = undefined;
      connection.close();
      duck.close();
      rmSync(unfinished, { force: true });
    }
  }

  async #finish(live: Live, folder: string, unfinished: string, rows: number): Promise<void> {
    const handle = await open(unfinished, 'r+');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
    const name = freeName(folder, live.input, this.#options.nowUs());
    const bytes = statSync(unfinished).size;
    await rename(unfinished, join(folder, name));
    await syncDirectory(folder);
    live.state = { ...live.state, rows, bytes, path: `${FOLDER}/${name}` };
    this.#end(live, { state: 'done', failure: null });
  }

  #trouble(error: unknown, live: Live, stop: Stop | undefined): Pick<ResultExport, 'state' | 'failure'> {
    const { memoryLimitBytes } = this.#options;
    return troubleOf(error, { memoryLimitBytes, timeLimitMs: live.input.timeLimitMs, stop });
  }

  #end(live: Live, { state, failure }: Pick<ResultExport, 'state' | 'failure'>): void {
    const endedUs = this.#options.nowUs();
    live.state = {
      ...live.state,
      state,
      failure,
      endedUs,
      elapsedMs: (endedUs - live.startedUs) / 1000,
      progress: state === 'done' ? 1 : null,
    };
  }
}

const noRoomFailure: Failure = {
  code: 'analysis.no-room',
  message: `stopped: less than ${SPARE_BYTES / 1024 ** 3} GB are left on the disk, and they belong to the recording`,
  retry: false,
};

async function unfitParameters(
  connection: Awaited<ReturnType<Duck['connect']>>,
  { checked, input }: Pick<Live, 'checked' | 'input'>,
): Promise<Failure | null> {
  const prepared = await connection.prepare(checked.sql);
  const unfit = parameterTrouble(prepared.parameters, input.parameters);
  prepared.close();
  return unfit === undefined ? null : { code: 'analysis.parameter', message: unfit, retry: false };
}

/** A name that is free, safe on every system, and says what it is. */
function freeName(folder: string, { name, title, format }: Input, nowUs: number): string {
  const wanted = (name ?? title)
    .normalize('NFC')
    .replaceAll(/[^\p{L}\p{N}._ -]+/gu, '-')
    .replace(/^[. -]+/, '')
    .slice(0, 80)
    .trim();
  const stem = wanted === '' ? `result-${formatFileTime(nowUs)}` : wanted;
  for (let n = 1; ; n += 1) {
    const candidate = `${stem}${n === 1 ? '' : `-${n}`}.${format}`;
    if (!existsSync(join(folder, candidate))) return candidate;
  }
}
