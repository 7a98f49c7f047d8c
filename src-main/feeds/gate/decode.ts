// Gate decoding: the layouts of trades that the venue sends are read from the bytes, anything else by the exact reading.
import { liesAt, type Template, TemplateReader, template } from '../byte-template.ts';
import { isSymbol, newTickCells } from '../cells.ts';
import type { FrameVerdict, TickCells, TickSink } from '../feed.ts';
import { SymbolTable } from '../symbol-table.ts';
import { trades } from '../verdicts.ts';
import { decodeGeneral, FUTURES, SPOT } from './general.ts';

/** What stands before the rows: times, the channel, the event. */
const heads = (channel: string, open: string): readonly Template[] =>
  ['"time":<digits>,"time_ms":<digits>,', '"time":<digits>,', '"time_ms":<digits>,', ''].flatMap((times) =>
    ['', '"error":null,'].map((error) =>
      template(channel, `{${times}"channel":"${channel}","event":"update",${error}"result":${open}`),
    ),
  );

const SPOT_TIMES = ['"create_time":<sec>,"create_time_ms":"<millis>",', '"create_time_ms":"<millis>",'];
const SPOT_TRADE = '"side":"<taker>","currency_pair":"<symbol>","amount":"<qty>","price":"<price>"';
const FUTURES_TIMES = ['"create_time":<sec>,"create_time_ms":<millis>', '"create_time_ms":<millis>'];

interface Layouts {
  readonly heads: readonly Template[];
  readonly rows: readonly Template[];
  /** Whether a frame holds a list of rows. */
  readonly list: boolean;
  readonly tail: Uint8Array;
}

const SPOT_LAYOUTS: Layouts = {
  heads: heads(SPOT, ''),
  rows: SPOT_TIMES.flatMap((times) =>
    ['"id":<id>,"id_market":<digits>,', '"id":<id>,'].flatMap((id) =>
      [',"range":"<begin>-<own>"}', '}'].map((end) => template(SPOT, `{${id}${times}${SPOT_TRADE}${end}`)),
    ),
  ),
  list: false,
  tail: Buffer.from('}'),
};

const FUTURES_LAYOUTS: Layouts = {
  heads: heads(FUTURES, '['),
  rows: FUTURES_TIMES.flatMap((times) => [
    ...['<signed>', '"<signed>"'].flatMap((size) => [
      template(FUTURES, `{"id":<id>,"size":${size},${times},"price":"<price>","contract":"<symbol>"}`),
      template(
        FUTURES,
        `{"id":<id>,"size":${size},${times},"price":"<price>","contract":"<symbol>","is_internal":<flag>}`,
      ),
      template(FUTURES, `{"size":${size},"id":<id>,${times},"price":"<price>","contract":"<symbol>"}`),
      template(FUTURES, `{"contract":"<symbol>",${times},"id":<id>,"price":"<price>","size":${size}}`),
    ]),
  ]),
  list: true,
  tail: Buffer.from(']}'),
};

/** A frame with more goes to the exact reading. */
const MOST_ROWS = 1024;
const COMMA = 0x2c;
const QUOTE = 0x22;

export interface Decoder {
  decode(frame: Uint8Array, sink: TickSink): FrameVerdict;
  decodeAt(bytes: Uint8Array, start: number, end: number, sink: TickSink): FrameVerdict;
  symbolOf(frame: Uint8Array): string | null;
}

