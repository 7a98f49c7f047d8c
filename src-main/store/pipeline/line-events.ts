// What control records mean: lines that open, acknowledge, close, lose; the recorder that starts, stops, halts, sleeps; back-fills that end.
import type { Us } from '../../../src-shared/base/time.ts';
import type { GapCause } from '../../../src-shared/market/gap.ts';
import type { Carry, Expected, HistoryCount } from './carry.ts';
import type { Interval } from './coverage-form.ts';
import { type AskedHole, answers, type GapBook, type OpenGap } from './gap-book.ts';
import type { MarketState } from './market-state.ts';
import type { StreamState } from './stream-state.ts';

/** Where a record stands: receive time and frame number. */
export interface Moment {
  readonly recvUs: Us;
  readonly frame: number;
}

/** What a line number stands for. */
export interface LineName {
  readonly no: number;
  readonly venue: string;
  readonly market: string | null;
  readonly line: number;
  readonly role: 'live' | 'rest' | 'notices';
  /** The number under which this one's connections say what they are to carry, where it is not their own. */
  readonly twinOf?: number | undefined;
}

/** The state that control records work on. */
export interface LineWorld {
  readonly carry: Carry;
  readonly book: GapBook;
  markets(): Iterable<MarketState>;
  marketOf(line: LineName): MarketState | null;
  streamOf(no: number): StreamState | undefined;
  touch(state: StreamState): void;
}

const SILENT = /silen|no frame|dead|stall/i;

function causeOf(close: {
  readonly planned: boolean;
  readonly reason: string;
  readonly byHand?: boolean | undefined;
}): GapCause {
  if (close.byHand) return 'stopped-by-hand';
  if (close.planned) return 'process-down';
  return SILENT.test(close.reason) ? 'silent' : 'disconnect';
}

export class LineEvents {
  readonly #world: LineWorld;

  constructor(world: LineWorld) {
    this.#world = world;
  }

  /** The recorder's process began: no connection of the one before lives. */
  started(moment: Moment): void {
    const lastUs = this.#world.carry.lastRecvUs.reduce<Us>((most, us) => Math.max(most, us ?? 0), 0);
    if (lastUs > moment.recvUs) {
      // The clock is behind what the process before it had (a computer that has not asked for the time yet): the break is told in both times.
      this.#allEnded('process-down', { ...moment, recvUs: lastUs }, (one) => this.#lastOf(one));
      this.clockSetBack(lastUs, moment, 'process-down');
    }
    this.#allEnded('process-down', moment, (one) => this.#lastOf(one));
    this.#world.carry.expected.clear();
    this.#world.carry.cause = null;
    this.#world.carry.stopped = false;
  }

  /** The recorder ended on purpose: coverage ends here; what was missed is told when it begins again. */
  stopped(moment: Moment): void {
    this.#world.carry.stopped = true;
    this.#allEnded('process-down', moment, (one) => this.#lastOf(one));
  }

  wanted(line: LineName, symbols: readonly string[], moment: Moment): void {
    const market = this.#live(line);
    market?.coverage.wanted(line.no, symbols, moment, market);
  }

  acknowledged(line: LineName, connection: number, symbols: readonly string[], moment: Moment): void {
    const market = this.#live(line);
    const { no, twinOf } = line;
    const at = { lineNo: no, line: line.line, connection, ...(twinOf === undefined ? {} : { wantedNo: twinOf }) };
    if (!market) return;
    market.coverage.acknowledged(at, symbols, moment, market);
    // The venue may repeat the last trade of what was subscribed, also on a connection that lives, or beside one that ends.
    for (const symbol of symbols) {
      const state = market.bySymbol.get(symbol);
      if (state?.beginsOn(no)) this.#world.touch(state);
    }
    this.#world.carry.cause = null;
  }

