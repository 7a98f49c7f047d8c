// What one batch of journal records amounts to: rows, facts, state and counts, to be committed together.
import type { Us } from '../../../src-shared/base/time.ts';
import type { Instrument, Market, Venue } from '../../../src-shared/market/instrument.ts';
import type { Listing } from '../../../src-shared/market/listing.ts';
import type { TickColumns } from './columns.ts';
import type { GapSettled, OpenGap } from './gap-book.ts';
import type { StreamName, StreamState } from './stream-state.ts';

/** frames = control + data + other + rejected; ticks = stored + duplicates. */
export interface Counts {
  frames: number;
  control: number;
  data: number;
  other: number;
  rejected: number;
  ticks: number;
  stored: number;
  duplicates: number;
  rejectedRows: number;
}

export function noCounts(): Counts {
  return { frames: 0, control: 0, data: 0, other: 0, rejected: 0, ticks: 0, stored: 0, duplicates: 0, rejectedRows: 0 };
}

/** A line that saw a tick whose batch was over. id -1: idText is the id. */
export interface Sighting {
  readonly stream: number;
  readonly id: number;
  readonly idText: string;
  readonly lines: number;
}

/** A row that is stored unless the warehouse has its key already. */
export interface Doubtful {
  readonly row: number;
  readonly state: StreamState;
  readonly id: number;
  readonly idText: string;
  readonly eventUs: Us;
  readonly frame: number;
  /** An id below what was seen, at a later time than all that was seen: when the warehouse does not have it, the venue counts anew. */
  readonly restart: boolean;
  /** Which numbering of the stream's ids it was held against. */
  readonly numbering: number;
}

export interface QuarantinedItem {
  readonly frame: number;
  /** -1: the whole frame. */
  readonly item: number;
  readonly lineNo: number;
  readonly recvUs: Us;
  readonly reason: string;
  readonly bytes: number;
  readonly excerpt: string;
}

export interface CoverageChange {
  readonly name: Omit<StreamName, 'channel'>;
  readonly line: number;
  readonly interval: string;
  readonly fromUs: Us;
  readonly toUs: Us | null;
}

/** A stream's state as of the end of the batch; the counts may still change by what the warehouse knows. */
export interface StateEntry {
  readonly no: number;
  readonly state: StreamState | null;
  stored: number;
  duplicates: number;
  readonly text: string;
}

/** A venue's symbol list, or a page of it. */
export interface InstrumentList {
  readonly venue: Venue;
  readonly market: Market;
  readonly instruments: readonly Instrument[];
  readonly seenUs: Us;
  /** The journal frame that brought it: what a replay brings again is known by it. */
  readonly frame: number;
  /** On the page that ends a list: all its symbols. What it lacks is no longer listed. null: another page, or pages are missing. */
  readonly whole: readonly string[] | null;
  /** When the newest whole list before this one was read; null: there was none. */
  readonly beforeUs: Us | null;
}

export interface NoticePage {
  readonly venue: Venue;
  readonly listings: readonly Listing[];
  readonly seenUs: Us;
}

export interface Outcome {
  readonly columns: TickColumns;
  readonly sightings: Sighting[];
  readonly doubtful: readonly Doubtful[];
  /** The doubtful rows have been looked up. */
  decided: boolean;
  readonly states: readonly StateEntry[];
  readonly newStreams: readonly (StreamName & { readonly no: number })[];
  readonly coverage: readonly CoverageChange[];
  readonly gaps: readonly OpenGap[];
  readonly settled: readonly GapSettled[];
  readonly quarantined: readonly QuarantinedItem[];
  readonly instruments: readonly InstrumentList[];
  readonly notices: readonly NoticePage[];
  readonly counts: Counts;
  readonly ticksByVenue: Readonly<Partial<Record<Venue, number>>>;
  /** Trades per second of streams whose pace decides how long their gaps can be asked for: those with news, and those of the gaps above. */
  readonly paces: ReadonlyMap<number, number>;
  /** What must be remembered between batches beside streams: JSON. */
  readonly carry: string;
  /** Receive times of the first and last record. */
  readonly firstRecvUs: Us;
  readonly lastRecvUs: Us;
  nameOf(stream: number): StreamName;
}