/** A decoder of its own for each feed: the symbols and the layouts seen last are its memory. */
export function gateDecoder(market: 'spot' | 'perp'): Decoder {
  const reader = new TemplateReader(new SymbolTable(isSymbol));
  const last = { spotHead: 0, futuresHead: 0, spotRow: 0, futuresRow: 0 };
  let fits = 0;
  /** The rows of a futures frame until it has been read to its end. */
  const held: TickCells[] = [];

  /** Position behind the first of these layouts that lies at `at`, the one that fitted last tried first; -1 when none does. */
  function oneOf(
    layouts: readonly Template[],
    known: number,
    bytes: Uint8Array,
    at: number,
    end: number,
    cells: TickCells,
  ): number {
    fits = known;
    let to = reader.read(layouts[known]!, bytes, at, end, cells);
    for (let i = 0; to < 0 && i < layouts.length; i++) {
      if (i === known) continue;
      fits = i;
      to = reader.read(layouts[i]!, bytes, at, end, cells);
    }
    return to;
  }

  function spot(bytes: Uint8Array, start: number, end: number, sink: TickSink): boolean {
    const { heads, rows, tail } = SPOT_LAYOUTS;
    const begin = oneOf(heads, last.spotHead, bytes, start, end, sink.cells);
    if (begin < 0) return false;
    last.spotHead = fits;
    const behind = oneOf(rows, last.spotRow, bytes, begin, end, sink.cells);
    if (behind < 0 || behind + tail.length !== end || !liesAt(bytes, behind, tail)) return false;
    last.spotRow = fits;
    sink.cells.channel = SPOT;
    sink.accept();
    return true;
  }

  /** All rows are read before the first is accepted, so that the frame as a whole can still be declined. */
  function futures(bytes: Uint8Array, start: number, end: number, sink: TickSink): boolean {
    const { heads, rows, tail } = FUTURES_LAYOUTS;
    let at = oneOf(heads, last.futuresHead, bytes, start, end, sink.cells);
    if (at < 0) return false;
    last.futuresHead = fits;
    let count = 0;
    for (;;) {
      if (count === MOST_ROWS) return false;
      held[count] ??= newTickCells();
      at = oneOf(rows, last.futuresRow, bytes, at, end, held[count]!);
      if (at < 0) return false;
      last.futuresRow = fits;
      count++;
      if (at < end && bytes[at] === COMMA) at++;
      else break;
    }
    if (at + tail.length !== end || !liesAt(bytes, at, tail)) return false;
    sink.cells.channel = FUTURES;
    for (let row = 0; row < count; row++) {
      copyRow(held[row]!, sink.cells);
      sink.accept();
    }
    return true;
  }

  const own = market === 'spot' ? spot : futures;

  function decodeAt(bytes: Uint8Array, start: number, end: number, sink: TickSink): FrameVerdict {
    if (own(bytes, start, end, sink)) return trades;
    return decodeGeneral(bytes.subarray(start, end), sink);
  }

  return { decode: (frame, sink) => decodeAt(frame, 0, frame.length, sink), decodeAt, symbolOf };
}

/** Everything of a row but its channel. */
function copyRow(from: TickCells, to: TickCells): void {
  to.symbol = from.symbol;
  to.idNumber = from.idNumber;
  to.idText = from.idText;
  to.priceMantissa = from.priceMantissa;
  to.priceScale = from.priceScale;
  to.priceText = from.priceText;
  to.qtyMantissa = from.qtyMantissa;
  to.qtyScale = from.qtyScale;
  to.qtyText = from.qtyText;
  to.side = from.side;
  to.eventUs = from.eventUs;
  to.firstIdNumber = from.firstIdNumber;
}

const NAMES = ['"currency_pair":"', '"contract":"'].map((text) => Buffer.from(text));
const TRADES = Buffer.from('.trades"');

/** The first symbol that a trades frame names. */
function symbolOf(frame: Uint8Array): string | null {
  const bytes = Buffer.from(frame.buffer, frame.byteOffset, Math.min(frame.byteLength, 512));
  if (bytes.indexOf(TRADES) < 0) return null;
  for (const name of NAMES) {
    const at = bytes.indexOf(name);
    if (at < 0) continue;
    const to = bytes.indexOf(QUOTE, at + name.length);
    if (to < 0) return null;
    const symbol = bytes.toString('utf8', at + name.length, to);
    return isSymbol(symbol) ? symbol : null;
  }
  return null;
}
