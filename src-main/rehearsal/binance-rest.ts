// Binance's REST as its clients see it: symbol lists, trade history by id and time, weights, 429 and 418 (feeds.md sections 1 and 2).
import { firstRawId } from './binance-frame.ts';
import type { SimulatedMarket } from './market.ts';
import { MINUTE_MS } from './minutes.ts';
import type { SimulatedStream } from './stream.ts';
import type { TapeRow } from './tape.ts';
import type { RestReply } from './venue.ts';
import { lotsText, priceText, unitText } from './wire.ts';

/** Aggregate ids of spot live apart from trade ids, so that a reader who confuses them is found out. */
const SPOT_AGGREGATE_SHIFT = 777_777;
/** Requests answered 429 in a row before the address is banned. */
const PATIENCE = 20;
const HOUR_MS = 3_600_000;
const YEAR_MS = 365 * 24 * HOUR_MS;

function refuse(status: number, code: number, msg: string, headers: Readonly<Record<string, string>> = {}): RestReply {
  return { status, headers, body: JSON.stringify({ code, msg }) };
}

/** Counts the weight; a reply when the budget or the venue's patience is used up. */
function charge(market: SimulatedMarket, weight: number): RestReply | null {
  const now = market.nowMs;
  const { rest, banMs } = market.limits;
  if (now < market.bannedUntilMs) {
    const seconds = String(Math.ceil((market.bannedUntilMs - now) / 1000));
    return refuse(
      418,
      -1003,
      `Way too much request weight used; IP banned until ${Math.ceil(market.bannedUntilMs)}. Please use WebSocket Streams for live updates to avoid bans.`,
      { 'Retry-After': seconds },
    );
  }
  const window = Math.floor(now / rest.perMs);
  if (window !== market.restWindow) {
    market.restWindow = window;
    market.restUsed = 0;
    market.restPushed = 0;
  }
  market.restUsed += weight;
  if (market.restUsed <= rest.weight && !market.restRefusing) return null;
  market.restPushed += 1;
  if (market.restPushed > PATIENCE) {
    market.bannedUntilMs = now + banMs;
    return charge(market, 0);
  }
  const seconds = market.restRefusing ? 1 : Math.max(1, Math.ceil(((window + 1) * rest.perMs - now) / 1000));
  return refuse(
    429,
    -1003,
    `Too much request weight used; current limit is ${rest.weight} request weight per 1 MINUTE. Please use WebSocket Streams for live updates to avoid polling the API.`,
    { 'Retry-After': String(seconds) },
  );
}

