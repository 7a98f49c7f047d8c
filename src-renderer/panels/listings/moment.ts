// A moment as people write it: with a zone of its own, or in the zone that is chosen beside the field.
import { parseIso } from '../../../src-shared/base/time.ts';
import type { Zone } from '../../i18n/preferences.ts';

const OWN_ZONE = /(?:Z|KST|UTC|[+-]\d{2}:?\d{2})\s*$/i;
const TIME_OF_DAY = /\d{1,2}:\d{2}/;

/** Microseconds UTC, or undefined when the text is no date with a time. A zone in the text wins over the chosen one. */
export function parseMoment(text: string, zone: Zone): number | undefined {
  const trimmed = text
    .trim()
    .replace(/\s*UTC$/i, 'Z')
    .replaceAll('/', '-');
  // A day without a time of day is not a moment: it would silently mean midnight.
  if (!TIME_OF_DAY.test(trimmed)) return undefined;
  return parseIso(OWN_ZONE.test(trimmed) ? trimmed : `${trimmed}${zone === 'KST' ? ' KST' : 'Z'}`);
}

/** A coin as it is written in names: trimmed, upper case. */
export function tidyCoin(text: string): string {
  return text.trim().toUpperCase();
}
