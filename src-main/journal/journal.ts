// What the journal's writer takes and gives; writer.ts is the one that does it.
import type { Failure, Result } from '../../src-shared/base/result.ts';
import type { Origin, RecordKind } from '../../src-shared/market/frame.ts';
import type { Log } from '../base/log.ts';
import type { ControlRecord, JournalLine } from './control.ts';
import type { Recovery } from './recover.ts';

export interface JournalOptions {
  /** A segment is left when it has grown over this (default 64 MB) ... */
  readonly segmentBytes?: number;
  /** ... or is older than this (default 10 min). */
  readonly segmentMs?: number;
  /** Longest wait from a record's arrival to the start of its sync (default 5 ms). */
  readonly syncMs?: number;
  /** Most bytes of records held that are not yet synced (default 64 MB). */
  readonly memoryBytes?: number;
  readonly log?: Log;
  /** Wall clock of control records, whole µs; give the one that receive times are taken from. */
  readonly nowUs?: () => number;
  /** Written into the `start` record (default "collector"). */
  readonly process?: string;
}

export interface JournalStats {
  readonly headFrame: number;
  readonly durableFrame: number;
  /** Record bytes synced over the life of the data folder. */
  readonly bytes: number;
  readonly bufferedBytes: number;
  readonly bufferLimitBytes: number;
  /** Records refused because the memory was full, since the process began. */
  readonly refused: number;
  /** Receive to durable over the last seconds, ms. */
  readonly delayMs: { readonly p50: number; readonly p99: number; readonly max: number };
  /** What keeps records from being written, while it does. */
  readonly trouble: Failure | null;
  readonly writes: number;
  readonly syncs: number;
}

export interface JournalWriter {
  /** Frame number of the record, or -1: it cannot be held (memory full, payload over 48 MB); the caller counts and reports it. */
  append(lineNo: number, kind: RecordKind, origin: Origin, recvUs: number, monoUs: number, payload: Uint8Array): number;
  /** Appends what the recorder says of itself; a reserve above the memory bound is kept for these. recvUs: wall clock, default now. */
  control(lineNo: number, record: ControlRecord, recvUs?: number): number;
  /** Counts a record as refused that was not even offered, because its line has yet to say what it lost before. */
  refuse(): void;
  /** The number of a line, the same for the life of the data folder. */
  line(key: Omit<JournalLine, 'no'>): number;
  /** Every line that ever had a number in this data folder. */
  readonly lines: readonly JournalLine[];
  /** Resolves when all that was appended before the call is synced; fails while the disk does not take it. */
  flush(): Promise<Result<void>>;
  stats(): JournalStats;
  /** At least a tenth of the memory for records is free: a loss is over. */
  readonly hasRoom: boolean;
  /** More than half of the reserve for control records is taken: soon not even those can be held, and what they say would be lost unsaid. */
  readonly isStrained: boolean;
  /** Called with a failure when records cannot be written, and with null when they can again. */
  onTrouble(listener: (failure: Failure | null) => void): void;
  /** Syncs, marks the journal as closed on purpose, gives the lock back. */
  close(): Promise<void>;
  readonly recovery: Recovery;
}
