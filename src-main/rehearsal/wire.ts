// A trade in the venues' own words: WebSocket frames, ledger rows and decimal text, byte by byte as feeds.md samples show them.
import { bytesOf, POWERS_OF_TEN, putBytes, putDecimal, putWhole } from './bytes.ts';
import { COMBINED, MICRO, type Scales, SHORT_NAMES, type SimulatedStream, type Trade } from './stream.ts';

/** Rendered frames begin at this place of the scratch or before it: room for the WebSocket header. */
const HEAD = 4;
const TEXT_FRAME = 0x81;
const BINARY_FRAME = 0x82;

/** A frame as rendered: bytes[start..end) is a whole WebSocket frame. The same object each time. */
export interface RenderedFrame {
  readonly bytes: Buffer;
  start: number;
  end: number;
  /** Where the payload begins. */
  payload: number;
}

const scratch = Buffer.allocUnsafeSlow(4096);
const rendered: RenderedFrame = { bytes: scratch, start: 0, end: 0, payload: HEAD };

const word = {
  id: bytesOf(',"t":'),
  price: bytesOf(',"p":"'),
  qty: bytesOf('","q":"'),
  time: bytesOf('","T":'),
  spotSell: bytesOf(',"m":true,"M":true}'),
  spotBuy: bytesOf(',"m":false,"M":true}'),
  perpNq: bytesOf('","nq":"'),
  perpFirst: bytesOf('","f":'),
  perpLast: bytesOf(',"l":'),
  perpTime: bytesOf(',"T":'),
  perpSell: bytesOf(',"m":true}'),
  perpBuy: bytesOf(',"m":false}'),
  micro: bytesOf('000'),
  close: bytesOf('}'),
};

const upbitLong = {
  date: bytesOf(',"trade_date":"'),
  time: bytesOf('","trade_time":"'),
  ms: bytesOf('","trade_timestamp":'),
  price: bytesOf(',"trade_price":'),
  qty: bytesOf(',"trade_volume":'),
  side: bytesOf(',"ask_bid":"'),
  closing: bytesOf('","prev_closing_price":'),
  change: bytesOf(',"change":"'),
  changePrice: bytesOf('","change_price":'),
  id: bytesOf(',"sequential_id":'),
  askPrice: bytesOf(',"best_ask_price":'),
  askSize: bytesOf(',"best_ask_size":'),
  bidPrice: bytesOf(',"best_bid_price":'),
  bidSize: bytesOf(',"best_bid_size":'),
  realtime: bytesOf(',"stream_type":"REALTIME"}'),
  snapshot: bytesOf(',"stream_type":"SNAPSHOT"}'),
};
const upbitShort: typeof upbitLong = {
  date: bytesOf(',"td":"'),
  time: bytesOf('","ttm":"'),
  ms: bytesOf('","ttms":'),
  price: bytesOf(',"tp":'),
  qty: bytesOf(',"tv":'),
  side: bytesOf(',"ab":"'),
  closing: bytesOf('","pcp":'),
  change: bytesOf(',"c":"'),
  changePrice: bytesOf('","cp":'),
  id: bytesOf(',"sid":'),
  askPrice: bytesOf(',"bap":'),
  askSize: bytesOf(',"bas":'),
  bidPrice: bytesOf(',"bbp":'),
  bidSize: bytesOf(',"bbs":'),
  realtime: bytesOf(',"st":"REALTIME"}'),
  snapshot: bytesOf(',"st":"SNAPSHOT"}'),
};
const upbitWords = {
  ask: bytesOf('ASK'),
  bid: bytesOf('BID'),
  rise: bytesOf('RISE'),
  fall: bytesOf('FALL'),
  even: bytesOf('EVEN'),
};

interface StreamWords {
  /** Binance by form; Upbit by form. */
  readonly heads: readonly Uint8Array[];
  readonly name: Uint8Array;
  readonly ledger: Uint8Array;
  readonly closingTicks: number;
}

const wordsOf = new WeakMap<SimulatedStream, StreamWords>();

