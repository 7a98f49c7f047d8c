// The fast path's tools for frames with several rows: numbers read from bytes, and the rows kept until the whole frame has proven whole.
// Nothing is accepted before emit(), so a decoder can decline at any byte and leave the frame to the exact reading.
import { Side } from '../../src-shared/market/tick.ts';
import { EARLIEST_MS, LATEST_MS, MAX_ID_TEXT, MAX_NUMBER_TEXT, MAX_WHOLE, putIdAt } from './cells.ts';
import type { TickSink } from './feed.ts';
import type { SymbolName, SymbolTable } from './symbol-table.ts';

const QUOTE = 0x22;
const DASH = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const BACKSLASH = 0x5c;

/** Bytes as latin1 text, without a copy of them first. */
export function latin1At(bytes: Uint8Array, from: number, to: number): string {
  const buffer = bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return buffer.toString('latin1', from, to);
}

/**
 * Reads one value at a position; each function gives the position behind it, or -1 when what lies there is not surely what the exact reading
 * would take. They may look at bytes behind the message: a reader's last step is to check that it stands exactly at the message's end.
 */
export class ByteScan {
  /** Of the last number: its digits without the point. Exact up to 2^53-1, above that only known to be larger. */
  value = 0;
  /** Digits behind the point of the last decimal. */
  scale = 0;

  /** Digits without a leading zero. */
  whole(bytes: Uint8Array, from: number, end: number): number {
    let value = 0;
    let at = from;
    for (; at < end; at++) {
      const digit = bytes[at]! - ZERO;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    const digits = at - from;
    if (digits === 0 || digits > MAX_WHOLE || (bytes[from] === ZERO && digits > 1)) return -1;
    this.value = value;
    return at;
  }

  /** A plain decimal over zero. */
  amount(bytes: Uint8Array, from: number, end: number): number {
    let value = 0;
    let at = from;
    let dot = -1;
    for (; at < end; at++) {
      const c = bytes[at]!;
      const digit = c - ZERO;
      if (digit >= 0 && digit <= 9) value = value * 10 + digit;
      else if (c === DOT && dot < 0) dot = at;
      else break;
    }
    const whole = (dot < 0 ? at : dot) - from;
    if (whole === 0 || at - from > MAX_NUMBER_TEXT || (bytes[from] === ZERO && whole > 1) || dot === at - 1) return -1;
    if (value === 0) return -1;
    this.value = value;
    this.scale = dot < 0 ? 0 : at - dot - 1;
    return at;
  }

  /** A time in ms or µs between 2010 and 2100; value is µs. */
  time(bytes: Uint8Array, from: number, end: number): number {
    const to = this.whole(bytes, from, end);
    if (to < 0) return -1;
    if (this.value >= EARLIEST_MS && this.value < LATEST_MS) this.value *= 1000;
    else if (!(this.value >= EARLIEST_MS * 1000 && this.value < LATEST_MS * 1000)) return -1;
    return to;
  }

  /** Digits, letters and dashes, as fillTextId takes them; value is the id when it is a canonical whole number up to 2^53-1, else -1. */
  textId(bytes: Uint8Array, from: number, end: number): number {
    let value = 0;
    let at = from;
    for (; at < end; at++) {
      const c = bytes[at]!;
      const digit = c - ZERO;
      if (digit >= 0 && digit <= 9) value = value * 10 + digit;
      else if (c === DASH || (c >= 0x61 && c <= 0x7a) || (c >= 0x41 && c <= 0x5a)) value = Number.NaN;
      else break;
    }
    const length = at - from;
    if (length === 0 || length > MAX_ID_TEXT) return -1;
    const canonical = value <= Number.MAX_SAFE_INTEGER && (bytes[from] !== ZERO || length === 1);
    this.value = canonical ? value : -1;
    return at;
  }

  /** true or false. */
  flag(bytes: Uint8Array, at: number): number {
    const first = bytes[at];
    if (first === 0x74) return bytes[at + 1] === 0x72 && bytes[at + 2] === 0x75 && bytes[at + 3] === 0x65 ? at + 4 : -1;
    const isFalse =
      first === 0x66 &&
      bytes[at + 1] === 0x61 &&
      bytes[at + 2] === 0x6c &&
      bytes[at + 3] === 0x73 &&
      bytes[at + 4] === 0x65;
    return isFalse ? at + 5 : -1;
  }

  /** The inside of a string up to its closing quote: ASCII, no escapes. */
  text(bytes: Uint8Array, from: number, end: number): number {
    for (let at = from; at < end; at++) {
      const c = bytes[at]!;
      if (c === QUOTE) return at;
      if (c < 0x20 || c >= 0x7f || c === BACKSLASH) return -1;
    }
    return -1;
  }
}

/** The name whose bytes lie at `from` up to the next quote; null when it is no symbol of the venue. */
export function symbolAt(symbols: SymbolTable, bytes: Uint8Array, from: number, end: number): SymbolName | null {
  let hash = 0;
  for (let at = from; at < end; at++) {
    const c = bytes[at]!;
    if (c === QUOTE) return symbols.find(bytes, from, at, hash);
    if (c === BACKSLASH || c < 0x20) return null;
    hash = (Math.imul(hash, 31) + c) | 0;
  }
  return null;
}

/** Rows of one frame, all of one symbol, held as numbers and places in the frame's bytes. One per decoder. */
export class RowColumns {
  /** Rows held; raised by next(). */
  count = 0;
  #price = new Float64Array(64);
  #priceScale = new Uint8Array(64);
  #qty = new Float64Array(64);
  #qtyScale = new Uint8Array(64);
  #id = new Float64Array(64);
  #us = new Float64Array(64);
  #side = new Uint8Array(64);
  /** Begin and end in the bytes: price, qty, id; read only where the number did not fit. */
  #places = new Int32Array(64 * 6);

