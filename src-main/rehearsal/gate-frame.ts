// Gate's live frames, byte by byte as feeds.md section 6 shows them: spot one trade each with µs and a range of ids, futures all fills of
// a taker order with signed sizes.
import { bytesOf, putBytes, putWhole } from './bytes.ts';
import type { SimulatedStream, Trade } from './stream.ts';
import type { TapeRow } from './tape.ts';
import { finish, HEAD, lotsText, putLots, putMs, putPrice, type RenderedFrame, scratch, TEXT_FRAME } from './wire.ts';

/** Frame form of futures: sizes with their decimals, as the header X-Gate-Size-Decimal asks. Without it they are cut toward zero. */
export const WHOLE_SIZES = 0;
export const DECIMAL_SIZES = 1;

const word = {
  time: bytesOf('{"time":'),
  timeMs: bytesOf(',"time_ms":'),
  spot: bytesOf(',"channel":"spot.trades","event":"update","result":{"id":'),
  futures: bytesOf(',"channel":"futures.trades","event":"update","result":['),
  idMarket: bytesOf(',"id_market":'),
  createTime: bytesOf(',"create_time":'),
  createMs: bytesOf(',"create_time_ms":"'),
  thousandths: bytesOf('000'),
  buy: bytesOf('","side":"buy"'),
  sell: bytesOf('","side":"sell"'),
  price: bytesOf('","price":"'),
  range: bytesOf('","range":"'),
  spotEnd: bytesOf('"}}'),
  id: bytesOf('{"id":'),
  size: bytesOf(',"size":'),
  futuresMs: bytesOf(',"create_time_ms":'),
  futuresPrice: bytesOf(',"price":"'),
  futuresEnd: bytesOf(']}'),
};

interface StreamWords {
  readonly pair: Uint8Array;
  readonly contract: Uint8Array;
}

const wordsOf = new WeakMap<SimulatedStream, StreamWords>();

function words(stream: SimulatedStream): StreamWords {
  const known = wordsOf.get(stream);
  if (known) return known;
  const made: StreamWords = {
    pair: bytesOf(`,"currency_pair":"${stream.symbol}","amount":"`),
    contract: bytesOf(`","contract":"${stream.symbol}"}`),
  };
  wordsOf.set(stream, made);
  return made;
}

/** Trades of a market merged into this row beyond its own; the row has the last one's id, its range says the first one's. */
export function mergedOf(stream: SimulatedStream): number {
  const bits = stream.random.bits();
  return (bits & 15) === 0 ? 1 + ((bits >>> 4) % 3) : 0;
}

/** Spot: consecutive with the merged ones counted. Futures: +1 (extra is 0). */
export function gateId(stream: SimulatedStream, row: TapeRow): number {
  return stream.firstId + row.index + row.extraBefore + row.extra;
}

export function putGateId(out: Uint8Array, pos: number, stream: SimulatedStream, row: TapeRow): number {
  return putWhole(out, pos, gateId(stream, row));
}

/** µs behind the ms of a spot trade: what tells trades of one ms apart. */
export function microsOf(row: TapeRow): number {
  return row.index % 1000;
}

/** The whole WebSocket frame of a spot trade; valid until the next frame is rendered. */
export function renderSpot(stream: SimulatedStream, trade: Trade): RenderedFrame {
  const out = scratch;
  const known = words(stream);
  const id = gateId(stream, trade);
  const seconds = Math.floor(trade.ms / 1000);
  let at = putWhole(out, putBytes(out, HEAD, word.time), seconds);
  at = putMs(out, putBytes(out, at, word.timeMs), trade.ms);
  at = putWhole(out, putBytes(out, at, word.spot), id);
  at = putWhole(out, putBytes(out, at, word.idMarket), id);
  at = putWhole(out, putBytes(out, at, word.createTime), seconds);
  at = putMs(out, putBytes(out, at, word.createMs), trade.ms);
  out[at] = 0x2e;
  at = putWhole(out, at + 1, microsOf(trade), 3);
  at = putBytes(out, at, word.thousandths);
  at = putBytes(out, at, trade.sell ? word.sell : word.buy);
  at = putLots(out, putBytes(out, at, known.pair), stream.scales, trade.lots);
  at = putPrice(out, putBytes(out, at, word.price), stream.scales, trade.priceTicks);
  at = putWhole(out, putBytes(out, at, word.range), id - trade.extra);
  out[at] = 0x2d;
  at = putWhole(out, at + 1, id);
  return finish(putBytes(out, at, word.spotEnd), TEXT_FRAME);
}

/** The whole WebSocket frame of a taker order's futures trades; valid until the next frame is rendered. */
export function renderFutures(stream: SimulatedStream, trades: readonly Trade[], form: number): RenderedFrame {
  const out = scratch;
  const known = words(stream);
  const ms = trades[0]?.ms ?? 0;
  let at = putWhole(out, putBytes(out, HEAD, word.time), Math.floor(ms / 1000));
  at = putMs(out, putBytes(out, at, word.timeMs), ms);
  at = putBytes(out, at, word.futures);
  for (let i = 0; i < trades.length; i += 1) {
    const trade = trades[i]!;
    if (i > 0) {
      out[at] = 0x2c;
      at += 1;
    }
    at = putWhole(out, putBytes(out, at, word.id), gateId(stream, trade));
    at = putBytes(out, at, word.size);
    at = putBytes(out, at, bytesOf(sizeText(stream, trade, form)));
    at = putWhole(out, putBytes(out, at, word.createTime), Math.floor(trade.ms / 1000));
    at = putMs(out, putBytes(out, at, word.futuresMs), trade.ms);
    at = putPrice(out, putBytes(out, at, word.futuresPrice), stream.scales, trade.priceTicks);
    at = putBytes(out, at, known.contract);
  }
  return finish(putBytes(out, at, word.futuresEnd), TEXT_FRAME);
}

/** As JSON: a text with its decimals, or a number cut toward zero. */
export function sizeText(stream: SimulatedStream, row: TapeRow, form: number): string {
  const magnitude = lotsText(stream.scales, row.lots);
  const sign = row.sell ? '-' : '';
  return form === DECIMAL_SIZES ? `"${sign}${magnitude}"` : String(Math.trunc(Number(`${sign}${magnitude}`)) || 0);
}
