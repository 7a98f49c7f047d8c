// Phemex's trade rows as feeds.md section 7 shows them: exact ns, newest first, scaled whole numbers on spot, decimals on perpetuals.
import { bytesOf, putBytes, putWhole } from './bytes.ts';
import type { SimulatedStream, Trade } from './stream.ts';
import type { TapeRow } from './tape.ts';
import { frameOf, lotsText, priceText, putLots, putMs, putPrice, type RenderedFrame } from './wire.ts';

/** `extra` of a row: steps of STEP_NS behind the ms, and how many equal rows were printed before it. */
const EQUAL_BITS = 3;
const MOST_EQUAL = (1 << EQUAL_BITS) - 1;
const MOST_STEPS = (1 << (16 - EQUAL_BITS)) - 1;
/** No round number, so that digits lost to a double show. */
const STEP_NS = 121;
const FIRST_NS = 7;

interface Memory {
  ms: number;
  steps: number;
  /** Rows of this ns by what they say. */
  readonly equal: Map<string, number>;
  lots: number;
  priceTicks: number;
}

const memories = new WeakMap<SimulatedStream, Memory>();

/**
 * Gives a trade its ns. Now and then a fill repeats the one before it in everything, as the venue's do (6 of 10,000 rows); where trades
 * come faster than the steps of a ms, they share the last one.
 */
export function markPhemex(stream: SimulatedStream, trade: Trade, epoch: number): number {
  let memory = memories.get(stream);
  if (!memory) {
    memory = { ms: -1, steps: 0, equal: new Map(), lots: 0, priceTicks: 0 };
    memories.set(stream, memory);
  }
  const bits = stream.random.bits();
  const again = trade.fill > 0 && trade.ms === memory.ms && trade.priceTicks === memory.priceTicks && (bits & 15) === 0;
  if (again) trade.lots = memory.lots;
  else {
    const steps =
      trade.ms === memory.ms
        ? Math.min(MOST_STEPS, memory.steps + 1 + ((bits >>> 4) & 7))
        : (epoch % 4) * 2000 + ((bits >>> 4) & 255);
    if (trade.ms !== memory.ms || steps !== memory.steps) memory.equal.clear();
    memory.ms = trade.ms;
    memory.steps = steps;
  }
  for (;;) {
    const said = `${trade.priceTicks} ${trade.lots} ${trade.sell}`;
    const before = memory.equal.get(said) ?? 0;
    if (before <= MOST_EQUAL) {
      memory.equal.set(said, before + 1);
      memory.lots = trade.lots;
      memory.priceTicks = trade.priceTicks;
      return (memory.steps << EQUAL_BITS) | before;
    }
    trade.lots += 1;
  }
}

function nsBehindMs(row: Pick<TapeRow, 'extra'>): number {
  return (row.extra >>> EQUAL_BITS) * STEP_NS + FIRST_NS;
}

/** µs, as the recorder stores it. */
export function phemexEventUs(_stream: SimulatedStream, row: TapeRow): number {
  return row.ms * 1000 + Math.floor(nsBehindMs(row) / 1000);
}

function isScaled(stream: SimulatedStream): boolean {
  return stream.market === 'phemex:spot';
}

const DOT = 46;
const ZERO = 48;

/** Takes point and leading zeros out of the decimal at [from, to): it is over zero and has all the scale's decimals. */
function unpoint(out: Uint8Array, from: number, to: number): number {
  let at = from;
  for (let i = from; i < to; i += 1) {
    const c = out[i]!;
    if (c === DOT || (c === ZERO && at === from)) continue;
    out[at] = c;
    at += 1;
  }
  return at;
}

const words = { buy: bytesOf('-b-'), sell: bytesOf('-s-'), dash: bytesOf('-') };

/** ns, side, price and quantity as sent; equal rows from the second on carry their number. */
export function putPhemexId(out: Uint8Array, pos: number, stream: SimulatedStream, row: TapeRow): number {
  const scaled = isScaled(stream);
  let at = putWhole(out, putMs(out, pos, row.ms), nsBehindMs(row), 6);
  at = putBytes(out, at, row.sell ? words.sell : words.buy);
  const price = putPrice(out, at, stream.scales, row.priceTicks);
  at = scaled ? unpoint(out, at, price) : price;
  at = putBytes(out, at, words.dash);
  const qty = putLots(out, at, stream.scales, row.lots);
  at = scaled ? unpoint(out, at, qty) : qty;
  const before = row.extra & MOST_EQUAL;
  return before === 0 ? at : putWhole(out, putBytes(out, at, words.dash), before + 1);
}

function rowText(stream: SimulatedStream, row: TapeRow): string {
  const price = priceText(stream.scales, row.priceTicks);
  const qty = lotsText(stream.scales, row.lots);
  const ns = `${row.ms}${String(nsBehindMs(row)).padStart(6, '0')}`;
  const digits = (text: string): string => text.replace('.', '').replace(/^0+/, '');
  const amounts = isScaled(stream) ? `${digits(price)},${digits(qty)}` : `"${price}","${qty}"`;
  return `[${ns},"${row.sell ? 'Sell' : 'Buy'}",${amounts}]`;
}

/** A message with these rows, given oldest first and written newest first. Perpetuals carry the gateway's times and no type (as seen in 2026). */
export function phemexMessage(
  stream: SimulatedStream,
  rows: readonly TapeRow[],
  type: 'snapshot' | 'incremental',
): string {
  const newest = rows.at(-1);
  // The sequence counts other messages too.
  const sequence = stream.firstId + (newest ? newest.index * 3 + 1 : 0);
  const list = rows.map((row) => rowText(stream, row)).reverse();
  if (isScaled(stream))
    return `{"sequence":${sequence},"symbol":"${stream.symbol}","trades":[${list}],"type":"${type}"}`;
  const ms = newest?.ms ?? 0;
  return `{"dts":${ms + 21}564928,"mts":${ms + 20}406331,"sequence":${sequence},"symbol":"${stream.symbol}","trades_p":[${list}]}`;
}

/** The whole WebSocket frame of a window's trades, oldest first. */
export function renderPhemex(stream: SimulatedStream, trades: readonly Trade[]): RenderedFrame {
  return frameOf(phemexMessage(stream, trades, 'incremental'));
}
