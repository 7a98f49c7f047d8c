// Gate's REST as its clients see it: trades of a range of seconds by page or offset, candles, lists, 429 (feeds.md section 6).
import type { IncomingMessage } from 'node:http';
import { DECIMAL_SIZES, gateId, microsOf, sizeText, WHOLE_SIZES } from './gate-frame.ts';
import type { SimulatedMarket } from './market.ts';
import type { MinuteSum } from './minutes.ts';
import type { SimulatedStream } from './stream.ts';
import type { TapeRow } from './tape.ts';
import type { RestReply } from './venue.ts';
import { lotsText, priceText } from './wire.ts';

const REACH_S = 30 * 86_400;
const MOST_ROWS = 1000;
const MOST_SKIPPED = 100_000;
const MINUTE_S = 60;
/** Candles of one request, and how many minutes back they go. */
const MOST_CANDLES = 1000;
const OLDEST_MINUTES = 10_000;

function refuse(status: number, label: string, message: string): RestReply {
  return { status, body: JSON.stringify({ label, message }) };
}

function list(rows: readonly string[]): RestReply {
  return { status: 200, body: `[${rows.join(',')}]` };
}

/** Requests of all kinds share one budget here: stricter than the venue, which counts each kind by itself. */
function isOver(market: SimulatedMarket): boolean {
  const { rest } = market.limits;
  const window = Math.floor(market.nowMs / rest.perMs);
  if (window !== market.restWindow) {
    market.restWindow = window;
    market.restUsed = 0;
  }
  market.restUsed += 1;
  return market.restRefusing || market.restUsed > rest.weight;
}

/** Frame form that the header of a request asks for. */
export function formOf(request: IncomingMessage): number {
  return request.headers['x-gate-size-decimal'] === '1' ? DECIMAL_SIZES : WHOLE_SIZES;
}

