// Binance REST history: which request reaches a hole, what the reply says about where to go on, and its trades.
// Sources: binance-spot-api-docs rest-api.md (historicalTrades, aggTrades), USDⓈ-M "Compressed/Aggregate Trades List".
import { fail, ok, type Result } from '../../../src-shared/base/result.ts';
import { fillId, fillPrice, fillQty, fillTime, quoted, timeUs, wholeText } from '../cells.ts';
import { JsonObject, type JsonValue, parseJson } from '../exact-json.ts';
import type { FrameVerdict, History, HistoryHole, HistoryPage, HttpRequest, TickCells, TickSink } from '../feed.ts';
import { control, other, quarantine, trades } from '../verdicts.ts';
import { fillSide, isBinanceSymbol } from './general.ts';

export interface BinanceRest {
  /** `/api/v3` or `/fapi/v1`. */
  readonly prefix: string;
  readonly reachMs: number;
  readonly aggWeight: number;
  readonly tradesWeight: number;
}

const PAGE = 1000;
/** USDⓈ-M: startTime and endTime less than one hour apart. */
const TIME_WINDOW_MS = 3_600_000 - 1;

/** Names of one trade's fields in the two kinds of reply. */
const AGGREGATE = { id: 'a', price: 'p', qty: 'q', time: 'T', maker: 'm' } as const;
const SINGLE = { id: 'id', price: 'price', qty: 'qty', time: 'time', maker: 'isBuyerMaker' } as const;

export function binanceHistory(rest: BinanceRest): History {
  const get = (name: string, weight: number, query: Record<string, string>): HttpRequest => ({
    method: 'GET',
    path: `${rest.prefix}/${name}?${new URLSearchParams(query)}`,
    headers: {},
    weight,
  });

  /** From this id on; one id past the hole is asked for too, because only a later trade proves that a missing one never was. */
  function byId(hole: HistoryHole, fromId: bigint): HttpRequest {
    const wanted = hole.toId === null ? BigInt(PAGE) : BigInt(hole.toId) - fromId + 1n;
    const limit = wanted < 1n ? 1n : wanted > BigInt(PAGE) ? BigInt(PAGE) : wanted;
    const query = { symbol: hole.symbol, fromId: String(fromId), limit: String(limit) };
    return hole.channel === 'aggTrade'
      ? get('aggTrades', rest.aggWeight, query)
      : get('historicalTrades', rest.tradesWeight, query);
  }

  function byTime(hole: HistoryHole, fromMs: number, limit: number): HttpRequest {
    const endTime = Math.min(fromMs + TIME_WINDOW_MS, Math.floor(hole.toUs / 1000));
    const query = { symbol: hole.symbol, startTime: String(fromMs), endTime: String(Math.max(endTime, fromMs)) };
    return get('aggTrades', rest.aggWeight, { ...query, limit: String(limit) });
  }

  function first(hole: HistoryHole, nowUs: number): Result<HttpRequest> {
    if (hole.channel !== 'trade' && hole.channel !== 'aggTrade')
      return fail('history.channel', `binance has no history of channel ${hole.channel}`);
    if (hole.toUs < nowUs - rest.reachMs * 1000)
      return fail(
        'history.too-old',
        `binance ${hole.symbol}: the hole is older than ${rest.reachMs / 86_400_000} days`,
      );
    if (hole.fromId !== null) {
      if (!isId(hole.fromId) || (hole.toId !== null && !isId(hole.toId)))
        return fail('history.ids', `binance ${hole.symbol}: ${hole.fromId} to ${hole.toId} are not trade ids`);
      return ok(byId(hole, BigInt(hole.fromId) + 1n));
    }
    const fromMs = Math.floor(hole.fromUs / 1000);
    return ok(byTime(hole, fromMs, hole.channel === 'aggTrade' ? PAGE : 1));
  }

  function next(hole: HistoryHole, asked: HttpRequest, body: Uint8Array): Result<HistoryPage> {
    const rows = rowsOf(body);
    if (!rows.ok) return rows;
    const query = new URLSearchParams(asked.path.slice(asked.path.indexOf('?') + 1));
    const byTimes = query.get('startTime');
    const aggregates = asked.path.startsWith(`${rest.prefix}/aggTrades`);
    if (byTimes !== null && rows.value.length === 0) return ok(emptyWindow(hole, Number(query.get('endTime'))));
    if (rows.value.length === 0) return ok({ rows: 0, next: null, reached: hole.toId === null });
    const last = rows.value.at(-1);
    if (byTimes !== null && hole.channel === 'trade') {
      // The look-up of ids for a hole known by time only: the aggregate's first trade is where single trades begin.
      const from = last instanceof JsonObject ? wholeText(last.get('f')) : undefined;
      if (from === undefined) return fail('history.reply', `binance aggTrades: f is ${quoted(memberOf(last, 'f'))}`);
      return ok({ rows: 0, next: byId(hole, BigInt(from)), reached: false });
    }
    const names = aggregates ? AGGREGATE : SINGLE;
    const lastId = wholeText(memberOf(last, names.id));
    const lastUs = timeUs(memberOf(last, names.time));
    if (lastId === undefined || lastUs === undefined)
      return fail('history.reply', `binance history: the last row has no id or time (${quoted(last)})`);
    const askedFrom = query.get('fromId');
    if (askedFrom !== null && BigInt(lastId) < BigInt(askedFrom))
      return fail('history.reply', `binance history: asked from id ${askedFrom}, the page ends at ${lastId}`);
    const count = rows.value.length;
    if (hole.toId !== null ? BigInt(lastId) >= BigInt(hole.toId) - 1n : lastUs > hole.toUs)
      return ok({ rows: count, next: null, reached: true });
    const full = count >= Number(query.get('limit'));
    if (full || byTimes !== null) return ok({ rows: count, next: byId(hole, BigInt(lastId) + 1n), reached: false });
    return ok({ rows: count, next: null, reached: hole.toId === null });
  }

  function emptyWindow(hole: HistoryHole, endMs: number): HistoryPage {
    const fromMs = endMs + 1;
    if (fromMs * 1000 > hole.toUs) return { rows: 0, next: null, reached: true };
    return { rows: 0, next: byTime(hole, fromMs, hole.channel === 'aggTrade' ? PAGE : 1), reached: false };
  }

  return { reachMs: rest.reachMs, first, next, decode };
}