  /** A new connection of this line number: what it repeats is counted anew, and what the journal no longer says of the one before is in doubt. */
  opened(line: LineName): void {
    const market = this.#live(line);
    if (!market) return;
    market.coverage.opened(line.no, this.#world.carry.lastRecvUs[line.no] ?? 0);
    for (const state of market.streams()) {
      const isHeard = state.beginsOn(line.no);
      if (state.copies.opened(line.no) || isHeard) this.#world.touch(state);
    }
  }

  /** The symbol list was read again and says what it said. */
  listUnchanged(line: LineName, moment: Moment): void {
    const market = this.#world.marketOf(line);
    const reading = market && this.#world.carry.lists.get(`${market.feed.venue} ${market.feed.market}`);
    if (!market || !reading || reading.readUs === 0) return;
    reading.readUs = moment.recvUs;
    market.coverage.listedAgain(moment.recvUs);
  }

  /** The line delivers, though nothing was traded: it covers until here. */
  alive(line: LineName, moment: Moment): void {
    this.#world.carry.lastRecvUs[line.no] = moment.recvUs;
  }

  refused(line: LineName, symbols: readonly string[], moment: Moment): void {
    const market = this.#live(line);
    market?.coverage.refused(symbols, moment, market);
  }

  closed(
    line: LineName,
    close: {
      connection: number;
      lastFrameUs: Us | null;
      planned: boolean;
      reason: string;
      byHand?: boolean | undefined;
    },
    moment: Moment,
  ): void {
    const market = this.#live(line);
    if (!market) return;
    const { carry } = this.#world;
    const lastUs = close.planned ? moment.recvUs : (close.lastFrameUs ?? carry.lastRecvUs[line.no] ?? 0);
    const cause = carry.cause ?? causeOf(close);
    market.coverage.closed(line.no, close.connection, lastUs, cause, moment, market);
  }

  /** The connection stayed silent while the other line delivered: for these symbols it covers nothing since its last data. */
  behind(
    line: LineName,
    connection: number,
    silent: readonly { readonly symbol: string; readonly fromUs: Us }[],
    moment: Moment,
  ): void {
    const market = this.#live(line);
    market?.coverage.behind(line.no, connection, silent, moment, market);
  }

  halted(moment: Moment): void {
    this.#world.carry.cause = 'halt';
    // A line may have been dead for a while and nobody has noticed: none covers more than it delivered.
    this.#allEnded('halt', moment, (one) => this.#lastOf(one));
  }

  resumed(): void {
    this.#world.carry.cause = null;
  }

  /** The recorder's clock was set back from this time to now: what is remembered of before is carried over into the new time. */
  clockSetBack(fromUs: Us, moment: Moment, cause: GapCause = 'disconnect'): void {
    const byUs = fromUs - moment.recvUs;
    for (const market of this.#world.markets()) {
      market.coverage.clockSetBack((one) => this.#lastOf(one), fromUs, cause, moment, market);
    }
    const { lastRecvUs, lists } = this.#world.carry;
    for (const [lineNo, us] of lastRecvUs.entries()) if (us !== undefined) lastRecvUs[lineNo] = us - byUs;
    for (const reading of lists.values()) if (reading.readUs > 0) reading.readUs -= byUs;
  }

  suspended(moment: Moment): void {
    this.#world.carry.cause = 'host-asleep';
    this.#allEnded('host-asleep', moment, (one) => this.#lastOf(one));
  }

  /** The computer woke: whatever was open before it slept is dead, noticed or not. */
  woke(sleptFromUs: Us, moment: Moment): void {
    this.#world.carry.cause = 'host-asleep';
    this.#allEnded('host-asleep', moment, (one) => Math.min(sleptFromUs, this.#lastOf(one)));
  }

  lost(line: LineName, fromUs: Us, toUs: Us, moment: Moment): void {
    const market = this.#live(line);
    market?.coverage.lost(line.no, fromUs, toUs, 'overflow', moment, market);
  }

  /** Bytes of the journal between two receive times cannot be read: any line's frames, and its end, may have been there. */
  damaged(fromUs: Us, toUs: Us, moment: Moment): void {
    for (const market of this.#world.markets()) {
      market.coverage.damaged((one) => this.#lastOf(one), fromUs, toUs, moment, market);
    }
  }

  /** The records of lines have come to here: one whose end may have been damaged, and that was not heard for long, is over. */
  reached(moment: Moment): void {
    const heardUs = (lineNo: number): Us => this.#world.carry.lastRecvUs[lineNo] ?? 0;
    for (const market of this.#world.markets()) market.coverage.silent(heardUs, moment, market);
  }

  /** The next data record of the line is the reply to this. */
  expect(line: LineName, what: Expected): void {
    const market = this.#world.marketOf(line);
    // What a list says of a market is kept under this number, also before any line carries it.
    if (market && market.stateNo === 0) market.stateNo = -line.no;
    this.#world.carry.expected.set(line.no, what);
  }

  /**
   * A back-fill ended. whole: the venue's history covers the whole hole, so what it does not have it never printed. Not whole
   * and a note: asking failed on the way, which the repair job may mend by asking again, so nothing is settled. asked: the hole that the
   * venue was asked for; a gap that is more than that by now stays open. pagesOf: the gap under whose name the pages came. early: it is
   * asked for again from where this ended, so that what could not be read of these pages counts then too. pages: how many were written; those
   * that the journal no longer gives count as not read.
   */
  historyEnded(
    gapId: string,
    whole: boolean,
    note: string,
    moment: Moment,
    asked: AskedHole | null = null,
    pagesOf = gapId,
    early = false,
    pages: number | undefined = undefined,
  ): void {
    const { carry, book } = this.#world;
    const count: HistoryCount = { rows: 0, stored: 0, refused: 0, pages: 0 };
    for (const name of new Set([pagesOf, gapId])) {
      const part = carry.history.get(name);
      count.rows += part?.rows ?? 0;
      count.stored += part?.stored ?? 0;
      count.refused += part?.refused ?? 0;
      count.pages += part?.pages ?? 0;
    }
    if (pages !== undefined) count.refused += Math.max(0, pages - count.pages);
    count.pages = 0;
    carry.history.delete(gapId);
    if (early && count.refused > 0) Object.assign(carry.historyOf(gapId), count);
    const unread = count.refused > 0 ? `, ${count.refused} could not be read` : '';
    if (!whole && note !== '') return;
    // What was given and not read is missing still.
    const reached = whole && count.refused === 0;
    const failed = count.stored > 0 ? 'partial' : 'unrecoverable';
    const state = this.#world.streamOf(Number.parseInt(gapId, 10));
    const told = `history gave ${count.rows} trades, ${count.stored} of them new${unread}${note ? ` (${note})` : ''}`;
    const got = whole || !state ? told : `${told}; ${this.#endOf(state)}`;
    const missing = state?.missing.filter((part) => part.gap.id === gapId) ?? [];
    const gap: OpenGap | null | undefined =
      missing[0]?.gap ?? (state?.pendingBreak?.id === gapId ? state.pendingBreak : null);
    if (!state || !gap) {
      const settled = reached ? 'repaired' : failed;
      const read = { name: gapId, rows: count.rows, refused: count.refused };
      const { recvUs: closedUs, frame } = moment;
      book.settle({ id: gapId, state: settled, evidence: got, closedUs, frame, asked, read });
      return;
    }
    this.#world.touch(state);
    if (asked && !answers(asked, gap)) {
      book.reopen(gap, `${got}, for less than the gap is by now`, moment.frame);
      return;
    }
    if (missing.length > 0) {
      const ids = missing.reduce((sum, part) => sum + part.to - part.from + 1, 0);
      gap.state = reached ? 'venue-hole' : gap.filled > 0 ? 'partial' : 'unrecoverable';
      gap.evidence = `${got}; ${ids} ids are missing${reached ? " in the venue's history too" : ''}`;
    } else {
      gap.state = reached ? 'repaired' : failed;
      gap.evidence = got;
      if (reached && gap.toUs !== null) state.pendingBreak = null;
    }
    gap.closedUs = moment.recvUs;
    book.changed(gap, moment.frame);
  }

  /** Why a venue's history did not cover a hole of this stream. */
  #endOf({ name: { venue, market } }: StreamState): string {
    for (const { feed } of this.#world.markets()) {
      const most = feed.venue === venue && feed.market === market ? feed.history?.reachTrades : undefined;
      if (most !== undefined)
        return `the venue gives its newest ${most} trades only, which do not reach back to all of it`;
    }
    return "the venue's history does not reach back to all of it";
  }

  #live(line: LineName): MarketState | null {
    if (line.role !== 'live') return null;
    const market = this.#world.marketOf(line);
    if (market && market.stateNo === 0) market.stateNo = -line.no;
    return market;
  }

  #lastOf(one: Interval): Us {
    return this.#world.carry.lastRecvUs[one.lineNo] ?? one.fromUs;
  }

  #allEnded(cause: GapCause, moment: Moment, lastUs: (one: Interval) => Us): void {
    for (const market of this.#world.markets()) market.coverage.allEnded(lastUs, cause, moment, market);
  }
}
