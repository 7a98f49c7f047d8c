// Bybit's REST as its clients see it: the newest trades and no older ones, paged lists, candles, and a ban for who asks too often (feeds.md section 3).
import { isRpi, putBybitId, sequenceOf } from './bybit-frame.ts';
import type { SimulatedMarket } from './market.ts';
import { MINUTE_MS } from './minutes.ts';
import type { SimulatedStream } from './stream.ts';
import type { TapeRow } from './tape.ts';
import type { RestReply } from './venue.ts';
import { lotsText, priceText, unitText } from './wire.ts';

/** recent-trade: limits of spot and of the other categories. */
const NEWEST = { spot: 60, linear: 1000 } as const;
const MOST_CANDLES = 1000;

function reply(market: SimulatedMarket, retCode: number, retMsg: string, result: string): RestReply {
  const head = `{"retCode":${retCode},"retMsg":${JSON.stringify(retMsg)},"result":`;
  return { status: 200, body: `${head}${result},"retExtInfo":{},"time":${market.clockMs}}` };
}

/** Over the limit of the address there is no warning: 403 for ten minutes (rate-limit.mdx). */
function charge(market: SimulatedMarket): RestReply | null {
  const now = market.nowMs;
  const { rest, banMs } = market.limits;
  const window = Math.floor(now / rest.perMs);
  if (window !== market.restWindow) {
    market.restWindow = window;
    market.restUsed = 0;
  }
  market.restUsed += 1;
  if (market.restUsed > rest.weight) market.bannedUntilMs = Math.max(market.bannedUntilMs, now + banMs);
  if (now < market.bannedUntilMs) return { status: 403, body: 'access too frequent' };
  if (!market.restRefusing) return null;
  return { status: 429, body: '{"retCode":10006,"retMsg":"Too many visits. Exceeded the API Rate Limit."}' };
}

export function bybitRest(market: SimulatedMarket, path: string, query: URLSearchParams): RestReply {
  const refused = charge(market);
  if (refused) return refused;
  if (path === '/v5/market/time')
    return reply(market, 0, 'OK', `{"timeSecond":"${Math.floor(market.clockMs / 1000)}"}`);
  const ask = {
    '/v5/market/instruments-info': instruments,
    '/v5/market/recent-trade': recent,
    '/v5/market/kline': kline,
  }[path];
  if (!ask) return { status: 404, body: '' };
  // One address serves all categories at the venue; here each market has its own, and the wrong category is a client's mistake.
  const category = categoryOf(market);
  if (query.get('category') !== category) return reply(market, 10001, 'Illegal category', '{}');
  return ask(market, category, query);
}

type Category = keyof typeof NEWEST;

function categoryOf(market: SimulatedMarket): Category {
  return market.key === 'bybit:spot' ? 'spot' : 'linear';
}

/** The number that a parameter gives, held within [1, most]; null when it is none. */
function limitIn(query: URLSearchParams, otherwise: number, most: number): number | null {
  const text = query.get('limit');
  if (text === null) return Math.min(otherwise, most);
  const limit = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  return limit < 1 ? null : Math.min(limit, most);
}

function recent(market: SimulatedMarket, category: Category, query: URLSearchParams): RestReply {
  const stream = market.streamOf(query.get('symbol') ?? '');
  if (!stream) return reply(market, 10001, 'Not supported symbols', '{}');
  const limit = limitIn(query, category === 'spot' ? 60 : 500, NEWEST[category]);
  if (limit === null) return reply(market, 10001, 'Illegal limit', '{}');
  const rows = stream.tape.newest(limit).reverse();
  const list = rows.map((row) => tradeText(stream, row)).join(',');
  return reply(market, 0, 'OK', `{"category":"${category}","list":[${list}]}`);
}

const idBytes = Buffer.alloc(64);

function tradeText(stream: SimulatedStream, row: TapeRow): string {
  const id = idBytes.toString('latin1', 0, putBybitId(idBytes, 0, stream, row));
  const { scales } = stream;
  return `{"execId":"${id}","symbol":"${stream.symbol}","price":"${priceText(scales, row.priceTicks)}","size":"${lotsText(scales, row.lots)}","side":"${row.sell ? 'Sell' : 'Buy'}","time":"${row.ms}","isBlockTrade":false,"isRPITrade":${isRpi(row)},"seq":"${sequenceOf(stream, row)}"}`;
}

