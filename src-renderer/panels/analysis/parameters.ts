// Parameters of a query: which ones its SQL names, and what the texts of the form mean as values.
import { DAY_US, HOUR_US, MINUTE_US, parseIso, SECOND_US } from '../../../src-shared/base/time.ts';
import type { AnalysisParameter } from '../../../src-shared/contract/analysis.ts';
import type { Zone } from '../../i18n/preferences.ts';

export type ParameterType = AnalysisParameter['type'];
export type ParameterValue = string | number;

/** Strings, quoted names and comments: a $ in them is none of ours. */
const UNREAD = /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\/|\$\$[\s\S]*?\$\$/g;

/** Names that stand as $name in the SQL, in order of their first place. */
export function namedIn(sql: string): string[] {
  const names = sql.replaceAll(UNREAD, ' ').matchAll(/\$([A-Za-z_][A-Za-z0-9_]{0,62})/g);
  return [...new Set([...names].map((found) => found[1] ?? ''))];
}

/** The parameters that the form shows: those that the SQL names, described where the analysis describes them. */
export function formOf(sql: string, described: readonly AnalysisParameter[]): AnalysisParameter[] {
  return namedIn(sql).map(
    (name) =>
      described.find((parameter) => parameter.name === name) ?? {
        name,
        type: 'text',
        label: { en: name, ko: name },
        initial: '',
      },
  );
}

const UNITS: Readonly<Record<string, number>> = { s: SECOND_US, m: MINUTE_US, h: HOUR_US, d: DAY_US };
const LENGTH = /^(\d+(?:\.\d+)?)\s*(s|m|h|d)?$/i;

/** Seconds: "20", "20s", "5m", "1h". Undefined when it is none. */
export function parseInterval(text: string): number | undefined {
  const found = LENGTH.exec(text.trim());
  if (!found) return undefined;
  return (Number(found[1]) * (UNITS[(found[2] ?? 's').toLowerCase()] ?? SECOND_US)) / SECOND_US;
}

/** µs UTC: a date and time (a zone of its own wins), "now", "now-1h", or microseconds as they are. */
export function parseTime(text: string, zone: Zone, nowUs: number): number | undefined {
  const trimmed = text.trim();
  if (/^\d{15,16}$/.test(trimmed)) return Number(trimmed);
  const relative = /^now\s*(?:([+-])\s*(.+))?$/i.exec(trimmed);
  if (relative) {
    const [, sign, length] = relative;
    if (length === undefined) return nowUs;
    const seconds = parseInterval(length);
    return seconds === undefined ? undefined : nowUs + (sign === '-' ? -1 : 1) * seconds * SECOND_US;
  }
  const iso = trimmed.replace(/\s*UTC$/i, 'Z').replaceAll('/', '-');
  const ownZone = /(?:Z|KST|[+-]\d{2}:?\d{2})$/i.test(iso) && /\d{1,2}:\d{2}|Z$|KST$/i.test(iso);
  return parseIso(ownZone ? iso : `${iso}${zone === 'KST' ? ' KST' : 'Z'}`);
}

export type Trouble = { readonly kind: 'badNumber' | 'longNumber' | 'badTime' | 'badInterval'; readonly name: string };

/** The values to bind, or the first text that is none. */
export function valuesOf(
  form: readonly AnalysisParameter[],
  texts: Readonly<Record<string, string>>,
  zone: Zone,
  nowUs: number,
): { readonly values: Record<string, ParameterValue> } | { readonly trouble: Trouble } {
  const values: Record<string, ParameterValue> = {};
  for (const { name, type, initial } of form) {
    const text = texts[name] ?? initial;
    if (type === 'number') {
      const value = Number(text);
      if (text.trim() === '' || !Number.isFinite(value)) return { trouble: { kind: 'badNumber', name } };
      // An id that became its neighbour would find another trade; who writes an exponent means a size, not digits.
      if (Number.isInteger(value) && !Number.isSafeInteger(value) && !/e/i.test(text))
        return { trouble: { kind: 'longNumber', name } };
      values[name] = value;
    } else if (type === 'time') {
      const us = parseTime(text, zone, nowUs);
      if (us === undefined) return { trouble: { kind: 'badTime', name } };
      values[name] = us;
    } else if (type === 'interval') {
      const seconds = parseInterval(text);
      if (seconds === undefined) return { trouble: { kind: 'badInterval', name } };
      values[name] = seconds;
    } else values[name] = text;
  }
  return { values };
}

export const ranges = ['all', '1h', '24h', '7d'] as const;
export type Range = (typeof ranges)[number];

const LENGTHS: Readonly<Record<Exclude<Range, 'all'>, number>> = { '1h': HOUR_US, '24h': DAY_US, '7d': 7 * DAY_US };

/** Bounds of event time for a field's text: a name of the list, or "from-to" in µs; none for everything. */
export function boundsOf(text: string | undefined, nowUs: number): { fromUs?: number; toUs?: number } {
  const named = ranges.find((range) => range === text);
  if (named !== undefined && named !== 'all') return { fromUs: nowUs - LENGTHS[named] };
  const [fromUs, toUs] = (text ?? '').split('-').map(Number);
  return Number.isSafeInteger(fromUs) && Number.isSafeInteger(toUs) && fromUs && toUs ? { fromUs, toUs } : {};
}
