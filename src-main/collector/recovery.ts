// Fetches what a gap misses from the venue's REST history into the journal, page by page within the venue's budget. Every
// reply is a record of origin backfill behind a control record that says what it answers; nothing is interpreted here.
import type { z } from 'zod';
import { type Failure, fail, ok, type Result } from '../../src-shared/base/result.ts';
import { DAY_US, SECOND_US } from '../../src-shared/base/time.ts';
import type { backfillInputSchema } from '../../src-shared/contract/recording.ts';
import { Origin, RecordKind } from '../../src-shared/market/frame.ts';
import { Backoff, pause } from '../base/net.ts';
import type { HistoryHole, HttpRequest } from '../feeds/feed.ts';
import type { JournalWriter } from '../journal/writer.ts';
import type { WallClock } from './clock.ts';
import type { HeldHistory } from './held-history.ts';
import type { RecordedMarket } from './market.ts';
import { isCancelled } from './rest.ts';
import type { Turn } from './turns.ts';

export type BackfillInput = z.input<typeof backfillInputSchema>;
export interface Backfilled {
  readonly pages: number;
  readonly reached: boolean;
  readonly lastFrame: number;
  readonly note: string;
  /** The venue refused the first question for good. */
  readonly refused?: boolean;
  /** It could not be asked to the end, which may pass. */
  readonly failed?: boolean;
  /** Event time of the oldest trade of a venue's one page. */
  readonly oldestUs?: number;
  /** Event time of the newest trade that came. */
  readonly newestUs?: number;
  /** Gaps whose beginning was given and whose end was not, which the venue may only not have come to: asking again in a moment can help. */
  readonly early?: string[];
}

export interface BackfillContext {
  readonly journal: JournalWriter;
  readonly clock: WallClock;
  readonly held: HeldHistory;
  /** Why nothing is recorded at present; null: it is. */
  halted(): string | null;
  readonly signal: AbortSignal;
}

const ATTEMPTS = 6;
/** A hole that takes more pages than this is answered as not reached; the store asks again for what is left. */
const MAX_PAGES = 2000;
const ROOM_WAIT_MS = 50;
const MIDNIGHT_US = 15 * SECOND_US;
/** The store adds this much to both ends of a break: at its end a line carried the stream already. */
const MARGIN_US = SECOND_US;

/** A history that is asked for again from where it was cut short overlaps by this: ids do not follow the times of trades exactly. */
const OVERLAP_US = 60 * SECOND_US;

const EARLY = 'what the venue gave ends before the gap does, and it may not have come so far yet';

interface Fetched {
  pages: number;
  reached: boolean;
  note: string;
}

/** Why no history is fetched while nothing is recorded: it would take the room that a halt keeps. */
export function notRecording(halt: string): Failure {
  return { code: 'recording.halted', message: `not recording: ${halt}`, retry: true };
}

