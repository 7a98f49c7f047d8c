// Reads single fields of the venues' lists, of those parsed natively and of those parsed exactly: what is missing or of another kind is told apart, never thrown.
import { EARLIEST_MS, LATEST_MS } from './cells.ts';
import type { JsonObject } from './exact-json.ts';

/** Own members only: a name that every object inherits is none of the list's. */
export function memberOf(entry: unknown, name: string): unknown {
  return typeof entry === 'object' && entry !== null ? Object.getOwnPropertyDescriptor(entry, name)?.value : undefined;
}

/** Empty: no text of that name. */
export function textIn(entry: unknown, name: string): string {
  const value = memberOf(entry, name);
  return typeof value === 'string' ? value : '';
}

/** µs of a time in ms; null when it is no time that trades can have. */
export function listedUsOf(ms: unknown): number | null {
  if (typeof ms !== 'number' || !Number.isInteger(ms) || ms < EARLIEST_MS || ms >= LATEST_MS) return null;
  return ms * 1000;
}

/** The same as textIn for an exactly parsed entry. */
export function exactTextIn(row: JsonObject, name: string): string {
  const value = row.get(name);
  return typeof value === 'string' ? value : '';
}
