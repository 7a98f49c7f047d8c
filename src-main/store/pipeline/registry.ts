// Streams by number and markets by name. Numbers are given out here, one after the other, and never again.

import type { Market, Venue } from '../../../src-shared/market/instrument.ts';
import type { Feed } from '../../feeds/feed.ts';
import type { GapBook } from './gap-book.ts';
import type { KeyBudget } from './keys.ts';
import type { LineName } from './line-events.ts';
import { MarketState } from './market-state.ts';
import type { CoverageChange, StateEntry } from './outcome.ts';
import { Pace } from './pace.ts';
import { dumpStream, type StreamName, StreamState } from './stream-state.ts';

export type NumberedStream = StreamName & { readonly no: number };

export interface RegistrySetup {
  feedOf(venue: Venue, market: Market): Feed | undefined;
  readonly streams: readonly NumberedStream[];
  readonly book: GapBook;
  readonly keys: KeyBudget;
  touch(state: StreamState): void;
}

export class Registry {
  readonly #setup: RegistrySetup;
  readonly #markets = new Map<string, MarketState>();
  readonly #byNo = new Map<number, StreamState>();
  readonly #changes: CoverageChange[] = [];
  #fresh: NumberedStream[] = [];
  #nextNo = 1;

  constructor(setup: RegistrySetup) {
    this.#setup = setup;
    for (const stream of setup.streams) {
      this.#nextNo = Math.max(this.#nextNo, stream.no + 1);
      const market = this.market(stream.venue, stream.market);
      if (market) this.#adopt(market, stream);
    }
  }

  markets(): Iterable<MarketState> {
    return this.#markets.values();
  }

  streams(): Iterable<StreamState> {
    return this.#byNo.values();
  }

  stream(no: number): StreamState | undefined {
    return this.#byNo.get(no);
  }

  nameOf(no: number): StreamName {
    const state = this.#byNo.get(no);
    if (!state) throw new Error(`stream ${no} is not known`);
    return state.name;
  }

  ofLine(line: LineName): MarketState | null {
    return line.market === null ? null : this.market(line.venue as Venue, line.market as Market);
  }

  /** null: no feed of this name. */
  market(venue: Venue, market: Market): MarketState | null {
    const name = `${venue} ${market}`;
    let found = this.#markets.get(name);
    if (!found) {
      const feed = this.#setup.feedOf(venue, market);
      if (!feed) return null;
      found = new MarketState(feed, {
        create: (owner, symbol, channel) => this.#create(owner, symbol, channel),
        touch: (state) => this.#setup.touch(state),
        book: this.#setup.book,
        changes: this.#changes,
      });
      this.#markets.set(name, found);
    }
    return found;
  }

  /** The state of these streams, whose batch is over, and of coverage that changed (full: all of it). */
  dump(touched: readonly StreamState[], full: boolean): StateEntry[] {
    const states: StateEntry[] = [];
    for (const state of touched) {
      states.push({ no: state.no, state, stored: state.stored, duplicates: state.duplicates, text: dumpStream(state) });
      state.endBatch();
    }
    for (const { stateNo, coverage, feed } of this.#markets.values()) {
      if (stateNo === 0 || !(coverage.dirty || full)) continue;
      const text = `${feed.venue} ${feed.market}\n${coverage.dump()}`;
      states.push({ no: stateNo, state: null, stored: 0, duplicates: 0, text });
    }
    return states;
  }

  /** Streams that were numbered, and coverage that changed, since the last call. */
  take(): { newStreams: NumberedStream[]; coverage: CoverageChange[] } {
    const newStreams = this.#fresh;
    this.#fresh = [];
    return { newStreams, coverage: this.#changes.splice(0) };
  }

  #create(market: MarketState, symbol: string, channel: string): StreamState {
    const { venue, market: name } = market.feed;
    const stream = { no: this.#nextNo, venue, market: name, symbol, channel };
    this.#nextNo += 1;
    this.#fresh.push(stream);
    return this.#adopt(market, stream);
  }

  #adopt(market: MarketState, stream: NumberedStream): StreamState {
    // Ids are promised to run +1 only on the channel that the feed asks for; on others they are keys. A venue without ids has none anywhere.
    const { channel, idRule } = market.feed;
    const rule = stream.channel === channel || idRule === 'multiset' ? idRule : 'unique';
    const state = new StreamState(stream.no, stream, rule, this.#setup.keys);
    if (market.feed.history?.reachTrades !== undefined) state.pace = new Pace();
    this.#byNo.set(state.no, state);
    market.adopt(state);
    return state;
  }
}
