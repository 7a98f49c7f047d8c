// OKX REST history: which request reaches a hole, what the reply says about where to go on, and its trades.
// Source: OKX API guide v5, "Get trades history" (three months; ids before `after`, newest first, 100 a page) and "Get trades" (newest 500).
import { fail, ok, type Result } from '../../../src-shared/base/result.ts';
import { quoted, timeUs } from '../cells.ts';
import { JsonNumber, JsonObject, type JsonValue, parseJson } from '../exact-json.ts';
import type { FrameVerdict, History, HistoryHole, HistoryPage, HttpRequest, TickSink } from '../feed.ts';
import { control, quarantine, trades } from '../verdicts.ts';
import { decodeRows, SINGLES } from './general.ts';

const PAGE = 100;
const NEWEST = 500;
const DAY_MS = 86_400_000;
/** Three months, counted as the shortest three. */
const REACH_MS = 89 * DAY_MS;
/** A hole that ends this near to now is asked from the newest page. */
const NEAR_US = 60_000_000;
const ID = /^(?:0|[1-9]\d{0,19})$/;

/** From when on the venue answered when the hole was first asked for, µs: an empty page older than that is the end of the reach, one younger the instrument's beginning. */
interface Memo {
  readonly reachUs: number;
}

function get(path: string, query: Record<string, string>, memo: Memo): HttpRequest {
  return {
    method: 'GET',
    path: `${path}?${new URLSearchParams(query)}`,
    headers: {},
    weight: 1,
    memo: JSON.stringify(memo),
  };
}

/** Trades with ids under this one. */
function under(symbol: string, id: bigint, memo: Memo): HttpRequest {
  const query = { instId: symbol, type: '1', after: String(id), limit: String(PAGE) };
  return get('/api/v5/market/history-trades', query, memo);
}

function first(hole: HistoryHole, nowUs: number): Result<HttpRequest> {
  if (hole.channel !== SINGLES) return fail('history.channel', `okx has no history of channel ${hole.channel}`);
  const memo = { reachUs: nowUs - REACH_MS * 1000 };
  if (hole.toUs < memo.reachUs)
    return fail('history.too-old', `okx ${hole.symbol}: the hole is older than ${REACH_MS / DAY_MS} days`);
  if ((hole.fromId !== null && !ID.test(hole.fromId)) || (hole.toId !== null && !ID.test(hole.toId)))
    return fail('history.ids', `okx ${hole.symbol}: ${hole.fromId} to ${hole.toId} are not trade ids`);
  // The hole's upper end itself is asked for too: a page that holds it shows that the history has come so far.
  if (hole.toId !== null) return ok(under(hole.symbol, BigInt(hole.toId) + 1n, memo));
  if (hole.toUs >= nowUs - NEAR_US)
    return ok(get('/api/v5/market/trades', { instId: hole.symbol, limit: String(NEWEST) }, memo));
  // type=2 takes a time, and only as an upper end.
  const query = {
    instId: hole.symbol,
    type: '2',
    after: String(Math.floor(hole.toUs / 1000) + 1),
    limit: String(PAGE),
  };
  return ok(get('/api/v5/market/history-trades', query, memo));
}

function next(hole: HistoryHole, asked: HttpRequest, body: Uint8Array): Result<HistoryPage> {
  const memo = memoOf(asked);
  if (!memo.ok) return memo;
  const rows = rowsOf(body);
  if (!rows.ok) return rows;
  const query = new URLSearchParams(asked.path.slice(asked.path.indexOf('?') + 1));
  const byId = query.get('type') === '1' ? BigInt(query.get('after') ?? '0') : null;
  const atTop = hole.toId !== null && byId === BigInt(hole.toId) + 1n;
  if (rows.value.length === 0) {
    // We hold that trade ourselves: of an instrument that has just opened the history knows nothing yet.
    if (atTop && hole.toUs >= memo.value.reachUs) return behind(hole);
    // Nothing older: all that there ever was, unless the reach ended in the hole or we hold an older trade ourselves.
    const reached = hole.fromId === null && hole.toId === null && hole.fromUs >= memo.value.reachUs;
    return ok({ rows: 0, next: null, reached });
  }
  const ends = endsOf(rows.value);
  if (!ends.ok) return ends;
  const { oldestId, oldestUs, newestId } = ends.value;
  if (byId !== null && newestId >= byId)
    return fail('history.reply', `okx history: asked under id ${byId}, the page begins at ${newestId}`);
  if (atTop && String(newestId) !== hole.toId) return behind(hole);
  const covered = hole.fromId !== null ? oldestId <= BigInt(hole.fromId) + 1n : oldestUs < hole.fromUs;
  const count = rows.value.length;
  if (covered) return ok({ rows: count, next: null, reached: true });
  return ok({ rows: count, next: under(hole.symbol, oldestId, memo.value), reached: false });
}

