// KuCoin's REST as its clients see it: tokens by POST, the last 100 trades and no others, candles, lists, one pool of weights (feeds.md section 5).
import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { putSequence } from './kucoin-frame.ts';
import type { SimulatedMarket } from './market.ts';
import { MINUTE_MS, type MinuteSum } from './minutes.ts';
import { prefixOf } from './server.ts';
import type { SimulatedStream } from './stream.ts';
import type { TapeRow } from './tape.ts';
import type { RestReply } from './venue.ts';
import { lotsText, priceText, unitText } from './wire.ts';

/** Told with every token: a ping at least this often, and so long for its answer. */
export const PING_MS = 18_000;
export const PING_TIMEOUT_MS = 10_000;
const TOKEN_MS = 24 * 3_600_000;
const HISTORY_ROWS = 100;

const tokens = new WeakMap<SimulatedMarket, Map<string, number>>();

function tokensOf(market: SimulatedMarket): Map<string, number> {
  const known = tokens.get(market) ?? new Map<string, number>();
  tokens.set(market, known);
  return known;
}

/** Uses a token up: true once for each that was given and is not older than a day. */
export function takeToken(market: SimulatedMarket, token: string): boolean {
  const known = tokensOf(market);
  const givenMs = known.get(token);
  known.delete(token);
  return givenMs !== undefined && market.nowMs - givenMs < TOKEN_MS;
}

function data(body: string): RestReply {
  return { status: 200, body: `{"code":"200000","data":${body}}` };
}

function refuse(status: number, code: string, msg: string): RestReply {
  return { status, body: JSON.stringify({ code, msg }) };
}

/** Takes the weight from the pool; a refusal when it is empty. */
function charge(market: SimulatedMarket, weight: number): { refused: boolean; headers: Record<string, string> } {
  const now = market.nowMs;
  const { rest } = market.limits;
  const window = Math.floor(now / rest.perMs);
  if (window !== market.restWindow) {
    market.restWindow = window;
    market.restUsed = 0;
  }
  market.restUsed += weight;
  const refused = market.restUsed > rest.weight || market.restRefusing;
  const headers = {
    'gw-ratelimit-limit': String(rest.weight),
    'gw-ratelimit-remaining': String(Math.max(0, rest.weight - market.restUsed)),
    'gw-ratelimit-reset': String(Math.ceil(market.restRefusing ? 1000 : (window + 1) * rest.perMs - now)),
  };
  return { refused, headers };
}

function charged(market: SimulatedMarket, weight: number, answer: () => RestReply): RestReply {
  const { refused, headers } = charge(market, weight);
  const reply = refused ? refuse(429, '429000', 'Too Many Requests') : answer();
  return { ...reply, headers };
}

export function kucoinPost(
  market: SimulatedMarket,
  path: string,
  _query: URLSearchParams,
  request: IncomingMessage,
): RestReply {
  if (path !== '/api/v1/bullet-public') return refuse(404, '404', 'Not Found');
  return charged(market, 10, () => {
    // Base64 as the venue's tokens are: a client that does not escape it asks with another one.
    const token = `2neAiuYvAU61ZDX==.${randomBytes(24).toString('base64')}+/`;
    tokensOf(market).set(token, market.nowMs);
    const endpoint = `ws://${request.headers.host ?? '127.0.0.1'}${prefixOf(market.key)}/`;
    const server = {
      endpoint,
      encrypt: true,
      protocol: 'websocket',
      pingInterval: PING_MS,
      pingTimeout: PING_TIMEOUT_MS,
    };
    return data(JSON.stringify({ token, instanceServers: [server] }));
  });
}

export function kucoinRest(market: SimulatedMarket, path: string, query: URLSearchParams): RestReply {
  if (path === '/api/v1/bullet-public') return refuse(405, '405000', "Request method 'GET' not supported");
  const found = (market.key === 'kucoin:perp' ? PERP : SPOT)[path];
  if (!found) return refuse(404, '404', 'Not Found');
  return charged(market, found.weight, () => found.answer(market, query));
}

interface Endpoint {
  readonly weight: number;
  answer(market: SimulatedMarket, query: URLSearchParams): RestReply;
}

const SPOT: Readonly<Record<string, Endpoint | undefined>> = {
  '/api/v2/symbols': { weight: 4, answer: symbols },
  '/api/v1/market/histories': { weight: 3, answer: (market, query) => ofStream(market, query, histories) },
  '/api/v1/market/candles': { weight: 3, answer: (market, query) => ofStream(market, query, spotCandles) },
};
const PERP: Readonly<Record<string, Endpoint | undefined>> = {
  '/api/v1/contracts/active': { weight: 3, answer: contracts },
  '/api/v1/trade/history': { weight: 5, answer: (market, query) => ofStream(market, query, executions) },
  '/api/v1/kline/query': { weight: 3, answer: (market, query) => ofStream(market, query, perpCandles) },
};

function ofStream(
  market: SimulatedMarket,
  query: URLSearchParams,
  answer: (stream: SimulatedStream, query: URLSearchParams, market: SimulatedMarket) => RestReply,
): RestReply {
  const stream = market.streamOf(query.get('symbol') ?? '');
  return stream ? answer(stream, query, market) : refuse(200, '400100', 'This pair is not provided at present');
}

