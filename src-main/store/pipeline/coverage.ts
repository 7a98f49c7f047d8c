// Which symbol is carried by which connection, since when, and what that says about breaks. One tracker per market of a venue.
// Promises: every moment in which no connection carried a wanted symbol lies inside a break, with a margin; a connection that
// died unnoticed counts only up to its last message, also when the other line broke meanwhile.
import type { Us } from '../../../src-shared/base/time.ts';
import type { GapCause } from '../../../src-shared/market/gap.ts';
import { coverageForm, type HiddenOn, type Interval, type SymbolCover } from './coverage-form.ts';
import type { WholeList } from './listed.ts';

/** Added on both sides of a break: clocks, and trades on their way. */
export const MARGIN_US = 1_000_000;
/** A symbol may take this long from wanted to acknowledged before it counts as unacknowledged. */
const ACK_US = 10_000_000;
/** No connection lives on for this long without a sign of life: every venue's is given up sooner (deadAfterMs). */
const SILENT_US = 180_000_000;
/** A line whose frames hide their symbols again and again is not believed for this long at most; after so long without one it is as good as any. */
const HIDDEN_MOST_US = 300_000_000;
const HIDDEN_FORGOTTEN_US = 600_000_000;
/** Ended intervals remembered per symbol, to look back when a connection turns out to have been dead. */
const ENDED_KEPT = 6;

/** What the tracker tells the pipeline. */
export interface CoverageSink {
  interval(symbol: string, interval: Interval): void;
  /** No connection carries the symbol since fromUs (margin included); toUs: until then, when that is known already. */
  broke(symbol: string, cause: GapCause, fromUs: Us, toUs: Us | null, atUs: Us, frame: number): void;
  mended(symbol: string, toUs: Us, frame: number): void;
}

export interface Moment {
  readonly recvUs: Us;
  readonly frame: number;
}

/** What is told at the end of a batch carries that moment; after a crash batches end elsewhere, and names must be the same. */
interface LossMoment extends Moment {
  readonly sinceFrame?: number;
}

export class MarketCoverage {
  readonly #symbols = new Map<string, SymbolCover>();
  /** What each connection slot of each line is meant to carry. */
  readonly #wanted = new Map<number, Set<string>>();
  /** What traded in the venue's newest whole list; null: none was read yet, and every symbol may trade. When it was read, 0 when never. */
  #trading: Set<string> | null = null;
  #listUs: Us = 0;
  /** New in that list, not carried and not wanted yet: from when on they may have traded. */
  readonly #openings = new Map<string, Us>();
  /** No longer wanted, since: a restart may carry them in another slot, which says so a moment later. */
  readonly #left = new Map<string, Us>();
  /** Symbols that wait for their first acknowledgement. */
  readonly #unacknowledged = new Set<string>();
  /** Lines with intervals in doubt, since when. Intervals may have ended properly since. */
  readonly #doubted = new Map<number, Us>();
  /** Lines whose frames hid their symbols lately. */
  readonly #hidden = new Map<number, HiddenOn>();
  /** Changed since the last dump. */
  dirty = false;

  acknowledged(
    at: { lineNo: number; line: number; connection: number; wantedNo?: number },
    symbols: readonly string[],
    moment: Moment,
    sink: CoverageSink,
  ): void {
    this.dirty = true;
    const hidden = this.#hidden.get(at.lineNo);
    if (hidden) hidden.whole = false;
    this.#endDoubted(at, symbols, moment, sink);
    for (const symbol of symbols) {
      const cover = this.#cover(symbol);
      if (cover.live.some((one) => one.lineNo === at.lineNo && one.connection === at.connection)) continue;
      const interval: Interval = {
        ...at,
        name: `${at.lineNo}.${at.connection}.${moment.frame}`,
        fromUs: moment.recvUs,
        toUs: null,
      };
      cover.live.push(interval);
      sink.interval(symbol, interval);
      this.#unacknowledged.delete(symbol);
      if (cover.broken) {
        cover.broken = false;
        sink.mended(symbol, moment.recvUs + MARGIN_US, moment.frame);
      } else if (cover.wantedUs !== null) {
        // A symbol that did not trade as of the newest list has printed nothing before it.
        const idle = !this.#mayTrade(symbol) && cover.wantedUs < this.#listUs;
        const fromUs = idle ? this.#listUs - MARGIN_US : cover.wantedUs;
        // What was asked for a moment ago is not late, listed or not: its recording begins here.
        if (cover.opens || moment.recvUs - cover.wantedUs > ACK_US) {
          sink.broke(symbol, 'unacknowledged', fromUs, moment.recvUs + MARGIN_US, moment.recvUs, moment.frame);
        }
      }
      cover.covered = true;
      cover.wantedUs = null;
      cover.opens = false;
    }
  }

