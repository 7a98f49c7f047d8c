// OKX's REST as its clients see it: trades by id or time going back, candles, lists, 429 without a wait (feeds.md section 4).
import type { SimulatedMarket } from './market.ts';
import { MINUTE_MS } from './minutes.ts';
import type { SimulatedStream } from './stream.ts';
import type { TapeRow } from './tape.ts';
import type { RestReply } from './venue.ts';
import { lotsText, priceText, unitText } from './wire.ts';

const REACH_MS = 92 * 86_400_000;
const PAGE = 100;
const NEWEST = 500;

function data(rows: readonly string[]): RestReply {
  return { status: 200, body: `{"code":"0","msg":"","data":[${rows.join(',')}]}` };
}

function refuse(status: number, code: string, msg: string): RestReply {
  return { status, body: JSON.stringify({ code, data: [], msg }) };
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

export function okxRest(market: SimulatedMarket, path: string, query: URLSearchParams): RestReply {
  if (isOver(market)) return refuse(429, '50011', 'Too Many Requests');
  if (path === '/api/v5/public/time') return data([`{"ts":"${market.clockMs}"}`]);
  if (path === '/api/v5/public/instruments') return instruments(market, query);
  const ask = {
    '/api/v5/market/trades': newest,
    '/api/v5/market/history-trades': history,
    '/api/v5/market/history-candles': candles,
    '/api/v5/market/candles': candles,
  }[path];
  if (!ask) return { status: 404, body: '{"code":"404","data":{},"msg":"Not Found"}' };
  const symbol = query.get('instId') ?? '';
  // It is of the list, so its history can be asked for: there is none.
  if (market.key === 'okx:perp' && symbol === SUSPENDED) return data([]);
  const stream = market.streamOf(symbol);
  if (!stream) return refuse(200, '51001', "Instrument ID, Instrument ID code, or Spread ID doesn't exist.");
  return ask(market, stream, query);
}

/** The number of a parameter; undefined when it is absent, null when it is none. */
function wholeIn(query: URLSearchParams, name: string): number | null | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  return /^\d{1,16}$/.test(text) ? Number(text) : null;
}

function limitIn(query: URLSearchParams, otherwise: number, most: number): number {
  const limit = wholeIn(query, 'limit') ?? otherwise;
  return Math.min(Math.max(1, limit), most);
}

function wrong(name: string): RestReply {
  return refuse(400, '51000', `Parameter ${name} error`);
}

function newest(_market: SimulatedMarket, stream: SimulatedStream, query: URLSearchParams): RestReply {
  const rows = stream.tape.newest(limitIn(query, PAGE, NEWEST)).reverse();
  return data(rows.map((row) => tradeText(stream, row)));
}

/** Newest first. type 1: bounds are ids, both exclusive. type 2: `after` is a time, and the only bound. */
function history(market: SimulatedMarket, stream: SimulatedStream, query: URLSearchParams): RestReply {
  const limit = limitIn(query, PAGE, PAGE);
  const after = wholeIn(query, 'after');
  const before = wholeIn(query, 'before');
  if (after === null) return wrong('after');
  if (before === null) return wrong('before');
  const type = query.get('type') ?? '1';
  if (type !== '1' && type !== '2') return wrong('type');
  const { tape } = stream;
  const oldestMs = market.clockMs - REACH_MS;
  if (type === '1') {
    const end = Math.min(tape.length, after === undefined ? tape.length : after - stream.firstId);
    const begin = Math.max(0, end - limit, before === undefined ? 0 : before - stream.firstId + 1);
    const rows = end > begin ? tape.rows(begin, end - begin).reverse() : [];
    return data(rows.filter((row) => row.ms >= oldestMs).map((row) => tradeText(stream, row)));
  }
  if (before !== undefined) return wrong('before');
  const rows: TapeRow[] = [];
  for (const row of tape.backwards(after === undefined ? undefined : after - 1)) {
    if (rows.length >= limit) break;
    if (after === undefined || row.ms < after) rows.push(row);
  }
  return data(rows.filter((row) => row.ms >= oldestMs).map((row) => tradeText(stream, row)));
}

