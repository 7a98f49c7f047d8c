// Compares the two lines of a market: one that stays silent on symbols which the other delivers, or brings far fewer messages,
// misses data although its connection lives. That is said in the journal, and the line is renewed. Promises: a symbol is never held
// against a line because it is quiet, nor because its messages arrive later than on the other line by less than the grace. All times
// are of the monotonic clock, but for those in the record: setting the wall clock neither blinds the comparison nor makes a line late.
import type { Feed } from '../feeds/feed.ts';
import type { JournalWriter } from '../journal/writer.ts';
import type { WallClock } from './clock.ts';
import type { Connection } from './connection.ts';
import { type Delivered, Heard } from './heard.ts';
import type { Line } from './line.ts';

/** What is compared of a line: the connection that stands. */
export interface WatchedLine extends Pick<Line, 'slot' | 'renew'> {
  readonly standing: WatchedConnection | null;
}

export type WatchedConnection = Pick<
  Connection,
  'number' | 'lineNo' | 'openedMs' | 'acknowledged' | 'dataFrames' | 'dataBytes' | 'heard'
>;

const CHECK_MS = 1000;
/** How much later one line may be than the other, in checks and as time. */
const GRACE_CHECKS = 3;
const GRACE_US = GRACE_CHECKS * CHECK_MS * 1000;
/** One line delivered a symbol so often, over at least this time, while the other did not. */
const FEWEST = 3;
const SPREAD_US = 1_500_000;
/** Evidence older than this is given up: the symbol trades too seldom to tell. */
const OLDEST_US = 300_000_000;
/** Messages are compared over so many checks, once there are so many; this side's count runs a grace longer at either end. */
const WINDOW_CHECKS = 30;
const SAMPLES = WINDOW_CHECKS + 2 * GRACE_CHECKS + 1;
const WINDOW_FRAMES = 40;
const BEHIND_SHARE = 0.5;
/** Where more messages than this come in a second, symbols are listened for part of the time only: naming one costs as much as recording it. */
const BUSY_FRAMES = 2000;
const LISTEN_MS = 12_000;
const REST_MS = 36_000;
/** A line that is behind again soon after its renewal is renewed ever less often, for then renewing does not help. */
const AGAIN_MS = 30_000;
const AGAIN_MOST_MS = 600_000;

export interface WatchContext {
  readonly feed: Pick<Feed, 'symbolOf'>;
  readonly journal: Pick<JournalWriter, 'control'>;
  /** The wall clock. */
  readonly clock: Pick<WallClock, 'nowUs' | 'earliestUs'>;
}

interface Sample {
  readonly atUs: number;
  readonly frames: number;
  readonly bytes: number;
}

interface Side {
  readonly line: WatchedLine;
  connection: WatchedConnection | null;
  heard: Heard;
  samples: Sample[];
  /** What was said of this connection already. */
  told: Set<string>;
  toldAll: boolean;
  /** Why this connection is to be renewed, once that is its turn again. */
  owed: string | null;
  renewedMs: number;
  againMs: number;
}

interface Pair {
  readonly sides: readonly [Side, Side];
  listens: boolean;
  /** Since when it listens, or does not. */
  sinceMs: number;
}

type Silent = { readonly symbol: string; readonly fromUs: number }[];

export class LineWatch {
  readonly #context: WatchContext;
  readonly #pairs = new Map<number, Pair>();
  #checkedMs = Number.NEGATIVE_INFINITY;

  constructor(context: WatchContext) {
    this.#context = context;
  }

