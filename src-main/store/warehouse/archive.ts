// The warehouse as one thing to read: hot tables, sealed files and catalog, on connections of their own beside the intake's.
import { join } from 'node:path';
import type { Us } from '../../../src-shared/base/time.ts';
import type { Duck } from '../../base/duck.ts';
import type { Catalog, SeenInstrument, Stream } from './catalog.ts';
import type { Halfway } from './halfway.ts';
import type { Lock } from './lock.ts';
import type { Archive } from './queries.ts';
import { contractSizeOf, type StreamKey, type StreamRow } from './rows-sql.ts';
import type { Sealing } from './seal.ts';

export interface OpenArchive extends Archive {
  readonly dataDir: string;
  readonly duck: Duck;
  readonly catalog: Catalog;
  readonly halfway: Halfway;
  streams(): readonly Stream[];
  instrument(venue: string, market: string, symbol: string): SeenInstrument | undefined;
  /** Until when what happened has come on a journal line; null: not known here, and a line that is open counts as alive. */
  heardUs(lineNo: number): Us | null;
  /** Everything that sealing needs; step and rowsPerFile are for tests. */
  readonly sealing: Sealing;
}

/** The parts of the open warehouse that reading and sealing use. */
export interface ArchiveParts {
  readonly dataDir: string;
  readonly duck: Duck;
  readonly catalog: Catalog;
  readonly lock: Lock;
  readonly halfway: Halfway;
}

export function openArchive(
  { dataDir, duck, catalog, lock, halfway }: ArchiveParts,
  nowUs: () => Us,
  heardUs: (lineNo: number) => Us | null = () => null,
): OpenArchive {
  let epoch = 0;
  let asOf: string | null = null;
  let streams: readonly Stream[] = [];
  let instruments: ReadonlyMap<string, SeenInstrument> = new Map();
  let sizedUs: ReadonlyMap<string, Us> = new Map();
  const refresh = (): void => {
    // They change a few times a day: thousands of rows are read again only then.
    const now = catalog.listsAsOf();
    if (now !== null && now === asOf) return;
    streams = catalog.streams.all();
    instruments = new Map(catalog.instruments.list().map((one) => [`${one.venue}:${one.market}:${one.symbol}`, one]));
    sizedUs = new Map(
      catalog.instruments.resized().map((one) => [`${one.venue}:${one.market}:${one.symbol}`, one.seenUs]),
    );
    asOf = now;
  };
  const instrument = (venue: string, market: string, symbol: string): SeenInstrument | undefined => {
    refresh();
    return instruments.get(`${venue}:${market}:${symbol}`);
  };
  const streamRow = (stream: StreamKey): StreamRow => {
    const { venue, market, symbol } = stream;
    const contractSize = contractSizeOf(market, instrument(venue, market, symbol));
    return { ...stream, contractSize, sizedUs: sizedUs.get(`${venue}:${market}:${symbol}`) ?? 0 };
  };
  return {
    dataDir,
    duck,
    catalog,
    halfway,
    heardUs,
    rows: (sql) => duck.with((connection) => connection.rows(sql)),
    streams: () => {
      refresh();
      return streams;
    },
    instrument,
    streamRow,
    sealed: (window) =>
      catalog.sealed
        .live(window.fromUs, window.toUs)
        .filter((file) => file.fromUs < window.toUs && file.toUs >= window.fromUs)
        .map((file) => ({ ...file, path: join(dataDir, file.path) })),
    epoch: () => epoch,
    sealing: {
      dataDir,
      duck,
      catalog,
      lock,
      nowUs,
      // Read anew: a stream that is missing here would hold its hour back.
      streams: () => catalog.streams.all().map(streamRow),
      moved: () => {
        epoch += 1;
      },
    },
  };
}
