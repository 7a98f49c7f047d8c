// Upbit's live frames, byte by byte as feeds.md section 8 shows them, with long or short member names.
import { bytesOf, putBytes, putWhole } from './bytes.ts';
import type { SimulatedStream } from './stream.ts';
import type { TapeRow } from './tape.ts';
import { BINARY_FRAME, finish, HEAD, putLots, putMs, putPrice, type RenderedFrame, scratch } from './wire.ts';

/** Frame form: SIMPLE, with short names. */
export const SHORT_NAMES = 1;

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
  /** By form. */
  readonly heads: readonly Uint8Array[];
  readonly closingTicks: number;
}

const wordsOf = new WeakMap<SimulatedStream, StreamWords>();

function words(stream: SimulatedStream): StreamWords {
  const known = wordsOf.get(stream);
  if (known) return known;
  const made: StreamWords = {
    heads: [
      `{"type":"trade","code":"${stream.symbol}","timestamp":`,
      `{"ty":"trade","cd":"${stream.symbol}","tms":`,
    ].map(bytesOf),
    closingTicks: closingTicks(stream),
  };
  wordsOf.set(stream, made);
  return made;
}

/** Yesterday's close: what changes are counted from. */
export function closingTicks(stream: SimulatedStream): number {
  return Math.max(1, Math.round(stream.restTicks * 0.985));
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

/** The whole WebSocket frame of a trade; valid until the next frame is rendered. */
export function renderUpbit(stream: SimulatedStream, trade: TapeRow, form: number, snapshot = false): RenderedFrame {
  const out = scratch;
  const known = words(stream);
  const names = (form & SHORT_NAMES) !== 0 ? upbitShort : upbitLong;
  const { scales } = stream;
  readDate(trade.ms);
  let at = putBytes(out, HEAD, known.heads[form & SHORT_NAMES]!);
  at = putWhole(out, at, trade.ms + 3 + (trade.extra & 31), 13);
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
  at = putWhole(out, at, trade.extra, 4);
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
