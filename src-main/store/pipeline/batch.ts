// What a batch of journal records has gathered so far, and the outcome that it ends in: rows, sightings, lists, what could not be read, counts.
import type { Us } from '../../../src-shared/base/time.ts';
import type { Venue } from '../../../src-shared/market/instrument.ts';
import type { Carry } from './carry.ts';
import { TickColumns } from './columns.ts';
import type { GapBook } from './gap-book.ts';
import {
  type Counts,
  type Doubtful,
  type InstrumentList,
  type NoticePage,
  noCounts,
  type Outcome,
  type Sighting,
} from './outcome.ts';
import { pacesOf } from './pace.ts';
import { QuarantineLog } from './quarantine-log.ts';
import type { Registry } from './registry.ts';
import type { StreamState } from './stream-state.ts';

/** What outlives a batch and is told of in its outcome. */
export interface BatchWorld {
  readonly registry: Registry;
  readonly book: GapBook;
  readonly carry: Carry;
}

export interface BatchEnd {
  /** Tell of young gaps too, for nothing more comes soon. */
  readonly all: boolean;
  /** The state of every stream, not only of those that changed. */
  readonly full: boolean;
}

export class Batch {
  columns = new TickColumns(64);
  counts: Counts = noCounts();
  sightings: Sighting[] = [];
  doubtful: Doubtful[] = [];
  instruments: InstrumentList[] = [];
  notices: NoticePage[] = [];
  /** Receive time of the first record; 0: there was none yet. */
  firstRecvUs: Us = 0;
  readonly quarantined = new QuarantineLog();
  #touched: StreamState[] = [];

  /** The stream changed: its state is part of the outcome. */
  readonly touch = (state: StreamState): void => {
    if (state.touched) return;
    state.touched = true;
    this.#touched.push(state);
  };

  /** Begins a batch that writes into these columns. */
  begin(columns: TickColumns): void {
    columns.clear();
    this.columns = columns;
    this.counts = noCounts();
    this.sightings = [];
    this.doubtful = [];
    this.instruments = [];
    this.notices = [];
    this.firstRecvUs = 0;
    this.#touched = [];
  }

  end({ registry, book, carry }: BatchWorld, { all, full }: BatchEnd): Outcome {
    const { gaps, settled } = book.take(carry.recvUs, all, carry.stopped);
    // Being told changes a gap's state, which the stream's state holds.
    for (const gap of gaps) {
      const state = registry.stream(gap.stream);
      if (state) this.touch(state);
    }
    const paces = pacesOf(this.#touched, gaps, (no) => registry.stream(no));
    if (full) for (const state of registry.streams()) this.touch(state);
    const states = registry.dump(this.#touched, full);
    const ticksByVenue: Partial<Record<Venue, number>> = {};
    for (const market of registry.markets()) {
      const { venue } = market.feed;
      ticksByVenue[venue] = (ticksByVenue[venue] ?? 0) + market.ticks;
      carry.ticks.set(`${venue} ${market.feed.market}`, market.ticks);
      carry.clocks.set(`${venue} ${market.feed.market}`, market.clock.dump());
    }
    return {
      columns: this.columns,
      sightings: this.sightings,
      doubtful: this.doubtful,
      decided: false,
      states,
      ...registry.take(),
      gaps,
      settled,
      quarantined: this.quarantined.take(),
      instruments: this.instruments,
      notices: this.notices,
      counts: this.counts,
      ticksByVenue,
      paces,
      carry: carry.dump(),
      firstRecvUs: this.firstRecvUs,
      lastRecvUs: carry.recvUs,
      nameOf: (stream) => registry.nameOf(stream),
    };
  }
}
