// The commands that make the recorder ask the venues: backfill, reconcile; and verdict, which says what came of it.
// Progress goes to stderr, the result to stdout; Ctrl-C cancels the job and leaves what it brought.
import { setTimeout as delay } from 'node:timers/promises';
import { FailureError } from '../../src-shared/base/result.ts';
import { DAY_US, formatIso } from '../../src-shared/base/time.ts';
import type { ReconcileJob, RepairJob } from '../../src-shared/contract/gaps.ts';
import type { RequestInput } from '../../src-shared/contract/index.ts';
import type { Verdict } from '../../src-shared/market/gap.ts';
import type { StreamVerdict } from '../../src-shared/market/listing.ts';
import { table, write, writeJson } from './output.ts';
import { checkCoin, checkStreams, type StreamOptions, streamFilter, within } from './read-commands.ts';
import { failure, type Session } from './session.ts';
import { boundsOf, coinOf, dayOf, pastOf, secondsOf, timeOf, windowOf } from './values.ts';

const POLL_MS = 200;
const TELL_MS = 1000;
/** So long a process that is started again is waited for. */
const AWAY_MS = 60_000;
/** Gaps that are counted at most where only their number is told. */
const MOST_COUNTED = 10_000;

type Progress = {
  readonly state: string;
  readonly done: number;
  readonly total: number;
  readonly perSecond?: number;
  readonly etaMs: number | null;
};

/**
 * Follows a job to its end, also while the process that does it is started again. Ctrl-C and SIGTERM cancel it; its last state is given then too.
 */
export async function follow<J extends Progress>(
  status: () => Promise<J>,
  cancel: () => Promise<unknown>,
  words: (job: J) => string,
): Promise<{ job: J; cancelled: boolean }> {
  let cancelling: Promise<unknown> | undefined;
  const stop = (): void => {
    // What went wrong is a value until it is looked at: the answer may come before anyone waits for it.
    cancelling ??= cancel().then(
      () => undefined,
      (error: unknown) => error,
    );
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  let told = 0;
  let last = '';
  let awayMs: number | null = null;
  try {
    for (;;) {
      // Only a state that was asked for after the cancelling is the last one.
      const asked = cancelling;
      const trouble = await asked;
      if (trouble !== undefined) throw trouble;
      const answer = await reached(status);
      if (answer === null) {
        awayMs ??= performance.now();
        if (performance.now() - awayMs < AWAY_MS) {
          await delay(POLL_MS);
          continue;
        }
      }
      awayMs = null;
      const job = answer ?? (await status());
      const line = words(job);
      if (line !== last && (performance.now() - told > TELL_MS || job.state !== 'running')) {
        told = performance.now();
        last = line;
        process.stderr.write(`tapedeck: ${line}\n`);
      }
      if (job.state !== 'running' || asked) {
        await cancelling;
        return { job, cancelled: asked !== undefined && job.state !== 'done' };
      }
      await delay(POLL_MS);
    }
  } finally {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  }
}

/** null: the process that answers is not there at present; jobs outlive it. */
async function reached<J>(ask: () => Promise<J>): Promise<J | null> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof FailureError && error.failure.code.startsWith('process.')) return null;
    throw error;
  }
}

function needsRecorder(session: Session, dataDir: string): void {
  if (session.offline)
    throw failure(
      'recording.none',
      `nobody records into ${dataDir}, and only a recorder asks the venues: start one with \`record --data ${dataDir}\``,
    );
}

function ending({ done, total, perSecond = 0, etaMs }: Progress): string {
  if (done >= total) return '';
  const pace = perSecond > 0 ? `, ${perSecond.toFixed(1)} a second` : '';
  return `${pace}${etaMs === null ? ', end not known yet' : `, about ${Math.ceil(etaMs / 1000)} s left`}`;
}

export interface BackfillOptions extends StreamOptions {
  readonly data: string;
  readonly gap?: string;
  readonly all?: boolean;
  readonly from?: string;
  readonly to?: string;
  readonly json?: boolean;
}