function words(stream: SimulatedStream): StreamWords {
  const known = wordsOf.get(stream);
  if (known) return known;
  const [venue, market] = stream.market.split(':');
  const ledger = `${JSON.stringify({ venue, market, symbol: stream.symbol, channel: stream.channel }).slice(0, -1)},"id":"`;
  const event = `{"e":"${stream.channel}","E":`;
  const combined = `{"stream":"${stream.symbol.toLowerCase()}@${stream.channel}","data":${event}`;
  const made: StreamWords = {
    heads:
      stream.market === 'upbit:spot'
        ? [
            `{"type":"trade","code":"${stream.symbol}","timestamp":`,
            `{"ty":"trade","cd":"${stream.symbol}","tms":`,
          ].map(bytesOf)
        : [event, combined, event, combined].map(bytesOf),
    name: bytesOf(stream.market === 'binance:spot' ? `,"s":"${stream.symbol}"` : `,"s":"${stream.symbol}","p":"`),
    ledger: bytesOf(ledger),
    closingTicks: Math.max(1, Math.round(stream.restTicks * 0.985)),
  };
  wordsOf.set(stream, made);
  return made;
}

function putPrice(out: Uint8Array, pos: number, scales: Scales, ticks: number): number {
  return putDecimal(out, pos, ticks * scales.priceUnit, scales.priceScale, scales.priceZeros);
}

function putLots(out: Uint8Array, pos: number, scales: Scales, lots: number): number {
  return putDecimal(out, pos, lots * scales.lotUnit, scales.lotScale, scales.lotZeros);
}

const msDigits = new Uint8Array(13);
let msOfDigits = -1;

function putMs(out: Uint8Array, pos: number, ms: number): number {
  if (ms !== msOfDigits) {
    putWhole(msDigits, 0, ms, 13);
    msOfDigits = ms;
  }
  return putBytes(out, pos, msDigits);
}

const dateBytes = new Uint8Array(10);
const timeBytes = new Uint8Array(8);
let secondOfDate = -1;

function readDate(ms: number): void {
  const second = Math.floor(ms / 1000);
  if (second === secondOfDate) return;
  secondOfDate = second;
  const text = new Date(second * 1000).toISOString();
  dateBytes.set(bytesOf(text.slice(0, 10)));
  timeBytes.set(bytesOf(text.slice(11, 19)));
}

