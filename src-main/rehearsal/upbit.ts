// Upbit as its clients see it: binary frames, each request replaces the whole set, no acknowledgement, REST by cursor (feeds.md section 8).
import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { putWhole } from './bytes.ts';
import { limitsFrom } from './limits.ts';
import type { SimulatedMarket } from './market.ts';
import { MINUTE_MS, type MinuteSum } from './minutes.ts';
import { kst } from './notices.ts';
import type { Outlet } from './outlet.ts';
import { clamp } from './scales.ts';
import type { SimulatedStream, Trade } from './stream.ts';
import type { TapeRow } from './tape.ts';
import { closingTicks, renderUpbit, SHORT_NAMES } from './upbit-frame.ts';
import { type Naming, type Protocol, type RestReply, spoilMember, type VenueMarket, type Welcome } from './venue.ts';
import { lotsText, priceText, putMs } from './wire.ts';

const DAY_MS = 86_400_000;
const ORIGIN_GAP_MS = 10_000;

const requestSchema = z.array(z.record(z.string(), z.unknown()));
const tradeType = z.object({
  type: z.literal('trade'),
  codes: z.array(z.string()).optional(),
  is_only_snapshot: z.boolean().default(false),
  is_only_realtime: z.boolean().default(false),
});

/** Error texts: https://docs.upbit.com/kr/reference/websocket-guide */
function refusal(name: string, message: string): Refusal {
  return { error: { name, message } };
}

interface Refusal {
  readonly error: { readonly name: string; readonly message: string };
}

interface Wanted {
  readonly form: number;
  readonly streams: readonly { readonly stream: SimulatedStream; readonly snapshot: boolean; readonly live: boolean }[];
}

function message(market: SimulatedMarket, outlet: Outlet, text: string): void {
  if (text === 'PING') {
    outlet.say('{"status":"UP"}', true);
    return;
  }
  const wanted = wantedOf(market, text);
  if ('error' in wanted) {
    outlet.say(JSON.stringify(wanted), true);
    return;
  }
  for (const name of outlet.names) market.streamOf(name)?.remove(outlet);
  outlet.names.clear();
  outlet.form = wanted.form;
  for (const { stream, snapshot, live } of wanted.streams) {
    const last = snapshot ? stream.tape.last() : undefined;
    if (last) outlet.deliver(renderUpbit(stream, last, outlet.form, true), stream.symbol);
    if (!live) continue;
    outlet.names.add(stream.symbol);
    stream.add(outlet, outlet.form);
  }
  outlet.flush();
}

/** What a request asks for, or what the venue answers to a bad one. Codes that do not exist (yet) are passed over in silence. */
function wantedOf(market: SimulatedMarket, text: string): Wanted | Refusal {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    // Answered as the venue answers it.
    return refusal('WRONG_FORMAT', '요청 형식이 올바르지 않습니다.');
  }
  const asked = requestSchema.safeParse(raw);
  if (!asked.success) return refusal('WRONG_FORMAT', '요청 형식이 올바르지 않습니다.');
  const parts = asked.data;
  if (!parts.some((part) => typeof part.ticket === 'string')) {
    return refusal('NO_TICKET', '티켓이 존재하지 않거나 올바르지 않습니다.');
  }
  const types = parts.filter((part) => 'type' in part);
  if (types.length === 0) return refusal('NO_TYPE', 'type 필드가 존재하지 않습니다.');
  const format = parts.find((part) => 'format' in part)?.format ?? 'DEFAULT';
  if (format !== 'DEFAULT' && format !== 'SIMPLE') {
    return refusal('INVALID_PARAM', `format ${String(format)} is not supported.`);
  }
  const streams: { stream: SimulatedStream; snapshot: boolean; live: boolean }[] = [];
  for (const part of types) {
    if (part.type !== 'trade') continue;
    const type = tradeType.safeParse(part);
    if (!type.success) return refusal('WRONG_FORMAT', '요청 형식이 올바르지 않습니다.');
    const { codes, is_only_realtime: onlyLive, is_only_snapshot: onlySnapshot } = type.data;
    if (!codes) return refusal('NO_CODES', 'codes 필드가 존재하지 않습니다.');
    if (codes.length === 0) return refusal('INVALID_PARAM', 'codes 필드가 비어 있습니다.');
    for (const code of codes) {
      const stream = market.streamOf(code);
      if (stream) streams.push({ stream, snapshot: !onlyLive, live: !onlySnapshot });
    }
  }
  return { form: format === 'SIMPLE' ? SHORT_NAMES : 0, streams };
}

