// Filling gaps from the venues' own history: in deadline order, a few at a time per market, with backoff, for as long as the venue's reach lasts.
// Promises: a gap is never given up in silence, a page that answers several gaps is asked once, and a restart goes on where it stopped.
import type { Result } from '../../../src-shared/base/result.ts';
import { formatIso, MINUTE_US, SECOND_US, type Us } from '../../../src-shared/base/time.ts';
import type { Market, Venue } from '../../../src-shared/market/instrument.ts';
import { feedOf, feeds } from '../../feeds/index.ts';
import type { StoredGap } from '../warehouse/catalog.ts';
import { openHistoryReads } from './history-read.ts';
import { type Job, type JobContext, pause, repeating } from './job.ts';
import { answeredWith, inOrder } from './repair-order.ts';

/** A stream's window that is asked for whether or not a gap is known in it. */
export interface WindowOrder {
  /** Begins with `window-`. */
  readonly item: string;
  readonly venue: Venue;
  readonly market: Market;
  readonly symbol: string;
  readonly channel: string;
  readonly fromUs: Us;
  readonly toUs: Us;
}

export type RepairOutcome = 'repaired' | 'partial' | 'unrecoverable' | 'venue-hole';

/** Whether a minute that differed from the venue's candle is right now. */
export interface MinuteJudgement {
  readonly equal: boolean;
  /** More is stored than the candle says. */
  readonly more: boolean;
  readonly note: string;
}
export type JudgeMinute = (gap: StoredGap, signal: AbortSignal) => Promise<Result<MinuteJudgement>>;

export interface Recover extends Job {
  soon(): void;
  /** Asks for these gaps now (all open and partial ones when null), once. Gives how many will be asked for. */
  request(ids: readonly string[] | null): number;
  /** Asks for these gaps before others, again and again until each has ended or is unwanted. */
  want(gaps: readonly StoredGap[]): void;
  wantWindow(order: WindowOrder): void;
  unwant(items: readonly string[]): void;
  /** Told of every gap and window whose repair has ended, for good or until somebody asks again. */
  onEnd(listener: (item: string, outcome: RepairOutcome) => void): void;
  /** Resolves when none of these gaps is open or being repaired, or after the time; gives those that still are. */
  settled(ids: readonly string[], withinMs: number, signal: AbortSignal): Promise<string[]>;
}

const EVERY_MS = 1000;
const AT_ONCE = 6;
/** Gaps of a market that one turn looks at: more than can start, so that what is beyond the venue's reach is given up in one step. */
const LOOKED_AT = 200;
/** A gap is left alone for a moment: ids that were only late close it by themselves. */
const SETTLE_US = 2 * SECOND_US;
const LONGEST_BACKOFF_US = 10 * MINUTE_US;
/** So often a venue may refuse the candle of a minute that differed before the minute is given up: over some seventeen minutes. */
const REFUSALS = 10;
/** How long the store may take to read the replies that the collector reports as durable. */
const APPLY_MS = 60_000;

/**
 * Failures between us and the collector, which say nothing of the venue: nobody records (a folder that is only read), the collector is away
 * or leaving, the venue is not recorded at present. A gap must never be given up for them.
 */
const UNASKED = /^(?:process|host|request|recording)\./;
const UNASKED_US = 5 * SECOND_US;

/** An answer that ended before its gap did is asked for again soon: a venue of its newest trades may have moved on by then. */
const EARLY_US = 2 * SECOND_US;
const LEAST_US = SECOND_US / 4;

/**
 * When a gap may be asked for again whose end the venue's answer did not hold: at the latest when the venue has had its lateness, for from then
 * on an answer without a trade after the gap's end is whole.
 */
export function earlyUs(nowUs: Us, toUs: Us, latenessUs: Us): Us {
  return nowUs + Math.min(EARLY_US, Math.max(LEAST_US, toUs + latenessUs + LEAST_US - nowUs));
}

/** When a failed gap may be asked for again: 2, 4, 8 ... seconds, at most ten minutes. */
export function backoffUs(attempts: number): Us {
  return Math.min(LONGEST_BACKOFF_US, 2 ** Math.min(20, attempts) * SECOND_US);
}

