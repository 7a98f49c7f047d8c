// The cells of a tick: how a decoder fills them and how a reader takes the venue's own text back out, digit by digit.
import { formatDecimal } from '../../src-shared/base/decimal.ts';
import { Side } from '../../src-shared/market/tick.ts';
import { isVisible, JsonNumber, type JsonValue } from './exact-json.ts';
import type { TickCells } from './feed.ts';

export function newTickCells(): TickCells {
  return {
    symbol: '',
    channel: '',
    idNumber: -1,
    idText: '',
    priceMantissa: -1,
    priceScale: 0,
    priceText: '',
    qtyMantissa: -1,
    qtyScale: 0,
    qtyText: '',
    side: Side.unknown,
    eventUs: 0,
    firstIdNumber: -1,
  };
}

/** The venue's text of the price. */
export function priceTextOf(cells: TickCells): string {
  return cells.priceMantissa < 0 ? cells.priceText : formatDecimal(cells.priceMantissa, cells.priceScale);
}

/** The venue's text of the quantity, in the venue's unit. */
export function qtyTextOf(cells: TickCells): string {
  return cells.qtyMantissa < 0 ? cells.qtyText : formatDecimal(cells.qtyMantissa, cells.qtyScale);
}

/** The venue's text of the trade id. */
export function idTextOf(cells: TickCells): string {
  return cells.idNumber < 0 ? cells.idText : String(cells.idNumber);
}

/** The id is the ASCII text at [from, to) of the message: left there for a reader that takes it so, else as a string. */
export function putIdAt(cells: TickCells, bytes: Uint8Array, from: number, to: number): void {
  const place = cells.idAt;
  cells.idNumber = -1;
  cells.firstIdNumber = -1;
  if (place === undefined) {
    const buffer = bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    cells.idText = buffer.toString('latin1', from, to);
    return;
  }
  cells.idText = '';
  place.bytes = bytes;
  place.from = from;
  place.to = to;
}

/** Longer number texts are damage: no venue prints a price of 41 characters. */
export const MAX_NUMBER_TEXT = 40;
/** Whole numbers are at most as long as an unsigned 64-bit number. */
export const MAX_WHOLE = 20;
/** Ids that are texts: UUIDs are 36 characters, ids made of a row's own fields are longer. */
export const MAX_ID_TEXT = 80;
export const MAX_SYMBOL = 64;
/** Digits of a time in ns between 2001 and 2286. */
export const NANOS_TEXT = 19;

/** 2010-01-01 and 2100-01-01: a trade time outside is damage. */
export const EARLIEST_MS = Date.UTC(2010, 0, 1);
export const LATEST_MS = Date.UTC(2100, 0, 1);

const PLAIN = /^(?:0|[1-9]\d*)(?:\.\d+)?$/;
const EXPONENT = /^(?:0|[1-9]\d*)(?:\.\d+)?[eE][+-]?\d{1,3}$/;
const WHOLE = /^(?:0|[1-9]\d*)$/;
const NOT_ZERO = /^[^eE]*[1-9]/;

/** An amount over zero as a decimal. mantissa -1: it does not fit, the text is the value. */
interface Amount {
  readonly mantissa: number;
  readonly scale: number;
  readonly text: string;
}

function amountOf(text: string, exponents: boolean): Amount | undefined {
  if (text.length > MAX_NUMBER_TEXT || !NOT_ZERO.test(text)) return undefined;
  if (!PLAIN.test(text)) return exponents && EXPONENT.test(text) ? { mantissa: -1, scale: 0, text } : undefined;
  const dot = text.indexOf('.');
  const mantissa = dot < 0 ? Number(text) : Number(text.slice(0, dot) + text.slice(dot + 1));
  if (!Number.isSafeInteger(mantissa)) return { mantissa: -1, scale: 0, text };
  return { mantissa, scale: dot < 0 ? 0 : text.length - dot - 1, text: '' };
}

