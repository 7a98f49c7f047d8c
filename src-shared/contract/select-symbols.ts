// Which symbols of a venue's list a rule of the settings selects: the same for what is recorded and for what a form says beforehand.
import type { Instrument } from '../market/instrument.ts';
import type { VenueSettings } from './settings.ts';

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
