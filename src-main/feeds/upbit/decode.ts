// Upbit decoding: the trade layouts that the venue sends today are read from the bytes, anything else by the exact reading.
import { liesAt, type Template, TemplateReader, template } from '../byte-template.ts';
import type { FrameVerdict, TickSink } from '../feed.ts';
import { SymbolTable } from '../symbol-table.ts';
import { hasNear, textBehind } from '../text-behind.ts';
import { trades } from '../verdicts.ts';
import { decodeGeneral, isUpbitCode } from './general.ts';

const DEFAULT =
  '{"type":"trade","code":"<symbol>","timestamp":<sent>,"trade_date":"<text>","trade_time":"<text>","trade_timestamp":<time>,"trade_price":<price>,"trade_volume":<qty>,"ask_bid":"<side>","prev_closing_price":<number>,"change":"<text>","change_price":<number>,"sequential_id":<id>,';
const BEST = '"best_ask_price":<number>,"best_ask_size":<number>,"best_bid_price":<number>,"best_bid_size":<number>,';
const SIMPLE =
  '{"ty":"trade","cd":"<symbol>","tms":<sent>,"td":"<text>","ttm":"<text>","ttms":<time>,"tp":<price>,"tv":<qty>,"ab":"<side>","pcp":<number>,"c":"<text>","cp":<number>,"sid":<id>,';
const SIMPLE_BEST = '"bap":<number>,"bas":<number>,"bbp":<number>,"bbs":<number>,';

const LAYOUTS: readonly Template[] = [
  template('trade', `${DEFAULT}${BEST}"stream_type":"<text>"}`),
  template('trade', `${DEFAULT}"stream_type":"<text>"}`),
  // The short form of feeds.md's sample, as simulators and older recordings send it.
  template(
    'trade',
    '{"type":"trade","code":"<symbol>","timestamp":<sent>,"trade_timestamp":<time>,"trade_price":<price>,"trade_volume":<qty>,"ask_bid":"<side>","sequential_id":<id>,"stream_type":"<text>"}',
  ),
  template('trade', `${SIMPLE}"st":"<text>"}`),
  template('trade', `${SIMPLE}${SIMPLE_BEST}"st":"<text>"}`),
];

const CODE_STARTS = ['{"type":"trade","code":"', '{"ty":"trade","cd":"'].map((text) => Buffer.from(text));
const TYPES = ['"type":"trade"', '"ty":"trade"'].map((text) => Buffer.from(text));
const CODES = ['"code":"', '"cd":"'].map((text) => Buffer.from(text));
const QUOTE = 0x22;

export interface Decoder {
  decode(frame: Uint8Array, sink: TickSink): FrameVerdict;
  decodeAt(bytes: Uint8Array, start: number, end: number, sink: TickSink): FrameVerdict;
  symbolOf(frame: Uint8Array): string | null;
}

export function upbitDecoder(): Decoder {
  const reader = new TemplateReader(new SymbolTable(isUpbitCode));
  let last = 0;

  function fast(bytes: Uint8Array, start: number, end: number, sink: TickSink): boolean {
    if (end - start < 60 || bytes[start] !== 0x7b) return false;
    if (reader.read(LAYOUTS[last]!, bytes, start, end, sink.cells) === end) return true;
    for (let i = 0; i < LAYOUTS.length; i++) {
      if (i === last || reader.read(LAYOUTS[i]!, bytes, start, end, sink.cells) !== end) continue;
      last = i;
      return true;
    }
    return false;
  }

  function decodeAt(bytes: Uint8Array, start: number, end: number, sink: TickSink): FrameVerdict {
    if (!fast(bytes, start, end, sink)) return decodeGeneral(bytes.subarray(start, end), sink);
    sink.cells.channel = 'trade';
    sink.accept();
    return trades;
  }

  return { decode: (frame, sink) => decodeAt(frame, 0, frame.length, sink), decodeAt, symbolOf: codeOf };
}

/** The code of a trade: all recorded ones begin with type and code. */
function codeOf(frame: Uint8Array): string | null {
  for (const start of CODE_STARTS) {
    if (!liesAt(frame, 0, start)) continue;
    const bytes = Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength);
    const to = bytes.indexOf(QUOTE, start.length);
    if (to < 0 || to > start.length + 64) return null;
    const code = bytes.toString('utf8', start.length, to);
    return isUpbitCode(code) ? code : null;
  }
  if (!hasNear(frame, TYPES)) return null;
  for (const name of CODES) {
    const code = textBehind(frame, name);
    if (code !== null && isUpbitCode(code)) return code;
  }
  return null;
}
