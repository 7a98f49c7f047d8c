// One decoded trade into one row of columns, digit by digit.

import type { Us } from '../../../src-shared/base/time.ts';
import type { IdPlace, TickCells } from '../../feeds/feed.ts';
import { getWide, putBillions, putWide, type SparseTexts, type TickColumns } from './columns.ts';
import { guard, moreIds } from './guard.ts';
import type { Key } from './keys.ts';
import type { StreamState } from './stream-state.ts';

const POWERS = Array.from({ length: 40 }, (_, exponent) => 10 ** -exponent);
const NOTHING: Uint8Array = new Uint8Array();

/** Cells that decoders write the row in hand into. */
export function newCells(): TickCells & { readonly idAt: IdPlace } {
  return {
    symbol: '',
    channel: '',
    idNumber: -1,
    idText: '',
    idAt: { bytes: NOTHING, from: 0, to: 0 },
    priceMantissa: -1,
    priceScale: 0,
    priceText: '',
    qtyMantissa: -1,
    qtyScale: 0,
    qtyText: '',
    side: 0,
    eventUs: 0,
    firstIdNumber: -1,
  };
}

/** Ids and mantissas of at most 18 digits fit 64 bits whatever they are. */
const MOST_DIGITS = 18;
const ZERO = 0x30;

/** Writes the next row. key: the id, where it is a text. past: it tells of before the connection, so its age is no clock's fault. Gives the price as a float, for the guard only. */
export function putRow(
  columns: TickColumns,
  cells: TickCells,
  key: Key,
  state: StreamState,
  frame: number,
  recvUs: Us,
  origin: number,
  lineBit: number,
  past: boolean,
): number {
  const row = columns.rows;
  if (row === columns.capacity) columns.grow();
  columns.rows = row + 1;
  columns.stream[row] = state.no;
  if (cells.idNumber >= 0) putWide(columns.id, row, cells.idNumber);
  else if (!putDigits(columns.id, row, key)) columns.putIdText(row, key.bytes, key.length);
  let price: number;
  if (cells.priceMantissa >= 0) {
    putWide(columns.price, row, cells.priceMantissa);
    columns.priceScale[row] = cells.priceScale;
    price = cells.priceMantissa * (POWERS[cells.priceScale] ?? 0);
  } else {
    const scale = putText(columns.price, columns.priceTexts, row, cells.priceText);
    columns.priceScale[row] = scale;
    const fits = columns.priceTexts.rows.at(-1) !== row;
    price = fits ? getWide(columns.price, row) * (POWERS[scale] ?? 0) : Number(cells.priceText);
  }
  if (cells.qtyMantissa >= 0) {
    putWide(columns.qty, row, cells.qtyMantissa);
    columns.qtyScale[row] = cells.qtyScale;
  } else columns.qtyScale[row] = putText(columns.qty, columns.qtyTexts, row, cells.qtyText);
  columns.side[row] = cells.side;
  putWide(columns.eventUs, row, cells.eventUs);
  putWide(columns.recvUs, row, recvUs);
  columns.origin[row] = origin;
  columns.lines[row] = lineBit;
  putWide(columns.frame, row, frame);
  const ids = state.rule === 'contiguous' ? moreIds(cells.firstIdNumber, cells.idNumber) : 0;
  columns.flags[row] = guard(price, state.lastPrice, cells.eventUs, recvUs, origin === 0 && !past) | ids;
  return price;
}

/** A whole number of at most 18 digits, as it is always written; else nothing is put. */
function putDigits(column: Int32Array, row: number, { bytes, length }: Key): boolean {
  if (length === 0 || length > MOST_DIGITS || (bytes[0] === ZERO && length > 1)) return false;
  let billions = 0;
  let below = 0;
  for (let at = 0; at < length; at += 1) {
    const digit = (bytes[at] as number) - ZERO;
    if (digit < 0 || digit > 9) return false;
    if (at < length - 9) billions = billions * 10 + digit;
    else below = below * 10 + digit;
  }
  putBillions(column, row, billions, below);
  return true;
}

/** Text that does not fit a safe number: a 64-bit mantissa when it is a plain decimal of at most 18 digits, else text. Gives the scale. */
function putText(column: Int32Array, texts: SparseTexts, row: number, text: string): number {
  const { length } = text;
  const dot = text.indexOf('.');
  const digits = dot < 0 ? length : length - 1;
  const whole = dot < 0 ? length : dot;
  let plain = digits <= MOST_DIGITS && whole > 0 && dot !== length - 1 && !(whole > 1 && text.charCodeAt(0) === ZERO);
  let billions = 0;
  let below = 0;
  for (let at = 0, digitsLeft = digits; plain && at < length; at += 1) {
    if (at === dot) continue;
    const digit = text.charCodeAt(at) - ZERO;
    if (digit < 0 || digit > 9) plain = false;
    else if (digitsLeft > 9) billions = billions * 10 + digit;
    else below = below * 10 + digit;
    digitsLeft -= 1;
  }
  if (plain) {
    putBillions(column, row, billions, below);
    return dot < 0 ? 0 : length - dot - 1;
  }
  putWide(column, row, 0);
  texts.rows.push(row);
  texts.texts.push(text);
  return 0;
}