export async function backfill(options: BackfillOptions): Promise<void> {
  const input = repairInput(options);
  await within(options.data, async (session) => {
    needsRecorder(session, options.data);
    if (input.ids) await checkGap(session, input.ids[0] ?? '');
    else await checkStreams(session, streamFilter(options));
    const { jobId, queued } = await session.ask('gaps.repair', input);
    process.stderr.write(`tapedeck: ${queued} to ask for; Ctrl-C cancels\n`);
    const { job, cancelled } = await follow<RepairJob>(
      () => session.ask('gaps.repair-status', { jobId }),
      () => session.ask('gaps.repair-cancel', { jobId }),
      (now) =>
        `${now.done} of ${now.total}: ${now.repaired} repaired, ${now.venueHole} holes of the venue, ${now.partial} in part, ${now.unrecoverable} beyond reach${ending(now)}`,
    );
    if (options.json) await writeJson(job);
    else await write(repairWords(job));
    if (cancelled) throw failure('repair.cancelled', `${job.title}: cancelled after ${job.done} of ${job.total}`);
    if (job.partial + job.unrecoverable > 0) process.exitCode = 1;
    if (!input.ids) await tellGivenUp(session, input, job);
  });
}

/** What was given up before is not asked for again, but it is missing all the same. */
export async function tellGivenUp(
  session: Pick<Session, 'ask'>,
  input: RequestInput<'gaps.repair'>,
  job: Pick<RepairJob, 'unrecoverable'>,
): Promise<void> {
  const { ids: _, ...where } = input;
  const { gaps } = await session.ask('gaps.list', { ...where, states: ['unrecoverable'], limit: MOST_COUNTED });
  const before = gaps.length - job.unrecoverable;
  if (before <= 0) return;
  const count = gaps.length === MOST_COUNTED ? `at least ${before}` : String(before);
  process.stderr.write(
    `tapedeck: ${count} more beyond the reach of their venues since earlier are missing, too; \`gaps\` lists them\n`,
  );
  process.exitCode = 1;
}

async function checkGap(session: Session, id: string): Promise<void> {
  const { gaps } = await session.ask('gaps.list', { ids: [id] });
  const [gap] = gaps;
  if (!gap) throw failure('repair.unknown-gap', `there is no gap ${id}; \`gaps\` lists them`);
  if (gap.state === 'repaired' || gap.state === 'venue-hole')
    process.stderr.write(`tapedeck: gap ${id} is ${gap.state} already\n`);
}

function repairInput(options: BackfillOptions): RequestInput<'gaps.repair'> {
  const filter = streamFilter(options);
  const named = Object.keys(filter).length > 0 || options.from !== undefined || options.to !== undefined;
  const ways = [options.gap !== undefined, options.all === true, named].filter(Boolean).length;
  if (ways !== 1)
    throw failure(
      'arguments.what',
      'name what to ask for: --gap ID, or --all, or a stream and window with --venue, --market, --symbol, --from and --to',
    );
  if (options.gap !== undefined) return { ids: [options.gap] };
  const bounds = boundsOf(options);
  if (bounds.fromUs !== undefined) pastOf(bounds.fromUs, '--from', options.from ?? '');
  return { ...filter, ...bounds };
}

function repairWords(job: RepairJob): string {
  const left = job.total - job.done;
  return table([
    ['asked for', String(job.total)],
    ['repaired', String(job.repaired)],
    ['holes of the venue', String(job.venueHole)],
    ['in part', String(job.partial)],
    ['beyond reach', String(job.unrecoverable)],
    ...(left > 0 ? [['not asked for', String(left)]] : []),
  ]);
}

