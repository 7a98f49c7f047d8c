// Bybit's live frames, byte by byte as feeds.md section 3 shows them: all fills of a taker order in one frame, each market with its own key order.
import { bytesOf, putBytes, putWhole } from './bytes.ts';
import { fnv1a } from './random.ts';
import type { SimulatedStream, Trade } from './stream.ts';
import type { TapeRow } from './tape.ts';
import { finish, HEAD, putLots, putMs, putPrice, type RenderedFrame, scratch, TEXT_FRAME } from './wire.ts';

const word = {
  type: bytesOf(',"type":"snapshot","data":['),
  data: bytesOf(',"data":['),
  end: bytesOf(']}'),
  // Linear: T, s, S, v, p, L, i, BT, RPI, seq.
  linearTime: bytesOf('{"T":'),
  linearBuy: bytesOf('","S":"Buy","v":"'),
  linearSell: bytesOf('","S":"Sell","v":"'),
  linearPrice: bytesOf('","p":"'),
  linearUp: bytesOf('","L":"PlusTick","i":"'),
  linearSame: bytesOf('","L":"ZeroPlusTick","i":"'),
  linearDown: bytesOf('","L":"MinusTick","i":"'),
  linearFlags: bytesOf('","BT":false,"RPI":false,"seq":'),
  linearFlagsRpi: bytesOf('","BT":false,"RPI":true,"seq":'),
  rowEnd: bytesOf('}'),
  // Spot: i, T, p, v, S, seq, s, BT, RPI.
  spotId: bytesOf('{"i":"'),
  spotTime: bytesOf('","T":'),
  spotPrice: bytesOf(',"p":"'),
  spotQty: bytesOf('","v":"'),
  spotBuy: bytesOf('","S":"Buy","seq":'),
  spotSell: bytesOf('","S":"Sell","seq":'),
  spotFlags: bytesOf('","BT":false,"RPI":false}'),
  spotFlagsRpi: bytesOf('","BT":false,"RPI":true}'),
  idHead: bytesOf('224'),
};

interface StreamWords {
  readonly head: Uint8Array;
  readonly symbol: Uint8Array;
  /** What this stream's ids and sequences are made from. */
  readonly salt: number;
}

const wordsOf = new WeakMap<SimulatedStream, StreamWords>();

function words(stream: SimulatedStream): StreamWords {
  const known = wordsOf.get(stream);
  if (known) return known;
  const spot = stream.market === 'bybit:spot';
  const made: StreamWords = {
    head: bytesOf(`{"topic":"publicTrade.${stream.symbol}",${spot ? '' : '"type":"snapshot",'}"ts":`),
    symbol: bytesOf(`,"s":"${stream.symbol}`),
    salt: fnv1a(`${stream.market} ${stream.symbol} ${stream.firstId}`),
  };
  wordsOf.set(stream, made);
  return made;
}

/** Ids jump before each taker order, so that a hole in them means nothing; the fills of one order follow each other. */
export function jumpOf(stream: SimulatedStream, trade: Trade): number {
  if (trade.fill > 0) return 0;
  const bits = stream.random.bits();
  return 1 + Math.min((bits >>> 3) % 91, (bits >>> 17) % 91);
}

/** Spot: 19 digits, more than a double holds. Linear: a UUID. The same as execId over REST. */
export function putBybitId(out: Uint8Array, pos: number, stream: SimulatedStream, row: TapeRow): number {
  if (stream.market === 'bybit:spot') {
    const number = stream.firstId + row.index + row.extraBefore + row.extra;
    return putWhole(out, putBytes(out, pos, word.idHead), number, 16);
  }
  const { salt } = words(stream);
  const mixed = Math.imul(row.index ^ salt, 0x9e3779b1) >>> 0;
  let at = putHex(out, pos, mixed, 8);
  out[at] = DASH;
  at = putHex(out, at + 1, salt >>> 16, 4);
  out[at] = DASH;
  out[at + 1] = 0x35;
  at = putHex(out, at + 2, salt >>> 4, 3);
  out[at] = DASH;
  out[at + 1] = 0x39;
  at = putHex(out, at + 2, mixed >>> 7, 3);
  out[at] = DASH;
  at = putHex(out, at + 1, Math.floor(row.index / 0x1_0000_0000) ^ (salt & 0xffff), 4);
  return putHex(out, at, row.index >>> 0, 8);
}