const originSeen = new WeakMap<SimulatedMarket, number>();

/** A request that names an Origin gets one per ten seconds. */
function originLimited(market: SimulatedMarket, request: IncomingMessage): boolean {
  if (request.headers.origin === undefined) return false;
  const now = market.nowMs;
  const last = originSeen.get(market) ?? Number.NEGATIVE_INFINITY;
  if (now - last < ORIGIN_GAP_MS) return true;
  originSeen.set(market, now);
  return false;
}

function tooMany(): RestReply {
  return {
    status: 429,
    headers: { 'Remaining-Req': 'group=candles; min=600; sec=0' },
    body: '{"error":{"name":"too_many_requests"}}',
  };
}

function invalid(text: string): RestReply {
  return { status: 400, body: JSON.stringify({ error: { name: 400, message: text } }) };
}

function rest(market: SimulatedMarket, path: string, query: URLSearchParams, request: IncomingMessage): RestReply {
  const now = market.nowMs;
  const window = Math.floor(now / market.limits.rest.perMs);
  if (window !== market.restWindow) {
    market.restWindow = window;
    market.restUsed = 0;
  }
  market.restUsed += 1;
  const left = market.limits.rest.weight - market.restUsed;
  if (market.restRefusing || left < 0 || originLimited(market, request)) return tooMany();
  const headers = { 'Remaining-Req': `group=default; min=600; sec=${left}` };
  if (path === '/v1/market/all') {
    return {
      status: 200,
      headers,
      body: markets(market, query.get('is_details') === 'true' || query.get('isDetails') === 'true'),
    };
  }
  if (path === '/v1/candles/minutes/1') return { headers, ...candles(market, query) };
  if (path === '/v1/trades/ticks') return { headers, ...ticks(market, query) };
  return { status: 404, headers, body: '{"error":{"name":404,"message":"no Route matched with those values"}}' };
}

function markets(market: SimulatedMarket, details: boolean): string {
  const rows = market.streams.map((stream) => {
    const head = `{"market":"${stream.symbol}","korean_name":${JSON.stringify(stream.coin.title)},"english_name":"${stream.base}"`;
    return details
      ? `${head},"market_event":{"warning":false,"caution":{"PRICE_FLUCTUATIONS":false,"TRADING_VOLUME_SOARING":false,"DEPOSIT_AMOUNT_SOARING":false,"GLOBAL_PRICE_DIFFERENCES":false,"CONCENTRATION_OF_SMALL_ACCOUNTS":false}}}`
      : `${head}}`;
  });
  return `[${rows.join(',')}]`;
}

/** Sequential ids pass 2^53: compared as ms and counter. */
function cursorOf(text: string): { ms: number; counter: number } | null {
  if (!/^\d{17}$/.test(text)) return null;
  return { ms: Number(text.slice(0, 13)), counter: Number(text.slice(13)) };
}