/** Newest first; a quiet minute is there with the price before it and no volume. */
function kline(market: SimulatedMarket, category: Category, query: URLSearchParams): RestReply {
  const stream = market.streamOf(query.get('symbol') ?? '');
  if (!stream) return reply(market, 10001, 'Not supported symbols', '{}');
  if (query.get('interval') !== '1') return reply(market, 10001, 'Invalid period!', '{}');
  const limit = limitIn(query, 200, MOST_CANDLES);
  if (limit === null) return reply(market, 10001, 'Illegal limit', '{}');
  const whole = (name: string): number | null =>
    /^\d{1,14}$/.test(query.get(name) ?? '') ? Number(query.get(name)) : null;
  const end = Math.min(whole('end') ?? market.clockMs, market.clockMs);
  const last = Math.floor(end / MINUTE_MS) * MINUTE_MS;
  const start = whole('start');
  // Of more minutes than the limit the newest are given.
  const asked = Math.max(last - (limit - 1) * MINUTE_MS, Math.ceil((start ?? 0) / MINUTE_MS) * MINUTE_MS);
  const forgotten = start === null ? null : market.forgotten(asked);
  if (forgotten !== null) return reply(market, 10001, forgotten, '{}');
  const first = Math.max(asked, market.wholeFromMs);
  const sums = new Map(market.minutes(stream, 0, last + 1).map((minute) => [minute.ms, minute]));
  const texts: string[] = [];
  let closeTicks = stream.restTicks;
  const begin = Math.min(first, ...sums.keys());
  for (let ms = begin; ms <= last; ms += MINUTE_MS) {
    const sum = sums.get(ms);
    const open = sum?.openTicks ?? closeTicks;
    closeTicks = sum?.closeTicks ?? closeTicks;
    if (ms < first) continue;
    const ticks = [open, sum?.highTicks ?? closeTicks, sum?.lowTicks ?? closeTicks, closeTicks];
    const prices = ticks.map((one) => `"${priceText(stream.scales, one)}"`);
    texts.push(`["${ms}",${prices.join(',')},"${lotsText(stream.scales, sum?.lots ?? 0)}","0"]`);
  }
  const list = texts.reverse().join(',');
  return reply(market, 0, 'OK', `{"category":"${category}","symbol":"${stream.symbol}","list":[${list}]}`);
}

/** Spot ignores limit and cursor; linear pages by a cursor, and has dated contracts and other quotes in its list. */
function instruments(market: SimulatedMarket, category: Category, query: URLSearchParams): RestReply {
  const { streams } = market;
  const one = query.get('symbol');
  const chosen = one === null ? streams : streams.filter((stream) => stream.symbol === one);
  if (category === 'spot') {
    const list = chosen.map(spotInstrument).join(',');
    return reply(market, 0, 'OK', `{"category":"spot","list":[${list}]}`);
  }
  const status = query.get('status') ?? 'Trading';
  const texts = status === 'Trading' ? chosen.map(linearInstrument) : [];
  if (status === 'Trading' && one === null) texts.push(dated(market), foreign);
  const limit = limitIn(query, 500, 1000);
  const cursor = query.get('cursor') ?? '0';
  if (limit === null || !/^\d{1,6}$/.test(cursor)) return reply(market, 10001, 'Illegal cursor', '{}');
  const from = Number(cursor);
  const page = texts.slice(from, from + limit);
  const next = from + limit < texts.length ? String(from + limit) : '';
  return reply(market, 0, 'OK', `{"category":"linear","list":[${page.join(',')}],"nextPageCursor":"${next}"}`);
}

function units(stream: SimulatedStream): { tick: string; lot: string } {
  const { priceUnit, priceScale, priceZeros, lotUnit, lotScale, lotZeros } = stream.scales;
  return { tick: unitText(priceUnit, priceScale, priceZeros), lot: unitText(lotUnit, lotScale, lotZeros) };
}

function spotInstrument(stream: SimulatedStream): string {
  const { tick, lot } = units(stream);
  return `{"symbol":"${stream.symbol}","baseCoin":"${stream.base}","quoteCoin":"${stream.quote}","innovation":"0","symbolType":"","status":"Trading","marginTrading":"utaOnly","stTag":"0","lotSizeFilter":{"basePrecision":"${lot}","quotePrecision":"0.0000001","minOrderQty":"${lot}","maxOrderQty":"83","minOrderAmt":"5","maxOrderAmt":"8000000"},"priceFilter":{"tickSize":"${tick}"}}`;
}

function linearInstrument(stream: SimulatedStream): string {
  const { tick, lot } = units(stream);
  return `{"symbol":"${stream.symbol}","contractType":"LinearPerpetual","status":"Trading","baseCoin":"${stream.base}","quoteCoin":"${stream.quote}","launchTime":"1585526400000","deliveryTime":"0","deliveryFeeRate":"","priceScale":"${stream.scales.priceScale}","priceFilter":{"minPrice":"${tick}","maxPrice":"1999999.80","tickSize":"${tick}"},"lotSizeFilter":{"maxOrderQty":"1190.000","minOrderQty":"${lot}","qtyStep":"${lot}"},"fundingInterval":480,"settleCoin":"${stream.quote}","isPreListing":false,"preListingInfo":null}`;
}

/** A dated contract: of the list, but no perpetual. */
function dated(market: SimulatedMarket): string {
  const day = new Date(market.clockMs + 60 * 86_400_000).toISOString().slice(2, 10).replaceAll('-', '');
  return `{"symbol":"BTCUSDT-${day}","contractType":"LinearFutures","status":"Trading","baseCoin":"BTC","quoteCoin":"USDT","launchTime":"1758841135823","deliveryTime":"${market.clockMs + 60 * 86_400_000}","settleCoin":"USDT","isPreListing":false}`;
}

const foreign =
  '{"symbol":"BTCEUR-PERP","contractType":"LinearPerpetual","status":"Trading","baseCoin":"BTC","quoteCoin":"EUR","launchTime":"1758841135823","deliveryTime":"0","settleCoin":"EUR","isPreListing":false}';
