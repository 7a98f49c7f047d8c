// What the verdicts' table says of each stream: of the extract when there is one, else of what the recorder holds.
import type { WindowPicture } from '../../../src-shared/contract/listings.ts';
import type { Verdict } from '../../../src-shared/market/gap.ts';
import type { Venue } from '../../../src-shared/market/instrument.ts';
import type { Manifest } from '../../../src-shared/market/listing.ts';

export interface VerdictRow {
  readonly instrument: string;
  readonly venue: Venue;
  readonly rows: number;
  readonly verdict: Verdict;
  readonly reasons: readonly string[];
  /** First trade at or after t0, to the microsecond; null: none. */
  readonly firstUs: number | null;
}

export function verdictRows(manifest: Manifest | null, picture: WindowPicture | undefined): readonly VerdictRow[] {
  if (manifest)
    return manifest.streams.map((stream) => ({
      ...stream,
      firstUs: manifest.clocks.firstTradeUs[stream.instrument] ?? null,
    }));
  return (picture?.streams ?? []).map((stream) => ({ ...stream, firstUs: stream.firstTradeUs ?? null }));
}
