// The last word on a decoded row before it becomes a tick: whatever a decoder lets through, nothing impossible is stored.
import type { TickCells } from '../../feeds/feed.ts';

const NUMBER = /^\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
/** 2009-01-01: no venue traded before. */
const EARLIEST_US = 1_230_768_000_000_000;
/** A venue's clock may run ahead of ours, not by a day. */
const AHEAD_US = 86_400_000_000;
const MAX_SCALE = 255;
/** Shorter decimals are above zero for a float too when a digit is. */
const PLAIN_MOST = 80;

/** Why this row cannot be a trade, or ''. */
export function refusal(cells: TickCells, recvUs: number): string {
  if (cells.symbol === '' || cells.channel === '') return 'no symbol';
  if (cells.idNumber < 0 && cells.idText === '' && (cells.idAt === undefined || cells.idAt.to <= cells.idAt.from))
    return 'no trade id';
  if (cells.priceMantissa < 0 ? !positive(cells.priceText) : cells.priceMantissa === 0) {
    return `price ${cells.priceMantissa < 0 ? JSON.stringify(cells.priceText) : '0'} is not above zero`;
  }
  if (cells.qtyMantissa < 0 ? !positive(cells.qtyText) : cells.qtyMantissa === 0) {
    return `quantity ${cells.qtyMantissa < 0 ? JSON.stringify(cells.qtyText) : '0'} is not above zero`;
  }
  if (cells.priceScale > MAX_SCALE || cells.qtyScale > MAX_SCALE) return 'more than 255 decimals';
  if (!(cells.eventUs >= EARLIEST_US)) return `event time ${cells.eventUs} is before 2009`;
  if (cells.eventUs > recvUs + AHEAD_US) return `event time ${cells.eventUs} is more than a day ahead of our clock`;
  return '';
}

/** The usual number that fits no mantissa is a plain decimal with zeros behind: it is told without a regular expression. */
function positive(text: string): boolean {
  const { length } = text;
  let dot = -1;
  let above = false;
  let plain = length > 0 && length <= PLAIN_MOST;
  for (let at = 0; plain && at < length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x2e && dot < 0 && at > 0 && at < length - 1) dot = at;
    else if (code >= 0x30 && code <= 0x39) above ||= code !== 0x30;
    else plain = false;
  }
  if (plain) return above;
  return NUMBER.test(text) && Number(text) > 0;
}
