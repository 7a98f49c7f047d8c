// What all venues write with: WebSocket frames in one scratch buffer, decimal text, ledger rows. A venue's own words are in its files.
import { bytesOf, putBytes, putDecimal, putWhole } from './bytes.ts';
import type { Scales, SimulatedStream } from './stream.ts';
import type { TapeRow } from './tape.ts';

/** A frame's payload begins at this place of the scratch: room for the WebSocket header before it. */
export const HEAD = 4;
export const TEXT_FRAME = 0x81;
export const BINARY_FRAME = 0x82;

/** A frame as rendered: bytes[start..end) is a whole WebSocket frame. The same object each time. */
export interface RenderedFrame {
  bytes: Buffer;
  start: number;
  end: number;
  /** Where the payload begins. */
  payload: number;
}

/** Where frames are rendered; room for one trade of any venue, or all fills of one order. */
export const scratch = Buffer.allocUnsafeSlow(16_384);
const rendered: RenderedFrame = { bytes: scratch, start: 0, end: 0, payload: HEAD };

/** A price as the venue writes it. */
export function putPrice(out: Uint8Array, pos: number, scales: Scales, ticks: number): number {
  return putDecimal(out, pos, ticks * scales.priceUnit, scales.priceScale, scales.priceZeros);
}

/** A quantity as the venue writes it. */
export function putLots(out: Uint8Array, pos: number, scales: Scales, lots: number): number {
  return putDecimal(out, pos, lots * scales.lotUnit, scales.lotScale, scales.lotZeros);
}

const msDigits = new Uint8Array(13);
let msOfDigits = -1;

/** Thirteen digits of ms; the digits of the last time are remembered. */
export function putMs(out: Uint8Array, pos: number, ms: number): number {
  if (ms !== msOfDigits) {
    putWhole(msDigits, 0, ms, 13);
    msOfDigits = ms;
  }
  return putBytes(out, pos, msDigits);
}

/** The frame whose payload lies at scratch[HEAD, end); opcode TEXT_FRAME or BINARY_FRAME. Valid until the next frame is rendered. */
export function finish(end: number, opcode: number): RenderedFrame {
  const length = end - HEAD;
  rendered.bytes = scratch;
  rendered.payload = HEAD;
  if (length < 126) {
    scratch[2] = opcode;
    scratch[3] = length;
    rendered.start = 2;
  } else {
    scratch[0] = opcode;
    scratch[1] = 126;
    scratch[2] = length >>> 8;
    scratch[3] = length & 0xff;
    rendered.start = 0;
  }
  rendered.end = end;
  return rendered;
}

/** The frame of a text: for venues whose traffic does not ask for byte-wise writing. Any length. */
export function frameOf(text: string, opcode = TEXT_FRAME): RenderedFrame {
  // A UTF-16 unit becomes three bytes at most.
  if (text.length * 3 <= scratch.length - HEAD) return finish(HEAD + scratch.write(text, HEAD, 'utf8'), opcode);
  const payload = Buffer.from(text, 'utf8');
  const whole = wholeFrame(payload, opcode === BINARY_FRAME);
  return { bytes: whole, start: 0, end: whole.length, payload: whole.length - payload.length };
}

/** An unmasked WebSocket frame around a payload, as a server sends it. */
export function wholeFrame(payload: Uint8Array, binary: boolean): Buffer {
  const length = payload.length;
  const head = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const frame = Buffer.allocUnsafe(head + length);
  frame[0] = binary ? 0x82 : 0x81;
  if (head === 2) frame[1] = length;
  else if (head === 4) {
    frame[1] = 126;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = 127;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  frame.set(payload, head);
  return frame;
}

const ledgerWords = {
  price: bytesOf('","price":"'),
  qty: bytesOf('","qty":"'),
  sell: bytesOf('","side":"sell","eventUs":'),
  buy: bytesOf('","side":"buy","eventUs":'),
  end: bytesOf('}\n'),
  wholeMs: bytesOf('000}\n'),
};

/** Bytes that one ledger row may need at most, for streams with ordinary names. */
export const LEDGER_ROW_BYTES = 512;

/** What every ledger row of a stream begins with, up to its id. */
export function ledgerHead(stream: Pick<SimulatedStream, 'market' | 'symbol' | 'channel'>): Uint8Array {
  const [venue, market] = stream.market.split(':');
  const { symbol, channel } = stream;
  return bytesOf(`${JSON.stringify({ venue, market, symbol, channel }).slice(0, -1)},"id":"`);
}

/** Writes the ledger's JSON line of a trade. */
export function putLedgerRow(out: Uint8Array, pos: number, stream: SimulatedStream, row: TapeRow): number {
  const { scales, venue } = stream;
  let at = putBytes(out, pos, stream.ledgerHead);
  at = venue.putId(out, at, stream, row);
  at = putBytes(out, at, ledgerWords.price);
  at = putPrice(out, at, scales, row.priceTicks);
  at = putBytes(out, at, ledgerWords.qty);
  at = putLots(out, at, scales, row.lots);
  at = putBytes(out, at, row.sell ? ledgerWords.sell : ledgerWords.buy);
  if (venue.eventUs) return putBytes(out, putWhole(out, at, venue.eventUs(stream, row)), ledgerWords.end);
  at = putMs(out, at, row.ms);
  return putBytes(out, at, ledgerWords.wholeMs);
}

const small = new Uint8Array(64);

/** A price as the venue writes it. */
export function priceText(scales: Scales, ticks: number): string {
  return Buffer.from(small.buffer, 0, putPrice(small, 0, scales, ticks)).toString('latin1');
}

/** A quantity as the venue writes it. */
export function lotsText(scales: Scales, lots: number): string {
  return Buffer.from(small.buffer, 0, putLots(small, 0, scales, lots)).toString('latin1');
}

/** A number of 10^-scale units as plain text, e.g. a tick size. */
export function unitText(unit: number, scale: number, zeros: number): string {
  return Buffer.from(small.buffer, 0, putDecimal(small, 0, unit, scale, zeros)).toString('latin1');
}
