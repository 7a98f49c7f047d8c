// Filling gaps from the venues' own history: in deadline order, a few at a time per market, with backoff, for as long as the venue's reach lasts.
// Promises: a gap is never given up in silence, and a restart goes on where it stopped.
import { formatIso, MINUTE_US, SECOND_US, type Us } from '../../../src-shared/base/time.ts';
import { feeds } from '../../feeds/index.ts';
import type { StoredGap } from '../warehouse/catalog.ts';
import { type Job, type JobContext, pause, repeating } from './job.ts';

export interface Recover extends Job {
  soon(): void;
  /** Asks for these gaps now (all open and partial ones when null). Gives how many will be asked for. */
  request(ids: readonly string[] | null): number;
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
/** How long the store may take to read the replies that the collector reports as durable. */
const APPLY_MS = 60_000;

/**
 * Failures between us and the collector, which say nothing of the venue: nobody records (a folder that is only read), the collector is away
 * or leaving, the venue is not recorded at present. A gap must never be given up for them.
 */
const UNASKED = /^(?:process|host|request|recording)\./;
const UNASKED_US = 5 * SECOND_US;

/** When a failed gap may be asked for again: 2, 4, 8 ... seconds, at most ten minutes. */
export function backoffUs(attempts: number): Us {
  return Math.min(LONGEST_BACKOFF_US, 2 ** Math.min(20, attempts) * SECOND_US);
}

export function openRecover(context: JobContext): Recover {
  const { catalog } = context.warehouse;
  /** What runs, by market. The venue's budget is kept by whoever asks it; several at once only hide the time that a commit takes. */
  const busy = new Map<string, Set<Promise<void>>>();
  /** Wanted now, with the market that each belongs to. */
  const urgent = new Map<string, string>();
  let stopped = false;

  const giveUp = (gap: StoredGap, why: string): void => {
    catalog.gaps.change(gap.id, {
      state: 'unrecoverable',
      evidence: why,
      closedUs: context.nowUs(),
      nextAttemptUs: null,
    });
    context.warehouse.emit('gaps', undefined);
  };

  const again = (gap: StoredGap, why: string, attempts: number): void => {
    catalog.gaps.change(gap.id, {
      state: gap.state === 'partial' ? 'partial' : 'open',
      evidence: why,
      nextAttemptUs: context.nowUs() + backoffUs(attempts),
    });
    context.warehouse.emit('gaps', undefined);
  };

  /** The venue was never asked: the gap is as it was, and so is the count of attempts. */
  const unasked = (gap: StoredGap): void => {
    catalog.gaps.change(gap.id, {
      state: gap.state === 'partial' ? 'partial' : 'open',
      attempts: gap.attempts,
      nextAttemptUs: context.nowUs() + UNASKED_US,
    });
    context.warehouse.emit('gaps', undefined);
  };

  const repair = async (gap: StoredGap, signal: AbortSignal): Promise<void> => {
    const attempts = gap.attempts + 1;
    catalog.gaps.change(gap.id, { state: 'repairing', attempts });
    context.warehouse.emit('gaps', undefined);
    const { id: gapId, venue, market, symbol, channel, fromId, toId, fromUs } = gap;
    const asked = await context.ask(
      'recording.backfill',
      { gapId, venue, market, symbol, channel, fromId, toId, fromUs, toUs: gap.toUs ?? context.nowUs() },
      signal,
    );
    if (!asked.ok) {
      if (signal.aborted) return;
      if (asked.failure.retry) again(gap, `attempt ${attempts}: ${asked.failure.message}`, attempts);
      else if (UNASKED.test(asked.failure.code)) unasked(gap);
      else giveUp(gap, `attempt ${attempts}: ${asked.failure.message}`);
      return;
    }
    // The replies lie in the journal; what they change is the intake's to say, when it has read them.
    const until = performance.now() + APPLY_MS;
    while (context.position().frame < asked.value.lastFrame && performance.now() < until) {
      if (!(await pause(20, signal))) return;
    }
    const after = catalog.gaps.get(gap.id);
    if (after?.state !== 'repairing') return;
    const { pages, reached, note } = asked.value;
    if (!reached && !note) giveUp(gap, `the venue's history ended inside the gap after ${pages} pages`);
    else again(gap, `attempt ${attempts}: ${pages} pages${note ? `, ${note}` : ''}; the gap is still there`, attempts);
  };

  /** Gaps of a market to ask for: those that someone wants now, then those whose time has come, nearest deadline first. */
  const next = (market: { venue: string; market: string }, now: Us): StoredGap[] => {
    const wanted: StoredGap[] = [];
    for (const [id, name] of urgent) {
      if (wanted.length >= LOOKED_AT) break;
      if (name !== `${market.venue} ${market.market}`) continue;
      const gap = catalog.gaps.get(id);
      if (gap && ['open', 'partial'].includes(gap.state)) wanted.push(gap);
      else urgent.delete(id);
    }
    return [
      ...wanted,
      ...catalog.gaps.due(market, now - SETTLE_US, now, LOOKED_AT).filter((gap) => !urgent.has(gap.id)),
    ];
  };

  const turn = async (signal: AbortSignal): Promise<void> => {
    const now = context.nowUs();
    const hopeless: { gap: StoredGap; why: string }[] = [];
    for (const { venue, market, history } of feeds) {
      const name = `${venue} ${market}`;
      const running = busy.get(name) ?? new Set();
      if (running.size >= AT_ONCE) continue;
      for (const gap of next({ venue, market }, now)) {
        if (history === null) {
          hopeless.push({ gap, why: `${name} offers no history to fill it from` });
          urgent.delete(gap.id);
          continue;
        }
        if (gap.deadlineUs !== null && gap.deadlineUs < now && gap.toUs !== null) {
          if (gap.state === 'open') {
            hopeless.push({ gap, why: `the venue's history reached it until ${formatIso(gap.deadlineUs)}` });
          }
          urgent.delete(gap.id);
          continue;
        }
        if (running.size >= AT_ONCE) break;
        urgent.delete(gap.id);
        const one = repair(gap, signal).finally(() => {
          running.delete(one);
          if (running.size === 0) busy.delete(name);
          if (!stopped) job.soon();
        });
        busy.set(name, running.add(one));
      }
    }
    // One durable step for all: a long break may leave thousands.
    if (hopeless.length > 0) {
      catalog.transaction(() => {
        for (const { gap, why } of hopeless) giveUp(gap, why);
      });
    }
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
      await Promise.allSettled([...busy.values()].flatMap((running) => [...running]));
    },
    soon: job.soon,
    request: (ids) => {
      const gaps = catalog.gaps.list({ states: ['open', 'partial'] });
      const wanted = ids === null ? gaps : gaps.filter((gap) => ids.includes(gap.id));
      for (const gap of wanted) urgent.set(gap.id, `${gap.venue} ${gap.market}`);
      if (wanted.length > 0) job.soon();
      return wanted.length;
    },
    settled: async (ids, withinMs, signal) => {
      const until = performance.now() + withinMs;
      const left = (): string[] =>
        ids.filter((id) => {
          const state = catalog.gaps.get(id)?.state;
          return state === 'repairing' || (state === 'open' && (urgent.has(id) || busy.size > 0));
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
