// Phemex's REST as its clients see it: products with their scales, 24 h tickers, one page of newest trades, candles, 429 (feeds.md section 7).
import type { SimulatedMarket } from './market.ts';
import { phemexMessage } from './phemex-frame.ts';
import type { SimulatedStream } from './stream.ts';
import type { RestReply } from './venue.ts';
import { lotsText, priceText, unitText } from './wire.ts';

/** Rows of a snapshot and of a page. */
export const MOST_ROWS = 1000;
const MINUTE_S = 60;
const MOST_CANDLES = 1000;
/** What a trade is worth on the average (see naming): the tickers need no more than an order of the symbols. */
const MEAN_VALUE = 400;
const DAY_S = 86_400;

/** Decimals of a coin's scaled values: the usual 8, fewer where the recipe's price is very low. */
export function valueScaleOf(price: number): number {
  return price < 0.01 ? 4 : 8;
}

function refuse(code: number, message: string): RestReply {
  return { status: 200, body: JSON.stringify({ error: { code, message }, id: 0, result: null }) };
}

function result(body: string): RestReply {
  return { status: 200, body: `{"error":null,"id":0,"result":${body}}` };
}

/** Counts the request; a reply when the group's budget is used up. */
function charge(market: SimulatedMarket): RestReply | null {
  const now = market.nowMs;
  const { rest } = market.limits;
  const window = Math.floor(now / rest.perMs);
  if (window !== market.restWindow) {
    market.restWindow = window;
    market.restUsed = 0;
  }
  market.restUsed += 1;
  if (market.restUsed <= rest.weight && !market.restRefusing) return null;
  const seconds = market.restRefusing ? 1 : Math.max(1, Math.ceil(((window + 1) * rest.perMs - now) / 1000));
  return {
    status: 429,
    headers: { 'x-ratelimit-remaining-OTHERS': '0', 'x-ratelimit-retry-after-OTHERS': String(seconds) },
    body: '{"code":429,"msg":"Too many requests","data":null}',
  };
}

export function phemexRest(market: SimulatedMarket, path: string, query: URLSearchParams): RestReply {
  const refused = charge(market);
  if (refused) return refused;
  const left = String(Math.max(0, market.limits.rest.weight - market.restUsed));
  return { headers: { 'x-ratelimit-remaining-OTHERS': left }, ...answer(market, path, query) };
}

function answer(market: SimulatedMarket, path: string, query: URLSearchParams): RestReply {
  const { world } = market;
  switch (path) {
    case '/public/products':
    case '/exchange/public/cfg/v2/products':
      return products(world.inMarket('phemex:spot'), world.inMarket('phemex:perp'));
    case '/md/spot/ticker/24hr/all':
      return result(`[${world.inMarket('phemex:spot').map(spotTicker)}]`);
    case '/md/v2/ticker/24hr/all':
      return result(`[${world.inMarket('phemex:perp').map(perpTicker)}]`);
    case '/md/trade':
      return trades(world.stream('phemex:spot', query.get('symbol') ?? ''));
    case '/md/v2/trade':
      return trades(world.stream('phemex:perp', query.get('symbol') ?? ''));
    case '/exchange/public/md/v2/kline/list':
      return candles(market, world.stream('phemex:perp', query.get('symbol') ?? ''), query);
    default:
      return { status: 404, body: '' };
  }
}

/** One page of the newest trades, newest first; there is no older one. */
function trades(stream: SimulatedStream | undefined): RestReply {
  if (!stream) return refuse(6001, 'invalid argument');
  return result(phemexMessage(stream, stream.tape.newest(MOST_ROWS), 'snapshot'));
}

function candles(market: SimulatedMarket, stream: SimulatedStream | undefined, query: URLSearchParams): RestReply {
  const [from, to] = ['from', 'to'].map((name) => Number(query.get(name) ?? Number.NaN));
  const wrong =
    !stream ||
    query.get('resolution') !== String(MINUTE_S) ||
    from === undefined ||
    to === undefined ||
    !(from < to && (to - from) / MINUTE_S < MOST_CANDLES);
  if (wrong) return { status: 200, body: '{"code":30000,"msg":"Please double check input arguments","data":null}' };
  const price = (ticks: number): string => priceText(stream.scales, ticks);
  const forgotten = market.forgotten(from * 1000);
  if (forgotten !== null) return { status: 200, body: JSON.stringify({ code: 30000, msg: forgotten, data: null }) };
  const rows = market.minutes(stream, from * 1000, to * 1000).map((minute) => {
    const { openTicks, highTicks, lowTicks, closeTicks } = minute;
    const volume = lotsText(stream.scales, minute.lots);
    const turnover = (Number(price(closeTicks)) * Number(volume)).toFixed(4);
    return `[${minute.ms / 1000},${MINUTE_S},"${price(openTicks)}","${price(openTicks)}","${price(highTicks)}","${price(lowTicks)}","${price(closeTicks)}","${volume}","${turnover}","${stream.symbol}"]`;
  });
  return { status: 200, body: `{"code":0,"msg":"OK","data":{"total":-1,"rows":[${rows}]}}` };
}

