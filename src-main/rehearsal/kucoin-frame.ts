// KuCoin's live frames, byte by byte as the venue writes them (feeds.md section 5): one trade each, times in ns that are whole ms.
import { bytesOf, putBytes, putWhole } from './bytes.ts';
import type { SimulatedStream, Trade } from './stream.ts';
import { finish, HEAD, putLots, putMs, putPrice, type RenderedFrame, scratch, TEXT_FRAME } from './wire.ts';

/** What a topic begins with, by market. */
export const TOPICS = { spot: '/market/match:', perp: '/contractMarket/execution:' } as const;

const SEVENTEENTH_DIGIT = 50;

/** Place of a trade in the venue's count of everything that happens on a symbol: it jumps, because most of that are no trades. */
function sequenceOf(stream: SimulatedStream, row: Pick<Trade, 'index' | 'extraBefore'>): number {
  return stream.firstId + row.index + row.extraBefore;
}

/** Spot numbers have 17 digits, more than a JS number holds; those of futures fit. */
export function putSequence(
  out: Uint8Array,
  pos: number,
  stream: SimulatedStream,
  row: Pick<Trade, 'index' | 'extraBefore'>,
): number {
  const place = sequenceOf(stream, row);
  if (stream.market === 'kucoin:perp') return putWhole(out, pos, place);
  out[pos] = SEVENTEENTH_DIGIT;
  return putWhole(out, pos + 1, place, 16);
}

const spot = {
  price: bytesOf('","price":"'),
  sequence: bytesOf('","sequence":"'),
  sell: bytesOf('","side":"sell","size":"'),
  buy: bytesOf('","side":"buy","size":"'),
  taker: bytesOf('","takerOrderId":"6a6717cb536fcb00'),
  time: bytesOf('","time":"'),
  id: bytesOf('000000","tradeId":"'),
  end: bytesOf('","type":"match"}}'),
};
const perp = {
  sell: bytesOf(',"side":"sell","size":'),
  buy: bytesOf(',"side":"buy","size":'),
  price: bytesOf(',"price":"'),
  taker: bytesOf('","takerOrderId":"484590665'),
  maker: bytesOf('","makerOrderId":"484590651'),
  id: bytesOf('","tradeId":"'),
  time: bytesOf('","ts":'),
  end: bytesOf('000000}}'),
};

interface StreamWords {
  readonly head: Uint8Array;
  readonly symbol: Uint8Array;
}

const wordsOf = new WeakMap<SimulatedStream, StreamWords>();

function words(stream: SimulatedStream): StreamWords {
  const known = wordsOf.get(stream);
  if (known) return known;
  const { symbol } = stream;
  const made =
    stream.market === 'kucoin:perp'
      ? {
          head: bytesOf(`{"topic":"${TOPICS.perp}${symbol}","type":"message","subject":"match","sn":`),
          symbol: bytesOf(`,"data":{"symbol":"${symbol}","sequence":`),
        }
      : {
          head: bytesOf(
            `{"topic":"${TOPICS.spot}${symbol}","type":"message","subject":"trade.l3match","data":{"makerOrderId":"6a6717c36bce2200`,
          ),
          symbol: bytesOf(`","symbol":"${symbol}`),
        };
  wordsOf.set(stream, made);
  return made;
}

/** The whole WebSocket frame of a trade; valid until the next frame is rendered. */
export function renderKucoin(stream: SimulatedStream, trade: Trade): RenderedFrame {
  return stream.market === 'kucoin:perp' ? renderPerp(stream, trade) : renderSpot(stream, trade);
}

function renderSpot(stream: SimulatedStream, trade: Trade): RenderedFrame {
  const out = scratch;
  const known = words(stream);
  const order = trade.index % 100_000_000;
  let at = putBytes(out, HEAD, known.head);
  at = putWhole(out, at, order, 8);
  at = putBytes(out, at, spot.price);
  at = putPrice(out, at, stream.scales, trade.priceTicks);
  at = putBytes(out, at, spot.sequence);
  at = putSequence(out, at, stream, trade);
  at = putBytes(out, at, trade.sell ? spot.sell : spot.buy);
  at = putLots(out, at, stream.scales, trade.lots);
  at = putBytes(out, at, known.symbol);
  at = putBytes(out, at, spot.taker);
  at = putWhole(out, at, order - Math.min(order, trade.fill), 8);
  at = putBytes(out, at, spot.time);
  at = putMs(out, at, trade.ms);
  at = putBytes(out, at, spot.id);
  at = putSequence(out, at, stream, trade);
  at = putBytes(out, at, spot.end);
  return finish(at, TEXT_FRAME);
}

function renderPerp(stream: SimulatedStream, trade: Trade): RenderedFrame {
  const out = scratch;
  const known = words(stream);
  const order = trade.index % 1_000_000_000;
  let at = putBytes(out, HEAD, known.head);
  at = putSequence(out, at, stream, trade);
  at = putBytes(out, at, known.symbol);
  at = putSequence(out, at, stream, trade);
  at = putBytes(out, at, trade.sell ? perp.sell : perp.buy);
  at = putLots(out, at, stream.scales, trade.lots);
  at = putBytes(out, at, perp.price);
  at = putPrice(out, at, stream.scales, trade.priceTicks);
  at = putBytes(out, at, perp.taker);
  at = putWhole(out, at, order - Math.min(order, trade.fill), 9);
  at = putBytes(out, at, perp.maker);
  at = putWhole(out, at, order, 9);
  at = putBytes(out, at, perp.id);
  at = putSequence(out, at, stream, trade);
  at = putBytes(out, at, perp.time);
  at = putMs(out, at, trade.ms);
  at = putBytes(out, at, perp.end);
  return finish(at, TEXT_FRAME);
}
