// Closed minutes against the venues' own candles: the check that works where ids prove nothing. Oldest minutes first, whatever was missed.
// Promises: a minute inside a gap is not judged before repair has ended, nor one that the venue may not have added up yet; a minute that differs
// is a gap that says by how much. Where ids prove nothing, a gap that could not be filled does not hide what else its minute lacks.
import { fail, ok, type Result, reasonOf } from '../../../src-shared/base/result.ts';
import { MINUTE_US, SECOND_US, type Us, type Window } from '../../../src-shared/base/time.ts';
import type { Reconciled } from '../../../src-shared/contract/gaps.ts';
import type { Feed } from '../../feeds/feed.ts';
import { feedOf, feeds, isComparedByPages } from '../../feeds/index.ts';
import { type Figure, nothingCompared } from '../warehouse/catalog/reconciled.ts';
import type { GapFact, Minute, MinuteResult, StoredGap, Stream } from '../warehouse/catalog.ts';
import { type MinuteSum, minuteSums } from '../warehouse/minutes.ts';
import { datesUs } from '../warehouse/page-reach.ts';
import { withFacts } from '../warehouse/queries.ts';
import { gapTouches, uncovered } from '../warehouse/verdict.ts';
import { type Answer, askCandles, isPassing } from './candle-answers.ts';
import { type Job, type JobContext, repeating } from './job.ts';
import { type MinuteTask, minutesOf, sameWindow, type TaskResult } from './minute-tasks.ts';
import { compareMinute, isEarly } from './reconcile-minute.ts';
import type { JudgeMinute } from './recover.ts';

export interface Reconcile extends Job {
  readonly judge: JudgeMinute;
  /** Compares these minutes of one market; retryable failures are the caller's to try again. */
  compare(feed: Feed, tasks: readonly MinuteTask[], signal: AbortSignal): Promise<TaskResult[]>;
  /** The end of the last minute of this market that can be compared by now. */
  untilUs(feed: Feed): Us;
  figures(filter: {
    venue?: string | undefined;
    market?: string | undefined;
    symbol?: string | undefined;
  }): Reconciled[];
}

const EVERY_MS = 2000;
/** After the end of a minute, beside the venue's lateness: candles are made a moment later. */
const SETTLE_US = 5 * SECOND_US;
/** Streams of one turn, and questions at once. */
const STREAMS = 60;
const AT_ONCE = 4;
/** With no minute left to compare, how often repaired gaps and new streams are looked for. */
const IDLE_MS = 5000;
const FIRST_PAUSE_MS = 5000;
/** How long a batch that is being written is waited for. */
const HALFWAY_MS = 5000;
const LONGEST_PAUSE_MS = 300_000;
const UNREPAIRED = ['open', 'repairing', 'partial', 'unrecoverable'] as const;
const UNCOVERED = 'no line covered all of this minute, so nothing says that more should be stored';
const UNFILLED = 'a gap in this minute could not be filled, and without ids nothing says that the rest is whole';

