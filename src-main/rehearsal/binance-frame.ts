// Binance's live frames, byte by byte as feeds.md sections 1 and 2 show them: spot `@trade` and USDⓈ-M `@aggTrade`.
import { bytesOf, putBytes, putWhole } from './bytes.ts';
import type { SimulatedStream, Trade } from './stream.ts';
import { finish, HEAD, putLots, putMs, putPrice, type RenderedFrame, scratch, TEXT_FRAME } from './wire.ts';

/** Frame forms: inside {"stream":…,"data":…}; times in µs. */
export const COMBINED = 1;
export const MICRO = 2;

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

interface StreamWords {
  /** By form. */
  readonly heads: readonly Uint8Array[];
  readonly name: Uint8Array;
}

const wordsOf = new WeakMap<SimulatedStream, StreamWords>();

function words(stream: SimulatedStream): StreamWords {
  const known = wordsOf.get(stream);
  if (known) return known;
  const event = `{"e":"${stream.channel}","E":`;
  const combined = `{"stream":"${stream.symbol.toLowerCase()}@${stream.channel}","data":${event}`;
  const made: StreamWords = {
    heads: [event, combined, event, combined].map(bytesOf),
    name: bytesOf(stream.market === 'binance:spot' ? `,"s":"${stream.symbol}"` : `,"s":"${stream.symbol}","p":"`),
  };
  wordsOf.set(stream, made);
  return made;
}

/** Id of the first raw trade in an aggregate of USDⓈ-M; `extra` of them are merged in the row. */
export function firstRawId(stream: SimulatedStream, row: { readonly extraBefore: number }): number {
  return stream.firstId * 2 + 11 + row.extraBefore;
}

/** The whole WebSocket frame of a trade; valid until the next frame is rendered. */
export function renderBinance(stream: SimulatedStream, trade: Trade, form: number): RenderedFrame {
  const out = scratch;
  const known = words(stream);
  const micro = (form & MICRO) !== 0;
  const { scales } = stream;
  const rawFirst = firstRawId(stream, trade);
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
    at = putWhole(out, at, rawFirst);
    at = putBytes(out, at, word.perpLast);
    at = putWhole(out, at, rawFirst + trade.extra - 1);
    at = putBytes(out, at, word.perpTime);
    at = putMs(out, at, trade.ms);
    if (micro) at = putBytes(out, at, word.micro);
    at = putBytes(out, at, trade.sell ? word.perpSell : word.perpBuy);
  }
  if ((form & COMBINED) !== 0) at = putBytes(out, at, word.close);
  return finish(at, TEXT_FRAME);
}
