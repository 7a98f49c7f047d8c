// One decoded trade into one row of columns, digit by digit.

import type { Us } from '../../../src-shared/base/time.ts';
import type { TickCells } from '../../feeds/feed.ts';
import { putBig, putWide, type SparseTexts, type TickColumns } from './columns.ts';
import { guard, moreIds } from './guard.ts';
import type { StreamState } from './stream-state.ts';

const POWERS = Array.from({ length: 40 }, (_, exponent) => 10 ** -exponent);
/** Ids and mantissas of at most 18 digits fit 64 bits whatever they are. */
const WHOLE = /^(?:0|[1-9]\d{0,17})$/;
const DECIMAL = /^(?:0|[1-9]\d*)(?:\.(\d+))?$/;

/** Writes the next row. past: it tells of before the connection, so its age is no clock's fault. Gives the price as a float, for the guard only. */
export function putRow(
  columns: TickColumns,
  cells: TickCells,
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
  else if (WHOLE.test(cells.idText)) putBig(columns.id, row, BigInt(cells.idText));
  else columns.putIdText(row, cells.idText);
  let price: number;
  if (cells.priceMantissa >= 0) {
    putWide(columns.price, row, cells.priceMantissa);
    columns.priceScale[row] = cells.priceScale;
    price = cells.priceMantissa * (POWERS[cells.priceScale] ?? 0);
  } else {
    columns.priceScale[row] = putText(columns.price, columns.priceTexts, row, cells.priceText);
    price = Number(cells.priceText);
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

/** Text that does not fit a safe number: a 64-bit mantissa when it is a plain decimal of at most 18 digits, else text. Gives the scale. */
function putText(column: Int32Array, texts: SparseTexts, row: number, text: string): number {
  const found = DECIMAL.exec(text);
  const digits = found ? text.replace('.', '') : '';
  if (found && digits.length <= 18) {
    putBig(column, row, BigInt(digits));
    return found[1]?.length ?? 0;
  }
  putWide(column, row, 0);
  texts.rows.push(row);
  texts.texts.push(text);
  return 0;
}