  /** Called a few times a second; lines by line number, then slot. */
  tick(nowMs: number, lines: readonly (readonly WatchedLine[])[]): void {
    const [first, second] = lines;
    if (!first || !second || nowMs - this.#checkedMs < CHECK_MS) return;
    this.#checkedMs = nowMs;
    for (const one of first) {
      const other = second.find(({ slot }) => slot === one.slot);
      if (other) this.#check(this.#pair(one, other), nowMs);
    }
  }

  #pair(one: WatchedLine, other: WatchedLine): Pair {
    let pair = this.#pairs.get(one.slot);
    if (!pair) {
      pair = { sides: [this.#side(one), this.#side(other)], listens: true, sinceMs: 0 };
      this.#pairs.set(one.slot, pair);
    }
    return pair;
  }

  #side(line: WatchedLine): Side {
    return {
      line,
      connection: null,
      heard: new Heard(this.#context.feed),
      samples: [],
      told: new Set(),
      toldAll: false,
      owed: null,
      renewedMs: Number.NEGATIVE_INFINITY,
      againMs: AGAIN_MS,
    };
  }

  #check(pair: Pair, nowMs: number): void {
    const { sides } = pair;
    const changed = sides.map((side) => this.#follow(side)).includes(true);
    const [one, other] = sides;
    if (!one.line.standing || !other.line.standing) {
      // One alone is no comparison, and what follows begins anew.
      for (const side of sides) side.samples = [];
      return;
    }
    const nowUs = nowMs * 1000;
    if (changed || one.samples.length === 0) {
      for (const side of sides) side.samples = [];
      listen(pair, true, nowMs, nowUs);
    }
    for (const { samples, connection } of sides) {
      samples.push({ atUs: nowUs, frames: connection?.dataFrames ?? 0, bytes: connection?.dataBytes ?? 0 });
      if (samples.length > SAMPLES) samples.shift();
    }
    const busy = sides.some(
      ({ samples }) => (samples.at(-1)?.frames ?? 0) - (samples.at(-2)?.frames ?? 0) > BUSY_FRAMES,
    );
    const lasts = nowMs - pair.sinceMs;
    if (pair.listens ? busy && lasts >= LISTEN_MS : !busy || lasts >= REST_MS)
      listen(pair, !pair.listens, nowMs, nowUs);
    this.#judge(pair, other, one, nowUs, nowMs);
    this.#judge(pair, one, other, nowUs, nowMs);
  }

  /** True when the side has a new connection. */
  #follow(side: Side): boolean {
    const { standing } = side.line;
    if (!standing || standing === side.connection) return false;
    side.connection = standing;
    side.heard = new Heard(this.#context.feed);
    standing.heard = side.heard;
    side.told = new Set();
    side.toldAll = false;
    side.owed = null;
    return true;
  }

  #judge(pair: Pair, side: Side, other: Side, nowUs: number, nowMs: number): void {
    const { connection } = side;
    if (!connection) return;
    const silent = pair.listens ? this.#silent(side, other, nowUs) : [];
    for (const { symbol } of silent) side.told.add(symbol);
    let reason = `silent on ${silent.length} symbols that the other line delivers, ${silent[0]?.symbol} for one`;
    const sinceUs = side.toldAll ? null : behindSince(side.samples, other.samples);
    if (sinceUs !== null) {
      side.toldAll = true;
      const named = new Set(silent.map(({ symbol }) => symbol));
      for (const symbol of connection.acknowledged) if (!named.has(symbol)) silent.push({ symbol, fromUs: sinceUs });
      reason = 'brings less than half of what the other line brings';
    }
    if (silent.length > 0) {
      const { journal, clock } = this.#context;
      const told = silent.map(({ symbol, fromUs }) => ({ symbol, fromUs: clock.earliestUs(fromUs / 1000) }));
      const record = { type: 'behind', connection: connection.number, reason, silent: told } as const;
      journal.control(connection.lineNo, record, clock.nowUs());
      side.owed = reason;
    }
    const { owed } = side;
    if (owed === null || nowMs - side.renewedMs < side.againMs) return;
    side.owed = null;
    side.againMs = nowMs - side.renewedMs > AGAIN_MOST_MS ? AGAIN_MS : Math.min(AGAIN_MOST_MS, side.againMs * 2);
    side.renewedMs = nowMs;
    side.line.renew(`behind: ${owed}`, false);
  }

  /** Symbols that the other side delivers and this one does not, with its own last data of each. */
  #silent(side: Side, other: Side, nowUs: number): Silent {
    const silent: Silent = [];
    const { connection } = side;
    if (!connection || !other.connection) return silent;
    for (const [symbol, delivered] of other.heard.symbols) {
      if (delivered.count === 0) continue;
      const ownUs = side.heard.symbols.get(symbol)?.lastUs ?? 0;
      if (ownUs >= delivered.firstUs - GRACE_US || nowUs - delivered.firstUs > OLDEST_US) {
        delivered.count = 0;
        continue;
      }
      if (!enough(delivered, nowUs) || side.told.has(symbol)) continue;
      if (!connection.acknowledged.has(symbol) || !other.connection.acknowledged.has(symbol)) continue;
      silent.push({ symbol, fromUs: ownUs === 0 ? connection.openedMs * 1000 : ownUs });
    }
    return silent;
  }
}

/** Begins or ends listening. What the other line may have brought shortly before it began is not held against it. */
function listen(pair: Pair, listens: boolean, nowMs: number, nowUs: number): void {
  pair.listens = listens;
  pair.sinceMs = nowMs;
  for (const { heard } of pair.sides) {
    heard.listens = listens;
    heard.forget();
    heard.ignore(nowUs + GRACE_US);
  }
}

function enough({ count, firstUs, lastUs }: Delivered, nowUs: number): boolean {
  return count >= FEWEST && lastUs - firstUs >= SPREAD_US && nowUs - firstUs >= GRACE_US;
}

/**
 * Since when this side brings clearly less, µs, or null. What the other brought within its window this one must have brought from a grace
 * before to a grace after, whichever of them is the later one.
 */
function behindSince(own: readonly Sample[], other: readonly Sample[]): number | null {
  const [from] = own;
  const now = own.at(-1);
  const otherFrom = other[GRACE_CHECKS];
  const otherThen = other.at(-1 - GRACE_CHECKS);
  if (!from || !now || !otherFrom || !otherThen || own.length < SAMPLES) return null;
  const theirs = otherThen.frames - otherFrom.frames;
  if (theirs < WINDOW_FRAMES || now.frames - from.frames >= theirs * BEHIND_SHARE) return null;
  // In bytes too: the venue may put more trades into one message on one of the lines.
  return now.bytes - from.bytes < (otherThen.bytes - otherFrom.bytes) * BEHIND_SHARE ? from.atUs : null;
}
