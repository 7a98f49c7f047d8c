// What the store says of itself, four times a second.
import type { Us } from '../../src-shared/base/time.ts';
import type { StoreMeter } from '../../src-shared/contract/archive.ts';
import type { Venue } from '../../src-shared/market/instrument.ts';
import { rssBytes } from '../base/resident.ts';
import type { JournalReader } from '../journal/reader.ts';
import type { Delay, Intake } from './intake.ts';
import type { MarketState } from './pipeline/market-state.ts';
import type { Warehouse } from './warehouse/warehouse.ts';

/** Rates are over about this long. */
const RATE_MS = 1000;

interface Look {
  readonly atMs: number;
  readonly ticks: number;
  readonly stored: number;
  readonly byVenue: Readonly<Partial<Record<Venue, number>>>;
  readonly storedByVenue: ReadonlyMap<string, number>;
}

export function openMeter(parts: {
  readonly warehouse: Warehouse;
  readonly intake: Intake;
  readonly reader: JournalReader;
  markets(): Iterable<MarketState>;
  disk(): StoreMeter['disk'];
  /** How far the venues' clocks are ahead of ours, one figure a market, µs. */
  clockLeadsUs(): readonly Us[];
  nowUs(): Us;
}): () => StoreMeter {
  const { warehouse, intake, reader } = parts;
  let looks: Look[] = [];
  let gaps: StoreMeter['gaps'] | null = null;
  let quarantined = 0;
  let rejected = -1;
  warehouse.on('gaps', () => {
    gaps = null;
  });

  const countGaps = (): StoreMeter['gaps'] => {
    const { 'venue-hole': venueHole, ...counts } = warehouse.catalog.gaps.counts();
    return { ...counts, venueHole };
  };

  return () => {
    const atMs = performance.now();
    const nowUs = parts.nowUs();
    const { committed, oldestWaitingUs, ticksByVenue, delaysMs, storingMs, trouble } = intake.status;
    const { totals } = committed;
    const frame = committed.position?.frame ?? 0;
    const lagFrames = Math.max(0, (reader.durable()?.frame ?? frame) - frame);
    gaps ??= countGaps();
    const refused = totals.rejected + totals.rejectedRows;
    if (refused !== rejected) {
      rejected = refused;
      quarantined = warehouse.catalog.quarantine.count();
    }
    const storedByVenue = storedOf(parts.markets());
    looks = [
      ...looks.filter((look) => atMs - look.atMs <= RATE_MS),
      { atMs, ticks: totals.ticks, stored: totals.stored, byVenue: ticksByVenue, storedByVenue },
    ];
    const first = looks[0];
    const seconds = first ? (atMs - first.atMs) / 1000 : 0;
    const rate = (now: number, before: number): number =>
      seconds > 0 ? Math.max(0, Math.round((now - before) / seconds)) : 0;
    const arrivals = arrivalsOf(parts.markets(), atMs);
    const waitingUs = oldestWaitingUs ?? (committed.recvUs || nowUs);
    return {
      atUs: nowUs,
      frame,
      lagFrames,
      lagMs: lagFrames > 0 ? Math.max(0, (nowUs - waitingUs) / 1000) : 0,
      queryableDelayMs: summary(delaysMs),
      storingDelayMs: summary(storingMs),
      totals,
      tradesPerSecond: rate(totals.stored, first?.stored ?? totals.stored),
      ticksPerSecond: rate(totals.ticks, first?.ticks ?? totals.ticks),
      venues: Object.entries(ticksByVenue).map(([venue, ticks]) => {
        const trades = storedByVenue.get(venue) ?? 0;
        return {
          venue: venue as Venue,
          tradesPerSecond: rate(trades, first?.storedByVenue.get(venue) ?? trades),
          trades,
          ticksPerSecond: rate(ticks, first?.byVenue[venue as Venue] ?? ticks),
          ticks,
          arrivalMs: arrivals.get(venue) ?? null,
        };
      }),
      gaps,
      disk: parts.disk(),
      quarantined,
      clockOffsetMs: middle(parts.clockLeadsUs().map((us) => -us / 1000)),
      rssBytes: rssBytes(),
      notes: trouble === null ? [...warehouse.notes] : [...warehouse.notes, `commits are refused: ${trouble}`],
    };
  };
}

function summary(delays: readonly Delay[]): { p50: number; p99: number } {
  const sorted = delays
    .flatMap(({ newest, oldest }) => [newest, (newest + oldest) / 2, oldest])
    .toSorted((a, b) => a - b);
  return { p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99) };
}

/** Trades that every stream of a venue has stored, each once. */
function storedOf(markets: Iterable<MarketState>): Map<string, number> {
  const found = new Map<string, number>();
  for (const market of markets) {
    let stored = found.get(market.feed.venue) ?? 0;
    for (const stream of market.streams()) stored += stream.stored;
    found.set(market.feed.venue, stored);
  }
  return found;
}

/** Of the markets of a venue the one that is later, for that is the one to look at. */
function arrivalsOf(markets: Iterable<MarketState>, nowMs: number): Map<string, { p50: number; p99: number }> {
  const found = new Map<string, { p50: number; p99: number }>();
  for (const market of markets) {
    const own = market.arrival.summary(nowMs);
    const known = found.get(market.feed.venue);
    if (own && (!known || own.p99 > known.p99)) found.set(market.feed.venue, own);
  }
  return found;
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

function middle(values: readonly number[]): number | null {
  return values.length === 0
    ? null
    : quantile(
        values.toSorted((a, b) => a - b),
        0.5,
      );
}