/** Answers a path behind the market's prefix. */
export function binanceRest(market: SimulatedMarket, path: string, query: URLSearchParams): RestReply {
  const spot = market.key === 'binance:spot';
  const name = spot ? path.replace(/^\/api\/v3\//, '') : path.replace(/^\/fapi\/v1\//, '');
  if (name === path) return { status: 404, body: '' };
  const weight = weights[name]?.[spot ? 0 : 1];
  if (weight === undefined) return { status: 404, body: '' };
  const used = { 'X-MBX-USED-WEIGHT-1M': String(market.restUsed + weight) };
  const refused = charge(market, weight);
  if (refused) return { ...refused, headers: { ...used, ...refused.headers } };
  const reply = answer(market, spot, name, query);
  return { ...reply, headers: { ...used, ...reply.headers } };
}

/** Weight on spot and on USDⓈ-M. */
const weights: Readonly<Record<string, readonly [number, number] | undefined>> = {
  ping: [1, 1],
  time: [1, 1],
  exchangeInfo: [20, 1],
  trades: [25, 5],
  historicalTrades: [25, 20],
  aggTrades: [4, 20],
  klines: [2, 2],
};

function answer(market: SimulatedMarket, spot: boolean, name: string, query: URLSearchParams): RestReply {
  if (name === 'ping') return { status: 200, body: '{}' };
  if (name === 'time') return { status: 200, body: `{"serverTime":${market.clockMs}}` };
  if (name === 'exchangeInfo') return exchangeInfo(market, spot, query);
  const symbol = query.get('symbol');
  if (symbol === null)
    return refuse(400, -1102, "Mandatory parameter 'symbol' was not sent, was empty/null, or malformed.");
  const stream = market.streamOf(symbol);
  if (!stream) return refuse(400, -1121, 'Invalid symbol.');
  const limit = wholeNumber(query.get('limit') ?? '500');
  if (limit === null || limit < 1) return refuse(400, -1100, "Illegal characters found in parameter 'limit'.");
  const most = Math.min(1000, limit);
  if (name === 'klines') return klines(market, stream, query, limit);
  if (name === 'aggTrades') return aggregates(market, stream, spot, query, most);
  if (name === 'historicalTrades' && !spot) {
    return refuse(401, -2014, 'API-key format invalid.');
  }
  const from = name === 'historicalTrades' ? query.get('fromId') : null;
  if (!spot) return rawTrades(stream, most);
  let place = stream.tape.length - most;
  if (from !== null) {
    const id = wholeNumber(from);
    if (id === null) return refuse(400, -1100, "Illegal characters found in parameter 'fromId'.");
    place = id - stream.firstId;
  }
  const rows = stream.tape.rows(from === null ? place : Math.max(stream.tape.first, place), most);
  return list(rows.map((row) => spotTrade(stream, row)));
}

function aggregates(
  market: SimulatedMarket,
  stream: SimulatedStream,
  spot: boolean,
  query: URLSearchParams,
  most: number,
): RestReply {
  const shift = spot ? SPOT_AGGREGATE_SHIFT : 0;
  const texts = { fromId: query.get('fromId'), startTime: query.get('startTime'), endTime: query.get('endTime') };
  const given: Record<keyof typeof texts, number | null> = { fromId: null, startTime: null, endTime: null };
  for (const key of ['fromId', 'startTime', 'endTime'] as const) {
    const text = texts[key];
    if (text === null) continue;
    const value = wholeNumber(text);
    if (value === null) return refuse(400, -1100, `Illegal characters found in parameter '${key}'.`);
    given[key] = value;
  }
  const { fromId, startTime, endTime } = given;
  if (!spot) {
    if (fromId !== null && (startTime !== null || endTime !== null)) {
      return refuse(400, -1128, 'Combination of optional parameters invalid.');
    }
    if (startTime !== null && endTime !== null && endTime - startTime > HOUR_MS) {
      return refuse(400, -1127, 'More than 1 hour between startTime and endTime.');
    }
    if (startTime !== null && startTime < market.clockMs - YEAR_MS) {
      return refuse(400, -4166, 'Search window is restricted to recent 1 year only.');
    }
  }
  const { tape } = stream;
  let place = Math.max(0, tape.length - most);
  if (fromId !== null) place = Math.max(tape.first, fromId - shift - stream.firstId);
  else if (startTime !== null) place = tape.firstAt(startTime);
  else if (endTime !== null) place = Math.max(0, tape.firstAt(endTime + 1) - most);
  let rows = tape.rows(place, most);
  if (endTime !== null && fromId === null) rows = rows.filter((row) => row.ms <= endTime);
  return list(rows.map((row) => (spot ? spotAggregate(stream, row) : perpAggregate(stream, row))));
}

const MOST_KLINES = 1000;

/** 1-minute klines; without times the newest, with startTime the oldest from it on. Quiet minutes are left out, which the venue does not do. */
function klines(market: SimulatedMarket, stream: SimulatedStream, query: URLSearchParams, limit: number): RestReply {
  if (query.get('interval') !== '1m') return refuse(400, -1120, 'Invalid interval.');
  const times = ['startTime', 'endTime'].map((name) => query.get(name));
  const [from, to] = times.map((text) => (text === null ? null : wholeNumber(text)));
  if (times.some((text, at) => text !== null && [from, to][at] === null))
    return refuse(400, -1100, "Illegal characters found in parameter 'startTime'.");
  const forgotten = typeof from === 'number' ? market.forgotten(from) : null;
  if (forgotten !== null) return refuse(400, -1128, forgotten);
  const minutes = market.minutes(stream, from ?? 0, (to ?? Number.MAX_SAFE_INTEGER) + 1);
  const most = Math.min(MOST_KLINES, limit);
  const chosen = typeof from === 'number' ? minutes.slice(0, most) : minutes.slice(-most);
  const price = (ticks: number): string => priceText(stream.scales, ticks);
  return list(
    chosen.map((minute) => {
      const volume = lotsText(stream.scales, minute.lots);
      const quote = quoteQty(price(minute.closeTicks), volume, 8);
      const { ms, trades } = minute;
      return `[${ms},"${price(minute.openTicks)}","${price(minute.highTicks)}","${price(minute.lowTicks)}","${price(minute.closeTicks)}","${volume}",${ms + MINUTE_MS - 1},"${quote}",${trades},"${volume}","${quote}","0"]`;
    }),
  );
}

function list(rows: readonly string[]): RestReply {
  return { status: 200, body: `[${rows.join(',')}]` };
}

function spotTrade(stream: SimulatedStream, row: TapeRow): string {
  const price = priceText(stream.scales, row.priceTicks);
  const qty = lotsText(stream.scales, row.lots);
  return `{"id":${stream.firstId + row.index},"price":"${price}","qty":"${qty}","quoteQty":"${quoteQty(price, qty, 8)}","time":${row.ms},"isBuyerMaker":${row.sell},"isBestMatch":true}`;
}

function spotAggregate(stream: SimulatedStream, row: TapeRow): string {
  const id = stream.firstId + row.index;
  return `{"a":${id + SPOT_AGGREGATE_SHIFT},"p":"${priceText(stream.scales, row.priceTicks)}","q":"${lotsText(stream.scales, row.lots)}","f":${id},"l":${id},"T":${row.ms},"m":${row.sell},"M":true}`;
}

function perpAggregate(stream: SimulatedStream, row: TapeRow): string {
  const first = firstRawId(stream, row);
  return `{"a":${stream.firstId + row.index},"p":"${priceText(stream.scales, row.priceTicks)}","q":"${lotsText(stream.scales, row.lots)}","nq":"${lotsText(stream.scales, row.lots)}","f":${first},"l":${first + row.extra - 1},"T":${row.ms},"m":${row.sell}}`;
}

/** USDⓈ-M raw trades of the newest rows: each row's quantity on its last raw trade, the merged ones before it one lot each. */
function rawTrades(stream: SimulatedStream, most: number): RestReply {
  const rows = stream.tape.rows(stream.tape.length - most, most);
  const made: string[] = [];
  for (const row of rows) {
    const first = firstRawId(stream, row);
    const price = priceText(stream.scales, row.priceTicks);
    const parts = Math.min(row.extra, row.lots);
    for (let part = 0; part < parts; part += 1) {
      const lots = part === parts - 1 ? row.lots - parts + 1 : 1;
      const qty = lotsText(stream.scales, lots);
      made.push(
        `{"id":${first + part},"price":"${price}","qty":"${qty}","quoteQty":"${quoteQty(price, qty, 2)}","time":${row.ms},"isBuyerMaker":${row.sell},"isRPITrade":false}`,
      );
    }
  }
  return list(made.slice(-most));
}

/** price times quantity, cut to `scale` decimals. */
function quoteQty(price: string, qty: string, scale: number): string {
  const units = (text: string): [bigint, number] => {
    const [whole = '0', fraction = ''] = text.split('.');
    return [BigInt(whole + fraction), fraction.length];
  };
  const [p, ps] = units(price);
  const [q, qs] = units(qty);
  const have = ps + qs;
  const product = p * q;
  const cut = have > scale ? product / 10n ** BigInt(have - scale) : product * 10n ** BigInt(scale - have);
  const text = cut.toString().padStart(scale + 1, '0');
  return `${text.slice(0, -scale)}.${text.slice(-scale)}`;
}

function wholeNumber(text: string): number | null {
  return /^\d{1,16}$/.test(text) ? Number(text) : null;
}

function exchangeInfo(market: SimulatedMarket, spot: boolean, query: URLSearchParams): RestReply {
  let streams = market.world.inMarket(market.key);
  const one = query.get('symbol');
  if (spot && one !== null) {
    streams = streams.filter((stream) => stream.symbol === one);
    if (streams.length === 0) return refuse(400, -1121, 'Invalid symbol.');
  }
  const head = spot
    ? `{"timezone":"UTC","serverTime":${market.clockMs},"rateLimits":[{"rateLimitType":"REQUEST_WEIGHT","interval":"MINUTE","intervalNum":1,"limit":${market.limits.rest.weight}},{"rateLimitType":"RAW_REQUESTS","interval":"MINUTE","intervalNum":5,"limit":61000}],"exchangeFilters":[],"symbols":[`
    : `{"timezone":"UTC","serverTime":${market.clockMs},"futuresType":"U_MARGINED","rateLimits":[{"rateLimitType":"REQUEST_WEIGHT","interval":"MINUTE","intervalNum":1,"limit":${market.limits.rest.weight}}],"exchangeFilters":[],"assets":[],"symbols":[`;
  return { status: 200, body: `${head}${streams.map(spot ? spotSymbol : perpSymbol).join(',')}]}` };
}

function filters(stream: SimulatedStream): string {
  const { priceUnit, priceScale, priceZeros, lotUnit, lotScale, lotZeros } = stream.scales;
  const tick = unitText(priceUnit, priceScale, priceZeros);
  const lot = unitText(lotUnit, lotScale, lotZeros);
  return `[{"filterType":"PRICE_FILTER","minPrice":"${tick}","maxPrice":"1000000.00000000","tickSize":"${tick}"},{"filterType":"LOT_SIZE","minQty":"${lot}","maxQty":"9000000.00000000","stepSize":"${lot}"}]`;
}

function spotSymbol(stream: SimulatedStream): string {
  return `{"symbol":"${stream.symbol}","status":"TRADING","baseAsset":"${stream.base}","baseAssetPrecision":8,"quoteAsset":"${stream.quote}","quotePrecision":8,"quoteAssetPrecision":8,"baseCommissionPrecision":8,"quoteCommissionPrecision":8,"orderTypes":["LIMIT","LIMIT_MAKER","MARKET"],"icebergAllowed":true,"ocoAllowed":true,"isSpotTradingAllowed":true,"isMarginTradingAllowed":false,"filters":${filters(stream)},"permissions":[],"permissionSets":[["SPOT"]]}`;
}

function perpSymbol(stream: SimulatedStream): string {
  return `{"symbol":"${stream.symbol}","pair":"${stream.symbol}","contractType":"PERPETUAL","deliveryDate":4133404800000,"onboardDate":1569398400000,"status":"TRADING","baseAsset":"${stream.base}","quoteAsset":"${stream.quote}","marginAsset":"${stream.quote}","pricePrecision":${stream.scales.priceScale},"quantityPrecision":${stream.scales.lotScale},"baseAssetPrecision":8,"quotePrecision":8,"underlyingType":"COIN","underlyingSubType":[],"filters":${filters(stream)},"orderTypes":["LIMIT","MARKET"],"timeInForce":["GTC","IOC","FOK","GTX"]}`;
}