/** A gap of cause volume after its pages came. asked: asking for them once more gives no more. */
interface AskedMinute {
  readonly gap: StoredGap;
  readonly attempt: string;
  readonly asked: boolean;
}

interface Wanted {
  readonly market: string;
  /** Forgotten when it is asked for, however that ends. */
  readonly once: boolean;
}

export function openRecover(context: JobContext, judge: JudgeMinute): Recover {
  const { catalog } = context.warehouse;
  /** What runs, by market. The venue's budget is kept by whoever asks it; several at once only hide the time that a commit takes. */
  const busy = new Map<string, Set<Promise<void>>>();
  /** Minutes that were asked for and wait for their candle, by market: for that nobody else's question waits. */
  const judging = new Map<string, Set<Promise<void>>>();
  const wanted = new Map<string, Wanted>();
  const windows = new Map<string, { order: WindowOrder; attempts: number; nextUs: Us; asking: boolean }>();
  const listeners: ((item: string, outcome: RepairOutcome) => void)[] = [];
  let stopped = false;
  const reads = openHistoryReads(context.warehouse);

  const ended = (item: string, outcome: RepairOutcome): void => {
    wanted.delete(item);
    windows.delete(item);
    for (const listener of listeners) listener(item, outcome);
  };

  const close = (gap: StoredGap, state: RepairOutcome, why: string): void => {
    catalog.gaps.change(gap.id, { state, evidence: why, closedUs: context.nowUs(), nextAttemptUs: null });
    ended(gap.id, state);
    context.warehouse.emit('gaps', undefined);
  };

  /** Back to what it was before it was asked for. */
  const before = (gap: StoredGap): StoredGap['state'] => (gap.state === 'repairing' ? 'open' : gap.state);

  const again = (gap: StoredGap, why: string, attempts: number, early = false): void => {
    const now = context.nowUs();
    const latenessUs = feedOf(gap.venue, gap.market)?.latenessUs ?? 0;
    const nextAttemptUs = early ? earlyUs(now, gap.toUs ?? now, latenessUs) : now + backoffUs(attempts);
    catalog.gaps.change(gap.id, { state: before(gap), evidence: why, nextAttemptUs });
    const want = wanted.get(gap.id);
    // To the end of those that are wanted: others get their turn.
    if (want && wanted.delete(gap.id)) wanted.set(gap.id, want);
    context.warehouse.emit('gaps', undefined);
  };

  /** The venue was never asked: the gap is as it was, and so is the count of attempts. */
  const unasked = (gap: StoredGap): void => {
    const nextAttemptUs = context.nowUs() + UNASKED_US;
    catalog.gaps.change(gap.id, { state: before(gap), attempts: gap.attempts, nextAttemptUs });
    context.warehouse.emit('gaps', undefined);
  };

  /** late: the store is too far behind, so nothing can be said of what the replies brought. */
  const applied = async (frame: number, signal: AbortSignal): Promise<'read' | 'late' | 'stopped'> => {
    const until = performance.now() + APPLY_MS;
    while (context.position().frame < frame) {
      if (performance.now() >= until) return 'late';
      if (!(await pause(20, signal))) return 'stopped';
    }
    return 'read';
  };

  const ask = async (gap: StoredGap, more: readonly StoredGap[], signal: AbortSignal): Promise<void> => {
    const asked = await context.ask(
      'recording.backfill',
      {
        ...boundsOf(gap, context.nowUs()),
        venue: gap.venue,
        market: gap.market,
        symbol: gap.symbol,
        channel: gap.channel,
        recheck: gap.cause === 'volume',
        also: more.map((one) => boundsOf(one, context.nowUs())),
      },
      signal,
    );
    const all = [gap, ...more];
    // A venue with one page is asked the same for one gap of a stream as for all of them.
    const alone = more.length === 0 || feedOf(gap.venue, gap.market)?.history?.reachTrades !== undefined;
    if (!asked.ok) {
      if (signal.aborted) return;
      const { failure } = asked;
      for (const one of all) {
        // What it is by now (it grew, its ids came) was not what was asked for.
        if (catalog.gaps.get(one.id)?.state !== 'repairing') continue;
        const why = `attempt ${one.attempts + 1}: ${failure.message}`;
        if (failure.retry || (!alone && !UNASKED.test(failure.code))) again(one, why, one.attempts + 1);
        else if (UNASKED.test(failure.code)) unasked(one);
        else close(one, one.state === 'partial' ? 'partial' : 'unrecoverable', why);
      }
      return;
    }
    // The replies lie in the journal; what they change is the intake's to say, when it has read them.
    const read = await applied(asked.value.lastFrame, signal);
    if (read === 'stopped') return;
    const { pages, reached, note, refused = false, early = [] } = asked.value;
    const minutes: AskedMinute[] = [];
    for (const one of all) {
      const state = catalog.gaps.get(one.id)?.state ?? 'repaired';
      if (state !== 'repairing') {
        // What came of it before is not undone by an answer without anything new.
        const kept = state === 'unrecoverable' && before(one) === 'partial' ? 'partial' : state;
        if (kept !== state) catalog.gaps.change(one.id, { state: kept });
        if (kept !== 'open') ended(one.id, kept);
        continue;
      }
      if (read === 'late') {
        again(one, `attempt ${one.attempts + 1}: the store has not read the replies yet`, one.attempts + 1);
        continue;
      }
      const attempt = `attempt ${one.attempts + 1}: ${pages === 1 ? '1 page' : `${pages} pages`}${note ? `, ${note}` : ''}`;
      if (one.cause === 'volume') minutes.push({ gap: one, attempt, asked: reached || refused || note === '' });
      else if (refused && alone) close(one, before(one) === 'partial' ? 'partial' : 'unrecoverable', attempt);
      else if (!reached && !note && more.length === 0)
        close(
          one,
          before(one) === 'partial' ? 'partial' : 'unrecoverable',
          `the venue's history ended inside the gap after ${pages === 1 ? '1 page' : `${pages} pages`}`,
        );
      else again(one, `${attempt}; the gap is still there`, one.attempts + 1, early.includes(one.id));
    }
    if (minutes.length > 0) start(judging, gap, judgeMinutes(minutes, signal));
  };

  const judgeMinutes = async (minutes: readonly AskedMinute[], signal: AbortSignal): Promise<void> => {
    for (const { gap, attempt, asked } of minutes) {
      const state = catalog.gaps.get(gap.id)?.state ?? 'repaired';
      if (state === 'repairing') await judgeMinute(gap, attempt, asked, signal);
      else if (state !== 'open') ended(gap.id, state);
    }
  };

  const start = (
    pool: typeof busy,
    { venue, market }: Pick<StoredGap, 'venue' | 'market'>,
    work: Promise<void>,
  ): void => {
    const name = `${venue} ${market}`;
    const running = pool.get(name) ?? new Set();
    const one = work.finally(() => {
      running.delete(one);
      if (running.size === 0) pool.delete(name);
      if (!stopped) job.soon();
    });
    pool.set(name, running.add(one));
  };

  /** A minute that differed is mended when its sum is right, whatever the history gave. asked: asking it once more gives no more. */
  const judgeMinute = async (gap: StoredGap, attempt: string, asked: boolean, signal: AbortSignal): Promise<void> => {
    const judged = await judge(gap, signal);
    if (signal.aborted) return;
    if (!judged.ok) {
      const { code, message, retry } = judged.failure;
      if (UNASKED.test(code)) unasked(gap);
      else if (retry || gap.attempts + 1 < REFUSALS) again(gap, `${attempt}; ${message}`, gap.attempts + 1);
      // Without the candle nobody can say any more whether the minute is whole.
      else close(gap, 'unrecoverable', `${attempt}; ${message}`);
    } else if (judged.value.equal) close(gap, 'repaired', `${attempt}; ${judged.value.note}`);
    else if (asked) close(gap, judged.value.more ? 'partial' : 'unrecoverable', `${attempt}; ${judged.value.note}`);
    else again(gap, `${attempt}; ${judged.value.note}`, gap.attempts + 1);
  };

  const repair = async (gap: StoredGap, more: readonly StoredGap[], signal: AbortSignal): Promise<void> => {
    for (const one of [gap, ...more]) {
      catalog.gaps.change(one.id, { state: 'repairing', attempts: one.attempts + 1, askedUs: context.nowUs() });
      if (wanted.get(one.id)?.once) wanted.delete(one.id);
    }
    context.warehouse.emit('gaps', undefined);
    await ask(gap, more, signal);
  };

  const askWindow = async (order: WindowOrder, signal: AbortSignal): Promise<void> => {
    const { item, ...hole } = order;
    const input = { ...hole, gapId: item, fromId: null, toId: null, recheck: true };
    reads.begin(item);
    const asked = await context.ask('recording.backfill', input, signal);
    const open = windows.get(item);
    if (signal.aborted || !open) return;
    const read = asked.ok ? await applied(asked.value.lastFrame, signal) : 'late';
    if (read === 'stopped') return;
    const seen = reads.end(item);
    if (asked.ok && read === 'read') {
      const { reached, pages, refused, early, failed } = asked.value;
      // That says nothing of what the venue has.
      if (failed) {
        open.attempts += 1;
        open.asking = false;
        open.nextUs = context.nowUs() + backoffUs(open.attempts);
        return;
      }
      if (early) {
        open.attempts += 1;
        open.asking = false;
        open.nextUs = earlyUs(context.nowUs(), order.toUs, feedOf(order.venue, order.market)?.latenessUs ?? 0);
        return;
      }
      const whole = reached && seen?.refused === 0;
      ended(item, whole ? 'repaired' : pages > 0 && !refused ? 'partial' : 'unrecoverable');
      return;
    }
    const { retry, code } = asked.ok ? { retry: true, code: '' } : asked.failure;
    if (!retry && !UNASKED.test(code)) return ended(item, 'unrecoverable');
    open.attempts += 1;
    open.asking = false;
    open.nextUs = context.nowUs() + (retry ? backoffUs(open.attempts) : UNASKED_US);
  };

  /** Gaps of a market whose time has come: those that someone wants, and those that are due. */
  const candidates = (venue: Venue, market: Market, now: Us, byTime: boolean): StoredGap[] => {
    const found: StoredGap[] = [];
    for (const [id, { market: name }] of wanted) {
      if (found.length >= LOOKED_AT) break;
      if (name !== `${venue} ${market}`) continue;
      const gap = catalog.gaps.get(id);
      if (!gap) ended(id, 'repaired');
      else if (gap.state === 'repaired' || gap.state === 'venue-hole') ended(id, gap.state);
      else if (gap.state !== 'repairing' && gap.toUs !== null && (gap.nextAttemptUs ?? 0) <= now) found.push(gap);
    }
    // What is wanted is among what is due too: of very many the first that was asked for is not the first to be lost.
    found.push(...catalog.gaps.due({ venue, market }, now - SETTLE_US, now, LOOKED_AT));
    if (byTime) found.push(...catalog.gaps.passed({ venue, market }, now - SETTLE_US, now, LOOKED_AT));
    return [...new Map(found.map((gap) => [gap.id, gap])).values()];
  };

  const turn = async (signal: AbortSignal): Promise<void> => {
    const hopeless: { gap: StoredGap; why: string }[] = [];
    for (const { venue, market, history } of feeds) {
      const name = `${venue} ${market}`;
      const free = (): boolean => (busy.get(name)?.size ?? 0) < AT_ONCE;
      if (!free()) continue;
      const now = context.nowUs();
      const reachTrades = history?.reachTrades;
      const gaps: StoredGap[] = [];
      for (const gap of candidates(venue, market, now, reachTrades === undefined)) {
        // A deadline that the pace of trades tells is a guess: only a limit of time is the venue's own word.
        const passed =
          reachTrades === undefined && gap.deadlineUs !== null && gap.deadlineUs < now && gap.toUs !== null;
        if (history !== null && !passed) gaps.push(gap);
        else if (history === null) hopeless.push({ gap, why: `${name} offers no history to fill it from` });
        else hopeless.push({ gap, why: `the venue's history reached it until ${formatIso(gap.deadlineUs ?? now)}` });
      }
      const taken = new Set<string>();
      const order = inOrder(gaps, {
        nowUs: now,
        wanted: (gap) => wanted.has(gap.id),
      });
      for (const gap of order) {
        if (!free() || signal.aborted) break;
        if (taken.has(gap.id)) continue;
        if (gap.cause === 'volume' && (judging.get(name)?.size ?? 0) >= AT_ONCE) continue;
        // What did not come for several together is asked for one by one.
        const fresh = reachTrades !== undefined ? order : order.filter((one) => one.attempts === 0);
        const together = reachTrades !== undefined || gap.attempts === 0;
        const more = together
          ? answeredWith(gap, fresh, reachTrades !== undefined).filter((one) => !taken.has(one.id))
          : [];
        for (const one of [gap, ...more]) taken.add(one.id);
        start(busy, gap, repair(gap, more, signal));
      }
      for (const open of windows.values()) {
        if (!free() || signal.aborted) break;
        if (open.asking || open.nextUs > now || open.order.venue !== venue || open.order.market !== market) continue;
        open.asking = true;
        start(
          busy,
          open.order,
          history === null ? Promise.resolve(ended(open.order.item, 'unrecoverable')) : askWindow(open.order, signal),
        );
      }
    }
    // One durable step for all: a long break may leave thousands.
    if (hopeless.length > 0) {
      catalog.transaction(() => {
        for (const { gap, why } of hopeless) close(gap, gap.state === 'partial' ? 'partial' : 'unrecoverable', why);
      });
    }
  };

  const want = (gaps: readonly StoredGap[], once: boolean): void => {
    const order = inOrder(gaps, {
      nowUs: context.nowUs(),
      wanted: () => true,
    });
    for (const gap of order) {
      const market = `${gap.venue} ${gap.market}`;
      wanted.set(gap.id, { market, once: once && wanted.get(gap.id)?.once !== false });
      // Whoever asks does not wait for a pause that an earlier failure brought.
      if (gap.nextAttemptUs !== null) catalog.gaps.change(gap.id, { nextAttemptUs: null });
    }
    if (gaps.length > 0) job.soon();
  };

  const job = repeating(EVERY_MS, turn);
  return {
    start: async () => {
      for (const gap of catalog.gaps.list({ states: ['repairing'] })) {
        catalog.gaps.change(gap.id, { state: 'open', nextAttemptUs: null });
      }
      await job.start();
    },
    stop: async () => {
      stopped = true;
      await job.stop();
      // A question that ends may leave a minute to judge.
      for (const pool of [busy, judging])
        await Promise.allSettled([...pool.values()].flatMap((running) => [...running]));
    },
    soon: job.soon,
    request: (ids) => {
      const gaps = catalog.gaps.list({ states: ['open', 'partial'] });
      const found = ids === null ? gaps : gaps.filter((gap) => ids.includes(gap.id));
      want(found, true);
      return found.length;
    },
    want: (gaps) => want(gaps, false),
    wantWindow: (order) => {
      windows.set(order.item, { order, attempts: 0, nextUs: 0, asking: false });
      job.soon();
    },
    unwant: (items) => {
      for (const item of items) {
        wanted.delete(item);
        windows.delete(item);
      }
    },
    onEnd: (listener) => {
      listeners.push(listener);
    },
    settled: async (ids, withinMs, signal) => {
      const until = performance.now() + withinMs;
      const left = (): string[] =>
        ids.filter((id) => {
          const state = catalog.gaps.get(id)?.state;
          return state === 'repairing' || (state === 'open' && (wanted.has(id) || busy.size + judging.size > 0));
        });
      let open = left();
      while (open.length > 0 && performance.now() < until) {
        if (!(await pause(50, signal))) break;
        open = left();
      }
      return ids.filter((id) => ['open', 'repairing'].includes(catalog.gaps.get(id)?.state ?? ''));
    },
  };
}

function boundsOf({ id, fromId, toId, fromUs, toUs }: StoredGap, nowUs: Us) {
  return { gapId: id, fromId, toId, fromUs, toUs: toUs ?? nowUs };
}