function isId(text: string): boolean {
  return /^\d{1,20}$/.test(text);
}

function memberOf(row: JsonValue | undefined, name: string): JsonValue | undefined {
  return row instanceof JsonObject ? row.get(name) : undefined;
}

/** The rows of a reply; a venue's own error (`{"code","msg"}`) is a failure that says so. */
function rowsOf(body: Uint8Array): Result<readonly JsonValue[]> {
  const parsed = parseJson(body);
  if (!parsed.ok) return fail('history.reply', `binance history: ${parsed.failure.message}`, { retry: true });
  if (Array.isArray(parsed.value)) return ok(parsed.value);
  const code = memberOf(parsed.value, 'code');
  return fail('history.refused', `binance history: ${quoted(code)} ${quoted(memberOf(parsed.value, 'msg'))}`);
}

/** Trades of a history reply; its rows do not repeat the symbol, the hole names it. */
function decode(hole: Pick<HistoryHole, 'symbol' | 'channel'>, body: Uint8Array, sink: TickSink): FrameVerdict {
  const parsed = parseJson(body);
  if (!parsed.ok) return quarantine(parsed.failure.message);
  const rows = parsed.value;
  if (rows instanceof JsonObject && rows.has('code')) return control('error');
  if (!Array.isArray(rows)) return quarantine(`a list of trades expected, found ${quoted(rows)}`);
  if (!isBinanceSymbol(hole.symbol)) return quarantine(`${quoted(hole.symbol)} is not a symbol`);
  const aggregates = hole.channel === 'aggTrade';
  if (!aggregates && rows[0] instanceof JsonObject && rows[0].has('a') && !rows[0].has('id'))
    return other('a look-up of ids');
  const names = aggregates ? AGGREGATE : SINGLE;
  for (let i = 0; i < rows.length; i++) {
    const reason = fillHistoryRow(rows[i], names, sink.cells);
    if (reason !== '') {
      sink.reject(i, reason);
      continue;
    }
    sink.cells.symbol = hole.symbol;
    sink.cells.channel = hole.channel;
    sink.accept();
  }
  return trades;
}

function fillHistoryRow(row: JsonValue | undefined, names: typeof AGGREGATE | typeof SINGLE, cells: TickCells): string {
  if (!(row instanceof JsonObject)) return `a trade expected, found ${quoted(row)}`;
  return (
    fillId(cells, names.id, row.get(names.id)) ||
    fillPrice(cells, names.price, row.get(names.price), false) ||
    fillQty(cells, names.qty, row.get(names.qty), false) ||
    fillTime(cells, names.time, row.get(names.time)) ||
    fillSide(cells, names.maker, row.get(names.maker))
  );
}
