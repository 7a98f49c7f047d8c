// The last word on a decoded row before it becomes a tick: whatever a decoder lets through, nothing impossible is stored.
import type { TickCells } from '../../feeds/feed.ts';

const NUMBER = /^\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
/** 2009-01-01: no venue traded before. */
const EARLIEST_US = 1_230_768_000_000_000;
/** A venue's clock may run ahead of ours, not by a day. */
const AHEAD_US = 86_400_000_000;
const MAX_SCALE = 255;

/** Why this row cannot be a trade, or ''. */
export function refusal(cells: TickCells, recvUs: number): string {
  if (cells.symbol === '' || cells.channel === '') return 'no symbol';
  if (cells.idNumber < 0 && cells.idText === '') return 'no trade id';
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

function positive(text: string): boolean {
  return NUMBER.test(text) && Number(text) > 0;
}