  /** The venue refused: a symbol that nothing carries is missing from when it was wanted. */
  refused(symbols: readonly string[], moment: Moment, sink: CoverageSink): void {
    for (const symbol of symbols) {
      const cover = this.#symbols.get(symbol);
      if (!cover || cover.wantedUs === null || !this.#mayTrade(symbol)) continue;
      this.#late(symbol, cover, moment, sink);
    }
  }

  /**
   * A whole list was read: these symbols trade, each with when the venue says it was listed. beforeUs: when the list before was read; null:
   * this is the first, and nothing in it is new. A symbol that trades now and did not then may have traded since: nothing carried it.
   */
  listed({ trading, fromUs: asOfUs }: WholeList, beforeUs: Us | null, moment: Moment, sink: CoverageSink): void {
    const before = this.#trading;
    this.dirty = true;
    this.#trading = new Set(trading.keys());
    this.#listUs = asOfUs;
    this.#openings.clear();
    for (const [symbol, cover] of this.#symbols) {
      // It was held to be missing before any list said that it does not trade.
      if (cover.covered || !cover.broken || trading.has(symbol)) continue;
      cover.broken = false;
      cover.wantedUs = moment.recvUs;
      // It was missing until here: should it open, what comes before its acknowledgement is missing too.
      cover.opens = true;
      this.#unacknowledged.add(symbol);
      sink.mended(symbol, moment.recvUs, moment.frame);
    }
    if (before === null || beforeUs === null) return;
    for (const [symbol, listedUs] of trading) {
      if (before.has(symbol)) continue;
      // The venue made the list a little before it came.
      const fromUs = Math.min(moment.recvUs, Math.max(beforeUs - MARGIN_US, listedUs ?? 0));
      const cover = this.#symbols.get(symbol);
      if (cover?.covered || cover?.broken) continue;
      if (cover && cover.wantedUs !== null) {
        cover.wantedUs = fromUs;
        cover.opens = true;
      } else this.#openings.set(symbol, fromUs);
    }
  }

  /** The list was read again, unchanged: whoever wants a symbol from now on wanted it for its own reasons. */
  listedAgain(recvUs: Us): void {
    this.#listUs = recvUs;
    if (this.#openings.size === 0) return;
    this.dirty = true;
    this.#openings.clear();
  }

  /** When the newest list was read: kept apart, for it changes with every reading and nothing else does. */
  restoreList(readUs: Us): void {
    this.#listUs = Math.max(this.#listUs, readUs);
  }

  #mayTrade(symbol: string): boolean {
    return this.#trading === null || this.#trading.has(symbol);
  }

  wanted(lineNo: number, symbols: readonly string[], moment: Moment, sink: CoverageSink): void {
    this.dirty = true;
    const before = this.#wanted.get(lineNo) ?? new Set<string>();
    const now = new Set(symbols);
    this.#wanted.set(lineNo, now);
    for (const [symbol, leftUs] of this.#left) if (moment.recvUs - leftUs > ACK_US) this.#left.delete(symbol);
    for (const symbol of now) {
      const cover = this.#cover(symbol);
      if (cover.covered || cover.broken || cover.wantedUs !== null) continue;
      const opening = this.#left.get(symbol) ?? this.#openings.get(symbol);
      cover.wantedUs = Math.min(opening ?? moment.recvUs, moment.recvUs);
      cover.opens = opening !== undefined;
      this.#openings.delete(symbol);
      this.#left.delete(symbol);
      this.#unacknowledged.add(symbol);
    }
    for (const symbol of before) {
      if (now.has(symbol)) continue;
      const cover = this.#symbols.get(symbol);
      if (!cover) continue;
      const wanted = this.#isWanted(symbol);
      // What nobody wants is not missing: it ends without a break.
      this.#end(
        symbol,
        cover,
        (one) => (one.wantedNo ?? one.lineNo) === lineNo,
        () => moment.recvUs,
        wanted ? 'disconnect' : null,
        moment,
        sink,
      );
      if (wanted) continue;
      if (cover.broken || cover.covered) this.#left.set(symbol, moment.recvUs);
      if (cover.broken) sink.mended(symbol, moment.recvUs, moment.frame);
      cover.broken = false;
      cover.covered = false;
      cover.wantedUs = null;
      cover.opens = false;
      this.#unacknowledged.delete(symbol);
    }
  }

  /** A connection is over; it delivered until lastUs. One of before, whose end the damage may have taken with this one's beginning, did so no longer. */
  closed(lineNo: number, connection: number, lastUs: Us, cause: GapCause, moment: Moment, sink: CoverageSink): void {
    this.#endAll(
      (one) =>
        one.lineNo === lineNo &&
        (one.connection === connection || (one.doubtedUs === null && one.connection < connection)),
      () => lastUs,
      cause,
      moment,
      sink,
    );
  }

