// Comparisons that somebody asked for: all streams of a day, with progress.
// Promises: a job ends when every stream of it has been compared or it is cancelled, also across restarts; what it found stays in the catalog.
import { randomUUID } from 'node:crypto';
import { fail, ok, type Result } from '../../../src-shared/base/result.ts';
import { formatIso, MINUTE_US, type Us, type Window } from '../../../src-shared/base/time.ts';
import type { ReconcileJob } from '../../../src-shared/contract/gaps.ts';
import { contract, type RequestParsed } from '../../../src-shared/contract/index.ts';
import type { Feed } from '../../feeds/feed.ts';
import { feeds, isComparedByPages } from '../../feeds/index.ts';
import type { MinuteResult, Stream } from '../warehouse/catalog.ts';
import { minutesOf } from '../warehouse/verdict.ts';
import { isPassing } from './candle-answers.ts';
import { type Job, type JobContext, pause, repeating } from './job.ts';
import type { MinuteTask } from './minute-tasks.ts';
import type { Pages } from './pages.ts';
import type { Reconcile } from './reconcile.ts';

export type ReconcileInput = RequestParsed<'gaps.reconcile'>;

export interface ReconcileJobs extends Job {
  begin(input: ReconcileInput): { jobId: string; queued: number };
  cancel(jobId: string): Result<Record<string, never>>;
  status(jobId: string): Result<ReconcileJob>;
}

const KEPT = 20;
const TELL_MS = 500;
/** Streams of one market that are asked for in one step. */
const STEP = 8;
const TRIES = 5;
const RETRY_MS = 2000;
/** How often it is looked whether the store has read what was received before the order. */
const READ_MS = 100;

type Counts = Pick<ReconcileJob, 'equal' | 'differing' | 'notComparable'>;

interface Live {
  job: ReconcileJob;
  /** Cancelled, or the store leaves. */
  readonly stop: AbortController;
  cancelled: boolean;
  /** When this process began with it, and what was done by then. */
  readonly startedMs: number;
  readonly doneBefore: number;
}