export async function reconcile(
  options: StreamOptions & { data: string; date: string; json?: boolean },
): Promise<void> {
  const fromUs = pastOf(dayOf(options.date, '--date'), '--date', options.date);
  const filter = streamFilter(options);
  await within(options.data, async (session) => {
    needsRecorder(session, options.data);
    await checkStreams(session, filter);
    const { jobId, queued } = await session.ask('gaps.reconcile', { ...filter, fromUs, toUs: fromUs + DAY_US });
    process.stderr.write(`tapedeck: ${queued} streams to compare; Ctrl-C cancels\n`);
    const { job, cancelled } = await follow<ReconcileJob>(
      () => session.ask('gaps.reconcile-status', { jobId }),
      () => session.ask('gaps.reconcile-cancel', { jobId }),
      (now) =>
        `${now.done} of ${now.total} streams: ${now.equal} minutes equal, ${now.differing} differing, ${now.notComparable} not comparable${ending(now)}`,
    );
    const { streams } = await session.ask('gaps.reconciled', filter);
    if (options.json) await writeJson({ ...job, streams });
    else {
      const rows = streams.map((one) => [
        `${one.venue}:${one.market}:${one.symbol}`,
        String(one.compared),
        String(one.equal),
        String(one.differing),
        String(one.notComparable),
        one.lastUs === null ? '' : `${formatIso(one.lastUs).slice(0, 16)}Z`,
        one.note,
      ]);
      await write(
        `${job.compared} minutes compared: ${job.equal} equal, ${job.differing} differing; ${job.notComparable} not comparable${job.failed > 0 ? `; ${job.failed} streams without an answer` : ''}${job.note ? ` (${job.note})` : ''}\n`,
      );
      if (rows.length > 0)
        await write(
          table([['stream (in all)', 'minutes', 'equal', 'differing', 'not comparable', 'until', ''], ...rows]),
        );
    }
    if (cancelled) throw failure('reconcile.cancelled', `cancelled after ${job.done} of ${job.total} streams`);
    if (job.compared + job.notComparable + job.failed === 0)
      throw failure('reconcile.nothing', `nothing was compared: nothing is recorded of ${options.date}`);
    if (job.differing > 0 || job.failed > 0) process.exitCode = 1;
  });
}

export interface VerdictOptions extends StreamOptions {
  readonly data: string;
  readonly coin?: string;
  readonly at?: string;
  readonly before: string;
  readonly after: string;
  readonly from?: string;
  readonly to?: string;
  readonly json?: boolean;
}

const WORST_FIRST: readonly Verdict[] = ['incomplete', 'unproved', 'covered', 'proven'];

export async function verdict(options: VerdictOptions): Promise<void> {
  const window = verdictWindow(options);
  const filter = streamFilter(options);
  const coin = options.coin === undefined ? undefined : coinOf(options.coin);
  await within(options.data, async (session) => {
    if (coin !== undefined) await checkCoin(session, coin);
    const { streams } =
      coin === undefined
        ? await session.ask('gaps.verdict', { ...filter, ...window })
        : await session.ask('listings.verdict', { coin, ...window });
    const all = streams.filter(
      (one: StreamVerdict) =>
        (filter.venue ?? one.venue) === one.venue &&
        (filter.market ?? one.market) === one.market &&
        (filter.symbol ?? one.symbol) === one.symbol,
    );
    const worst = WORST_FIRST.find((word) => all.some((one) => one.verdict === word));
    if (worst === undefined) {
      await checkStreams(session, filter);
      throw failure('verdict.nothing', nothingToJudge(coin, streams.length, filter));
    }
    if (options.json) return writeJson({ window, verdict: worst, streams: all });
    const rows = all.map((one) => [one.instrument, `${one.rows} rows`, one.verdict, one.reasons.join('; ')]);
    await write(`${worst}\n${rows.length > 0 ? table(rows) : ''}`);
  });
}

function nothingToJudge(coin: string | undefined, streams: number, filter: ReturnType<typeof streamFilter>): string {
  const name = [filter.venue, filter.market, filter.symbol].filter((part) => part !== undefined).join(' ');
  if (coin === undefined) return `nothing to judge: no stream${name === '' ? '' : ` of ${name}`} is recorded`;
  if (streams === 0) return `nothing to judge: no stream of ${coin} is recorded`;
  return `nothing to judge: ${name} is none of the ${streams} streams of ${coin}`;
}

function verdictWindow(options: VerdictOptions): { fromUs: number; toUs: number } {
  if (options.from !== undefined && options.to !== undefined && options.at === undefined)
    return windowOf(options.from, options.to);
  if (options.at === undefined || options.from !== undefined || options.to !== undefined)
    throw failure('arguments.window', 'name a window: --at with --before and --after, or --from and --to');
  if (options.coin === undefined && options.venue === undefined)
    throw failure('arguments.what', 'name what is judged: --coin, or a stream with --venue, --market and --symbol');
  const atUs = timeOf(options.at, '--at');
  const window = {
    fromUs: atUs - secondsOf(options.before, '--before'),
    toUs: atUs + secondsOf(options.after, '--after'),
  };
  if (window.fromUs >= window.toUs) throw failure('arguments.window', '--before 0 --after 0 leaves no window');
  return window;
}
