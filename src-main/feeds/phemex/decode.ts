// Phemex decoding: frames laid out as the venue sends them today are read from the bytes, anything else by the exact reading.
// A frame is scanned to its end before its first row is accepted, so what is declined was never half taken.
import { Side } from '../../../src-shared/market/tick.ts';
import { liesAt } from '../byte-template.ts';
import type { FrameVerdict, TickCells, TickSink } from '../feed.ts';
import { SymbolTable } from '../symbol-table.ts';
import { hasNear, textBehind } from '../text-behind.ts';
import { trades } from '../verdicts.ts';
import { decodeGeneral } from './general.ts';
import {
  CONTRACT_PRICE_SCALE,
  DECIMAL_CHANNEL,
  isPhemexSymbol,
  isSpotSymbol,
  isTradeUs,
  MOST_DECIMAL,
  MOST_DIGITS,
  NS_DIGITS,
  pointed,
  SCALED_CHANNEL,
  SPOT_SCALE,
} from './row.ts';

const DISPATCHED = Buffer.from('{"dts":');
const MATCHED = Buffer.from(',"mts":');
const SEQUENCE_LATER = Buffer.from(',"sequence":');
const SEQUENCE_FIRST = Buffer.from('{"sequence":');
const SYMBOL = Buffer.from(',"symbol":"');
const SCALED_ROWS = Buffer.from('","trades":[');
const DECIMAL_ROWS = Buffer.from('","trades_p":[');
const SYMBOL_FIELD = SYMBOL.subarray(1);
const ROWS = ['"trades":[', '"trades_p":['].map((text) => Buffer.from(text));
const INCREMENTAL = Buffer.from('],"type":"incremental"}');
const SNAPSHOT = Buffer.from('],"type":"snapshot"}');
const BUY = Buffer.from(',"Buy",');
const SELL = Buffer.from(',"Sell",');

const QUOTE = 0x22;
const COMMA = 0x2c;
const DASH = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const CLOSE_BRACE = 0x7d;
const SMALL_B = 0x62;
const SMALL_S = 0x73;

export interface Decoder {
  decode(frame: Uint8Array, sink: TickSink): FrameVerdict;
  decodeAt(bytes: Uint8Array, start: number, end: number, sink: TickSink): FrameVerdict;
  symbolOf(frame: Uint8Array): string | null;
}

/** What the scan found of each row, by column; grows to the largest snapshot seen. */
class Columns {
  room = 0;
  /** Where the time's digits begin. */
  at = new Int32Array(0);
  /** Time: µs, and the three digits of ns below. */
  us = new Float64Array(0);
  ns = new Int16Array(0);
  buy = new Uint8Array(0);
  priceAt = new Int32Array(0);
  priceEnd = new Int32Array(0);
  price = new Float64Array(0);
  priceScale = new Uint8Array(0);
  qtyAt = new Int32Array(0);
  qtyEnd = new Int32Array(0);
  qty = new Float64Array(0);
  qtyScale = new Uint8Array(0);

  grow(): void {
    this.room = Math.max(256, this.room * 2);
    this.at = grown(this.at, new Int32Array(this.room));
    this.us = grown(this.us, new Float64Array(this.room));
    this.ns = grown(this.ns, new Int16Array(this.room));
    this.buy = grown(this.buy, new Uint8Array(this.room));
    this.priceAt = grown(this.priceAt, new Int32Array(this.room));
    this.priceEnd = grown(this.priceEnd, new Int32Array(this.room));
    this.price = grown(this.price, new Float64Array(this.room));
    this.priceScale = grown(this.priceScale, new Uint8Array(this.room));
    this.qtyAt = grown(this.qtyAt, new Int32Array(this.room));
    this.qtyEnd = grown(this.qtyEnd, new Int32Array(this.room));
    this.qty = grown(this.qty, new Float64Array(this.room));
    this.qtyScale = grown(this.qtyScale, new Uint8Array(this.room));
  }
}

function grown<A extends Int32Array | Float64Array | Int16Array | Uint8Array>(from: A, to: A): A {
  to.set(from);
  return to;
}