function symbols(market: SimulatedMarket): RestReply {
  const rows = market.streams.map(({ symbol, base, quote, scales }) => {
    const step = unitText(scales.priceUnit, scales.priceScale, scales.priceZeros);
    const lot = unitText(scales.lotUnit, scales.lotScale, scales.lotZeros);
    return `{"symbol":"${symbol}","name":"${symbol}","baseCurrency":"${base}","quoteCurrency":"${quote}","feeCurrency":"${quote}","market":"USDS","baseMinSize":"${lot}","quoteMinSize":"0.1","baseMaxSize":"10000000000","quoteMaxSize":"99999999","baseIncrement":"${lot}","quoteIncrement":"${step}","priceIncrement":"${step}","priceLimitRate":"0.1","minFunds":"0.1","isMarginEnabled":false,"enableTrading":true,"feeCategory":1,"makerFeeCoefficient":"1.00","takerFeeCoefficient":"1.00","st":false,"tradingStartTime":null}`;
  });
  return data(`[${rows.join(',')}]`);
}

function contracts(market: SimulatedMarket): RestReply {
  const rows = market.streams.map(({ symbol, base, quote, scales, contractSize }) => {
    const step = unitText(scales.priceUnit, scales.priceScale, scales.priceZeros);
    const size = contractSize.includes('.') ? contractSize : `${contractSize}.0`;
    return `{"symbol":"${symbol}","rootSymbol":"${quote}","type":"FFWCSX","firstOpenDate":1585555200000,"expireDate":null,"settleDate":null,"baseCurrency":"${kucoinCoin(base)}","quoteCurrency":"${quote}","settleCurrency":"${quote}","maxOrderQty":1000000,"lotSize":1,"tickSize":${step},"multiplier":${size},"isDeleverage":true,"isQuanto":true,"isInverse":false,"markMethod":"FairPrice","status":"Open","fundingFeeRate":0.000100}`;
  });
  return data(`[${rows.join(',')}]`);
}

/** Bitcoin goes by its old name in the futures list. */
export function kucoinCoin(base: string): string {
  return base === 'BTC' ? 'XBT' : base;
}

const digits = new Uint8Array(32);

function sequenceText(stream: SimulatedStream, row: TapeRow): string {
  return Buffer.from(digits.buffer, 0, putSequence(digits, 0, stream, row)).toString('latin1');
}

/** Oldest first; no trade id. */
function histories(stream: SimulatedStream): RestReply {
  const rows = stream.tape
    .newest(HISTORY_ROWS)
    .map(
      (row) =>
        `{"sequence":"${sequenceText(stream, row)}","price":"${priceText(stream.scales, row.priceTicks)}","size":"${lotsText(stream.scales, row.lots)}","side":"${sideOf(row)}","time":${row.ms}000000}`,
    );
  return data(`[${rows.join(',')}]`);
}

/** Newest first. */
function executions(stream: SimulatedStream): RestReply {
  const rows = stream.tape
    .newest(HISTORY_ROWS)
    .reverse()
    .map((row) => {
      const id = sequenceText(stream, row);
      return `{"sequence":${id},"contractId":1,"tradeId":"${id}","makerOrderId":"484590651955064832","takerOrderId":"484590665674690560","ts":${row.ms}000000,"size":${lotsText(stream.scales, row.lots)},"price":"${priceText(stream.scales, row.priceTicks)}","side":"${sideOf(row)}"}`;
    });
  return data(`[${rows.join(',')}]`);
}

function sideOf(row: TapeRow): string {
  return row.sell ? 'sell' : 'buy';
}

/** Newest first, all quoted: seconds, open, close, high, low, volume, turnover. The end is counted in. */
function spotCandles(stream: SimulatedStream, query: URLSearchParams, market: SimulatedMarket): RestReply {
  if (query.get('type') !== '1min') return refuse(200, '400100', 'type is invalid');
  const fromMs = Number(query.get('startAt') ?? '0') * 1000;
  const toMs = Number(query.get('endAt') ?? '9999999999') * 1000;
  const forgotten = query.has('startAt') ? market.forgotten(fromMs) : null;
  if (forgotten !== null) return refuse(200, '400100', forgotten);
  const rows = minutes(market, stream, fromMs, toMs, 1500)
    .reverse()
    .map(({ at, open, close, high, low, volume, turnover }) =>
      JSON.stringify([String(at / 1000), open, close, high, low, volume, turnover]),
    );
  return data(`[${rows.join(',')}]`);
}

/** Oldest first, all bare: ms, open, high, low, close, volume in contracts, turnover. */
function perpCandles(stream: SimulatedStream, query: URLSearchParams, market: SimulatedMarket): RestReply {
  if (query.get('granularity') !== '1') return refuse(200, '400100', 'granularity is invalid');
  const fromMs = Number(query.get('from') ?? '0');
  const toMs = Number(query.get('to') ?? String(Number.MAX_SAFE_INTEGER));
  const forgotten = query.has('from') ? market.forgotten(fromMs) : null;
  if (forgotten !== null) return refuse(200, '400100', forgotten);
  const rows = minutes(market, stream, fromMs, toMs, 200).map(
    ({ at, open, close, high, low, volume, turnover }) =>
      `[${[at, open, high, low, close, volume, turnover].join(',')}]`,
  );
  return data(`[${rows.join(',')}]`);
}

function minutes(market: SimulatedMarket, stream: SimulatedStream, fromMs: number, toMs: number, most: number) {
  const first = Math.ceil(fromMs / MINUTE_MS) * MINUTE_MS;
  const price = (ticks: number): string => priceText(stream.scales, ticks);
  return market
    .minutes(stream, first, toMs + 1)
    .slice(0, most)
    .map((minute: MinuteSum) => {
      const volume = lotsText(stream.scales, minute.lots);
      const turnover = (Number(volume) * Number(stream.contractSize) * Number(price(minute.closeTicks))).toFixed(8);
      return {
        at: minute.ms,
        open: price(minute.openTicks),
        close: price(minute.closeTicks),
        high: price(minute.highTicks),
        low: price(minute.lowTicks),
        volume,
        turnover,
      };
    });
}
