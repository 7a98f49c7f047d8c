// Settings and symbol lists to what each line carries. Pure: the same settings and lists give the same plan, and symbols
// that are planned already keep their place when more come.
import type { Settings, VenueSettings } from '../../src-shared/contract/settings.ts';
import type { Instrument, Market, Venue } from '../../src-shared/market/instrument.ts';
import { venues } from '../../src-shared/market/instrument.ts';
import type { Feed } from '../feeds/feed.ts';

export interface MarketPlan {
  readonly venue: Venue;
  readonly market: Market;
  readonly feed: Feed;
  readonly symbols: VenueSettings['symbols'];
  readonly lines: 1 | 2;
  readonly endpoints: { readonly ws: string; readonly rest: string };
}

/** The markets that the settings ask for. unknown: those that no feed exists for. */
export function planMarkets(
  settings: Settings,
  feedOf: (venue: Venue, market: Market) => Feed | undefined,
): { markets: MarketPlan[]; unknown: string[] } {
  const markets: MarketPlan[] = [];
  const unknown: string[] = [];
  for (const venue of venues) {
    const wanted = settings.venues[venue];
    if (!wanted?.enabled) continue;
    for (const market of new Set(wanted.markets)) {
      const feed = feedOf(venue, market);
      if (!feed) {
        unknown.push(`${venue}:${market}`);
        continue;
      }
      const own = wanted.endpoints[market];
      const endpoints = { ws: own?.ws ?? feed.defaults.ws, rest: own?.rest ?? feed.defaults.rest };
      markets.push({ venue, market, feed, symbols: wanted.symbols, lines: wanted.lines, endpoints });
    }
  }
  return { markets, unknown };
}

/** The symbols that a rule selects; list null: not known yet, so only symbols that are named count. */
export function selectSymbols(rule: VenueSettings['symbols'], list: readonly Instrument[] | null): string[] {
  if (Array.isArray(rule)) return [...new Set(rule)];
  const open = (list ?? []).filter((instrument) => instrument.state !== 'ended');
  if (rule === 'all') return open.map(({ symbol }) => symbol);
  const upper = (names: readonly string[]): Set<string> => new Set(names.map((name) => name.toUpperCase()));
  const byQuote = 'quote' in rule;
  const wanted = upper(byQuote ? rule.quote : rule.coin);
  return open
    .filter(({ base, quote }) => wanted.has((byQuote ? quote : base).toUpperCase()))
    .map(({ symbol }) => symbol);
}

/** Adds symbols to connection slots: each stays where it is, new ones fill the room that is left, then new slots. Symbols that are no longer wanted leave. */
export function fillSlots(
  slots: readonly (readonly string[])[],
  wanted: readonly string[],
  perSlot: number,
): readonly (readonly string[])[] {
  const want = new Set(wanted);
  const have = new Set(slots.flat());
  const filled = slots.map((slot) =>
    slot.every((symbol) => want.has(symbol)) ? slot : slot.filter((s) => want.has(s)),
  );
  const fresh = [...want].filter((symbol) => !have.has(symbol));
  for (let at = 0, index = 0; at < fresh.length; index += 1) {
    const slot = filled[index] ?? [];
    const room = perSlot - slot.length;
    if (room <= 0) continue;
    filled[index] = [...slot, ...fresh.slice(at, at + room)];
    at += room;
  }
  return filled;
}