function ticks(market: SimulatedMarket, query: URLSearchParams): RestReply {
  const code = query.get('market');
  if (code === null) return invalid('market is missing');
  const stream = market.streamOf(code);
  if (!stream) return { status: 404, body: '{"error":{"name":404,"message":"Code not found"}}' };
  const count = Number(query.get('count') ?? '1');
  if (!Number.isInteger(count) || count < 1) return invalid('count is invalid');
  const to = query.get('to');
  const daysAgo = Number(query.get('days_ago') ?? '0');
  if (!Number.isInteger(daysAgo) || daysAgo < 0 || daysAgo > 7) return invalid('days_ago must be 1 to 7');
  const cursorText = query.get('cursor');
  const cursor = cursorText === null ? null : cursorOf(cursorText);
  if (cursorText !== null && cursor === null) return invalid('cursor is invalid');
  let beforeMs = Number.POSITIVE_INFINITY;
  const day = Math.floor(market.clockMs / DAY_MS) * DAY_MS - daysAgo * DAY_MS;
  if (to !== null) {
    const found = /^(\d{2}):?(\d{2}):?(\d{2})$/.exec(to);
    if (!found) return invalid('to must be HHmmss');
    beforeMs = day + (Number(found[1]) * 3600 + Number(found[2]) * 60 + Number(found[3])) * 1000;
  } else if (daysAgo > 0) beforeMs = day + DAY_MS;
  const oldestMs = market.clockMs - 7 * DAY_MS;
  const newestMs = Math.min(beforeMs - 1, cursor?.ms ?? Number.POSITIVE_INFINITY);
  const wanted = Math.min(500, count);
  const found: TapeRow[] = [];
  // Trades are given by id, newest first; the tape is in the order of printing, which a jump of the venue's clock turns around.
  const slackMs = market.world.clockJumpsMs;
  let lowestMs = Number.POSITIVE_INFINITY;
  for (const row of stream.tape.backwards(newestMs)) {
    if (found.length >= wanted && row.ms < lowestMs - slackMs) break;
    if (row.ms < oldestMs || row.ms > newestMs) continue;
    if (cursor && row.ms === cursor.ms && row.extra >= cursor.counter) continue;
    found.push(row);
    if (row.ms < lowestMs) lowestMs = row.ms;
  }
  found.sort((a, b) => b.ms - a.ms || b.extra - a.extra);
  return {
    status: 200,
    body: `[${found
      .slice(0, wanted)
      .map((row) => tickRow(stream, row))
      .join(',')}]`,
  };
}

/** Newest first; `to` is exclusive, UTC unless it names a zone. Minutes without a trade do not exist. */
function candles(market: SimulatedMarket, query: URLSearchParams): RestReply {
  const code = query.get('market');
  if (code === null) return invalid('market is missing');
  const stream = market.streamOf(code);
  if (!stream) return { status: 404, body: '{"error":{"name":404,"message":"Code not found"}}' };
  const count = Number(query.get('count') ?? '1');
  if (!Number.isInteger(count) || count < 1) return invalid('count is invalid');
  const to = query.get('to');
  const toMs =
    to === null ? market.clockMs + 1 : Date.parse(/Z|[+-]\d\d:\d\d$/.test(to) ? to : `${to.replace(' ', 'T')}Z`);
  if (Number.isNaN(toMs)) return invalid('to is invalid');
  const forgotten =
    to === null ? null : market.forgotten(Math.ceil(toMs / MINUTE_MS) * MINUTE_MS - Math.min(200, count) * MINUTE_MS);
  if (forgotten !== null) return invalid(forgotten);
  const rows = market
    .minutes(stream, 0, toMs)
    .slice(-Math.min(200, count))
    .reverse()
    .map((minute) => candleRow(stream, minute));
  return { status: 200, body: `[${rows.join(',')}]` };
}

function candleRow(stream: SimulatedStream, minute: MinuteSum): string {
  const utc = new Date(minute.ms).toISOString().slice(0, 19);
  const price = (ticks: number): string => priceText(stream.scales, ticks);
  const volume = lotsText(stream.scales, minute.lots);
  return `{"market":"${stream.symbol}","candle_date_time_utc":"${utc}","candle_date_time_kst":"${kst(minute.ms).slice(0, 19)}","opening_price":${price(minute.openTicks)},"high_price":${price(minute.highTicks)},"low_price":${price(minute.lowTicks)},"trade_price":${price(minute.closeTicks)},"timestamp":${minute.ms + MINUTE_MS - 1},"candle_acc_trade_price":${(Number(price(minute.closeTicks)) * Number(volume)).toFixed(8)},"candle_acc_trade_volume":${volume},"unit":1}`;
}