  /** A connection lives and does not deliver these symbols since fromUs, though they are traded: it covers them no longer. */
  behind(
    lineNo: number,
    connection: number,
    silent: readonly { readonly symbol: string; readonly fromUs: Us }[],
    moment: Moment,
    sink: CoverageSink,
  ): void {
    for (const { symbol, fromUs } of silent) {
      const cover = this.#symbols.get(symbol);
      if (!cover) continue;
      this.#end(
        symbol,
        cover,
        (one) => one.lineNo === lineNo && one.connection === connection,
        () => fromUs,
        'silent',
        moment,
        sink,
      );
    }
  }

  /** All connections are over (the recorder stopped, died, halted, slept); lastUs: until when that line delivered. */
  allEnded(lastUs: (interval: Interval) => Us, cause: GapCause, moment: Moment, sink: CoverageSink): void {
    this.#endAll(() => true, lastUs, cause, moment, sink);
  }

  /**
   * Frames at and between these times are lost on one line, while its connections live on: they covered nothing then, also in the eyes of the
   * other line, which loses at the same time when it is the memory that is full. only: of one symbol.
   */
  lost(
    lineNo: number,
    firstUs: Us,
    lastUs: Us,
    cause: GapCause,
    moment: LossMoment,
    sink: CoverageSink,
    only: string | null = null,
  ): void {
    const single = only === null ? undefined : this.#symbols.get(only);
    const hurt = only === null ? this.#symbols : single ? [[only, single] as const] : [];
    for (const [symbol, cover] of hurt) {
      const hit = cover.live.filter((one) => one.lineNo === lineNo);
      if (hit.length === 0) continue;
      this.dirty = true;
      // Both ends are moments that are lost, and one frame alone has one moment. Before an interval nothing of it is lost.
      const fromUs = hit.some((one) => one.fromUs === firstUs) ? firstUs : firstUs - 1;
      const toUs = lastUs + 1;
      for (const one of hit) if (one.fromUs < toUs) this.#cut(symbol, cover, one, fromUs, toUs, moment, sink);
      for (const hole of this.#holes(cover, fromUs, toUs, (one) => one.lineNo === lineNo)) {
        sink.broke(symbol, cause, hole.fromUs - MARGIN_US, hole.toUs + MARGIN_US, moment.recvUs, moment.frame);
      }
    }
  }

  /**
   * A frame of a line cannot be read and may have held a trade of any symbol between these times, where ids count: the next one tells what it was,
   * so nothing is said to be missing; until that comes nobody is to count on what the line covered. A cut touches every symbol: a line that sends
   * such frames again and again is not believed for longer each time, so that they cost few.
   */
  hidden(lineNo: number, fromUs: Us, toUs: Us, moment: Moment, sink: CoverageSink): void {
    const known = this.#hidden.get(lineNo);
    const within = known !== undefined && toUs <= known.untilUs;
    if (within && known.whole) return;
    this.dirty = true;
    const again = known !== undefined && moment.recvUs - known.untilUs <= HIDDEN_FORGOTTEN_US;
    const spanUs = again ? Math.min(2 * known.spanUs, HIDDEN_MOST_US) : MARGIN_US;
    const hidden = within ? known : { untilUs: toUs + spanUs - MARGIN_US, spanUs, whole: true };
    hidden.whole = true;
    this.#hidden.set(lineNo, hidden);
    for (const [symbol, cover] of this.#symbols) {
      for (const one of cover.live) {
        if (one.lineNo !== lineNo || one.fromUs >= hidden.untilUs) continue;
        this.#cut(symbol, cover, one, fromUs, hidden.untilUs, moment, sink);
      }
    }
  }

  /** Of what a line hid at and between these times: missing where no id will tell (idsTell) and no other line covered it. */
  untold(
    lineNo: number,
    fromUs: Us,
    toUs: Us,
    moment: Moment,
    sink: CoverageSink,
    idsTell: (symbol: string, fromUs: Us) => boolean,
  ): void {
    for (const [symbol, cover] of this.#symbols) {
      if (idsTell(symbol, fromUs - MARGIN_US) || !cover.live.some((one) => one.lineNo === lineNo)) continue;
      for (const hole of this.#holes(cover, fromUs, toUs, (one) => one.lineNo === lineNo)) {
        const [from, to] = [hole.fromUs - MARGIN_US, hole.toUs + MARGIN_US];
        sink.broke(symbol, 'unreadable', from, to, moment.recvUs, moment.frame);
      }
    }
  }

  /**
   * What the journal says between these times cannot be read: nothing is covered then, nor since its line was last heard (lastUs). What is held
   * to live on may have ended there: it is over when its line has another connection, or falls silent.
   */
  damaged(lastUs: (interval: Interval) => Us, fromUs: Us, nextUs: Us, moment: Moment, sink: CoverageSink): void {
    // What is lost may have come in the very moment of what was read before and after.
    const toUs = Math.max(nextUs, fromUs + 1);
    for (const [symbol, cover] of this.#symbols) {
      if (cover.live.length === 0) continue;
      this.dirty = true;
      let beginsUs = fromUs;
      for (const one of cover.live) {
        if (one.fromUs >= toUs) continue;
        const heardUs = Math.max(one.fromUs, Math.min(lastUs(one), fromUs));
        beginsUs = Math.min(beginsUs, heardUs);
        this.#cut(symbol, cover, one, heardUs, toUs, moment, sink);
      }
      for (const one of cover.live) {
        one.doubtedUs ??= null;
        this.#doubted.set(one.lineNo, toUs);
      }
      for (const hole of this.#holes(cover, beginsUs, toUs, () => false)) {
        const [from, to] = [hole.fromUs - MARGIN_US, hole.toUs + MARGIN_US];
        sink.broke(symbol, 'journal-damage', from, to, moment.recvUs, moment.frame);
      }
    }
  }

  /** A connection of a line is open; the line was last heard at heardUs. What the damage left in doubt is not known to have lived on from there. */
  opened(lineNo: number, heardUs: Us): void {
    if (!this.#doubted.has(lineNo)) return;
    this.dirty = true;
    for (const { live } of this.#symbols.values()) {
      for (const one of live) {
        if (one.lineNo === lineNo && one.doubtedUs === null) one.doubtedUs = Math.max(one.fromUs, heardUs);
      }
    }
  }

  /** Ends what is in doubt on lines that nothing was heard of for longer than a living connection is silent. heardUs: when a line was last heard. */
  silent(heardUs: (lineNo: number) => Us, moment: Moment, sink: CoverageSink): void {
    for (const [lineNo, sinceUs] of this.#doubted) {
      if (moment.recvUs - Math.max(sinceUs, heardUs(lineNo)) <= SILENT_US) continue;
      this.#doubted.delete(lineNo);
      const isDoubted = (one: Interval): boolean => one.lineNo === lineNo && one.doubtedUs !== undefined;
      this.#endAll(isDoubted, (one) => one.doubtedUs ?? heardUs(lineNo), 'journal-damage', moment, sink);
    }
  }

  /**
   * Ends what is in doubt on the line of a connection that carries symbols from now on: what another connection carried, and what this one did if
   * it says so again, for then its number was given anew by another process. In an overlap that is too much by the time from open to here.
   */
  #endDoubted(
    { lineNo, connection }: Pick<Interval, 'lineNo' | 'connection'>,
    symbols: readonly string[],
    moment: Moment,
    sink: CoverageSink,
  ): void {
    if (!this.#doubted.has(lineNo)) return;
    const isDoubted = (one: Interval): boolean => one.lineNo === lineNo && one.doubtedUs !== undefined;
    const isOwn = (one: Interval): boolean => isDoubted(one) && one.connection === connection;
    const again = symbols.some((symbol) => this.#symbols.get(symbol)?.live.some(isOwn));
    this.#endAll(
      (one) => isDoubted(one) && (again || one.doubtedUs !== null || !isOwn(one)),
      (one) => one.doubtedUs ?? one.fromUs,
      'journal-damage',
      moment,
      sink,
    );
  }

  /**
   * The clock that these times are taken from was set back from fromUs to now. Intervals of before bear times that come again: they are over,
   * hide no hole of what follows, and those that live begin anew where they were last heard (lastUs). A break that is open is told in both times.
   */
  clockSetBack(
    lastUs: (interval: Interval) => Us,
    fromUs: Us,
    cause: GapCause,
    moment: Moment,
    sink: CoverageSink,
  ): void {
    this.dirty = true;
    const byUs = fromUs - moment.recvUs;
    this.#listUs -= byUs;
    for (const times of [this.#openings, this.#left]) for (const [symbol, us] of times) times.set(symbol, us - byUs);
    for (const [lineNo, us] of this.#doubted) this.#doubted.set(lineNo, us - byUs);
    for (const one of this.#hidden.values()) one.untilUs -= byUs;
    for (const [symbol, cover] of this.#symbols) {
      if (cover.wantedUs !== null) cover.wantedUs -= byUs;
      for (const one of cover.live) {
        const heardUs = Math.max(one.fromUs, Math.min(lastUs(one), fromUs));
        if (typeof one.doubtedUs === 'number') one.doubtedUs -= byUs;
        this.#cut(symbol, cover, one, heardUs, heardUs - byUs, moment, sink);
      }
      cover.ended = [];
      if (!cover.broken) continue;
      sink.mended(symbol, fromUs + MARGIN_US, moment.frame);
      sink.broke(symbol, cause, moment.recvUs - MARGIN_US, null, moment.recvUs, moment.frame);
    }
  }

  /** Whether a connection carries this symbol, or did. */
  knows(symbol: string): boolean {
    return this.#symbols.has(symbol);
  }

  /** Tells of symbols that wait too long for their first acknowledgement. */
  overdue(moment: Moment, sink: CoverageSink): void {
    for (const symbol of this.#unacknowledged) {
      const cover = this.#symbols.get(symbol);
      if (cover && cover.wantedUs !== null && moment.recvUs - cover.wantedUs > ACK_US && this.#mayTrade(symbol)) {
        this.#late(symbol, cover, moment, sink);
      }
    }
  }

  #late(symbol: string, cover: SymbolCover, moment: Moment, sink: CoverageSink): void {
    this.#unacknowledged.delete(symbol);
    if (cover.wantedUs === null) return;
    this.dirty = true;
    sink.broke(symbol, 'unacknowledged', cover.wantedUs, null, moment.recvUs, moment.frame);
    cover.broken = true;
    cover.wantedUs = null;
    cover.opens = false;
  }

  /** A living interval becomes two: what it covered before a loss, and what it covers since. */
  #cut(
    symbol: string,
    cover: SymbolCover,
    one: Interval,
    fromUs: Us,
    toUs: Us,
    moment: LossMoment,
    sink: CoverageSink,
  ): void {
    // One that begins within the loss begins after it; losses that follow each other so leave one interval.
    const within = one.fromUs >= fromUs;
    const name = within ? one.name : `${one.name}.${moment.sinceFrame ?? moment.frame}`;
    const rest: Interval = { ...one, name, fromUs: toUs, toUs: null };
    cover.live = cover.live.map((other) => (other === one ? rest : other));
    if (!within) {
      one.toUs = fromUs;
      this.#keepEnded(cover, [one]);
      sink.interval(symbol, one);
    }
    sink.interval(symbol, rest);
  }

  #keepEnded(cover: SymbolCover, ended: readonly Interval[]): void {
    cover.ended.push(...ended);
    if (cover.ended.length > ENDED_KEPT) cover.ended.splice(0, cover.ended.length - ENDED_KEPT);
  }

  #endAll(
    which: (one: Interval) => boolean,
    lastUs: (interval: Interval) => Us,
    cause: GapCause,
    moment: Moment,
    sink: CoverageSink,
  ): void {
    for (const [symbol, cover] of this.#symbols) {
      this.#end(symbol, cover, which, lastUs, cause, moment, sink);
    }
  }

  #end(
    symbol: string,
    cover: SymbolCover,
    which: (one: Interval) => boolean,
    lastUs: (interval: Interval) => Us,
    cause: GapCause | null,
    moment: Moment,
    sink: CoverageSink,
  ): void {
    const ending = cover.live.filter(which);
    if (ending.length === 0) return;
    this.dirty = true;
    cover.live = cover.live.filter((one) => !ending.includes(one));
    let fromUs = moment.recvUs;
    for (const one of ending) {
      const until = Math.min(lastUs(one), moment.recvUs);
      one.toUs = Math.max(one.fromUs, until);
      // An interval that begins after now: the clock was set back, and what is missing lies where the clock is now.
      fromUs = Math.min(fromUs, moment.recvUs < one.fromUs ? until : one.toUs);
      sink.interval(symbol, one);
    }
    this.#keepEnded(cover, ending);
    if (cause === null) return;
    for (const hole of this.#holes(cover, fromUs, moment.recvUs, () => false)) {
      const open = hole.toUs >= moment.recvUs && cover.live.length === 0;
      if (open && cover.broken) continue;
      cover.broken ||= open;
      sink.broke(
        symbol,
        cause,
        hole.fromUs - MARGIN_US,
        open ? null : hole.toUs + MARGIN_US,
        moment.recvUs,
        moment.frame,
      );
    }
  }

  /** The parts of [fromUs, toUs] that no interval covers, but for those that are ignored. A point counts as a part when nothing lives on. */
  #holes(cover: SymbolCover, fromUs: Us, toUs: Us, ignore: (one: Interval) => boolean): { fromUs: Us; toUs: Us }[] {
    const covering = [...cover.ended, ...cover.live]
      .filter((one) => !ignore(one))
      .map((one) => ({ fromUs: one.fromUs, toUs: one.toUs ?? Number.POSITIVE_INFINITY }))
      .toSorted((a, b) => a.fromUs - b.fromUs);
    const holes: { fromUs: Us; toUs: Us }[] = [];
    let at = fromUs;
    for (const one of covering) {
      if (one.toUs <= at) continue;
      if (one.fromUs > at) {
        if (one.fromUs >= toUs) break;
        holes.push({ fromUs: at, toUs: one.fromUs });
      }
      at = one.toUs;
      if (at > toUs) return holes;
    }
    holes.push({ fromUs: at, toUs });
    return holes;
  }

  #cover(symbol: string): SymbolCover {
    let cover = this.#symbols.get(symbol);
    if (!cover) {
      cover = { live: [], ended: [], covered: false, wantedUs: null, opens: false, broken: false };
      this.#symbols.set(symbol, cover);
    }
    return cover;
  }

  #isWanted(symbol: string): boolean {
    for (const symbols of this.#wanted.values()) if (symbols.has(symbol)) return true;
    return false;
  }

  dump(): string {
    this.dirty = false;
    return JSON.stringify({
      wanted: [...this.#wanted].map(([lineNo, symbols]) => [lineNo, [...symbols]]),
      symbols: [...this.#symbols].map(([symbol, cover]) => ({ symbol, ...cover })),
      trading: this.#trading === null ? null : [...this.#trading],
      listUs: this.#listUs,
      openings: [...this.#openings],
      left: [...this.#left],
      hidden: [...this.#hidden],
    });
  }

  load(text: string): void {
    const form = coverageForm.parse(JSON.parse(text));
    for (const [lineNo, symbols] of form.wanted) this.#wanted.set(lineNo, new Set(symbols));
    for (const { symbol, ...cover } of form.symbols) {
      this.#symbols.set(symbol, cover);
      if (cover.wantedUs !== null) this.#unacknowledged.add(symbol);
      for (const one of cover.live) {
        if (one.doubtedUs !== undefined)
          this.#doubted.set(one.lineNo, Math.max(this.#doubted.get(one.lineNo) ?? 0, one.fromUs));
      }
    }
    this.#trading = form.trading === null ? null : new Set(form.trading);
    this.restoreList(form.listUs);
    for (const [symbol, us] of form.openings) this.#openings.set(symbol, us);
    for (const [symbol, us] of form.left) this.#left.set(symbol, us);
    for (const [lineNo, one] of form.hidden) this.#hidden.set(lineNo, one);
  }
}
