// Bybit decoding: publicTrade frames of one to many rows are read from the bytes, whatever the order of a row's keys; anything else by the exact reading.
import { Side } from '../../../src-shared/market/tick.ts';
import { ByteScan, RowColumns, symbolAt } from '../byte-rows.ts';
import { liesAt } from '../byte-template.ts';
import { isSymbol } from '../cells.ts';
import type { FrameVerdict, TickSink } from '../feed.ts';
import { SymbolTable } from '../symbol-table.ts';
import { textBehind } from '../text-behind.ts';
import { trades } from '../verdicts.ts';
import { decodeGeneral } from './general.ts';

const START = Buffer.from('{"topic":"publicTrade.');
const TOPIC_FIELD = START.subarray(1);
/** What stands between the symbol and the frame's time, and between that time and the rows, in the two orders that are sent. */
const TYPE_FIRST = Buffer.from('","type":"snapshot","ts":');
const TIME_FIRST = Buffer.from('","ts":');
const ROWS = Buffer.from(',"data":[');
const TYPE_ROWS = Buffer.from(',"type":"snapshot","data":[');

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const CLOSE_BRACKET = 0x5d;

/** Keys of a row, as bits: a key that comes twice is for the exact reading to refuse. */
const ID = 1;
const TIME = 2;
const PRICE = 4;
const QTY = 8;
const SIDE = 16;
const SYMBOL = 32;
const REQUIRED = ID | TIME | PRICE | QTY | SIDE | SYMBOL;
const DIRECTION = 64;
const BLOCK = 128;
const RPI = 256;
const SEQUENCE = 512;

export interface Decoder {
  decode(frame: Uint8Array, sink: TickSink): FrameVerdict;
  decodeAt(bytes: Uint8Array, start: number, end: number, sink: TickSink): FrameVerdict;
  symbolOf(frame: Uint8Array): string | null;
}

/** A decoder of its own for each feed: the symbols seen are its memory. */
export function bybitDecoder(): Decoder {
  const symbols = new SymbolTable(isSymbol);
  const scan = new ByteScan();
  const rows = new RowColumns();

  /** Position behind the row that begins at `from`, its fields in the columns; -1 to decline. */
  function row(bytes: Uint8Array, from: number, end: number, symbol: Uint8Array): number {
    let at = from;
    let seen = 0;
    if (bytes[at] !== OPEN_BRACE) return -1;
    do {
      at++;
      if (bytes[at] !== QUOTE) return -1;
      const key = bytes[at + 1];
      let bit = 0;
      if (bytes[at + 2] === QUOTE) {
        if (bytes[at + 3] !== COLON) return -1;
        at += 4;
        const text = at + 1;
        if (key === 0x54) {
          // T
          bit = TIME;
          at = scan.time(bytes, at, end);
          rows.time(scan.value);
        } else {
          // The others are in quotes.
          if (bytes[at] !== QUOTE) return -1;
          switch (key) {
            case 0x69: // i
              bit = ID;
              at = scan.textId(bytes, text, end);
              rows.id(scan.value, text, at);
              break;
            case 0x70: // p
              bit = PRICE;
              at = scan.amount(bytes, text, end);
              rows.price(scan, text, at);
              break;
            case 0x76: // v
              bit = QTY;
              at = scan.amount(bytes, text, end);
              rows.qty(scan, text, at);
              break;
            case 0x53: // S
              bit = SIDE;
              at = side(bytes, text);
              break;
            case 0x73: // s
              bit = SYMBOL;
              at = liesAt(bytes, text, symbol) ? text + symbol.length : -1;
              break;
            case 0x4c: // L
              bit = DIRECTION;
              at = scan.text(bytes, text, end);
              break;
            default:
              return -1;
          }
          if (at < 0 || bytes[at] !== QUOTE) return -1;
          at++;
        }
      } else if (key === 0x73) {
        // seq
        if (bytes[at + 2] !== 0x65 || bytes[at + 3] !== 0x71 || bytes[at + 4] !== QUOTE || bytes[at + 5] !== COLON)
          return -1;
        bit = SEQUENCE;
        at = scan.whole(bytes, at + 6, end);
      } else if (key === 0x42) {
        // BT
        if (bytes[at + 2] !== 0x54 || bytes[at + 3] !== QUOTE || bytes[at + 4] !== COLON) return -1;
        bit = BLOCK;
        at = scan.flag(bytes, at + 5);
      } else {
        // RPI
        if (key !== 0x52 || bytes[at + 2] !== 0x50 || bytes[at + 3] !== 0x49 || bytes[at + 4] !== QUOTE) return -1;
        if (bytes[at + 5] !== COLON) return -1;
        bit = RPI;
        at = scan.flag(bytes, at + 6);
      }
      if (at < 0 || (seen & bit) !== 0) return -1;
      seen |= bit;
    } while (bytes[at] === COMMA);
    return bytes[at] === CLOSE_BRACE && (seen & REQUIRED) === REQUIRED ? at + 1 : -1;
  }

  function side(bytes: Uint8Array, at: number): number {
    if (bytes[at] === 0x42 && bytes[at + 1] === 0x75 && bytes[at + 2] === 0x79) {
      rows.side(Side.buy);
      return at + 3;
    }
    const sell = bytes[at] === 0x53 && bytes[at + 1] === 0x65 && bytes[at + 2] === 0x6c && bytes[at + 3] === 0x6c;
    if (!sell) return -1;
    rows.side(Side.sell);
    return at + 4;
  }

  function fast(bytes: Uint8Array, start: number, end: number, sink: TickSink): boolean {
    if (end - start < 100 || !liesAt(bytes, start, START)) return false;
    let at = start + START.length;
    const name = symbolAt(symbols, bytes, at, end);
    if (name === null) return false;
    at += name.bytes.length;
    const timeFirst = liesAt(bytes, at, TIME_FIRST);
    if (!timeFirst && !liesAt(bytes, at, TYPE_FIRST)) return false;
    at = scan.time(bytes, at + (timeFirst ? TIME_FIRST : TYPE_FIRST).length, end);
    const opening = timeFirst ? TYPE_ROWS : ROWS;
    if (at < 0 || !liesAt(bytes, at, opening)) return false;
    at += opening.length - 1;
    rows.clear();
    do {
      at = row(bytes, at + 1, end, name.bytes);
      if (at < 0 || !rows.next()) return false;
    } while (bytes[at] === COMMA);
    // Every byte so far lay before `at`: standing at the end proves that none was another message's.
    if (bytes[at] !== CLOSE_BRACKET || bytes[at + 1] !== CLOSE_BRACE || at + 2 !== end) return false;
    rows.emit(bytes, name.text, 'trade', sink);
    return true;
  }

  function decodeAt(bytes: Uint8Array, start: number, end: number, sink: TickSink): FrameVerdict {
    return fast(bytes, start, end, sink) ? trades : decodeGeneral(bytes.subarray(start, end), sink);
  }

  return {
    decode: (frame, sink) => decodeAt(frame, 0, frame.length, sink),
    decodeAt,
    symbolOf: (frame) => {
      if (liesAt(frame, 0, START)) return symbolAt(symbols, frame, START.length, frame.length)?.text ?? null;
      const symbol = textBehind(frame, TOPIC_FIELD);
      return symbol !== null && isSymbol(symbol) ? symbol : null;
    },
  };
}