function behind({ symbol, toId }: HistoryHole): Result<HistoryPage> {
  return fail('history.behind', `okx ${symbol}: the history has not come to ${toId} yet`, { retry: true });
}

interface Ends {
  readonly oldestId: bigint;
  readonly newestId: bigint;
  readonly oldestUs: number;
}

/** Of a page in whatever order. */
function endsOf(rows: readonly JsonValue[]): Result<Ends> {
  let ends: Ends | undefined;
  for (const row of rows) {
    const id = row instanceof JsonObject ? row.get('tradeId') : undefined;
    const ts = row instanceof JsonObject ? row.get('ts') : undefined;
    const us = typeof ts === 'string' ? timeUs(new JsonNumber(ts)) : undefined;
    if (typeof id !== 'string' || !ID.test(id) || us === undefined)
      return fail('history.reply', `okx history: tradeId ${quoted(id)}, ts ${quoted(ts)}: a row has no id or time`);
    const number = BigInt(id);
    ends = {
      oldestId: ends && ends.oldestId < number ? ends.oldestId : number,
      newestId: ends && ends.newestId > number ? ends.newestId : number,
      oldestUs: Math.min(ends?.oldestUs ?? us, us),
    };
  }
  return ends ? ok(ends) : fail('history.reply', 'okx history: an empty page has no ends');
}

function memoOf(asked: HttpRequest): Result<Memo> {
  const parsed: unknown = asked.memo === undefined ? null : JSON.parse(asked.memo);
  if (typeof parsed === 'object' && parsed !== null && 'reachUs' in parsed && typeof parsed.reachUs === 'number')
    return ok({ reachUs: parsed.reachUs });
  return fail('history.asked', `okx: ${asked.path} was not asked by this feed`);
}

/** Codes of a refusal that asking again can help: too many requests, the service is busy or being upgraded. */
const PASSING: ReadonlySet<string> = new Set(['50001', '50004', '50011', '50013', '50026']);

/** The data of a reply: code "0" and a list. */
export function rowsOf(body: Uint8Array): Result<readonly JsonValue[]> {
  const parsed = parseJson(body);
  if (!parsed.ok) return fail('history.reply', `okx: ${parsed.failure.message}`, { retry: true });
  const value = parsed.value;
  const code = value instanceof JsonObject ? value.get('code') : undefined;
  const rows = value instanceof JsonObject ? value.get('data') : undefined;
  if (code === '0' && Array.isArray(rows)) return ok(rows);
  const message = value instanceof JsonObject ? value.get('msg') : value;
  const retry = typeof code === 'string' && PASSING.has(code);
  return fail('history.refused', `okx: ${quoted(code)} ${quoted(message)}`, { retry });
}

function decode(hole: Pick<HistoryHole, 'symbol' | 'channel'>, body: Uint8Array, sink: TickSink): FrameVerdict {
  const parsed = parseJson(body);
  if (!parsed.ok) return quarantine(parsed.failure.message);
  const value = parsed.value;
  if (!(value instanceof JsonObject)) return quarantine(`an object expected, found ${quoted(value)}`);
  const code = value.get('code');
  if (typeof code === 'string' && code !== '0') return control('error');
  const rows = value.get('data');
  if (code !== '0' || !Array.isArray(rows)) return quarantine(`data: ${quoted(rows)} is not a list of trades`);
  decodeRows(hole.symbol, hole.channel, rows, sink);
  return trades;
}

export const okxHistory: History = { reachMs: REACH_MS, first, next, decode };
