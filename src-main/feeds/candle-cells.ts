// Reads what candles are made of: a volume with all its digits, a minute, a count. Every venue's candles stand on it.
import { isCanonicalDecimal } from '../../src-shared/base/decimal.ts';
import { MAX_NUMBER_TEXT, timeUs, wholeText } from './cells.ts';
import { JsonNumber, type JsonValue } from './exact-json.ts';

const MINUTE_US = 60_000_000;
const NUMBER = /^(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,3}))?$/;

/** A volume as plain decimal text, from a text or a bare number; an exponent is written out. Undefined: not a sum of quantities. */
export function volumeText(value: JsonValue | undefined): string | undefined {
  const text = value instanceof JsonNumber ? value.text : typeof value === 'string' ? value : undefined;
  if (text === undefined || text.length > MAX_NUMBER_TEXT) return undefined;
  if (isCanonicalDecimal(text)) return text.startsWith('-') ? undefined : text;
  const found = NUMBER.exec(text);
  if (!found) return undefined;
  const [, whole = '', fraction = '', exponent = '0'] = found;
  const point = whole.length + Number(exponent);
  if (Math.abs(point) > 2 * MAX_NUMBER_TEXT) return undefined;
  const digits = `${'0'.repeat(Math.max(0, -point))}${whole}${fraction}`.padEnd(Math.max(0, point), '0');
  const at = Math.max(0, point);
  const left = digits.slice(0, at).replace(/^0+(?=\d)/, '') || '0';
  const right = digits.slice(at);
  return right === '' ? left : `${left}.${right}`;
}

/** Begin of a minute, µs, from a time in ms; undefined when it is no whole minute. */
export function minuteUs(value: JsonValue | undefined): number | undefined {
  const us = timeUs(value);
  return us !== undefined && us % MINUTE_US === 0 ? us : undefined;
}

/** A number of trades; undefined when it is none. */
export function countOf(value: JsonValue | undefined): number | undefined {
  const text = wholeText(value);
  const count = Number(text);
  return text !== undefined && Number.isSafeInteger(count) ? count : undefined;
}