  clear(): void {
    this.count = 0;
  }

  /** The row that is filled is complete; false when a frame cannot have so many. */
  next(): boolean {
    this.count++;
    if (this.count === this.#price.length) this.#grow();
    return this.count <= MOST_ROWS;
  }

  price(scan: ByteScan, from: number, to: number): void {
    const row = this.count;
    this.#price[row] = scan.value;
    this.#priceScale[row] = scan.scale;
    this.#places[row * 6] = from;
    this.#places[row * 6 + 1] = to;
  }

  qty(scan: ByteScan, from: number, to: number): void {
    const row = this.count;
    this.#qty[row] = scan.value;
    this.#qtyScale[row] = scan.scale;
    this.#places[row * 6 + 2] = from;
    this.#places[row * 6 + 3] = to;
  }

  /** -1: the id is the text at [from, to). */
  id(value: number, from: number, to: number): void {
    const row = this.count;
    this.#id[row] = value;
    this.#places[row * 6 + 4] = from;
    this.#places[row * 6 + 5] = to;
  }

  side(side: Side): void {
    this.#side[this.count] = side;
  }

  time(us: number): void {
    this.#us[this.count] = us;
  }

  /** Hands all rows to the sink, the first row first; each stands for itself alone. */
  emit(bytes: Uint8Array, symbol: string, channel: string, sink: TickSink): void {
    const { cells } = sink;
    const places = this.#places;
    cells.symbol = symbol;
    cells.channel = channel;
    for (let row = 0; row < this.count; row++) {
      const at = row * 6;
      const price = this.#price[row]!;
      const priceFits = price <= Number.MAX_SAFE_INTEGER;
      cells.priceMantissa = priceFits ? price : -1;
      cells.priceScale = priceFits ? this.#priceScale[row]! : 0;
      cells.priceText = priceFits ? '' : latin1At(bytes, places[at]!, places[at + 1]!);
      const qty = this.#qty[row]!;
      const qtyFits = qty <= Number.MAX_SAFE_INTEGER;
      cells.qtyMantissa = qtyFits ? qty : -1;
      cells.qtyScale = qtyFits ? this.#qtyScale[row]! : 0;
      cells.qtyText = qtyFits ? '' : latin1At(bytes, places[at + 2]!, places[at + 3]!);
      const id = this.#id[row]!;
      if (id < 0) putIdAt(cells, bytes, places[at + 4]!, places[at + 5]!);
      else {
        cells.idNumber = id;
        cells.idText = '';
        cells.firstIdNumber = id;
      }
      cells.side = this.#side[row] === Side.buy ? Side.buy : Side.sell;
      cells.eventUs = this.#us[row]!;
      sink.accept();
    }
  }

  #grow(): void {
    const size = this.#price.length * 2;
    const wider = (old: Float64Array): Float64Array<ArrayBuffer> => {
      const grown = new Float64Array(size);
      grown.set(old);
      return grown;
    };
    const widerBytes = (old: Uint8Array): Uint8Array<ArrayBuffer> => {
      const grown = new Uint8Array(size);
      grown.set(old);
      return grown;
    };
    this.#price = wider(this.#price);
    this.#qty = wider(this.#qty);
    this.#id = wider(this.#id);
    this.#us = wider(this.#us);
    this.#priceScale = widerBytes(this.#priceScale);
    this.#qtyScale = widerBytes(this.#qtyScale);
    this.#side = widerBytes(this.#side);
    const places = new Int32Array(size * 6);
    places.set(this.#places);
    this.#places = places;
  }
}

/** More rows than any venue sends in one frame (Bybit 1024, Phemex's snapshot 1000): such a frame goes to the exact reading. */
const MOST_ROWS = 16_384;