function tradeText(stream: SimulatedStream, row: TapeRow): string {
  const { scales } = stream;
  return `{"instId":"${stream.symbol}","side":"${row.sell ? 'sell' : 'buy'}","sz":"${lotsText(scales, row.lots)}","source":"0","px":"${priceText(scales, row.priceTicks)}","tradeId":"${stream.firstId + row.index}","ts":"${row.ms}"}`;
}

/** Newest first, ends exclusive. The running minute is there, and says that it is not confirmed. */
function candles(market: SimulatedMarket, stream: SimulatedStream, query: URLSearchParams): RestReply {
  if (query.get('bar') !== '1m') return wrong('bar');
  const after = wholeIn(query, 'after');
  const before = wholeIn(query, 'before');
  if (after === null) return wrong('after');
  if (before === null) return wrong('before');
  const forgotten = before === undefined ? null : market.forgotten(before + 1);
  if (forgotten !== null) return refuse(400, '51000', forgotten);
  const sums = market.minutes(stream, (before ?? -1) + 1, after ?? market.clockMs + 1);
  const { scales } = stream;
  const rows = sums.reverse().map((minute) => {
    const ticks = [minute.openTicks, minute.highTicks, minute.lowTicks, minute.closeTicks];
    const prices = ticks.map((one) => `"${priceText(scales, one)}"`).join(',');
    const closed = minute.ms + MINUTE_MS <= market.clockMs ? '1' : '0';
    return `["${minute.ms}",${prices},"${lotsText(scales, minute.lots)}","0","0","${closed}"]`;
  });
  return data(rows.slice(0, limitIn(query, PAGE, PAGE)));
}

function instruments(market: SimulatedMarket, query: URLSearchParams): RestReply {
  const spot = market.key === 'okx:spot';
  const type = query.get('instType');
  if (type !== (spot ? 'SPOT' : 'SWAP')) return type === null ? wrong('instType') : data([]);
  const rows = market.streams.map((stream) => {
    const { priceUnit, priceScale, priceZeros, lotUnit, lotScale, lotZeros } = stream.scales;
    const tick = unitText(priceUnit, priceScale, priceZeros);
    const lot = unitText(lotUnit, lotScale, lotZeros);
    const pair = `${stream.base}-${stream.quote}`;
    const kind = spot
      ? `"baseCcy":"${stream.base}","quoteCcy":"${stream.quote}","ctMult":"","ctType":"","ctVal":"","ctValCcy":"","settleCcy":"","uly":"","instFamily":""`
      : `"baseCcy":"","quoteCcy":"","ctMult":"1","ctType":"linear","ctVal":"${stream.contractSize}","ctValCcy":"${stream.base}","settleCcy":"${stream.quote}","uly":"${pair}","instFamily":"${pair}"`;
    return `{"instType":"${type}","instId":"${stream.symbol}",${kind},"listTime":"1548133413000","expTime":"","lever":"10","tickSz":"${tick}","lotSz":"${lot}","minSz":"${lot}","state":"live"}`;
  });
  if (!spot) rows.push(inverse);
  return data(rows);
}

/** It is in the list of swaps and can be subscribed, yet nothing is printed. */
export const SUSPENDED = 'ZZZ-USD-SWAP';

/** An inverse swap of the list: its contracts are worth dollars, not coins. */
const inverse = `{"instType":"SWAP","instId":"${SUSPENDED}","baseCcy":"","quoteCcy":"","ctMult":"1","ctType":"inverse","ctVal":"100","ctValCcy":"USD","settleCcy":"ZZZ","uly":"ZZZ-USD","instFamily":"ZZZ-USD","listTime":"1611916828000","expTime":"","state":"suspend"}`;