function tickRow(stream: SimulatedStream, row: TapeRow): string {
  const at = new Date(row.ms).toISOString();
  const closing = closingTicks(stream);
  const change = row.priceTicks - closing;
  const sign = change < 0 ? '-' : '';
  return `{"market":"${stream.symbol}","trade_date_utc":"${at.slice(0, 10)}","trade_time_utc":"${at.slice(11, 19)}","timestamp":${row.ms},"trade_price":${priceText(stream.scales, row.priceTicks)},"trade_volume":${lotsText(stream.scales, row.lots)},"prev_closing_price":${priceText(stream.scales, closing)},"change_price":${sign}${priceText(stream.scales, Math.abs(change))},"ask_bid":"${row.sell ? 'ASK' : 'BID'}","sequential_id":${row.ms}${String(row.extra).padStart(4, '0')}}`;
}

function welcome(market: SimulatedMarket, path: string, request: IncomingMessage): Welcome {
  if (originLimited(market, request)) return { ok: false, status: 429, body: '' };
  if (path === '/websocket/v1') return { ok: true, form: 0, names: [] };
  if (path === '/websocket/v1/private')
    return {
      ok: false,
      status: 401,
      body: '{"error":{"name":"INVALID_AUTH","message":"인증 정보가 올바르지 않습니다."}}',
    };
  return { ok: false, status: 404, body: '' };
}

const protocol: Protocol = {
  welcome: (market, path, _query, request) => welcome(market, path, request),
  opened: () => undefined,
  message,
  // Upbit announces nothing on the connection; it closes.
  announceEnd: () => undefined,
  rest,
};

/** Upbit's KRW tick table, https://docs.upbit.com/kr/docs/krw-market-info */
const KRW_TICKS: readonly (readonly [from: number, unit: number, scale: number])[] = [
  [1_000_000, 1000, 0],
  [500_000, 500, 0],
  [100_000, 100, 0],
  [50_000, 50, 0],
  [10_000, 10, 0],
  [5_000, 5, 0],
  [100, 1, 0],
  [10, 1, 1],
  [1, 1, 2],
  [0.1, 1, 3],
  [0.01, 1, 4],
];

function naming(base: string, price: number): Naming {
  const magnitude = Math.floor(Math.log10(price));
  const [, unit, scale] = KRW_TICKS.find(([from]) => price >= from) ?? [0, 1, clamp(3 - magnitude, 5, 8)];
  return {
    symbol: `KRW-${base}`,
    quote: 'KRW',
    scales: { priceUnit: unit, priceScale: scale, priceZeros: 8 - scale, lotUnit: 1, lotScale: 8, lotZeros: 0 },
    restTicks: Math.max(1, Math.round((price * 10 ** scale) / unit)),
    meanLots: clamp(Math.round((500_000 / price) * 1e8), 5000, 200_000_000),
    contractSize: '1',
  };
}

/** The counter behind the ms. Ids are unique but do not arrive in order: now and then two neighbours are the other way round. */
function mark(stream: SimulatedStream, trade: Trade, epoch: number): number {
  if (trade.ms !== stream.lastMs) {
    stream.lastMs = trade.ms;
    stream.counter = (epoch % 99) * 100;
    stream.owedCounter = -1;
  }
  if (stream.owedCounter >= 0) {
    const owed = stream.owedCounter;
    stream.owedCounter = -1;
    return owed;
  }
  const next = stream.counter;
  if ((stream.random.bits() & 31) !== 0) {
    stream.counter = next + 1;
    return next;
  }
  stream.owedCounter = next;
  stream.counter = next + 2;
  return next + 1;
}

export const upbitSpot: VenueMarket = {
  key: 'upbit:spot',
  channel: 'trade',
  limits: (over) =>
    limitsFrom(over, {
      idleMs: 120_000,
      messages: [
        { count: 5, perMs: 1000 },
        { count: 100, perMs: MINUTE_MS },
      ],
      connects: { count: 5, perMs: 1000 },
      rest: { weight: 10, perMs: 1000 },
      // Its excess requests are refused, its address is never banned.
      banMs: 0,
    }),
  protocol,
  naming: (base, _quote, price, krwPerQuote) => naming(base, price * krwPerQuote),
  mark,
  framing: { per: 'trade', render: renderUpbit },
  putId: (out, pos, _stream, row) => putWhole(out, putMs(out, pos, row.ms), row.extra, 4),
  spoil: spoilMember('trade_price', 'tp'),
};
