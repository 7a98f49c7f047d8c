// Times are integer microseconds since 1970-01-01 UTC, safe in a JS number until the year 2255.

/** Microseconds since the epoch, UTC. */
export type Us = number;

/** A half-open interval of event time: fromUs <= t < toUs. */
export interface Window {
  readonly fromUs: Us;
  readonly toUs: Us;
}

export const SECOND_US = 1_000_000;
export const MINUTE_US = 60 * SECOND_US;
export const HOUR_US = 3600 * SECOND_US;
export const DAY_US = 24 * HOUR_US;

const ISO =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?\s*(Z|KST|[+-]\d{2}:?\d{2})?$/i;

/** Parses ISO 8601 with up to microsecond fractions; no zone means UTC, "KST" means +09:00. Undefined when it is not a real date. */
export function parseIso(text: string): Us | undefined {
  const found = ISO.exec(text.trim());
  if (!found) return undefined;
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', zone = 'Z'] = found;
  const ms = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
  const back = new Date(ms);
  if (back.getUTCMonth() !== Number(month) - 1 || back.getUTCDate() !== Number(day)) return undefined;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  const offset = offsetMinutes(zone);
  if (offset === undefined) return undefined;
  return (ms - offset * 60_000) * 1000 + Number(fraction.padEnd(6, '0').slice(0, 6));
}

function offsetMinutes(zone: string): number | undefined {
  const upper = zone.toUpperCase();
  if (upper === 'Z') return 0;
  if (upper === 'KST') return 540;
  const hours = Number(upper.slice(1, 3));
  const minutes = Number(upper.slice(-2));
  if (hours > 14 || minutes > 59) return undefined;
  return (upper[0] === '-' ? -1 : 1) * (hours * 60 + minutes);
}

/** ISO 8601 in UTC with six fraction digits, e.g. 2026-11-20T09:00:00.000000Z. */
export function formatIso(us: Us): string {
  const ms = Math.floor(us / 1000);
  const rest = us - ms * 1000;
  return `${new Date(ms).toISOString().slice(0, -1)}${String(rest).padStart(3, '0')}Z`;
}

/** A time that is safe in a file name on every system, whole seconds UTC: 20261120T090000Z. */
export function formatFileTime(us: Us): string {
  return `${new Date(Math.floor(us / 1000)).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
}

/** The start of the UTC hour that holds this time. */
export function hourOf(us: Us): Us {
  return Math.floor(us / HOUR_US) * HOUR_US;
}

export function overlaps(a: Window, b: Window): boolean {
  return a.fromUs < b.toUs && b.fromUs < a.toUs;
}