export function openReconcile(context: JobContext): Reconcile {
  const { warehouse, archive } = context;
  const { catalog } = warehouse;
  const working = new Map<string, Promise<void>>();
  const idle = new Map<string, { until: Us; untilMs: number }>();
  const pauses = new Map<string, { untilMs: number; ms: number }>();
  /** Streams that wait for a candle: not asked for again before a further minute can be. */
  const waiting = new Map<number, Us>();

  const untilUs = (feed: Feed): Us => {
    const known = Math.min(context.nowUs(), context.position().readUntilUs);
    return Math.floor((known - feed.latenessUs - SETTLE_US) / MINUTE_US) * MINUTE_US;
  };

  const compare = async (feed: Feed, tasks: readonly MinuteTask[], signal: AbortSignal): Promise<TaskResult[]> => {
    const candles = new Map<MinuteTask, Result<Answer>>();
    const newestUs = untilUs(feed) - MINUTE_US;
    const left = [...tasks];
    const one = async (): Promise<void> => {
      for (let task = left.shift(); task && !signal.aborted; task = left.shift()) {
        const found = await askCandles(context, task, signal);
        candles.set(task, found);
        // An endpoint in trouble is no better for the next stream: they are left for later.
        if (!found.ok && isPassing(found.failure)) left.length = 0;
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, one));
    const results: TaskResult[] = [];
    for (const group of sameWindow(tasks.filter((task) => candles.get(task)?.ok === true))) {
      const streams = withFacts(
        archive,
        group.map((task) => task.stream),
      );
      // What is known is read before the rows: a gap that is filled meanwhile would be held against rows without its trades.
      const known = await archive.halfway.read(HALFWAY_MS, (agree) =>
        agree ? new Map(group.map((task) => [task, knownOf(task)])) : null,
      );
      if (!known) {
        const unwritten = fail('store.unsettled', 'what was received last cannot be written to the store at present', {
          retry: true,
        });
        for (const task of group) results.push({ task, result: unwritten });
        continue;
      }
      const sums = await minuteSums(archive, streams, group[0] as MinuteTask);
      for (const task of group) {
        const [found, facts] = [candles.get(task), known.get(task)];
        if (!sums.ok) results.push({ task, result: sums });
        else if (found?.ok && facts)
          results.push(settle(feed, task, { ...found.value, newestUs }, facts, sums.value.get(task.stream.no)));
      }
    }
    for (const [task, found] of candles) if (!found.ok) results.push({ task, result: found });
    await date(feed, results);
    return results;
  };

  /** Where the venue gives its newest trades only, the pace tells how long a minute that differs can still be asked for. */
  const date = async (feed: Feed, results: readonly TaskResult[]): Promise<void> => {
    const differing = results.filter(
      ({ result }) => result.ok && result.value.some((one) => one.result === 'differing'),
    );
    if (differing.length === 0) return;
    const streams = differing.map(({ task }) => task.stream);
    for (const [no, reach] of await datesUs(archive, feed, streams, context.nowUs())) catalog.gaps.redate(no, reach);
  };

  /** Gaps and coverage of a task's minutes. */
  const knownOf = ({ stream, fromUs, toUs }: MinuteTask) => {
    const filter = { venue: stream.venue, market: stream.market, symbol: stream.symbol, fromUs, toUs };
    return {
      gaps: catalog.gaps.list(filter).filter((gap) => gap.stream === stream.no),
      coverage: catalog.coverage.list(filter),
    };
  };

  /** Judges the minutes of a task, and writes down what came of them and which gaps follow, as one durable step. */
  const settle = (
    feed: Feed,
    task: MinuteTask,
    { fromUs: answeredUs, candles, refusal, newestUs }: Answer & { readonly newestUs: Us },
    { gaps, coverage }: ReturnType<typeof knownOf>,
    sums: ReadonlyMap<Us, MinuteSum> = new Map(),
  ): TaskResult => {
    const { stream } = task;
    const holes = gaps.filter((gap) => gap.cause !== 'volume' && UNREPAIRED.some((state) => state === gap.state));
    // Nothing more is to come. Only ids could say that the rest of its minute is whole; without them the candle must.
    const unfilled = holes.filter((gap) => feed.idRule !== 'contiguous' && isEnded(gap));
    const filled = gaps.filter((gap) => !holes.includes(gap) && gap.cause !== 'volume');
    // Where ids count, a break without a gap is one of which they proved that nothing was lost.
    const bridged = feed.idRule === 'contiguous' && coverage.length > 0 ? [whole(coverage)] : [];
    const covered = [...coverage, ...filled, ...unfilled, ...bridged];
    const found = (result: MinuteResult) =>
      answeredUs > task.fromUs ? catalog.reconciled.spans(stream.no, task, result) : [];
    const judged = (['equal', 'differing'] as const).map((result) => ({ result, spans: found(result) }));
    const before = (minute: Window): MinuteResult | undefined =>
      judged.find(({ spans }) => spans.some((span) => span.fromUs <= minute.fromUs && span.toUs >= minute.toUs))
        ?.result;
    const minutes: Minute[] = [];
    const opened: GapFact[] = [];
    const mended: { gap: StoredGap; note: string }[] = [];
    let note = refusal;
    let waitsUs: Us | undefined;
    for (let minuteUs = task.fromUs; minuteUs < task.toUs; minuteUs += MINUTE_US) {
      const minute = { fromUs: minuteUs, toUs: minuteUs + MINUTE_US };
      if (holes.some((gap) => !unfilled.includes(gap) && gapTouches(gap, minute))) {
        minutes.push({ minuteUs, result: 'excluded' });
        continue;
      }
      const lacking = unfilled.filter((gap) => gapTouches(gap, minute));
      if (lacking.length > 0 && uncovered(minute, lacking).length === 0) {
        minutes.push({ minuteUs, result: 'partial' });
        continue;
      }
      const known = gaps.find((gap) => gap.id === volumeGapId(stream, minuteUs));
      const open = uncovered(minute, covered);
      const untouched =
        !sums.has(minuteUs) && open.length === 1 && open[0]?.fromUs === minute.fromUs && open[0].toUs === minute.toUs;
      // Nobody recorded it: nothing can be said, and nothing needs to be.
      if (untouched && !known) continue;
      if (minuteUs < answeredUs) {
        // Refused now; what was found when the venue still answered stays.
        minutes.push({ minuteUs, result: before(minute) ?? 'partial' });
        continue;
      }
      const candle = candles.get(minuteUs);
      const found = compareMinute(sums.get(minuteUs), candle);
      if (isEarly({ minuteUs, newest: minuteUs >= newestUs }, candle, found, context.nowUs())) {
        waitsUs ??= minuteUs;
        continue;
      }
      if (found.result === 'equal') {
        minutes.push({ minuteUs, result: 'equal' });
        if (known && known.state !== 'repaired') mended.push({ gap: known, note: found.note });
        // The minute lacks nothing: neither does a gap that lies in it.
        for (const gap of lacking)
          if (gap.fromUs >= minute.fromUs && (gap.toUs ?? minute.toUs) < minute.toUs)
            mended.push({ gap, note: found.note });
      } else if (found.result === 'unsure' || open.length > 0) {
        minutes.push({ minuteUs, result: 'partial' });
        note = found.result === 'unsure' ? found.note : (note ?? `${found.note}; ${UNCOVERED}`);
      } else {
        minutes.push({ minuteUs, result: 'differing' });
        note = lacking.length > 0 ? `${found.note}; ${UNFILLED}` : found.note;
        if (!known || known.state === 'repaired') opened.push(factOf(feed, stream, minuteUs, note));
      }
    }
    catalog.transaction(() => {
      catalog.gaps.apply(opened);
      for (const { gap, note: evidence } of mended) {
        // One that has grown since the facts were read lacks more than this minute shows.
        const now = catalog.gaps.get(gap.id);
        if (now?.fromUs === gap.fromUs && now.toUs === gap.toUs)
          catalog.gaps.change(gap.id, { state: 'repaired', evidence, closedUs: context.nowUs(), nextAttemptUs: null });
      }
      catalog.reconciled.put(stream.no, minutes, null, note);
    });
    if (opened.length > 0 || mended.length > 0) warehouse.emit('gaps', undefined);
    return { task, result: ok(minutes), waitsUs };
  };

  const factOf = (feed: Feed, stream: Stream, minuteUs: Us, evidence: string): GapFact => {
    const reachMs = feed.history?.reachMs;
    return {
      id: volumeGapId(stream, minuteUs),
      stream: stream.no,
      key: stream,
      state: 'open',
      cause: 'volume',
      fromUs: minuteUs,
      toUs: minuteUs + MINUTE_US - 1,
      fromId: null,
      toId: null,
      deadlineUs: reachMs !== undefined && Number.isFinite(reachMs) ? minuteUs + reachMs * 1000 : null,
      evidence,
      openedUs: context.nowUs(),
      closedUs: null,
      frame: context.position().frame,
    };
  };

  const judge: JudgeMinute = async (gap, signal) => {
    const stream = catalog.streams.all().find((one) => one.no === gap.stream);
    const feed = feedOf(gap.venue, gap.market);
    if (!stream || !feed?.candles)
      return fail('candles.none', `${gap.venue} ${gap.market} has no candles to compare with`);
    const task: MinuteTask = { stream, fromUs: gap.fromUs, toUs: gap.fromUs + MINUTE_US };
    const candles = await askCandles(context, task, signal);
    if (!candles.ok) return candles;
    const sums = await minuteSums(archive, withFacts(archive, [stream]), task);
    if (!sums.ok) return sums;
    const candle = candles.value.candles.get(gap.fromUs);
    const found = compareMinute(sums.value.get(stream.no)?.get(gap.fromUs), candle);
    const { result, more, note } = found;
    if (isEarly({ minuteUs: gap.fromUs, newest: false }, candle, found, context.nowUs()))
      return fail('candles.open', note, { retry: true });
    const equal = result === 'equal';
    const minute: Minute = { minuteUs: gap.fromUs, result: equal ? 'equal' : 'differing' };
    catalog.reconciled.put(stream.no, [minute], null, equal ? null : note);
    return ok({ equal, more, note });
  };

  /** Streams of a market that are compared, with the first minute of each that has not been looked at. */
  const streamsOf = (feed: Feed): { stream: Stream; nextUs: Us }[] => {
    const next = new Map(catalog.reconciled.frontiers().map((one) => [one.stream, one.nextUs]));
    const own = archive
      .streams()
      .filter((one) => one.venue === feed.venue && one.market === feed.market && one.channel === feed.channel);
    // One sync of the disk for all of a market: each holds up the tick path.
    return catalog.transaction(() =>
      own.flatMap((stream) => {
        const known = next.get(stream.no);
        if (known !== undefined) return [{ stream, nextUs: known }];
        const { venue, market, symbol } = stream;
        const covered = catalog.coverage.list({ venue, market, symbol, fromUs: 0, toUs: context.nowUs() });
        if (covered.length === 0) return [];
        const firstUs = covered.reduce((least, one) => Math.min(least, one.fromUs), Number.POSITIVE_INFINITY);
        const nextUs = Math.ceil(firstUs / MINUTE_US) * MINUTE_US;
        catalog.reconciled.begin(stream.no, nextUs);
        return [{ stream, nextUs }];
      }),
    );
  };

  const catchUp = async (feed: Feed, signal: AbortSignal): Promise<void> => {
    const { candles } = feed;
    if (!candles) return;
    const until = untilUs(feed);
    const most = candles.perRequest * MINUTE_US;
    const streams = streamsOf(feed);
    const byNo = new Map(streams.map((one) => [one.stream.no, one.stream]));
    const open =
      feed.idRule === 'contiguous' ? catalog.reconciled.freed(feed, STREAMS) : catalog.reconciled.ended(feed, STREAMS);
    const freed = open.flatMap(({ stream: no, fromUs, toUs }): MinuteTask[] => {
      const stream = waiting.get(no) === until ? undefined : byNo.get(no);
      return stream ? [{ stream, fromUs, toUs: Math.min(toUs, fromUs + most) }] : [];
    });
    const due = streams
      .filter((one) => one.nextUs < until && waiting.get(one.stream.no) !== until)
      .toSorted((a, b) => a.nextUs - b.nextUs || a.stream.no - b.stream.no)
      .slice(0, STREAMS)
      .map(({ stream, nextUs }): MinuteTask => ({ stream, fromUs: nextUs, toUs: Math.min(until, nextUs + most) }));
    if (freed.length + due.length === 0) {
      idle.set(nameOf(feed), { until, untilMs: performance.now() + IDLE_MS });
      return;
    }
    let trouble = false;
    for (const { task, result, waitsUs } of await compare(feed, [...freed, ...due], signal)) {
      const isDue = due.includes(task);
      if (waitsUs !== undefined) waiting.set(task.stream.no, until);
      if (result.ok) {
        if (isDue) catalog.reconciled.put(task.stream.no, [], waitsUs ?? task.toUs, null);
      } else if (isPassing(result.failure)) trouble = true;
      else {
        // The venue will not say: the minutes stay uncompared, and the stream goes on behind them.
        const minutes = minutesOf(task).map((minuteUs): Minute => ({ minuteUs, result: 'partial' }));
        catalog.reconciled.put(task.stream.no, minutes, isDue ? task.toUs : null, result.failure.message);
      }
    }
    pauseAfter(feed, trouble);
  };

  const pauseAfter = (feed: Feed, trouble: boolean): void => {
    const name = nameOf(feed);
    if (!trouble) {
      pauses.delete(name);
      return;
    }
    const ms = Math.min(LONGEST_PAUSE_MS, (pauses.get(name)?.ms ?? FIRST_PAUSE_MS / 2) * 2);
    pauses.set(name, { ms, untilMs: performance.now() + ms });
  };

  const job = repeating(EVERY_MS, async (signal) => {
    for (const feed of feeds) {
      const name = nameOf(feed);
      if (!feed.candles || working.has(name) || (pauses.get(name)?.untilMs ?? 0) > performance.now()) continue;
      const rest = idle.get(name);
      if (rest && rest.untilMs > performance.now() && rest.until === untilUs(feed)) continue;
      const work = catchUp(feed, signal)
        .catch((error: unknown) => {
          // Trouble with these minutes only: they are asked for again after a pause.
          context.warehouse.log.error({ err: error }, `${name} could not be compared: ${reasonOf(error)}`);
          pauseAfter(feed, true);
        })
        .finally(() => working.delete(name));
      working.set(name, work);
    }
  });

  return {
    start: job.start,
    stop: async () => {
      await job.stop();
      await Promise.allSettled(working.values());
    },
    judge,
    compare,
    untilUs,
    figures: ({ venue, market, symbol }) => {
      const notes = catalog.reconciled.notes();
      // One stream is asked for beside a gap, a market or all of them by a command: thousands of questions, or one.
      const all = symbol === undefined ? catalog.reconciled.figures() : null;
      const figureOf = (no: number): Figure => (all ? (all.get(no) ?? nothingCompared) : catalog.reconciled.figure(no));
      return archive.streams().flatMap((stream) => {
        const feed = feedOf(stream.venue, stream.market);
        if (!feed || stream.channel !== feed.channel || !(feed.candles || isComparedByPages(feed))) return [];
        if ((venue ?? stream.venue) !== stream.venue || (market ?? stream.market) !== stream.market) return [];
        if ((symbol ?? stream.symbol) !== stream.symbol) return [];
        const { no, ...key } = stream;
        const { equal, differing, notComparable, lastUs } = figureOf(no);
        return [
          { ...key, compared: equal + differing, equal, differing, notComparable, lastUs, note: notes.get(no) ?? '' },
        ];
      });
    },
  };
}

/** From the first of these intervals to the end of the last. */
function whole(intervals: readonly { readonly fromUs: Us; readonly toUs: Us | null }[]): { fromUs: Us; toUs: Us } {
  return {
    fromUs: Math.min(...intervals.map(({ fromUs }) => fromUs)),
    toUs: Math.max(...intervals.map(({ toUs }) => toUs ?? Number.POSITIVE_INFINITY)),
  };
}

/** Its repair has ended without filling it. */
function isEnded({ state, toUs }: StoredGap): boolean {
  return toUs !== null && (state === 'partial' || state === 'unrecoverable');
}

function nameOf(feed: Feed): string {
  return `${feed.venue} ${feed.market}`;
}

export function volumeGapId(stream: Pick<Stream, 'no'>, minuteUs: Us): string {
  return `${stream.no}-v${minuteUs}`;
}
