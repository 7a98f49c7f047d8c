// OKX decoding: the layouts of a trade that the venue sends are read from the bytes, anything else by the exact reading.
import { liesAt, type Template, TemplateReader, template } from '../byte-template.ts';
import { isSymbol } from '../cells.ts';
import type { FrameVerdict, TickSink } from '../feed.ts';
import { SymbolTable } from '../symbol-table.ts';
import { hasNear, textBehind } from '../text-behind.ts';
import { trades } from '../verdicts.ts';
import { decodeGeneral, MERGED, SINGLES } from './general.ts';

const ROW = '"instId":"<again>","tradeId":"<id>","px":"<price>","sz":"<qty>","side":"<taker>",';
/** What follows the side, as the API guide's samples and the recordings have it. */
const ENDS = ['"ts":"<time>"', '"source":"<digits>","ts":"<time>"', '"ts":"<time>","source":"<digits>"'];
const SEQUENCE = ',"seqId":<digits>';

const layout = (channel: string, end: string): Template =>
  template(channel, `{"arg":{"channel":"${channel}","instId":"<symbol>"},"data":[{${ROW}${end}}]}`);

const LAYOUTS: readonly Template[] = [
  ...ENDS.flatMap((end) => [layout(SINGLES, end), layout(SINGLES, end + SEQUENCE)]),
  layout(MERGED, '"ts":"<time>"'),
  layout(MERGED, '"ts":"<time>","count":"<count>"'),
  layout(MERGED, '"ts":"<time>","count":"<count>","source":"<digits>"'),
  layout(MERGED, `"ts":"<time>","count":"<count>","source":"<digits>"${SEQUENCE}`),
];

const STARTS = [SINGLES, MERGED].map((channel) => Buffer.from(`{"arg":{"channel":"${channel}","instId":"`));
const CHANNELS = [SINGLES, MERGED].map((channel) => Buffer.from(`"channel":"${channel}"`));
const SYMBOL = Buffer.from('"instId":"');
const QUOTE = 0x22;

export interface Decoder {
  decode(frame: Uint8Array, sink: TickSink): FrameVerdict;
  decodeAt(bytes: Uint8Array, start: number, end: number, sink: TickSink): FrameVerdict;
  symbolOf(frame: Uint8Array): string | null;
}

/** A decoder of its own for each feed: the symbols and the layout seen last are its memory. */
export function okxDecoder(): Decoder {
  const reader = new TemplateReader(new SymbolTable(isSymbol));
  let last = 0;

  function fast(bytes: Uint8Array, start: number, end: number, sink: TickSink): boolean {
    if (reads(last, bytes, start, end, sink)) return true;
    if (!STARTS.some((text) => start + text.length < end && liesAt(bytes, start, text))) return false;
    for (let i = 0; i < LAYOUTS.length; i++) {
      if (i === last || !reads(i, bytes, start, end, sink)) continue;
      last = i;
      return true;
    }
    return false;
  }

  function reads(index: number, bytes: Uint8Array, start: number, end: number, sink: TickSink): boolean {
    const known = LAYOUTS[index]!;
    if (reader.read(known, bytes, start, end, sink.cells) !== end) return false;
    sink.cells.channel = known.channel;
    return true;
  }

  function decodeAt(bytes: Uint8Array, start: number, end: number, sink: TickSink): FrameVerdict {
    if (!fast(bytes, start, end, sink)) return decodeGeneral(bytes.subarray(start, end), sink);
    sink.accept();
    return trades;
  }

  return { decode: (frame, sink) => decodeAt(frame, 0, frame.length, sink), decodeAt, symbolOf };
}

/** The symbol of a trade: all recorded ones begin with channel and symbol. */
function symbolOf(frame: Uint8Array): string | null {
  for (const start of STARTS) {
    if (!liesAt(frame, 0, start)) continue;
    const bytes = Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength);
    const to = bytes.indexOf(QUOTE, start.length);
    if (to < 0 || to > start.length + 200) return null;
    const symbol = bytes.toString('utf8', start.length, to);
    return isSymbol(symbol) ? symbol : null;
  }
  const symbol = hasNear(frame, CHANNELS) ? textBehind(frame, SYMBOL) : null;
  return symbol !== null && isSymbol(symbol) ? symbol : null;
}