/** One per feed; its memory between frames is the symbols it knows. */
export function phemexDecoder(): Decoder {
  const symbols = new SymbolTable(isPhemexSymbol);
  const rows = new Columns();
  rows.grow();
  const id = Buffer.alloc(NS_DIGITS + 4 + 2 * MOST_DECIMAL);
  let count = 0;
  let decimal = false;
  let descending = true;
  let symbol = '';
  // Of the number read last.
  let value = 0;
  let scale = 0;

  /** Reads up to the first row; -1: not laid out so. */
  function head(bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    if (liesAt(bytes, at, SEQUENCE_FIRST)) at = whole(bytes, at + SEQUENCE_FIRST.length, end);
    else {
      if (!liesAt(bytes, at, DISPATCHED)) return -1;
      at = whole(bytes, at + DISPATCHED.length, end);
      if (at < 0 || !liesAt(bytes, at, MATCHED)) return -1;
      at = whole(bytes, at + MATCHED.length, end);
      if (at < 0 || !liesAt(bytes, at, SEQUENCE_LATER)) return -1;
      at = whole(bytes, at + SEQUENCE_LATER.length, end);
    }
    if (at < 0 || !liesAt(bytes, at, SYMBOL)) return -1;
    const from = at + SYMBOL.length;
    let hash = 0;
    for (at = from; at < end; at++) {
      const c = bytes[at]!;
      if (c === QUOTE) break;
      if (c === BACKSLASH || c < 0x20) return -1;
      hash = (Math.imul(hash, 31) + c) | 0;
    }
    // The longer of the two literals that may follow.
    if (at + DECIMAL_ROWS.length > end) return -1;
    if (liesAt(bytes, at, SCALED_ROWS)) decimal = false;
    else if (liesAt(bytes, at, DECIMAL_ROWS)) decimal = true;
    else return -1;
    const name = symbols.find(bytes, from, at, hash);
    if (name === null) return -1;
    symbol = name.text;
    return at + (decimal ? DECIMAL_ROWS.length : SCALED_ROWS.length);
  }

  /** Digits without a leading zero, at most 20, that no one reads. */
  function whole(bytes: Uint8Array, from: number, end: number): number {
    let at = from;
    while (at < end && bytes[at]! >= ZERO && bytes[at]! <= 0x39) at++;
    const digits = at - from;
    return digits === 0 || digits > 20 || (bytes[from] === ZERO && digits > 1) ? -1 : at;
  }

  /** A whole number over zero of at most 19 digits; over 2^53-1 its value is only known to be larger. */
  function scaledNumber(bytes: Uint8Array, from: number, end: number): number {
    let sum = 0;
    let at = from;
    for (; at < end; at++) {
      const digit = bytes[at]! - ZERO;
      if (digit < 0 || digit > 9) break;
      sum = sum * 10 + digit;
    }
    value = sum;
    scale = 0;
    return at === from || at - from > MOST_DIGITS || bytes[from] === ZERO ? -1 : at;
  }

  /** A plain decimal over zero. */
  function decimalNumber(bytes: Uint8Array, from: number, end: number): number {
    let sum = 0;
    let at = from;
    let dot = -1;
    for (; at < end; at++) {
      const c = bytes[at]!;
      const digit = c - ZERO;
      if (digit >= 0 && digit <= 9) sum = sum * 10 + digit;
      else if (c === DOT && dot < 0) dot = at;
      else break;
    }
    const digits = (dot < 0 ? at : dot) - from;
    if (digits === 0 || at - from > MOST_DECIMAL || (bytes[from] === ZERO && digits > 1) || dot === at - 1) return -1;
    value = sum;
    scale = dot < 0 ? 0 : at - dot - 1;
    return sum === 0 ? -1 : at;
  }

  /** Scans all rows into the columns and gives the position of the list's end; -1: some row is not laid out so. */
  function scan(bytes: Uint8Array, start: number, end: number): number {
    count = 0;
    descending = true;
    let lastUs = Number.POSITIVE_INFINITY;
    let lastNs = 0;
    let at = start;
    for (;;) {
      // The shortest row: [<19 digits>,"Buy",1,1]
      if (at + 31 > end || bytes[at] !== OPEN_BRACKET || bytes[at + 1] === ZERO) return -1;
      at++;
      let us = 0;
      for (let i = at; i < at + NS_DIGITS - 3; i++) {
        const digit = bytes[i]! - ZERO;
        if (digit < 0 || digit > 9) return -1;
        us = us * 10 + digit;
      }
      let ns = 0;
      for (let i = at + NS_DIGITS - 3; i < at + NS_DIGITS; i++) {
        const digit = bytes[i]! - ZERO;
        if (digit < 0 || digit > 9) return -1;
        ns = ns * 10 + digit;
      }
      if (!isTradeUs(us)) return -1;
      if (count === rows.room) rows.grow();
      rows.at[count] = at;
      rows.us[count] = us;
      rows.ns[count] = ns;
      if (us > lastUs || (us === lastUs && ns > lastNs)) descending = false;
      lastUs = us;
      lastNs = ns;
      at += NS_DIGITS;
      if (liesAt(bytes, at, BUY)) {
        rows.buy[count] = 1;
        at += BUY.length;
      } else if (liesAt(bytes, at, SELL)) {
        rows.buy[count] = 0;
        at += SELL.length;
      } else return -1;
      if (decimal && bytes[at++] !== QUOTE) return -1;
      rows.priceAt[count] = at;
      at = decimal ? decimalNumber(bytes, at, end) : scaledNumber(bytes, at, end);
      if (at < 0) return -1;
      rows.priceEnd[count] = at;
      rows.price[count] = value;
      rows.priceScale[count] = scale;
      if (decimal && bytes[at++] !== QUOTE) return -1;
      if (bytes[at++] !== COMMA) return -1;
      if (decimal && bytes[at++] !== QUOTE) return -1;
      rows.qtyAt[count] = at;
      at = decimal ? decimalNumber(bytes, at, end) : scaledNumber(bytes, at, end);
      if (at < 0) return -1;
      rows.qtyEnd[count] = at;
      rows.qty[count] = value;
      rows.qtyScale[count] = scale;
      if (decimal && bytes[at++] !== QUOTE) return -1;
      if (bytes[at++] !== CLOSE_BRACKET) return -1;
      count++;
      if (at >= end) return -1;
      if (bytes[at] === CLOSE_BRACKET) return at;
      if (bytes[at++] !== COMMA) return -1;
    }
  }

  /** True when [at, end) is exactly the end of a frame, with or without its type. */
  function ends(bytes: Uint8Array, at: number, end: number): boolean {
    const rest = end - at;
    if (rest === 2) return bytes[at + 1] === CLOSE_BRACE;
    if (rest === INCREMENTAL.length) return liesAt(bytes, at, INCREMENTAL);
    return rest === SNAPSHOT.length && liesAt(bytes, at, SNAPSHOT);
  }

  function emit(bytes: Uint8Array, row: number, priceScale: number, qtyScale: number, cells: TickCells): void {
    const buy = rows.buy[row] === 1;
    const priceAt = rows.priceAt[row]!;
    const priceEnd = rows.priceEnd[row]!;
    const qtyAt = rows.qtyAt[row]!;
    const qtyEnd = rows.qtyEnd[row]!;
    const at = rows.at[row]!;
    for (let i = 0; i < NS_DIGITS; i++) id[i] = bytes[at + i]!;
    id[NS_DIGITS] = DASH;
    id[NS_DIGITS + 1] = buy ? SMALL_B : SMALL_S;
    id[NS_DIGITS + 2] = DASH;
    let to = NS_DIGITS + 3;
    for (let i = priceAt; i < priceEnd; i++) id[to++] = bytes[i]!;
    id[to++] = DASH;
    for (let i = qtyAt; i < qtyEnd; i++) id[to++] = bytes[i]!;
    cells.symbol = symbol;
    cells.channel = decimal ? DECIMAL_CHANNEL : SCALED_CHANNEL;
    cells.idNumber = -1;
    cells.idText = id.toString('latin1', 0, to);
    cells.firstIdNumber = -1;
    cells.side = buy ? Side.buy : Side.sell;
    cells.eventUs = rows.us[row]!;
    const price = rows.price[row]!;
    if (price <= Number.MAX_SAFE_INTEGER) {
      cells.priceMantissa = price;
      cells.priceScale = decimal ? rows.priceScale[row]! : priceScale;
      cells.priceText = '';
    } else {
      cells.priceMantissa = -1;
      cells.priceScale = 0;
      cells.priceText = written(bytes, priceAt, priceEnd, priceScale);
    }
    const qty = rows.qty[row]!;
    if (qty <= Number.MAX_SAFE_INTEGER) {
      cells.qtyMantissa = qty;
      cells.qtyScale = decimal ? rows.qtyScale[row]! : qtyScale;
      cells.qtyText = '';
    } else {
      cells.qtyMantissa = -1;
      cells.qtyScale = 0;
      cells.qtyText = written(bytes, qtyAt, qtyEnd, qtyScale);
    }
  }

  /** The text of a number over 2^53. */
  function written(bytes: Uint8Array, from: number, to: number, scaleOf: number): string {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1', from, to);
    return decimal ? text : pointed(text, scaleOf);
  }

  function fast(bytes: Uint8Array, start: number, end: number, sink: TickSink): boolean {
    // Shorter than any frame with a row in it.
    if (end - start < 70) return false;
    const from = head(bytes, start, end);
    if (from < 0) return false;
    const to = scan(bytes, from, end);
    if (to < 0 || !ends(bytes, to, end)) return false;
    const spot = isSpotSymbol(symbol);
    const priceScale = spot ? SPOT_SCALE : CONTRACT_PRICE_SCALE;
    const qtyScale = spot ? SPOT_SCALE : 0;
    if (descending) {
      for (let row = count - 1; row >= 0; row--) {
        emit(bytes, row, priceScale, qtyScale, sink.cells);
        sink.accept();
      }
      return true;
    }
    const order = Array.from({ length: count }, (_, row) => row).sort(
      (a, b) => rows.us[a]! - rows.us[b]! || rows.ns[a]! - rows.ns[b]! || b - a,
    );
    for (const row of order) {
      emit(bytes, row, priceScale, qtyScale, sink.cells);
      sink.accept();
    }
    return true;
  }

  function decodeAt(bytes: Uint8Array, start: number, end: number, sink: TickSink): FrameVerdict {
    return fast(bytes, start, end, sink) ? trades : decodeGeneral(bytes.subarray(start, end), sink);
  }

  function symbolOf(frame: Uint8Array): string | null {
    if (frame.length >= 70 && head(frame, 0, frame.length) >= 0) return symbol;
    const named = hasNear(frame, ROWS) ? textBehind(frame, SYMBOL_FIELD) : null;
    return named !== null && isPhemexSymbol(named) ? named : null;
  }

  return { decode: (frame, sink) => decodeAt(frame, 0, frame.length, sink), decodeAt, symbolOf };
}