const turnoverOf = (stream: SimulatedStream): number => Math.round(stream.ratePerSecond * DAY_S * MEAN_VALUE);

function spotTicker(stream: SimulatedStream): string {
  const last = priceText(stream.scales, stream.priceTicks).replace('.', '').replace(/^0+/, '');
  return `{"askEp":${last},"bidEp":${last},"highEp":${last},"indexEp":${last},"lastEp":${last},"lowEp":${last},"openEp":${last},"symbol":"${stream.symbol}","timestamp":1788346442564928876,"turnoverEv":${turnoverOf(stream)}00000000,"volumeEv":0}`;
}

function perpTicker(stream: SimulatedStream): string {
  const last = priceText(stream.scales, stream.priceTicks);
  return `{"closeRp":"${last}","fundingRateRr":"0.0001","highRp":"${last}","indexPriceRp":"${last}","lowRp":"${last}","markPriceRp":"${last}","openInterestRv":"0","openRp":"${last}","predFundingRateRr":"0.0001","symbol":"${stream.symbol}","timestamp":1788346442564928876,"turnoverRv":"${turnoverOf(stream)}","volumeRq":"0"}`;
}

function products(spot: readonly SimulatedStream[], perp: readonly SimulatedStream[]): RestReply {
  const scales = new Map<string, number>();
  for (const stream of [...perp, ...spot]) {
    scales.set(stream.quote, 8);
    scales.set(
      stream.base,
      stream.market === 'phemex:spot' ? valueScaleOf(stream.priceInQuote) : (scales.get(stream.base) ?? 8),
    );
  }
  const currencies = [...scales].map(
    ([currency, valueScale]) =>
      `{"currency":"${currency}","name":"${currency}","code":1,"valueScale":${valueScale},"minValueEv":1,"maxValueEv":5000000000000000000,"needAddrTag":0,"status":"Listed","displayCurrency":"${currency}"}`,
  );
  // A contract settled in coins stands among the spot pairs, as at the venue: it is neither spot nor a USDT perpetual.
  const inverse =
    '{"symbol":"BTCUSD","code":1,"type":"Perpetual","displaySymbol":"BTC / USD","settleCurrency":"BTC","quoteCurrency":"USD","contractUnderlyingAssets":"USD","contractSize":1.0,"lotSize":1,"tickSize":0.5,"priceScale":4,"ratioScale":8,"pricePrecision":1,"status":"Listed","listTime":1574650800000}';
  const pairs = spot.map(
    (stream) =>
      `{"symbol":"${stream.symbol}","code":1001,"type":"Spot","displaySymbol":"${stream.base} / ${stream.quote}","quoteCurrency":"${stream.quote}","priceScale":8,"ratioScale":8,"pricePrecision":${stream.scales.priceScale},"baseCurrency":"${stream.base}","baseTickSizeEv":1,"quoteTickSize":"${tick(stream)} ${stream.quote}","status":"Listed","tipOrderQty":2,"leverage":5}`,
  );
  const perpetuals = perp.map(
    (stream) =>
      `{"symbol":"${stream.symbol}","code":41541,"type":"PerpetualV2","displaySymbol":"${stream.base} / ${stream.quote}","indexSymbol":".${stream.symbol}","contractUnderlyingAssets":"${stream.base}","settleCurrency":"${stream.quote}","quoteCurrency":"${stream.quote}","tickSize":"${tick(stream)}","priceScale":0,"ratioScale":0,"pricePrecision":${stream.scales.priceScale},"baseCurrency":"${stream.base}","status":"Listed","perpProductSubType":"Normal"}`,
  );
  return {
    status: 200,
    body: `{"code":0,"msg":"","data":{"currencies":[${currencies}],"products":[${[inverse, ...pairs]}],"perpProductsV2":[${perpetuals}]}}`,
  };
}

function tick(stream: SimulatedStream): string {
  const { priceUnit, priceScale, priceZeros } = stream.scales;
  return unitText(priceUnit, priceScale, priceZeros);
}