export function openReconcileJobs(context: JobContext, reconcile: Reconcile, pages: Pages): ReconcileJobs {
  const { catalog } = context.warehouse;
  const jobs = new Map<string, Live>();
  const running = new Set<Promise<void>>();
  let changed = true;

  const update = (live: Live, change: Partial<ReconcileJob>): void => {
    live.job = { ...live.job, ...change };
    changed = true;
  };

  /** All minutes of one stream's window that are closed, as many at a time as the venue answers; none from before it was first recorded. */
  const tasksOf = (feed: Feed, stream: Stream, fromUs: Us, toUs: Us): MinuteTask[] => {
    const most = (feed.candles?.perRequest ?? 1) * MINUTE_US;
    const { venue, market, symbol } = stream;
    const filter = { venue, market, symbol, fromUs, toUs };
    const recorded = [...catalog.coverage.list(filter), ...catalog.gaps.list(filter)];
    const firstUs = recorded.reduce((least, one) => Math.min(least, one.fromUs), Number.POSITIVE_INFINITY);
    const tasks: MinuteTask[] = [];
    const beginUs = Math.max(fromUs, Math.floor(firstUs / MINUTE_US) * MINUTE_US);
    for (let at = beginUs; at < toUs; at += most) tasks.push({ stream, fromUs: at, toUs: Math.min(toUs, at + most) });
    return tasks;
  };

  const stream = async (live: Live, feed: Feed, one: Stream, tasks: readonly MinuteTask[]): Promise<void> => {
    const counts: Counts = { equal: 0, differing: 0, notComparable: 0 };
    let left = [...tasks];
    let trouble = '';
    let waits = '';
    for (let attempt = 0; left.length > 0 && attempt < TRIES && !live.stop.signal.aborted; attempt += 1) {
      if (attempt > 0 && !(await pause(RETRY_MS, live.stop.signal))) break;
      const results = await reconcile.compare(feed, left, live.stop.signal);
      for (const { task, result, waitsUs } of results) {
        if (!result.ok) {
          trouble = result.failure.message;
          if (!isPassing(result.failure)) attempt = TRIES;
          continue;
        }
        left = left.filter((one) => one !== task);
        if (waitsUs !== undefined)
          waits = `the venue may not have closed its candle of ${formatIso(waitsUs).slice(0, 16)}Z yet; it is compared later`;
        for (const { result: found } of result.value)
          counts[found === 'equal' || found === 'differing' ? found : 'notComparable'] += 1;
      }
    }
    if (live.stop.signal.aborted) return;
    const failed = left.length > 0;
    add(live, one, counts, failed, failed ? trouble : waits);
  };

  /** One stream is done. said: what is to be told of it; the job keeps the first. */
  const add = (live: Live, one: Stream, counts: Counts, failed: boolean, said: string): void => {
    const name = `${one.venue} ${one.market} ${one.symbol}`;
    const { job } = live;
    const done = job.done + 1;
    const passedMs = performance.now() - live.startedMs;
    update(live, {
      done,
      compared: job.compared + counts.equal + counts.differing,
      equal: job.equal + counts.equal,
      differing: job.differing + counts.differing,
      notComparable: job.notComparable + counts.notComparable,
      failed: job.failed + (failed ? 1 : 0),
      note: job.note === '' && said !== '' ? `${name}: ${said}` : job.note,
      etaMs: Math.round((passedMs / (done - live.doneBefore)) * (job.total - done)),
    });
    catalog.comparisons.done(live.job, one.no);
  };

  /** A venue that has only its newest page of trades: what that reaches is compared now, the rest was or was not when it could be. */
  const byPage = async (live: Live, one: Stream, window: Window): Promise<void> => {
    const { signal } = live.stop;
    let trouble = '';
    let note = '';
    for (let attempt = 0; attempt < TRIES && !signal.aborted; attempt += 1) {
      if (attempt > 0 && !(await pause(RETRY_MS, signal))) break;
      const found = await pages.check(one, window.fromUs, signal);
      trouble = found.ok ? '' : found.failure.message;
      if (found.ok) note = found.value.note;
      if (found.ok || !isPassing(found.failure)) break;
    }
    if (signal.aborted) return;
    const count = (result: MinuteResult): number =>
      catalog.reconciled.spans(one.no, window, result).reduce((sum, span) => {
        const from = Math.max(span.fromUs, window.fromUs);
        return sum + Math.max(0, Math.round((Math.min(span.toUs, window.toUs) - from) / MINUTE_US));
      }, 0);
    const notComparable = count('partial') + count('excluded');
    const counts = { equal: count('equal'), differing: count('differing'), notComparable };
    const said = trouble !== '' ? trouble : notComparable > 0 ? note : '';
    add(live, one, counts, trouble !== '', said);
  };

  const market = async (live: Live, feed: Feed, streams: readonly Stream[], fromUs: Us, toUs: Us): Promise<void> => {
    const left = [...streams];
    const one = async (): Promise<void> => {
      for (let next = left.shift(); next && !live.stop.signal.aborted; next = left.shift()) {
        if (feed.candles)
          await stream(live, feed, next, tasksOf(feed, next, fromUs, Math.min(toUs, reconcile.untilUs(feed))));
        else await byPage(live, next, { fromUs, toUs });
      }
    };
    await Promise.all(Array.from({ length: STEP }, one));
  };

  /** What an order asks for, but for streams that are done; without: markets that have nothing to compare with. */
  const workOf = (input: ReconcileInput, done: ReadonlySet<number>) => {
    const { venue, market: only, symbol } = input;
    const work: { feed: Feed; streams: Stream[] }[] = [];
    const without: string[] = [];
    for (const feed of feeds) {
      if ((venue ?? feed.venue) !== feed.venue || (only ?? feed.market) !== feed.market) continue;
      const streams = catalog.streams
        .find({ venue: feed.venue, market: feed.market, channel: feed.channel })
        .filter((one) => (symbol ?? one.symbol) === one.symbol);
      if (streams.length === 0) continue;
      if (!feed.candles && !isComparedByPages(feed)) without.push(`${feed.venue} ${feed.market}`);
      else work.push({ feed, streams: streams.filter((one) => !done.has(one.no)) });
    }
    return { work, without, total: work.reduce((sum, { streams }) => sum + streams.length, 0) };
  };

  const keep = (live: Live): void => {
    jobs.set(live.job.jobId, live);
    for (const [id, old] of jobs) {
      if (jobs.size <= KEPT) break;
      if (old.job.state !== 'running') jobs.delete(id);
    }
    changed = true;
  };

  const launch = (live: Live, input: ReconcileInput, work: ReturnType<typeof workOf>['work']): void => {
    keep(live);
    const { fromUs, toUs } = minutesOf(input);
    const read = async (): Promise<void> => {
      // A store that has just begun has read nothing yet, and would find nothing to compare.
      while (context.position().readUntilUs < live.job.startedUs) if (!(await pause(READ_MS, live.stop.signal))) return;
      await Promise.all(work.map(({ feed, streams }) => market(live, feed, streams, fromUs, toUs)));
    };
    const run = read()
      .then(() => {
        // A store that leaves goes on with it when it is back.
        if (live.stop.signal.aborted && !live.cancelled) return;
        update(live, { state: live.cancelled ? 'cancelled' : 'done', etaMs: 0 });
        catalog.comparisons.change(live.job);
        catalog.comparisons.prune(KEPT);
      })
      .finally(() => running.delete(run));
    running.add(run);
  };

  const liveOf = (job: ReconcileJob): Live => ({
    job,
    stop: new AbortController(),
    cancelled: false,
    startedMs: performance.now(),
    doneBefore: job.done,
  });

  const begin = (input: ReconcileInput): { jobId: string; queued: number } => {
    const { work, without, total } = workOf(input, new Set());
    const { fromUs, toUs } = minutesOf(input);
    const live = liveOf({
      jobId: randomUUID(),
      title: `${formatIso(fromUs).slice(0, 16)}Z to ${formatIso(toUs).slice(0, 16)}Z`,
      total,
      done: 0,
      compared: 0,
      equal: 0,
      differing: 0,
      notComparable: 0,
      failed: 0,
      note: without.length > 0 ? `nothing to compare with: ${without.join(', ')}` : '',
      state: 'running',
      etaMs: total === 0 ? 0 : null,
      startedUs: context.nowUs(),
    });
    catalog.comparisons.put({ job: live.job, input });
    launch(live, input, work);
    return { jobId: live.job.jobId, queued: total };
  };

  const telling = repeating(TELL_MS, async () => {
    if (!changed) return;
    changed = false;
    context.publish('gaps.reconciles', { jobs: [...jobs.values()].map((live) => live.job).toReversed() });
  });

  const unknown = (jobId: string): Result<never> => fail('reconcile.unknown-job', `there is no comparison ${jobId}`);

  return {
    start: async () => {
      for (const { job, input } of catalog.comparisons.list(KEPT).toReversed()) {
        if (jobs.has(job.jobId)) continue;
        const live = liveOf(job);
        keep(live);
        if (job.state !== 'running') continue;
        const order = contract['gaps.reconcile'].input.parse(input);
        const { work, total } = workOf(order, new Set(catalog.comparisons.streamsDone(job.jobId)));
        update(live, { total: job.done + total, etaMs: null });
        launch(live, order, work);
      }
      await telling.start();
    },
    stop: async () => {
      for (const live of jobs.values()) live.stop.abort();
      await telling.stop();
      await Promise.allSettled(running);
    },
    begin,
    cancel: (jobId) => {
      const live = jobs.get(jobId);
      if (!live) return unknown(jobId);
      live.cancelled = true;
      live.stop.abort();
      return ok({});
    },
    status: (jobId) => {
      const live = jobs.get(jobId);
      return live ? ok(live.job) : unknown(jobId);
    },
  };
}