function finish(end: number, opcode: number): RenderedFrame {
  const length = end - HEAD;
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

function renderBinance(stream: SimulatedStream, trade: Trade, form: number): RenderedFrame {
  const out = scratch;
  const known = words(stream);
  const micro = (form & MICRO) !== 0;
  const { scales } = stream;
  let at = putBytes(out, HEAD, known.heads[form]!);
  at = putMs(out, at, trade.ms);
  if (micro) at = putBytes(out, at, word.micro);
  if (stream.market === 'binance:spot') {
    at = putBytes(out, at, known.name);
    at = putBytes(out, at, word.id);
    at = putWhole(out, at, trade.id);
    at = putBytes(out, at, word.price);
    at = putPrice(out, at, scales, trade.priceTicks);
    at = putBytes(out, at, word.qty);
    at = putLots(out, at, scales, trade.lots);
    at = putBytes(out, at, word.time);
    at = putMs(out, at, trade.ms);
    if (micro) at = putBytes(out, at, word.micro);
    at = putBytes(out, at, trade.sell ? word.spotSell : word.spotBuy);
  } else {
    out[at] = 44;
    out[at + 1] = 34;
    out[at + 2] = 97;
    out[at + 3] = 34;
    out[at + 4] = 58;
    at = putWhole(out, at + 5, trade.id);
    at = putBytes(out, at, known.name);
    at = putPrice(out, at, scales, trade.priceTicks);
    at = putBytes(out, at, word.qty);
    const qtyFrom = at;
    at = putLots(out, at, scales, trade.lots);
    const qtyTo = at;
    at = putBytes(out, at, word.perpNq);
    for (let i = qtyFrom; i < qtyTo; i += 1) {
      out[at] = out[i]!;
      at += 1;
    }
    at = putBytes(out, at, word.perpFirst);
    at = putWhole(out, at, trade.rawFirst);
    at = putBytes(out, at, word.perpLast);
    at = putWhole(out, at, trade.rawLast);
    at = putBytes(out, at, word.perpTime);
    at = putMs(out, at, trade.ms);
    if (micro) at = putBytes(out, at, word.micro);
    at = putBytes(out, at, trade.sell ? word.perpSell : word.perpBuy);
  }
  if ((form & COMBINED) !== 0) at = putBytes(out, at, word.close);
  return finish(at, TEXT_FRAME);
}

function renderUpbit(stream: SimulatedStream, trade: Trade, form: number, snapshot: boolean): RenderedFrame {
  const out = scratch;
  const known = words(stream);
  const names = (form & SHORT_NAMES) !== 0 ? upbitShort : upbitLong;
  const { scales } = stream;
  readDate(trade.ms);
  let at = putBytes(out, HEAD, known.heads[form & SHORT_NAMES]!);
  at = putWhole(out, at, trade.ms + 3 + (trade.counter & 31), 13);
  at = putBytes(out, at, names.date);
  at = putBytes(out, at, dateBytes);
  at = putBytes(out, at, names.time);
  at = putBytes(out, at, timeBytes);
  at = putBytes(out, at, names.ms);
  at = putMs(out, at, trade.ms);
  at = putBytes(out, at, names.price);
  at = putPrice(out, at, scales, trade.priceTicks);
  at = putBytes(out, at, names.qty);
  at = putLots(out, at, scales, trade.lots);
  at = putBytes(out, at, names.side);
  at = putBytes(out, at, trade.sell ? upbitWords.ask : upbitWords.bid);
  at = putBytes(out, at, names.closing);
  at = putPrice(out, at, scales, known.closingTicks);
  at = putBytes(out, at, names.change);
  const change = trade.priceTicks - known.closingTicks;
  at = putBytes(out, at, change > 0 ? upbitWords.rise : change < 0 ? upbitWords.fall : upbitWords.even);
  at = putBytes(out, at, names.changePrice);
  at = putPrice(out, at, scales, Math.abs(change));
  at = putBytes(out, at, names.id);
  at = putMs(out, at, trade.ms);
  at = putWhole(out, at, trade.counter, 4);
  at = putBytes(out, at, names.askPrice);
  at = putPrice(out, at, scales, trade.sell ? trade.priceTicks + 1 : trade.priceTicks);
  at = putBytes(out, at, names.askSize);
  at = putLots(out, at, scales, trade.lots * 3 + 7);
  at = putBytes(out, at, names.bidPrice);
  at = putPrice(out, at, scales, trade.sell ? trade.priceTicks : Math.max(1, trade.priceTicks - 1));
  at = putBytes(out, at, names.bidSize);
  at = putLots(out, at, scales, trade.lots * 2 + 3);
  at = putBytes(out, at, snapshot ? names.snapshot : names.realtime);
  return finish(at, BINARY_FRAME);
}

/** The whole WebSocket frame of a trade; valid until the next call. */
export function renderFrame(stream: SimulatedStream, trade: Trade, form: number, snapshot = false): RenderedFrame {
  return stream.market === 'upbit:spot'
    ? renderUpbit(stream, trade, form, snapshot)
    : renderBinance(stream, trade, form);
}

const ledgerWords = {
  price: bytesOf('","price":"'),
  qty: bytesOf('","qty":"'),
  sell: bytesOf('","side":"sell","eventUs":'),
  buy: bytesOf('","side":"buy","eventUs":'),
  end: bytesOf('000}\n'),
};

/** Bytes that one ledger row may need at most, for streams with ordinary names. */
export const LEDGER_ROW_BYTES = 512;

/** Writes the ledger's JSON line of a trade. */
export function putLedgerRow(out: Uint8Array, pos: number, stream: SimulatedStream, trade: Trade): number {
  const { scales } = stream;
  let at = putBytes(out, pos, words(stream).ledger);
  if (stream.market === 'upbit:spot') {
    at = putMs(out, at, trade.ms);
    at = putWhole(out, at, trade.counter, 4);
  } else {
    at = putWhole(out, at, trade.id);
  }
  at = putBytes(out, at, ledgerWords.price);
  at = putPrice(out, at, scales, trade.priceTicks);
  at = putBytes(out, at, ledgerWords.qty);
  at = putLots(out, at, scales, trade.lots);
  at = putBytes(out, at, trade.sell ? ledgerWords.sell : ledgerWords.buy);
  at = putMs(out, at, trade.ms);
  return putBytes(out, at, ledgerWords.end);
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

/** log10 of a power of ten table entry is exact; used to choose scales. */
export function powerOfTen(exponent: number): number {
  return exponent >= 0
    ? (POWERS_OF_TEN[exponent] ?? 10 ** exponent)
    : 1 / (POWERS_OF_TEN[-exponent] ?? 10 ** -exponent);
}
