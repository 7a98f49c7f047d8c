// Days of the reader's zone: where they begin, what they are called, and what the address says is open.
import { DAY_US, parseIso, type Us } from '../../../src-shared/base/time.ts';
import { type Market, marketSchema, type Venue, venueSchema } from '../../../src-shared/market/instrument.ts';
import type { Zone } from '../../i18n/preferences.ts';

const KST_US = 9 * 3_600_000_000;

export const zoneOffsetUs = (zone: Zone): number => (zone === 'KST' ? KST_US : 0);
export const zoneOffsetMinutes = (zone: Zone): number => zoneOffsetUs(zone) / 60_000_000;

/** Begin of the zone's day that holds this time, µs UTC. */
export function dayOf(us: Us, zone: Zone): Us {
  const offset = zoneOffsetUs(zone);
  return Math.floor((us + offset) / DAY_US) * DAY_US - offset;
}

/** "2026-11-21", the zone's date at this time. */
export function dayName(us: Us, zone: Zone): string {
  return new Date((us + zoneOffsetUs(zone)) / 1000).toISOString().slice(0, 10);
}

/** The begin of the day with this name; undefined when it is no date. */
export function dayNamed(name: string, zone: Zone): Us | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(name)) return undefined;
  const midnight = parseIso(name);
  return midnight === undefined ? undefined : midnight - zoneOffsetUs(zone);
}

/** The name in another zone of the day that is looked at: today stays today, whatever its date there; any other day keeps its date. */
export function dayInZone(name: string, before: Zone, after: Zone, nowUs: Us): string {
  return name === dayName(nowUs, before) ? dayName(nowUs, after) : name;
}

export interface StreamKey {
  readonly venue: Venue;
  readonly market: Market;
  readonly symbol: string;
}

/** What is open: a day by its name, the venue that its list is narrowed to, and an instrument. */
export interface OpenItem {
  readonly day: string;
  readonly venue: Venue | null;
  readonly stream: StreamKey | null;
}

/** "2026-11-21", "2026-11-21/upbit", "2026-11-21/upbit/binance:spot:BTCUSDT" and back; the venue may be "all". */
export function formatItem(item: OpenItem): string {
  const { day, venue, stream } = item;
  if (stream) return `${day}/${venue ?? 'all'}/${stream.venue}:${stream.market}:${stream.symbol}`;
  return venue ? `${day}/${venue}` : day;
}

export function parseItem(text: string | null): OpenItem | null {
  if (text === null) return null;
  const [day = '', venue = 'all', ...rest] = text.split('/');
  if (dayNamed(day, 'UTC') === undefined) return null;
  const narrowed = venueSchema.safeParse(venue);
  return { day, venue: narrowed.success ? narrowed.data : null, stream: parseStream(rest.join('/')) };
}

function parseStream(text: string): StreamKey | null {
  const [venue, market, ...symbol] = text.split(':');
  const known = venueSchema.safeParse(venue);
  const place = marketSchema.safeParse(market);
  const name = symbol.join(':');
  return known.success && place.success && name !== '' ? { venue: known.data, market: place.data, symbol: name } : null;
}

export function sameStream(a: StreamKey, b: StreamKey): boolean {
  return a.venue === b.venue && a.market === b.market && a.symbol === b.symbol;
}

const TIME = /^(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,6}))?)?$/;
const OWN_ZONE = /(?:Z|KST|UTC|[+-]\d{2}:?\d{2})\s*$/i;

/** A time as people write it: a time of day is on the open day, a zone of its own wins. Undefined when it is no time. */
export function parseSeek(text: string, day: string, zone: Zone): Us | undefined {
  const trimmed = text
    .trim()
    .replace(/\s*UTC$/i, 'Z')
    .replaceAll('/', '-');
  const named = zone === 'KST' ? ' KST' : 'Z';
  if (TIME.test(trimmed))
    return parseIso(`${day} ${trimmed.padStart(trimmed.indexOf(':') === 1 ? trimmed.length + 1 : 0, '0')}${named}`);
  if (!/\d{1,2}:\d{2}/.test(trimmed)) return undefined;
  return parseIso(OWN_ZONE.test(trimmed) ? trimmed : `${trimmed}${named}`);
}