/** Answers when the last page is durable. One that is cancelled, or meets a halt, leaves what it fetched and says that it was cut short. */
export async function backfill(
  market: RecordedMarket,
  input: BackfillInput,
  context: BackfillContext,
): Promise<Result<Backfilled>> {
  const { history, idRule, latenessUs } = market.plan.feed;
  if (!history) return fail('history.none', `${market.name} has no history to ask for`);
  const { gapId, symbol, channel, recheck = false, compare = false, also = [] } = input;
  const wanted: readonly AskedGap[] = [...also, input];
  /** What is still to come of a gap: ids say by themselves what is missing. */
  const left = (gap: AskedGap): AskedGap => {
    if (compare || idRule === 'contiguous') return gap;
    const fromUs = context.held.beginUs(gap.gapId, gap.fromUs);
    return { ...gap, fromUs, toUs: Math.max(fromUs, context.held.endUs(gap.gapId, gap.fromUs, gap.toUs)) };
  };
  const hole = unionOf(symbol, channel, wanted.map(left));
  const beganUs = context.clock.nowUs();
  const first = history.first(hole, beganUs);
  if (!first.ok) return first;
  const done: Fetched = { pages: 0, reached: false, note: '' };
  const reachedAlone = new Set<string>();
  let request: HttpRequest | null = first.value;
  let cancelled = false;
  let halt: string | null = null;
  /** The venue's answer to the first question, when asking it again is useless: a symbol that it does not know. */
  let refused = false;
  let failed = false;
  /** A page came that could not be read: it is asked for again, and all before it. */
  let garbled = false;
  let oldestUs: number | null = null;
  let newestUs: number | null = null;
  let givenFromUs: number | null = null;
  while (request) {
    if (done.pages >= MAX_PAGES) {
      done.note = `stopped after ${MAX_PAGES} pages`;
      break;
    }
    const reply = await askPage(market, request, compare ? 'pages' : 'repair', context.signal);
    if (!reply.ok) {
      cancelled = isCancelled(reply);
      done.note = reply.failure.message;
      failed = reply.failure.retry === true;
      if (!cancelled && !reply.failure.retry && done.pages === 0) refused = true;
      break;
    }
    const body = reply.value;
    const recvUs = context.clock.nowUs();
    if (!(await roomFor(context))) {
      cancelled = true;
      done.note = 'cancelled';
      break;
    }
    halt = context.halted();
    if (halt !== null) {
      done.note = notRecording(halt).message;
      break;
    }
    const { path } = request;
    const head = { type: 'history', gapId, symbol, channel, path, status: 200 } as const;
    context.journal.control(market.restLineNo, recheck ? { ...head, recheck } : head, recvUs);
    const monoUs = Math.floor(performance.now() * 1000);
    const frame = context.journal.append(market.restLineNo, RecordKind.data, Origin.backfill, recvUs, monoUs, body);
    if (frame < 0) {
      done.note = 'the journal had no room for a page';
      failed = true;
      break;
    }
    done.pages += 1;
    const page = history.next(hole, request, body);
    if (!page.ok) {
      done.note = page.failure.message;
      garbled = true;
      failed = page.failure.retry === true;
      if (!page.failure.retry && done.pages === 1) refused = true;
      break;
    }
    oldestUs = page.value.oldestUs ?? null;
    if (page.value.newestUs != null) newestUs = Math.max(newestUs ?? 0, page.value.newestUs);
    givenFromUs = page.value.givenFromUs ?? givenFromUs;
    const asked = request;
    request = page.value.next;
    if (request) continue;
    done.reached = page.value.reached;
    // The one page of a venue that gives no other may reach the younger of these gaps and not the older.
    if (!done.reached && history.reachTrades !== undefined) {
      for (const gap of wanted) {
        const own = history.next(unionOf(symbol, channel, [left(gap)]), asked, body);
        if (own.ok && own.value.reached) reachedAlone.add(gap.gapId);
      }
    }
  }
  const otherDay = history.countsDays === true && meetsMidnight(beganUs, context.clock.nowUs());
  if (done.reached && otherDay) {
    done.reached = false;
    failed = true;
    done.note = "the venue's day changed while it was asked, so a page may have been of another day";
  }
  const { pages } = done;
  let { reached, note } = done;
  // A history that lags lacks the hole's last trades as if they had never been. Ids would show it; without them only a younger trade, or time, does.
  const isEarly = (toUs: number): boolean =>
    !compare && idRule !== 'contiguous' && beganUs < toUs + latenessUs && (newestUs ?? 0) < toUs - MARGIN_US;
  const early: string[] = [];
  // It was cut short on its way back: what it gave is not asked for again. Pages that might lack the newest trades, or be of another day, do not count.
  const goesOn =
    !done.reached && done.note !== '' && also.length === 0 && !recheck && !compare && idRule !== 'contiguous';
  const cut = goesOn && !garbled && !otherDay && givenFromUs !== null && !isEarly(input.toUs);
  if (cut && givenFromUs !== null) context.held.noteEnd(gapId, input.fromUs, input.toUs, givenFromUs + OVERLAP_US);
  if (garbled) for (const gap of wanted) context.held.forget(gap.gapId);
  // Asked by pages, a gap that the history did not reach says nothing of the others: each of them is asked for by itself.
  const together =
    !done.reached && done.note === '' && also.length > 0 && history.reachTrades === undefined
      ? `asked for ${wanted.length} gaps together, and the venue's history ended inside them`
      : '';
  let lastFrame = -1;
  for (const { gapId: id, fromId, toId, fromUs, toUs } of wanted) {
    const asked = { fromId, toId, fromUs, toUs };
    reached = done.reached || reachedAlone.has(id);
    note = done.note || together;
    const again = reached && isEarly(toUs);
    if (again) {
      early.push(id);
      if (newestUs !== null) context.held.note(id, fromUs, newestUs);
      reached = false;
      note = EARLY;
    } else if (reached) context.held.forget(id);
    // For as long as a gap is not asked for whole again, what could not be read of its first parts counts.
    const { fromUs: beginUs, toUs: endUs } = left({ gapId: id, fromId, toId, fromUs, toUs });
    const goesOnLater = again || (!reached && note !== '' && (beginUs !== fromUs || endUs !== toUs));
    const end = {
      type: 'history-end',
      gapId: id,
      reached,
      note,
      asked,
      pages,
      ...(goesOnLater ? ({ early: true } as const) : {}),
    } as const;
    lastFrame = context.journal.control(market.restLineNo, id === gapId ? end : { ...end, pagesOf: gapId });
  }
  const durable = await context.journal.flush();
  if (!durable.ok) {
    for (const gap of wanted) context.held.forget(gap.gapId);
    return durable;
  }
  if (cancelled) return fail('request.cancelled', `back-fill of ${symbol} was cancelled after ${pages} pages`);
  if (halt !== null) return { ok: false, failure: notRecording(halt) };
  return ok({
    pages,
    reached,
    lastFrame,
    note,
    ...(refused ? { refused } : {}),
    ...(failed ? { failed } : {}),
    ...(early.length > 0 ? { early } : {}),
    ...(oldestUs === null ? {} : { oldestUs }),
    ...(newestUs === null ? {} : { newestUs }),
  });
}

