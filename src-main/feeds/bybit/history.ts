// Bybit REST history: one page of the newest trades and no way behind it. Whether it reaches over a hole is known only from its oldest row.
// Source: bybit-exchange/docs v5/market/recent-trade.mdx (limit: spot 60, others 1000; no cursor).
import { fail, ok, type Result } from '../../../src-shared/base/result.ts';
import { fillPrice, fillQty, fillTextId, fillTime, isSymbol, quoted, timeUs } from '../cells.ts';
import { JsonObject, type JsonValue } from '../exact-json.ts';
import type { FrameVerdict, History, HistoryHole, HistoryPage, HttpRequest, TickCells, TickSink } from '../feed.ts';
import { control, quarantine, trades } from '../verdicts.ts';
import { fillSide } from './general.ts';
import { type Category, listOf, unquoted } from './rest.ts';

/** The newest trades that one request answers. */
const NEWEST: Readonly<Record<Category, number>> = { spot: 60, linear: 1000 };

export function bybitHistory(category: Category): History {
  function first(hole: HistoryHole): Result<HttpRequest> {
    if (hole.channel !== 'trade') return fail('history.channel', `bybit has no history of channel ${hole.channel}`);
    const query = new URLSearchParams({ category, symbol: hole.symbol, limit: String(NEWEST[category]) });
    return ok({ method: 'GET', path: `/v5/market/recent-trade?${query}`, headers: {}, weight: 1 });
  }

  /** Reached only when a row is older than the hole's begin: of rows at the very begin, more may lie behind the page. */
  function next(hole: HistoryHole, _asked: HttpRequest, body: Uint8Array): Result<HistoryPage> {
    const rows = listOf('history', `${category} ${hole.symbol} recent-trade`, body);
    if (!rows.ok) return rows;
    let oldestUs = Number.POSITIVE_INFINITY;
    let newestUs: number | null = null;
    for (const row of rows.value) {
      const us = row instanceof JsonObject ? timeUs(unquoted(row.get('time'))) : undefined;
      if (us === undefined) continue;
      oldestUs = Math.min(oldestUs, us);
      newestUs = Math.max(newestUs ?? us, us);
    }
    return ok({ rows: rows.value.length, next: null, reached: oldestUs < hole.fromUs, newestUs });
  }

  return { reachMs: Number.POSITIVE_INFINITY, reachTrades: NEWEST[category], first, next, decode };
}

function decode(hole: Pick<HistoryHole, 'symbol' | 'channel'>, body: Uint8Array, sink: TickSink): FrameVerdict {
  if (!isSymbol(hole.symbol)) return quarantine(`${quoted(hole.symbol)} is not a symbol`);
  const rows = listOf('history', `${hole.symbol} recent-trade`, body);
  if (!rows.ok) return rows.failure.code === 'history.refused' ? control('error') : quarantine(rows.failure.message);
  rows.value.forEach((row, i) => {
    const reason = fillHistoryRow(row, hole.symbol, sink.cells);
    if (reason === '') sink.accept();
    else sink.reject(i, reason);
  });
  return trades;
}

/** `execId` is the `i` of the live frame, so that a trade has one id however it came. */
function fillHistoryRow(row: JsonValue, symbol: string, cells: TickCells): string {
  if (!(row instanceof JsonObject)) return `a trade expected, found ${quoted(row)}`;
  const name = row.get('symbol');
  if (name !== symbol) return `symbol: ${quoted(name)} is not ${symbol}`;
  cells.symbol = symbol;
  cells.channel = 'trade';
  return (
    fillTextId(cells, 'execId', row.get('execId')) ||
    fillPrice(cells, 'price', row.get('price'), false) ||
    fillQty(cells, 'size', row.get('size'), false) ||
    fillTime(cells, 'time', unquoted(row.get('time'))) ||
    fillSide(cells, 'side', row.get('side'))
  );
}
