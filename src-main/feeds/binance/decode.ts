// Binance decoding: the layouts that the venue sends today are read from the bytes, anything else by the exact reading.
import { liesAt, type Template, TemplateReader, template } from '../byte-template.ts';
import type { FrameVerdict, TickSink } from '../feed.ts';
import { SymbolTable } from '../symbol-table.ts';
import { hasNear, textBehind } from '../text-behind.ts';
import { trades } from '../verdicts.ts';
import { decodeGeneral, isBinanceSymbol } from './general.ts';

const AGGREGATES: readonly Template[] = [
  template(
    'aggTrade',
    '{"e":"aggTrade","E":<sent>,"a":<id>,"s":"<symbol>","p":"<price>","q":"<qty>","nq":"<amount>","f":<first>,"l":<last>,"T":<time>,"m":<maker>}',
  ),
  template(
    'aggTrade',
    '{"e":"aggTrade","E":<sent>,"a":<id>,"s":"<symbol>","p":"<price>","q":"<qty>","f":<first>,"l":<last>,"T":<time>,"m":<maker>}',
  ),
  template(
    'aggTrade',
    '{"e":"aggTrade","E":<sent>,"s":"<symbol>","a":<id>,"p":"<price>","q":"<qty>","f":<first>,"l":<last>,"T":<time>,"m":<maker>,"M":<flag>}',
  ),
  template(
    'aggTrade',
    '{"e":"aggTrade","E":<sent>,"s":"<symbol>","a":<id>,"p":"<price>","q":"<qty>","nq":"<amount>","f":<first>,"l":<last>,"T":<time>,"m":<maker>}',
  ),
];

const SINGLES: readonly Template[] = [
  template(
    'trade',
    '{"e":"trade","E":<sent>,"s":"<symbol>","t":<id>,"p":"<price>","q":"<qty>","T":<time>,"m":<maker>,"M":<flag>}',
  ),
  template(
    'trade',
    '{"e":"trade","E":<sent>,"T":<time>,"s":"<symbol>","t":<id>,"p":"<price>","q":"<qty>","X":"<text>","m":<maker>}',
  ),
];

const STREAM = Buffer.from('{"stream":"');
const STREAM_FIELD = STREAM.subarray(1);
const EVENT_FIELD = Buffer.from('"e":"');
const SYMBOL_FIELD = Buffer.from('"s":"');
const SINGLE_DATA = Buffer.from('@trade","data":');
const AGGREGATE_DATA = Buffer.from('@aggTrade","data":');
const AT = 0x40;
const CLOSE_BRACE = 0x7d;

export interface Decoder {
  decode(frame: Uint8Array, sink: TickSink): FrameVerdict;
  decodeAt(bytes: Uint8Array, start: number, end: number, sink: TickSink): FrameVerdict;
  symbolOf(frame: Uint8Array): string | null;
}

/** A decoder of its own for each feed: the symbols and the layouts seen last are its memory. */
export function binanceDecoder(): Decoder {
  const reader = new TemplateReader(new SymbolTable(isBinanceSymbol));
  let single = 0;
  let aggregate = 0;

  function event(bytes: Uint8Array, at: number, end: number, sink: TickSink): boolean {
    // {"e":"t or {"e":"a
    if (bytes[at + 6] === 0x74) {
      const found = oneOf(SINGLES, single, bytes, at, end, sink);
      if (found >= 0) single = found;
      return found >= 0;
    }
    const found = oneOf(AGGREGATES, aggregate, bytes, at, end, sink);
    if (found >= 0) aggregate = found;
    return found >= 0;
  }

  /** Index of the layout that fits the whole message, the one that fitted last tried first; -1 when none does. */
  function oneOf(
    layouts: readonly Template[],
    last: number,
    bytes: Uint8Array,
    at: number,
    end: number,
    sink: TickSink,
  ): number {
    if (reader.read(layouts[last]!, bytes, at, end, sink.cells) === end) {
      sink.cells.channel = layouts[last]!.channel;
      return last;
    }
    for (let i = 0; i < layouts.length; i++) {
      if (i === last || reader.read(layouts[i]!, bytes, at, end, sink.cells) !== end) continue;
      sink.cells.channel = layouts[i]!.channel;
      return i;
    }
    return -1;
  }

  function fast(bytes: Uint8Array, start: number, end: number, sink: TickSink): boolean {
    if (end - start < 40 || bytes[start] !== 0x7b) return false;
    if (bytes[start + 2] === 0x65) return event(bytes, start, end, sink);
    if (bytes[end - 1] !== CLOSE_BRACE || !liesAt(bytes, start, STREAM)) return false;
    const name = start + STREAM.length;
    let at = name;
    while (at < end && bytes[at] !== AT) at++;
    const data = bytes[at + 1] === 0x74 ? SINGLE_DATA : AGGREGATE_DATA;
    if (at + data.length > end || !liesAt(bytes, at, data)) return false;
    if (!event(bytes, at + data.length, end - 1, sink)) return false;
    // The envelope must name the stream of this very symbol and channel.
    const lower = reader.name?.lower;
    return (
      lower !== undefined &&
      lower.length === at - name &&
      liesAt(bytes, name, lower) &&
      sink.cells.channel.length === data.length - 10
    );
  }

  function decodeAt(bytes: Uint8Array, start: number, end: number, sink: TickSink): FrameVerdict {
    if (!fast(bytes, start, end, sink)) return decodeGeneral(bytes.subarray(start, end), sink);
    sink.accept();
    return trades;
  }

  return {
    decode: (frame, sink) => decodeAt(frame, 0, frame.length, sink),
    decodeAt,
    symbolOf: (frame) => symbolOfStream(frame),
  };
}

/** From the stream name of a combined frame (`btcusdt@...`), or the `s` of a bare trade, without reading the rest. */
function symbolOfStream(frame: Uint8Array): string | null {
  const bytes = Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength);
  if (liesAt(bytes, 0, STREAM)) {
    const at = bytes.indexOf(AT, STREAM.length);
    if (at < 0 || at > STREAM.length + 64) return null;
    const symbol = bytes.toString('utf8', STREAM.length, at).toUpperCase();
    return isBinanceSymbol(symbol) ? symbol : null;
  }
  const found = /^\{"e":"[^"\\]{1,40}"[^{}[\]]{0,80}"s":"([^"\\]{1,64})"/.exec(bytes.toString('utf8', 0, 200));
  if (found) return isBinanceSymbol(found[1]!) ? found[1]! : null;
  const stream = textBehind(bytes, STREAM_FIELD);
  const symbol =
    stream === null && hasNear(bytes, [EVENT_FIELD])
      ? textBehind(bytes, SYMBOL_FIELD)
      : stream?.includes('@')
        ? stream.slice(0, stream.indexOf('@')).toUpperCase()
        : null;
  return symbol !== null && isBinanceSymbol(symbol) ? symbol : null;
}