export function gateRest(
  market: SimulatedMarket,
  path: string,
  query: URLSearchParams,
  request: IncomingMessage,
): RestReply {
  if (isOver(market)) return refuse(429, 'TOO_MANY_REQUESTS', 'Request Rate limit Exceeded');
  const spot = market.key === 'gate:spot';
  const name = path.replace(spot ? /^\/api\/v4\/spot\// : /^\/api\/v4\/futures\/usdt\//, '');
  if (name === (spot ? 'currency_pairs' : 'contracts')) return instruments(market, spot);
  if (name !== 'trades' && name !== 'candlesticks') return { status: 404, body: '' };
  const symbol = query.get(spot ? 'currency_pair' : 'contract') ?? '';
  // It is of the list, so its history can be asked for: there is none.
  if (spot && symbol === UNTRADABLE) return list([]);
  const stream = market.streamOf(symbol);
  if (!stream)
    return spot
      ? refuse(400, 'INVALID_CURRENCY_PAIR', `Invalid currency pair ${symbol}`)
      : refuse(400, 'CONTRACT_NOT_FOUND', `Contract ${symbol} not found`);
  const range = rangeIn(market, query);
  if (!range) return refuse(400, 'INVALID_PARAM_VALUE', 'Invalid range');
  if (name === 'candlesticks') return candles(market, stream, spot, query, range);
  return trades(market, stream, spot, query, range, formOf(request));
}

interface Range {
  readonly from: number;
  readonly to: number;
}

/** Whole seconds, both included. */
function rangeIn(market: SimulatedMarket, query: URLSearchParams): Range | null {
  const now = Math.floor(market.clockMs / 1000);
  const number = (name: string, otherwise: number): number => {
    const text = query.get(name);
    return text === null ? otherwise : /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  };
  const from = number('from', now - REACH_S);
  const to = number('to', now);
  return from <= to ? { from, to } : null;
}

/** Newest first. */
function trades(
  market: SimulatedMarket,
  stream: SimulatedStream,
  spot: boolean,
  query: URLSearchParams,
  { from, to }: Range,
  form: number,
): RestReply {
  const limit = Number(query.get('limit') ?? '100');
  const skip = spot ? limit * (Number(query.get('page') ?? '1') - 1) : Number(query.get('offset') ?? '0');
  if (!(limit >= 1 && limit <= MOST_ROWS && skip >= 0 && skip <= MOST_SKIPPED))
    return refuse(400, 'INVALID_PARAM_VALUE', 'limit * (page - 1) cannot exceed 100000');
  const oldestMs = Math.max(from, Math.floor(market.clockMs / 1000) - REACH_S) * 1000;
  const newestMs = to * 1000 + 999;
  // The tape is in the order of printing, which a jump of the venue's clock turns around.
  const slackMs = market.world.clockJumpsMs;
  const found: TapeRow[] = [];
  for (const row of stream.tape.backwards(newestMs)) {
    if (row.ms < oldestMs - slackMs || found.length >= skip + limit) break;
    if (row.ms >= oldestMs && row.ms <= newestMs) found.push(row);
  }
  return list(found.slice(skip).map((row) => (spot ? spotText(stream, row) : futuresText(stream, row, form))));
}

function spotText(stream: SimulatedStream, row: TapeRow): string {
  const id = gateId(stream, row);
  const { scales } = stream;
  const micros = String(microsOf(row)).padStart(3, '0');
  return `{"id":"${id}","create_time":"${Math.floor(row.ms / 1000)}","create_time_ms":"${row.ms}.${micros}000","currency_pair":"${stream.symbol}","side":"${row.sell ? 'sell' : 'buy'}","amount":"${lotsText(scales, row.lots)}","price":"${priceText(scales, row.priceTicks)}","range":"${id - row.extra}-${id}","sequence_id":"${id}"}`;
}

/** Times are seconds with three decimals here, not ms as on the channel. */
function futuresText(stream: SimulatedStream, row: TapeRow, form: number): string {
  const seconds = `${String(row.ms).slice(0, -3)}.${String(row.ms).slice(-3)}`;
  return `{"id":${gateId(stream, row)},"create_time":${seconds},"create_time_ms":${seconds},"contract":"${stream.symbol}","size":${sizeText(stream, row, form)},"price":"${priceText(stream.scales, row.priceTicks)}"}`;
}

/** Oldest first; a quiet minute is there with no volume. */
function candles(
  market: SimulatedMarket,
  stream: SimulatedStream,
  spot: boolean,
  query: URLSearchParams,
  { from, to }: Range,
): RestReply {
  if (query.get('interval') !== '1m') return refuse(400, 'INVALID_PARAM_VALUE', 'Invalid interval');
  if (query.has('limit') && query.has('from')) return refuse(400, 'INVALID_PARAM_VALUE', 'limit conflicts with from');
  const first = Math.ceil(from / MINUTE_S) * MINUTE_S;
  const now = Math.floor(market.clockMs / 1000);
  if ((to - first) / MINUTE_S >= MOST_CANDLES) return refuse(400, 'INVALID_PARAM_VALUE', 'Too many points');
  if (first < now - OLDEST_MINUTES * MINUTE_S)
    return refuse(
      400,
      'INVALID_PARAM_VALUE',
      `Candlestick too long ago. Maximum ${OLDEST_MINUTES} points ago are allowed`,
    );
  const forgotten = query.has('from') ? market.forgotten(first * 1000) : null;
  if (forgotten !== null) return refuse(400, 'INVALID_PARAM_VALUE', forgotten);
  const sums = new Map(market.minutes(stream, first * 1000, to * 1000 + 1).map((sum) => [sum.ms / 1000, sum]));
  const rows: string[] = [];
  for (let at = Math.max(first, market.wholeFromMs / 1000); at <= Math.min(to, now); at += MINUTE_S) {
    const sum = sums.get(at);
    const closed = at + MINUTE_S <= now;
    rows.push(spot ? spotCandle(stream, at, sum, closed) : futuresCandle(stream, at, sum));
  }
  return list(rows);
}

function prices(stream: SimulatedStream, sum: MinuteSum | undefined): Record<'o' | 'h' | 'l' | 'c', string> {
  const text = (ticks: number | undefined): string => priceText(stream.scales, ticks ?? stream.restTicks);
  return { o: text(sum?.openTicks), h: text(sum?.highTicks), l: text(sum?.lowTicks), c: text(sum?.closeTicks) };
}

function spotCandle(stream: SimulatedStream, at: number, sum: MinuteSum | undefined, closed: boolean): string {
  const { o, h, l, c } = prices(stream, sum);
  const volume = lotsText(stream.scales, sum?.lots ?? 0);
  return JSON.stringify([String(at), (Number(volume) * Number(c)).toFixed(8), c, h, l, o, volume, String(closed)]);
}

function futuresCandle(stream: SimulatedStream, at: number, sum: MinuteSum | undefined): string {
  return JSON.stringify({ t: at, v: lotsText(stream.scales, sum?.lots ?? 0), ...prices(stream, sum), sum: '0' });
}

function instruments(market: SimulatedMarket, spot: boolean): RestReply {
  const rows = market.streams.map((stream) => {
    const { priceScale, lotScale } = stream.scales;
    return spot
      ? `{"id":"${stream.symbol}","base":"${stream.base}","quote":"${stream.quote}","fee":"0.2","min_quote_amount":"1","amount_precision":${lotScale},"precision":${priceScale},"trade_status":"tradable","sell_start":0,"buy_start":1600000000}`
      : contract(stream.symbol, stream.contractSize, false);
  });
  // One that is leaving: untradable on spot, where it can still be subscribed; of futures a subscription of it fails all of its request.
  rows.push(
    spot
      ? '{"id":"GONE_USDT","base":"GONE","quote":"USDT","fee":"0.2","trade_status":"untradable","sell_start":0,"buy_start":0}'
      : contract('GONE_USDT', '1', true),
  );
  return list(rows);
}

/** Of the list, yet nothing is printed. */
export const UNTRADABLE = 'GONE_USDT';

function contract(name: string, size: string, leaving: boolean): string {
  return `{"name":"${name}","type":"direct","quanto_multiplier":"${size}","in_delisting":${leaving},"order_size_min":1,"mark_type":"index","create_time":1679491956,"trade_id":1,"funding_interval":28800}`;
}
