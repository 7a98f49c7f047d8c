// KuCoin decoding: the trade layouts that the venue sends are read from the bytes, anything else by the exact reading.
import { type Template, TemplateReader, template } from '../byte-template.ts';
import type { FrameVerdict, TickSink } from '../feed.ts';
import { SymbolTable } from '../symbol-table.ts';
import { trades } from '../verdicts.ts';
import { decodeGeneral, EXECUTION, isKucoinSymbol, MATCH } from './general.ts';

const MATCH_HEAD = '{"topic":"/market/match:<symbol>","type":"message","subject":"trade.l3match","data":';
const EXECUTION_HEAD = '{"topic":"/contractMarket/execution:<symbol>","type":"message","subject":"match",';
const EXECUTION_DATA =
  '"data":{"symbol":"<again>","sequence":<digits>,"side":"<taker>","size":<qty>,"price":"<price>","takerOrderId":"<text>","makerOrderId":"<text>","tradeId":"<name>","ts":<nanos>}}';
const OLD_EXECUTION =
  '{"data":{"makerUserId":"<text>","symbol":"<symbol>","sequence":<digits>,"side":"<taker>","size":<qty>,"price":<price>,"takerOrderId":"<text>","makerOrderId":"<text>","takerUserId":"<text>","tradeId":"<name>","ts":<nanos>},"subject":"match","topic":"/contractMarket/execution:<again>","type":"message"}';

/** Today's first, then those of older years, which recordings hold. */
const LAYOUTS: readonly Template[] = [
  template(
    MATCH.channel,
    `${MATCH_HEAD}{"makerOrderId":"<text>","price":"<price>","sequence":"<digits>","side":"<taker>","size":"<qty>","symbol":"<again>","takerOrderId":"<text>","time":"<nanos>","tradeId":"<name>","type":"match"}}`,
  ),
  template(EXECUTION.channel, `${EXECUTION_HEAD}"sn":<digits>,${EXECUTION_DATA}`),
  template(EXECUTION.channel, `${EXECUTION_HEAD}${EXECUTION_DATA}`),
  template(
    MATCH.channel,
    `${MATCH_HEAD}{"symbol":"<again>","price":"<price>","size":"<qty>","side":"<taker>","sequence":"<digits>","tradeId":"<name>","time":"<nanos>","type":"match"}}`,
  ),
  template(
    MATCH.channel,
    '{"data":{"symbol":"<symbol>","sequence":"<digits>","side":"<taker>","size":"<qty>","price":"<price>","takerOrderId":"<text>","time":"<nanos>","type":"match","makerOrderId":"<text>","tradeId":"<name>"},"subject":"trade.l3match","topic":"/market/match:<again>","type":"message"}',
  ),
  template(EXECUTION.channel, OLD_EXECUTION),
];

export interface Decoder {
  decode(frame: Uint8Array, sink: TickSink): FrameVerdict;
  decodeAt(bytes: Uint8Array, start: number, end: number, sink: TickSink): FrameVerdict;
  symbolOf(frame: Uint8Array): string | null;
}

/** A decoder of its own for each feed: the symbols and the layout seen last are its memory. */
export function kucoinDecoder(): Decoder {
  const reader = new TemplateReader(new SymbolTable(isKucoinSymbol));
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
    sink.cells.channel = LAYOUTS[last]!.channel;
    sink.accept();
    return trades;
  }

  return { decode: (frame, sink) => decodeAt(frame, 0, frame.length, sink), decodeAt, symbolOf };
}

const TOPIC = Buffer.from('"topic":"/');
const COLON = 0x3a;
const QUOTE = 0x22;

/** The symbol behind the colon of a trade topic, wherever in the frame the topic stands. */
function symbolOf(frame: Uint8Array): string | null {
  const bytes = Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength);
  const from = bytes.indexOf(TOPIC);
  if (from < 0) return null;
  const name = from + TOPIC.length - 1;
  const to = bytes.indexOf(QUOTE, name);
  const colon = bytes.indexOf(COLON, name);
  if (to < 0 || colon < 0 || colon > to) return null;
  const prefix = bytes.toString('latin1', name, colon + 1);
  if (prefix !== MATCH.prefix && prefix !== EXECUTION.prefix) return null;
  const symbol = bytes.toString('utf8', colon + 1, to);
  return isKucoinSymbol(symbol) ? symbol : null;
}
