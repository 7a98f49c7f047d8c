// One market of one venue: its feed, its streams by name, its coverage.

import type { Us } from '../../../src-shared/base/time.ts';
import type { GapCause } from '../../../src-shared/market/gap.ts';
import type { Feed } from '../../feeds/feed.ts';
import { ArrivalDelays } from './arrival.ts';
import { type CoverageSink, MARGIN_US, MarketCoverage } from './coverage.ts';
import type { Interval } from './coverage-form.ts';
import { type GapBook, gapId, type OpenGap } from './gap-book.ts';
import type { CoverageChange } from './outcome.ts';
import type { StreamState } from './stream-state.ts';
import { VenueClock } from './venue-clock.ts';

export class MarketState implements CoverageSink {
  readonly feed: Feed;
  /** Streams of the feed's own channel by symbol, and of other channels by symbol and channel. */
  readonly bySymbol = new Map<string, StreamState>();
  readonly byOther = new Map<string, StreamState>();
  readonly coverage = new MarketCoverage();
  /** Coverage is known in our receive times, gaps are told in the venue's event times: this is what lies between. */
  readonly clock = new VenueClock();
  readonly arrival = new ArrivalDelays();
  /** Number under which its coverage is kept among stream states: minus its first line's number. 0: no line yet. */
  stateNo = 0;
  ticks = 0;
  readonly #create: (market: MarketState, symbol: string, channel: string) => StreamState;
  readonly #book: GapBook;
  readonly #changes: CoverageChange[];
  readonly #touch: (state: StreamState) => void;

  constructor(
    feed: Feed,
    world: {
      create(market: MarketState, symbol: string, channel: string): StreamState;
      touch(state: StreamState): void;
      readonly book: GapBook;
      readonly changes: CoverageChange[];
    },
  ) {
    this.feed = feed;
    this.#create = (market, symbol, channel) => world.create(market, symbol, channel);
    this.#touch = (state) => world.touch(state);
    this.#book = world.book;
    this.#changes = world.changes;
  }

  stream(symbol: string, channel: string): StreamState {
    if (channel === this.feed.channel) return this.bySymbol.get(symbol) ?? this.#create(this, symbol, channel);
    return this.byOther.get(`${symbol}\n${channel}`) ?? this.#create(this, symbol, channel);
  }

  *streams(): Iterable<StreamState> {
    yield* this.bySymbol.values();
    yield* this.byOther.values();
  }

  adopt(state: StreamState): void {
    const { symbol, channel } = state.name;
    if (channel === this.feed.channel) this.bySymbol.set(symbol, state);
    else this.byOther.set(`${symbol}\n${channel}`, state);
  }

