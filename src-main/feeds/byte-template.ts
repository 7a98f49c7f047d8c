// The fast path's tool: reads a message that is laid out exactly as a template says, byte by byte, without parsing it as JSON.
// It promises nothing but this: what it accepts means the same as the exact reading; the least surprise makes it decline.
import { Side } from '../../src-shared/market/tick.ts';
import { EARLIEST_MS, LATEST_MS, MAX_NUMBER_TEXT, MAX_WHOLE, NANOS_TEXT, putIdAt } from './cells.ts';
import type { TickCells } from './feed.ts';
import type { SymbolName, SymbolTable } from './symbol-table.ts';

/** What a hole in a template holds. `skip`: a value that is checked to be what its kind says, and passed over. */
const HOLES = {
  symbol: 1,
  id: 2,
  /** A bare or quoted plain decimal over zero. */
  price: 3,
  qty: 4,
  /** Trade time, ms or µs. */
  time: 5,
  /** Another time, passed over. */
  sent: 6,
  /** true: the taker sold. */
  maker: 7,
  /** ASK or BID. */
  side: 8,
  flag: 9,
  /** A number with digits and at most one point, any sign. */
  number: 10,
  /** An unsigned one. */
  amount: 11,
  /** The inside of a string without escapes, ASCII only. */
  text: 12,
  /** First and last id of an aggregate. */
  first: 13,
  last: 14,
  /** The symbol once more: the same bytes as the symbol hole before it. */
  again: 15,
  /** buy or sell: what the taker did. */
  taker: 16,
  /** A whole number of any size, passed over. */
  digits: 17,
  /** Trade time in ns; what is below a µs is cut off. */
  nanos: 18,
  /** A trade id: a whole number, or 24 hexadecimal digits (an ObjectId). */
  name: 19,
  /** How many ids the row stands for, up to its own. */
  count: 20,
  /** First id that the row stands for; the last one, which is its own. */
  begin: 21,
  own: 22,
  /** Trade time in ms with a fraction, which is text at Gate; what is below a µs is cut off. */
  millis: 23,
  /** A quantity over zero whose sign is the side: below zero the taker sold. */
  signed: 24,
  /** A time in s, passed over. */
  sec: 25,
} as const;

export interface Template {
  readonly channel: string;
  readonly literals: readonly Uint8Array[];
  /** holes[i] follows literals[i]; there is one literal more than holes. */
  readonly holes: Uint8Array;
}

/** `{"s":"<symbol>","p":"<price>"}`: text to be found as it is, and holes by name. */
export function template(channel: string, pattern: string): Template {
  const parts = pattern.split(/<([a-z]+)>/);
  const literals: Uint8Array[] = [];
  const holes: number[] = [];
  parts.forEach((part, i) => {
    if (i % 2 === 0) literals.push(Buffer.from(part, 'latin1'));
    else holes.push(holeNamed(part));
  });
  return { channel, literals, holes: Uint8Array.from(holes) };
}

function holeNamed(name: string): number {
  const hole = Object.entries(HOLES).find(([key]) => key === name);
  if (!hole) throw new Error(`template: no hole is called <${name}>`);
  return hole[1];
}

