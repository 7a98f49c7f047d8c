// Settings and symbol lists to what each line carries. Pure: the same settings and lists give the same plan, and symbols
// that are planned already keep their place when more come.
export { selectSymbols } from '../../src-shared/contract/select-symbols.ts';

import type { Settings, VenueSettings } from '../../src-shared/contract/settings.ts';
import type { Market, Venue } from '../../src-shared/market/instrument.ts';
import { venues } from '../../src-shared/market/instrument.ts';
import type { Feed } from '../feeds/feed.ts';

export interface MarketPlan {
  readonly venue: Venue;
  readonly market: Market;
  readonly feed: Feed;
  readonly symbols: VenueSettings['symbols'];
  readonly lines: 1 | 2;
  readonly endpoints: { readonly ws: string; readonly rest: string };
  /** Source address of each line; absent or empty: the system's choice. */
  readonly addresses?: readonly string[];
  /** Connections that each of its lines may have; absent: as many as its symbols need. */
  readonly connections?: number;
}

/** The source address of a line of this market; null: the system's choice. */
export function addressOf({ addresses = [] }: Pick<MarketPlan, 'addresses'>, line: number): string | null {
  return addresses[line] ?? addresses[0] ?? null;
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
      const { symbols, lines, addresses } = wanted;
      markets.push({ venue, market, feed, symbols, lines, endpoints, addresses });
    }
  }
  return { markets: venues.flatMap((venue) => withinAddresses(markets.filter((one) => one.venue === venue))), unknown };
}

/** Connections that a venue allows one client address; null: more than any plan needs. */
function allowedPerAddress(markets: readonly MarketPlan[]): number | null {
  const allowed = Math.min(...markets.map(({ feed }) => feed.limits.connectionsPerAddress ?? Number.POSITIVE_INFINITY));
  return Number.isFinite(allowed) ? allowed : null;
}

/** Shares what a venue allows an address between its markets and lines; one connection is kept free for renewals. */
function withinAddresses(markets: readonly MarketPlan[]): readonly MarketPlan[] {
  const allowed = allowedPerAddress(markets);
  const [first] = markets;
  if (allowed === null || !first) return markets;
  const linesOnOne = addressOf(first, 0) === addressOf(first, 1) ? first.lines : 1;
  const needs = markets.map(({ symbols, feed }) =>
    Array.isArray(symbols)
      ? Math.ceil(new Set(symbols).size / feed.limits.streamsPerConnection)
      : Number.POSITIVE_INFINITY,
  );
  const shares = share(Math.floor((allowed - 1) / linesOnOne), needs);
  return markets.map((market, index) => ({ ...market, connections: shares[index] ?? 0 }));
}

/** Each gets what it needs as far as it goes round; who needs less leaves the rest to the others, what cannot be halved goes to the first. */
function share(total: number, needs: readonly number[]): number[] {
  const shares = needs.map(() => 0);
  for (let left = total; left > 0; left -= 1) {
    const fewest = Math.min(...shares.filter((has, index) => has < (needs[index] ?? 0)));
    const next = shares.findIndex((has, index) => has === fewest && has < (needs[index] ?? 0));
    if (next < 0) break;
    shares[next] = fewest + 1;
  }
  return shares;
}

/** Connections that renewals may add, by venue and source address, where the venue counts them; see spareKey. */
export function spareConnections(markets: readonly MarketPlan[]): Map<string, number> {
  const spare = new Map<string, number>();
  for (const venue of venues) {
    const own = markets.filter((market) => market.venue === venue);
    const allowed = allowedPerAddress(own);
    if (allowed === null) continue;
    for (const market of own) {
      for (let line = 0; line < market.lines; line += 1) {
        const key = spareKey(market, line);
        spare.set(key, (spare.get(key) ?? allowed) - (market.connections ?? 0));
      }
    }
  }
  return spare;
}

export function spareKey(market: Pick<MarketPlan, 'venue' | 'addresses'>, line: number): string {
  return `${market.venue} ${addressOf(market, line) ?? ''}`;
}

/** True when a market that runs by one of them need not be touched for the other. */
function samePlan(a: MarketPlan, b: MarketPlan): boolean {
  const shown = ({ venue, market, symbols, lines, endpoints: { ws, rest }, addresses = [], connections }: MarketPlan) =>
    JSON.stringify([venue, market, symbols, lines, ws, rest, addresses, connections]);
  return shown(a) === shown(b);
}

/** The running plans that a new list of plans leaves as they are. Markets that share the connections of a venue change together. */
export function untouched(running: readonly MarketPlan[], wanted: readonly MarketPlan[]): MarketPlan[] {
  return venues.flatMap((venue) => {
    const [old, next] = [running, wanted].map((plans) => plans.filter((plan) => plan.venue === venue));
    if (!old || !next) return [];
    const same = old.filter((plan) => next.some((one) => samePlan(plan, one)));
    const shared = [...old, ...next].some((plan) => plan.connections !== undefined);
    return shared && (same.length < old.length || same.length < next.length) ? [] : same;
  });
}

export interface SlotLimits {
  readonly streamsPerConnection: number;
  readonly argumentChars?: { readonly most: number; of(symbol: string): number };
  /** Connections that there may be; absent: as many as it takes. */
  readonly connections?: number;
}

/**
 * Adds symbols to connection slots: each stays where it is, new ones fill the room that is left, then new slots. Symbols that are no longer
 * wanted leave. What does not fit into the connections that there may be is left out.
 */
export function fillSlots(
  slots: readonly (readonly string[])[],
  wanted: readonly string[],
  limits: SlotLimits,
): readonly (readonly string[])[] {
  const { streamsPerConnection, argumentChars, connections = Number.POSITIVE_INFINITY } = limits;
  const want = new Set(wanted);
  const have = new Set(slots.flat());
  const filled = slots.map((slot) =>
    slot.every((symbol) => want.has(symbol)) ? slot : slot.filter((s) => want.has(s)),
  );
  const charsOf = (symbol: string): number => argumentChars?.of(symbol) ?? 0;
  const most = argumentChars?.most ?? Number.POSITIVE_INFINITY;
  const room = filled.map((slot) => ({
    streams: streamsPerConnection - slot.length,
    chars: most - slot.reduce((sum, symbol) => sum + charsOf(symbol), 0),
  }));
  const added: string[][] = filled.map(() => []);
  let first = 0;
  for (const symbol of want) {
    if (have.has(symbol)) continue;
    const chars = charsOf(symbol);
    while ((room[first]?.streams ?? 1) <= 0) first += 1;
    let index = first;
    for (let at = room[index]; at && (at.streams <= 0 || at.chars < chars); at = room[index]) index += 1;
    if (index >= connections) continue;
    const at = room[index] ?? { streams: streamsPerConnection, chars: most };
    at.streams -= 1;
    at.chars -= chars;
    room[index] = at;
    const fresh = added[index] ?? [];
    fresh.push(symbol);
    added[index] = fresh;
  }
  return added.map((fresh, index) => {
    const slot = filled[index] ?? [];
    return fresh.length === 0 ? slot : [...slot, ...fresh];
  });
}