  interval(symbol: string, interval: Interval): void {
    const { venue, market } = this.feed;
    this.#changes.push({
      name: { venue, market, symbol },
      line: interval.line,
      interval: interval.name,
      fromUs: interval.fromUs,
      toUs: interval.toUs,
    });
  }

  broke(symbol: string, cause: GapCause, fromUs: Us, toUs: Us | null, atUs: Us, frame: number): void {
    const state = this.stream(symbol, this.feed.channel);
    this.#touch(state);
    const beginsUs = this.#beginOf(fromUs);
    const endsUs = toUs === null ? null : toUs + Math.max(0, this.clock.mostLeadUs);
    // A break that is found late may lie before the first id that ever came: no id will tell what it lost.
    const isDecided = this.feed.idRule === 'contiguous' && (endsUs === null || beginsUs >= state.firstUs);
    // A trade of after it has come, and its id said what is missing: a jump is a gap of its own.
    if (isDecided && cause === 'unreadable' && endsUs !== null && state.lastEventUs > endsUs) return;
    const growing = isDecided || endsUs === null ? state.pendingBreak : null;
    const pending = growing ?? (isDecided ? null : this.#lastOf(state, cause, beginsUs, fromUs));
    if (pending) {
      pending.knownToUs = pending.toUs ?? pending.knownToUs;
      pending.fromUs = Math.min(pending.fromUs, beginsUs);
      if (pending.toUs !== null) pending.toUs = endsUs === null ? null : Math.max(pending.toUs, endsUs);
      if (pending.toUs === null) state.pendingBreak = pending;
      this.#book.reopen(pending, null, frame);
      return;
    }
    // Named after what coverage says: the clock's lead, as far as it is known by now, may be another when a crash has it told again.
    const gap = this.#book.open(state.no, cause, { us: beginsUs, id: -1, name: freeName(state, fromUs) }, atUs, frame);
    gap.toUs = endsUs;
    if (toUs === null || isDecided) state.pendingBreak = gap;
    else this.#final(state, gap);
  }

  /** A frame of a line hid whose trade it held. The margin: for a trade's own time, by our clock. */
  hidden(lineNo: number, moment: { readonly recvUs: Us; readonly frame: number }): void {
    const fromUs = this.#beginOf(moment.recvUs - MARGIN_US);
    const toUs = moment.recvUs + MARGIN_US + Math.max(0, this.clock.mostLeadUs);
    this.coverage.hidden(lineNo, fromUs, toUs, moment, this);
  }

  /** Whether the next id tells what was lost of a symbol since then (as for broke): one from before is known. */
  idsTell(symbol: string, fromUs: Us): boolean {
    const state = this.bySymbol.get(symbol);
    return state !== undefined && state.lastId >= 0 && this.#beginOf(fromUs) >= state.firstUs;
  }

  /** What was under way when a line broke is older than its last frame, by as much as the venue lagged then. */
  #beginOf(fromUs: Us): Us {
    return fromUs - Math.max(0, -this.clock.leastLeadUs, this.clock.mostLagUs);
  }

  mended(symbol: string, toUs: Us, frame: number): void {
    const state = this.stream(symbol, this.feed.channel);
    const gap = state.pendingBreak;
    if (!gap || gap.toUs !== null) return;
    this.#touch(state);
    gap.toUs = Math.max(toUs + Math.max(0, this.clock.mostLeadUs), gap.fromUs);
    this.#book.changed(gap, frame);
    if (this.feed.idRule !== 'contiguous') {
      state.pendingBreak = null;
      this.#final(state, gap);
    }
  }

  /**
   * A whole frame of a stream, where a connection's first holds the newest trades without a hole: the gap that it reaches over is filled.
   * It is only when the end of the gap is known, for then a connection has carried the stream since.
   */
  filledBySnapshot(state: StreamState, lineNo: number, moment: { readonly recvUs: Us; readonly frame: number }): void {
    const reachUs = state.copies.reachOf(lineNo, moment.frame);
    const gap = state.lastBreak;
    if (reachUs === null || !gap || gap.toUs === null || reachUs >= gap.fromUs || gap.closedUs !== null) return;
    const why = 'the trades that the venue gave at subscribing reach back before it';
    this.#book.fill(gap, 'repaired', why, moment.recvUs, moment.frame);
    this.#touch(state);
  }

  /** Where ids prove nothing, a break of known bounds is a gap that only the venue's history can mend. */
  #final(state: StreamState, gap: OpenGap): void {
    state.lastBreak = gap;
    // No id will ever heal it, so it waits for no grace: untold, it would be forgotten if the store died now.
    gap.state = this.feed.history ? 'open' : 'unrecoverable';
    if (this.feed.history) return;
    gap.evidence = 'the venue gives no history';
  }

  /** Losses that follow each other closely are one gap, and so is a loss that was told before, be it for another reason. */
  #lastOf(state: StreamState, cause: GapCause, fromUs: Us, name: Us): OpenGap | null {
    const last = state.lastBreak;
    if (!last || last.toUs === null) return null;
    if (last.id === gapId(state.no, name)) return last;
    return last.cause === cause && fromUs <= last.toUs && fromUs >= last.fromUs ? last : null;
  }
}

/** Losses may overlap, and one that ids have narrowed keeps the name of its beginning: another that begins there is not to take its place. */
function freeName(state: StreamState, fromUs: Us): Us {
  let name = fromUs;
  const isTaken = (id: string): boolean =>
    state.pendingBreak?.id === id || state.lastBreak?.id === id || state.missing.some(({ gap }) => gap.id === id);
  while (isTaken(gapId(state.no, name))) name += 1;
  return name;
}