/** A short, quotable form of whatever stood where a field was expected. */
export function quoted(value: JsonValue | undefined): string {
  if (value === undefined) return 'nothing';
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}...` : value);
  if (value instanceof JsonNumber) return value.text.length > 40 ? `${value.text.slice(0, 40)}...` : value.text;
  return Array.isArray(value) ? 'an array' : 'an object';
}

/**
 * Fills one row's cells from JSON values, field by field. Each function gives the reason why a field is refused, or ''.
 * Decimals in quotes must be plain; bare JSON numbers may carry an exponent, which their writer chose and we keep.
 */
export function fillPrice(cells: TickCells, name: string, value: JsonValue | undefined, bare: boolean): string {
  const amount = amountIn(value, bare);
  if (!amount) return `${name}: ${quoted(value)} is not a decimal over zero`;
  cells.priceMantissa = amount.mantissa;
  cells.priceScale = amount.scale;
  cells.priceText = amount.text;
  return '';
}

export function fillQty(cells: TickCells, name: string, value: JsonValue | undefined, bare: boolean): string {
  const amount = amountIn(value, bare);
  if (!amount) return `${name}: ${quoted(value)} is not a decimal over zero`;
  cells.qtyMantissa = amount.mantissa;
  cells.qtyScale = amount.scale;
  cells.qtyText = amount.text;
  return '';
}

function amountIn(value: JsonValue | undefined, bare: boolean): Amount | undefined {
  if (bare) return value instanceof JsonNumber ? amountOf(value.text, true) : undefined;
  return typeof value === 'string' ? amountOf(value, false) : undefined;
}

/** A whole number of at most 20 digits; it goes to idNumber when it is exact there. */
export function fillId(cells: TickCells, name: string, value: JsonValue | undefined): string {
  const text = wholeText(value);
  if (text === undefined) return `${name}: ${quoted(value)} is not a trade id`;
  const id = Number(text);
  if (Number.isSafeInteger(id)) {
    cells.idNumber = id;
    cells.idText = '';
  } else {
    cells.idNumber = -1;
    cells.idText = text;
  }
  cells.firstIdNumber = cells.idNumber;
  return '';
}

const TEXT_ID = /^[0-9A-Za-z-]+$/;

/** An id in quotes: digits, letters and dashes. A canonical whole number goes to idNumber when it is exact there, anything else stays text. */
export function fillTextId(cells: TickCells, name: string, value: JsonValue | undefined): string {
  if (typeof value !== 'string' || value.length > MAX_ID_TEXT || !TEXT_ID.test(value))
    return `${name}: ${quoted(value)} is not a trade id`;
  const id = WHOLE.test(value) ? Number(value) : -1;
  const exact = Number.isSafeInteger(id) && id >= 0;
  cells.idNumber = exact ? id : -1;
  cells.idText = exact ? '' : value;
  cells.firstIdNumber = cells.idNumber;
  return '';
}

/** The digits of a bare whole number of at most 20 digits, else undefined. */
export function wholeText(value: JsonValue | undefined): string | undefined {
  if (!(value instanceof JsonNumber) || value.text.length > MAX_WHOLE || !WHOLE.test(value.text)) return undefined;
  return value.text;
}

/** µs since the epoch from a venue's time in ms or µs, told by its size; undefined outside 2010 to 2100. */
export function timeUs(value: JsonValue | undefined): number | undefined {
  const text = wholeText(value);
  if (text === undefined) return undefined;
  const time = Number(text);
  if (time >= EARLIEST_MS && time < LATEST_MS) return time * 1000;
  if (time >= EARLIEST_MS * 1000 && time < LATEST_MS * 1000) return time;
  return undefined;
}

/** µs from the digits of a time in ns, what is below a µs cut off; undefined outside 2010 to 2100. No float holds the ns. */
export function nanosUs(text: string): number | undefined {
  if (text.length !== NANOS_TEXT || !WHOLE.test(text)) return undefined;
  const us = Number(text.slice(0, -3));
  return us >= EARLIEST_MS * 1000 && us < LATEST_MS * 1000 ? us : undefined;
}

export function fillTime(cells: TickCells, name: string, value: JsonValue | undefined): string {
  const us = timeUs(value);
  if (us === undefined) return `${name}: ${quoted(value)} is not a time between 2010 and 2100`;
  cells.eventUs = us;
  return '';
}

/** A symbol: visible characters only, so that no name can hide or break a line; case is the venue's own. */
export function isSymbol(text: string): boolean {
  return isVisible(text, MAX_SYMBOL);
}