const DASH = 0x2d;
const HEX = bytesOf('0123456789abcdef');

function putHex(out: Uint8Array, pos: number, value: number, digits: number): number {
  for (let i = 0; i < digits; i += 1) out[pos + i] = HEX[(value >>> (4 * (digits - 1 - i))) & 15]!;
  return pos + digits;
}

/** One number for all fills of a taker order; it rises and jumps. */
export function sequenceOf(stream: SimulatedStream, row: TapeRow): number {
  return 111_000_000_000 + (words(stream).salt % 1_000_000) + (row.extraBefore + row.extra) * 7;
}

/** Retail price improvement orders, a few of them. */
export function isRpi(row: TapeRow): boolean {
  return row.index % 17 === 5;
}

/** The whole WebSocket frame of one taker order's trades; valid until the next frame is rendered. */
export function renderBybit(stream: SimulatedStream, trades: readonly Trade[]): RenderedFrame {
  const out = scratch;
  const known = words(stream);
  const spot = stream.market === 'bybit:spot';
  let at = putBytes(out, HEAD, known.head);
  at = putMs(out, at, (trades[0]?.ms ?? 0) + 1);
  at = putBytes(out, at, spot ? word.type : word.data);
  for (let i = 0; i < trades.length; i += 1) {
    if (i > 0) {
      out[at] = 0x2c;
      at += 1;
    }
    const trade = trades[i]!;
    at = spot
      ? putSpotRow(out, at, stream, known, trade)
      : putLinearRow(out, at, stream, known, trade, trades[i - 1]?.priceTicks ?? trade.priceTicks);
  }
  at = putBytes(out, at, word.end);
  return finish(at, TEXT_FRAME);
}

function putSpotRow(out: Uint8Array, pos: number, stream: SimulatedStream, known: StreamWords, trade: Trade): number {
  let at = putBytes(out, pos, word.spotId);
  at = putBybitId(out, at, stream, trade);
  at = putBytes(out, at, word.spotTime);
  at = putMs(out, at, trade.ms);
  at = putBytes(out, at, word.spotPrice);
  at = putPrice(out, at, stream.scales, trade.priceTicks);
  at = putBytes(out, at, word.spotQty);
  at = putLots(out, at, stream.scales, trade.lots);
  at = putBytes(out, at, trade.sell ? word.spotSell : word.spotBuy);
  at = putWhole(out, at, sequenceOf(stream, trade));
  at = putBytes(out, at, known.symbol);
  return putBytes(out, at, isRpi(trade) ? word.spotFlagsRpi : word.spotFlags);
}

function putLinearRow(
  out: Uint8Array,
  pos: number,
  stream: SimulatedStream,
  known: StreamWords,
  trade: Trade,
  beforeTicks: number,
): number {
  const change = trade.priceTicks - beforeTicks;
  let at = putBytes(out, pos, word.linearTime);
  at = putMs(out, at, trade.ms);
  at = putBytes(out, at, known.symbol);
  at = putBytes(out, at, trade.sell ? word.linearSell : word.linearBuy);
  at = putLots(out, at, stream.scales, trade.lots);
  at = putBytes(out, at, word.linearPrice);
  at = putPrice(out, at, stream.scales, trade.priceTicks);
  at = putBytes(out, at, change > 0 ? word.linearUp : change < 0 ? word.linearDown : word.linearSame);
  at = putBybitId(out, at, stream, trade);
  at = putBytes(out, at, isRpi(trade) ? word.linearFlagsRpi : word.linearFlags);
  at = putWhole(out, at, sequenceOf(stream, trade));
  return putBytes(out, at, word.rowEnd);
}
