// What a Phemex trade row means: its scales, its time in nanoseconds, and the id that we make of it because the venue gives none.
import { formatDecimal } from '../../../src-shared/base/decimal.ts';
import { EARLIEST_MS, isSymbol, LATEST_MS } from '../cells.ts';

/** `trade.subscribe`: frames with `trades`, scaled whole numbers (spot, and contracts settled in coins). */
export const SCALED_CHANNEL = 'trade';
/** `trade_p.subscribe`: frames with `trades_p`, decimals as text (perpetuals settled in USDT). */
export const DECIMAL_CHANNEL = 'trade_p';

/** Whole numbers of a row are signed 64-bit ones at the venue. */
export const MOST_DIGITS = 19;
/** A decimal of `trades_p`; longer is damage. */
export const MOST_DECIMAL = 28;
/** Digits of a time in ns between 2001 and 2286: all of them, so equal lengths compare as text. */
export const NS_DIGITS = 19;
const EARLIEST_US = EARLIEST_MS * 1000;
const LATEST_US = LATEST_MS * 1000;

/** Case matters: sIRENPUSD is spot, SIRENPUSD is not. */
export function isPhemexSymbol(text: string): boolean {
  return isSymbol(text);
}

/** Spot symbols begin with a small s, and no others do. */
export function isSpotSymbol(symbol: string): boolean {
  return symbol.charCodeAt(0) === 0x73;
}

/**
 * Decimals in the whole numbers of `trades`. Spot: price and quantity by 10^8 (Public-Spot-API: priceScale and the usual valueScale 8;
 * where the list gives a coin another valueScale, Instrument.contractSize makes up for it). Coin-settled contracts: price by 10^4,
 * quantity in contracts (Public-Contract-API, priceScale 4).
 */
export const SPOT_SCALE = 8;
export const CONTRACT_PRICE_SCALE = 4;

/** True for µs between 2010 and 2100. */
export function isTradeUs(us: number): boolean {
  return us >= EARLIEST_US && us < LATEST_US;
}

/**
 * The venue gives trades no id. The row's own fields, exactly as sent, are the id: a line's second copy, a snapshot and a REST page
 * write the same trade alike. Equal rows are different trades all the same; whoever stores them counts them.
 */
export function rowId(ns: string, buy: boolean, price: string, qty: string): string {
  return `${ns}-${buy ? 'b' : 's'}-${price}-${qty}`;
}

/** A whole number that does not fit 2^53, with its point put in. */
export function pointed(digits: string, scale: number): string {
  return formatDecimal(BigInt(digits), scale);
}