/** True when the literal lies at `at`. */
export function liesAt(bytes: Uint8Array, at: number, literal: Uint8Array): boolean {
  const length = literal.length;
  for (let i = 0; i < length; i++) if (bytes[at + i] !== literal[i]) return false;
  return true;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;

/** One per feed: it remembers where it is between the steps of one message, nothing between messages. */
export class TemplateReader {
  readonly #symbols: SymbolTable;
  /** Name found by the last message's symbol hole. */
  name: SymbolName | null = null;
  #value = 0;
  #scale = 0;
  #first = 0;

  constructor(symbols: SymbolTable) {
    this.#symbols = symbols;
  }

  /** Fills the cells from the message at [at, end) and gives the position behind it; -1 when it is not laid out so. */
  read(layout: Template, bytes: Uint8Array, from: number, end: number, cells: TickCells): number {
    const { literals, holes } = layout;
    let at = from;
    for (let i = 0; ; i++) {
      const literal = literals[i]!;
      if (at + literal.length > end || !liesAt(bytes, at, literal)) return -1;
      at += literal.length;
      if (i === holes.length) return at;
      at = this.#fill(holes[i]!, bytes, at, end, cells);
      if (at < 0) return -1;
    }
  }

  #fill(hole: number, bytes: Uint8Array, at: number, end: number, cells: TickCells): number {
    switch (hole) {
      case HOLES.symbol:
        return this.#symbol(bytes, at, end, cells);
      case HOLES.id:
        return this.#id(bytes, at, end, cells);
      case HOLES.price: {
        const to = this.#decimal(bytes, at, end);
        if (to < 0 || this.#value === 0) return -1;
        const fits = this.#value <= Number.MAX_SAFE_INTEGER;
        cells.priceMantissa = fits ? this.#value : -1;
        cells.priceScale = fits ? this.#scale : 0;
        cells.priceText = fits ? '' : textAt(bytes, at, to);
        return to;
      }
      case HOLES.qty:
        return this.#qty(bytes, at, end, cells);
      case HOLES.time: {
        const to = this.#time(bytes, at, end);
        if (to >= 0) cells.eventUs = this.#value;
        return to;
      }
      case HOLES.sent:
        return this.#time(bytes, at, end);
      case HOLES.maker: {
        const to = flag(bytes, at, end);
        cells.side = bytes[at] === 0x74 ? Side.sell : Side.buy;
        return to;
      }
      case HOLES.side:
        return side(bytes, at, end, cells);
      case HOLES.flag:
        return flag(bytes, at, end);
      case HOLES.number:
        return this.#decimal(bytes, bytes[at] === MINUS ? at + 1 : at, end);
      case HOLES.amount:
        return this.#decimal(bytes, at, end);
      case HOLES.text:
        return textEnd(bytes, at, end);
      case HOLES.first: {
        const to = this.#whole(bytes, at, end);
        this.#first = this.#value;
        return to;
      }
      case HOLES.last: {
        const to = this.#whole(bytes, at, end);
        return this.#value > Number.MAX_SAFE_INTEGER || this.#first > this.#value ? -1 : to;
      }
      case HOLES.again: {
        const known = this.name?.bytes;
        return known && at + known.length <= end && liesAt(bytes, at, known) ? at + known.length : -1;
      }
      case HOLES.taker:
        return taker(bytes, at, end, cells);
      case HOLES.digits:
        return this.#whole(bytes, at, end);
      case HOLES.nanos:
        return this.#nanos(bytes, at, end, cells);
      case HOLES.name:
        return this.#name(bytes, at, end, cells);
      case HOLES.count: {
        const to = this.#whole(bytes, at, end);
        if (to < 0 || this.#value < 1 || cells.idNumber < 0 || this.#value > cells.idNumber + 1) return -1;
        cells.firstIdNumber = cells.idNumber - this.#value + 1;
        return to;
      }
      case HOLES.begin: {
        const to = this.#whole(bytes, at, end);
        if (to < 0 || cells.idNumber < 0 || this.#value > cells.idNumber) return -1;
        cells.firstIdNumber = this.#value;
        return to;
      }
      case HOLES.own: {
        const to = this.#whole(bytes, at, end);
        return this.#value === cells.idNumber ? to : -1;
      }
      case HOLES.signed:
        cells.side = bytes[at] === MINUS ? Side.sell : Side.buy;
        return this.#qty(bytes, bytes[at] === MINUS ? at + 1 : at, end, cells);
      case HOLES.sec: {
        const to = this.#whole(bytes, at, end);
        return this.#value >= EARLIEST_MS / 1000 && this.#value < LATEST_MS / 1000 ? to : -1;
      }
      case HOLES.millis:
        return this.#millis(bytes, at, end, cells);
      default:
        return -1;
    }
  }

  #qty(bytes: Uint8Array, at: number, end: number, cells: TickCells): number {
    const to = this.#decimal(bytes, at, end);
    if (to < 0 || this.#value === 0) return -1;
    const fits = this.#value <= Number.MAX_SAFE_INTEGER;
    cells.qtyMantissa = fits ? this.#value : -1;
    cells.qtyScale = fits ? this.#scale : 0;
    cells.qtyText = fits ? '' : textAt(bytes, at, to);
    return to;
  }

  #symbol(bytes: Uint8Array, from: number, end: number, cells: TickCells): number {
    let hash = 0;
    let at = from;
    for (; at < end; at++) {
      const c = bytes[at]!;
      if (c === QUOTE) break;
      if (c === BACKSLASH || c < 0x20) return -1;
      hash = (Math.imul(hash, 31) + c) | 0;
    }
    if (at === end) return -1;
    const name = this.#symbols.find(bytes, from, at, hash);
    if (name === null) return -1;
    this.name = name;
    cells.symbol = name.text;
    return at;
  }

  #id(bytes: Uint8Array, from: number, end: number, cells: TickCells): number {
    const to = this.#whole(bytes, from, end);
    if (to < 0) return -1;
    if (this.#value > Number.MAX_SAFE_INTEGER) {
      putIdAt(cells, bytes, from, to);
      return to;
    }
    cells.idNumber = this.#value;
    cells.idText = '';
    cells.firstIdNumber = this.#value;
    return to;
  }

  /** Digits without a leading zero, at most 20; over 2^53-1 the value is only known to be too large. */
  #whole(bytes: Uint8Array, from: number, end: number): number {
    let value = 0;
    let at = from;
    for (; at < end; at++) {
      const digit = bytes[at]! - ZERO;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    const digits = at - from;
    if (digits === 0 || digits > MAX_WHOLE || (bytes[from] === ZERO && digits > 1)) return -1;
    this.#value = value;
    return at;
  }

  /** A plain decimal. The value is exact up to 2^53-1 and otherwise only known to be larger: adding digits never brings it back. */
  #decimal(bytes: Uint8Array, from: number, end: number): number {
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
    this.#value = value;
    this.#scale = dot < 0 ? 0 : at - dot - 1;
    return at;
  }

  /** 19 digits; the first 16 are the µs, which a number holds exactly. */
  #nanos(bytes: Uint8Array, from: number, end: number, cells: TickCells): number {
    const to = this.#whole(bytes, from, end);
    if (to - from !== NANOS_TEXT) return -1;
    let us = 0;
    for (let at = from; at < to - 3; at++) us = us * 10 + bytes[at]! - ZERO;
    if (!(us >= EARLIEST_MS * 1000 && us < LATEST_MS * 1000)) return -1;
    cells.eventUs = us;
    return to;
  }

  /** 13 digits of ms, and behind a point at least one more: three of them make µs, the others are cut off. */
  #millis(bytes: Uint8Array, from: number, end: number, cells: TickCells): number {
    const to = this.#decimal(bytes, from, end);
    const dot = from + MILLIS_TEXT;
    if (to < 0 || (this.#scale === 0 ? to : to - this.#scale - 1) !== dot) return -1;
    let us = 0;
    for (let at = from; at < dot; at++) us = us * 10 + bytes[at]! - ZERO;
    for (let at = dot + 1; at <= dot + 3; at++) us = us * 10 + (at < to ? bytes[at]! - ZERO : 0);
    if (!(us >= EARLIEST_MS * 1000 && us < LATEST_MS * 1000)) return -1;
    cells.eventUs = us;
    return to;
  }

  #name(bytes: Uint8Array, from: number, end: number, cells: TickCells): number {
    const quote = textEnd(bytes, from, end);
    if (quote < 0) return -1;
    if (!isHexId(bytes, from, quote)) return this.#id(bytes, from, quote, cells) === quote ? quote : -1;
    putIdAt(cells, bytes, from, quote);
    return quote;
  }

  #time(bytes: Uint8Array, from: number, end: number): number {
    const to = this.#whole(bytes, from, end);
    if (to < 0) return -1;
    if (this.#value >= EARLIEST_MS && this.#value < LATEST_MS) this.#value *= 1000;
    else if (!(this.#value >= EARLIEST_MS * 1000 && this.#value < LATEST_MS * 1000)) return -1;
    return to;
  }
}

const HEX_ID_TEXT = 24;
/** Digits of a time in ms between 2001 and 2286. */
const MILLIS_TEXT = 13;

function isHexId(bytes: Uint8Array, from: number, to: number): boolean {
  if (to - from !== HEX_ID_TEXT) return false;
  for (let at = from; at < to; at++) {
    const c = bytes[at]!;
    if (!((c >= ZERO && c <= 0x39) || (c >= 0x61 && c <= 0x66))) return false;
  }
  return true;
}

function textAt(bytes: Uint8Array, from: number, to: number): string {
  const buffer = bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return buffer.toString('latin1', from, to);
}

function flag(bytes: Uint8Array, at: number, end: number): number {
  if (bytes[at] === 0x74 && bytes[at + 1] === 0x72 && bytes[at + 2] === 0x75 && bytes[at + 3] === 0x65)
    return at + 4 <= end ? at + 4 : -1;
  if (
    bytes[at] === 0x66 &&
    bytes[at + 1] === 0x61 &&
    bytes[at + 2] === 0x6c &&
    bytes[at + 3] === 0x73 &&
    bytes[at + 4] === 0x65
  )
    return at + 5 <= end ? at + 5 : -1;
  return -1;
}

/** ASK: the taker sold. */
function side(bytes: Uint8Array, at: number, end: number, cells: TickCells): number {
  if (at + 3 > end) return -1;
  if (bytes[at] === 0x41 && bytes[at + 1] === 0x53 && bytes[at + 2] === 0x4b) {
    cells.side = Side.sell;
    return at + 3;
  }
  if (bytes[at] === 0x42 && bytes[at + 1] === 0x49 && bytes[at + 2] === 0x44) {
    cells.side = Side.buy;
    return at + 3;
  }
  return -1;
}

/** buy or sell, in small letters. */
function taker(bytes: Uint8Array, at: number, end: number, cells: TickCells): number {
  if (at + 3 <= end && bytes[at] === 0x62 && bytes[at + 1] === 0x75 && bytes[at + 2] === 0x79) {
    cells.side = Side.buy;
    return at + 3;
  }
  if (at + 4 > end || bytes[at] !== 0x73 || bytes[at + 1] !== 0x65) return -1;
  if (bytes[at + 2] !== 0x6c || bytes[at + 3] !== 0x6c) return -1;
  cells.side = Side.sell;
  return at + 4;
}

function textEnd(bytes: Uint8Array, from: number, end: number): number {
  for (let at = from; at < end; at++) {
    const c = bytes[at]!;
    if (c === QUOTE) return at;
    if (c < 0x20 || c >= 0x7f || c === BACKSLASH) return -1;
  }
  return -1;
}