type AskedGap = Pick<BackfillInput, 'gapId' | 'fromId' | 'toId' | 'fromUs' | 'toUs'>;

/** The hole that spans them all. Ids bound it only where every one of them has that bound. */
function unionOf(symbol: string, channel: string, gaps: readonly AskedGap[]): HistoryHole {
  const ids = (values: readonly (string | null)[], pick: (a: bigint, b: bigint) => bigint): string | null => {
    const known = values.flatMap((id) => (id === null ? [] : [BigInt(id)]));
    return known.length < values.length || known.length === 0 ? null : String(known.reduce(pick));
  };
  // One gap keeps its ids as they are: not every venue's are numbers.
  const [first] = gaps;
  const one = gaps.length === 1 && first;
  return {
    symbol,
    channel,
    fromId: one
      ? one.fromId
      : ids(
          gaps.map((gap) => gap.fromId),
          (a, b) => (a < b ? a : b),
        ),
    toId: one
      ? one.toId
      : ids(
          gaps.map((gap) => gap.toId),
          (a, b) => (a > b ? a : b),
        ),
    fromUs: Math.min(...gaps.map((gap) => gap.fromUs)),
    toUs: Math.max(...gaps.map((gap) => gap.toUs)),
  };
}

/** Whether a UTC midnight lies in this time, as far as the venue's clock may differ from ours. */
function meetsMidnight(fromUs: number, toUs: number): boolean {
  return Math.floor((fromUs - MIDNIGHT_US) / DAY_US) !== Math.floor((toUs + MIDNIGHT_US) / DAY_US);
}

/** One page, asked again with growing pauses while that can help. */
async function askPage(
  market: RecordedMarket,
  request: HttpRequest,
  turn: Turn,
  signal: AbortSignal,
): Promise<Result<Buffer>> {
  const backoff = new Backoff(500, 10_000);
  backoff.next();
  for (let attempt = 1; ; attempt += 1) {
    const reply = await market.rest.get(request, signal, turn);
    if (reply.ok) return ok(reply.value.body);
    if (!reply.failure.retry || attempt >= ATTEMPTS) return reply;
    if (!(await pause(backoff.next(), signal))) return fail('request.cancelled', 'cancelled');
  }
}

/** Live frames come first: a page waits while the journal's memory is nearly full. */
async function roomFor({ journal, signal }: BackfillContext): Promise<boolean> {
  while (!journal.hasRoom) if (!(await pause(ROOM_WAIT_MS, signal))) return false;
  return !signal.aborted;
}
