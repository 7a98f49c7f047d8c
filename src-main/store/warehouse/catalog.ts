// The catalog: the facts that people act on, in one SQLite file that survives a power cut (WAL, synchronous FULL).
// Promises: every write is a transaction; writing the same facts again changes nothing.
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { openComparisons } from './catalog/comparisons.ts';
import { openCoverage, openGaps } from './catalog/gaps.ts';
import { openHappened } from './catalog/happened.ts';
import { openInstruments } from './catalog/instruments.ts';
import { openLineLog } from './catalog/line-log.ts';
import { openListings } from './catalog/listings.ts';
import { migrate } from './catalog/migrate.ts';
import { openReconciled } from './catalog/reconciled.ts';
import {
  openFacts,
  openJobs,
  openLedger,
  openQuarantine,
  openSealedFiles,
  openSegmentStarts,
} from './catalog/records.ts';
import { openRepairs } from './catalog/repairs.ts';
import { openStreams } from './catalog/streams.ts';

export type { ComparisonRecord, Comparisons } from './catalog/comparisons.ts';
export type {
  CoverageFact,
  Coverages,
  GapEnd,
  GapFact,
  GapFilter,
  Gaps,
  JobChange,
  StoredGap,
} from './catalog/gaps.ts';
export type { InstrumentChange, Instruments, SeenInstrument } from './catalog/instruments.ts';
export type { Listings, PutListing } from './catalog/listings.ts';
export type { Figure, Frontier, Minute, MinuteResult, ReconciledMinutes } from './catalog/reconciled.ts';
export type {
  ExtractRecord,
  Facts,
  Jobs,
  Ledger,
  LedgerEntry,
  Quarantine,
  Quarantined,
  SealedFile,
  SealedFiles,
  SegmentStart,
  SegmentStarts,
} from './catalog/records.ts';
export type { RepairItem, RepairRecord, Repairs } from './catalog/repairs.ts';
export type { Stream, StreamKey, Streams } from './catalog/streams.ts';

export type Catalog = ReturnType<typeof openCatalog>;

export const catalogFile = 'catalog.sqlite';

/** Opens, checks and migrates the catalog of a data folder; throws when the file is damaged or of a newer version. */
export function openCatalog(dataDir: string) {
  const database = new Database(join(dataDir, catalogFile), { timeout: 10_000 });
  try {
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = FULL');
    database.pragma('foreign_keys = ON');
    const found = database.pragma('quick_check(1)', { simple: true });
    if (found !== 'ok') throw new Error(`the catalog is damaged: ${String(found)}`);
    migrate(database);
    const lineLog = openLineLog(database);
    const streams = openStreams(database);
    const instruments = openInstruments(database);
    const others = database.prepare<[], number>('PRAGMA data_version').pluck();
    return {
      streams,
      instruments,
      /** Another text once a stream or an instrument may be another than before; null: what is seen now may still be taken back. */
      listsAsOf: (): string | null =>
        database.inTransaction ? null : `${streams.written()} ${instruments.written()} ${others.get()}`,
      coverage: openCoverage(database),
      gaps: openGaps(database),
      repairs: openRepairs(database),
      reconciled: openReconciled(database),
      comparisons: openComparisons(database),
      listings: openListings(database),
      jobs: openJobs(database),
      quarantine: openQuarantine(database),
      sealed: openSealedFiles(database),
      ledger: openLedger(database),
      facts: openFacts(database),
      lineLog,
      happened: openHappened(database, (limit) => lineLog.latest(limit)),
      segments: openSegmentStarts(database),
      /** Several of the calls above as one durable step. */
      transaction: <T>(work: () => T): T => database.transaction(work)(),
      close: () => database.close(),
    };
  } catch (error) {
    database.close();
    throw error;
  }
}
