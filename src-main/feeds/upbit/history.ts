// Upbit REST history: pages of one UTC day, newest first, walked back by cursor and then day by day, at most seven days.
// Source: docs.upbit.com "List pair trades" (`to`, `count`, `cursor`, `days_ago`): rows of one trade date a request.
import { fail, ok, type Result } from '../../../src-shared/base/result.ts';
import { DAY_US, SECOND_US } from '../../../src-shared/base/time.ts';
import { fillId, fillPrice, fillQty, fillTime, quoted, timeUs, wholeText } from '../cells.ts';
import { JsonObject, type JsonValue, parseJson } from '../exact-json.ts';
import type { FrameVerdict, History, HistoryHole, HistoryPage, HttpRequest, TickSink } from '../feed.ts';
import { control, quarantine, trades } from '../verdicts.ts';
import { fillSide, isUpbitCode } from './general.ts';

const PAGE = 500;
const REACH_DAYS = 7;

interface Step {
  readonly daysAgo: number;
  /** HHmmss UTC of that day, or null for the day's end (or now). */
  readonly to: string | null;
  /** Rows older than this sequential_id. */
  readonly cursor: string | null;
  /** UTC day number that days_ago counts from. */
  readonly today: number;
  /** It is known what days_ago counts from: nothing before `to` means just that. */
  readonly sure?: true;
  /** Asked for the newest page of all, because nothing came for this day and time. */
  readonly sought?: Sought;
}

type Sought = Pick<Step, 'daysAgo'> & { readonly to: string };

export const upbitHistory: History = {
  reachMs: REACH_DAYS * 86_400_000,
  countsDays: true,
  first,
  next,
  decode,
};

function request(symbol: string, step: Step): HttpRequest {
  const query = new URLSearchParams({ market: symbol, count: String(PAGE) });
  if (step.to !== null) query.set('to', step.to);
  if (step.cursor !== null) query.set('cursor', step.cursor);
  if (step.daysAgo > 0) query.set('days_ago', String(step.daysAgo));
  return { method: 'GET', path: `/v1/trades/ticks?${query}`, headers: {}, weight: 1, memo: JSON.stringify(step) };
}

/**
 * `days_ago` counts from the market's last trade date, which for a quiet market is not today, and without it that date is given: when the
 * first page comes back older than the day that was meant, the difference is how many days too far was asked; when it comes back empty,
 * the newest page of all tells.
 */
function first(hole: HistoryHole, nowUs: number): Result<HttpRequest> {
  if (hole.channel !== 'trade') return fail('history.channel', `upbit has no history of channel ${hole.channel}`);
  if (hole.toUs < nowUs - REACH_DAYS * DAY_US)
    return fail('history.too-old', `upbit ${hole.symbol}: the hole is older than ${REACH_DAYS} days`);
  // `to` has whole seconds and may exclude its own second: one second more is asked for.
  const untilUs = (Math.floor(hole.toUs / SECOND_US) + 2) * SECOND_US;
  const today = Math.floor(nowUs / DAY_US);
  if (untilUs >= nowUs) return ok(request(hole.symbol, { daysAgo: 0, to: null, cursor: null, today }));
  const daysAgo = Math.min(today - Math.floor(untilUs / DAY_US), REACH_DAYS);
  return ok(request(hole.symbol, { daysAgo, to: clockOf(untilUs), cursor: null, today }));
}

/** HHmmss of a time in UTC. */
function clockOf(us: number): string {
  return new Date(us / 1000).toISOString().slice(11, 19).replaceAll(':', '');
}

function next(hole: HistoryHole, asked: HttpRequest, body: Uint8Array): Result<HistoryPage> {
  const found = stepOf(asked);
  if (!found.ok) return found;
  const step = found.value;
  const { today, sought } = step;
  const rows = rowsOf(body);
  if (!rows.ok) return rows;
  const count = rows.value.length;
  let newestUs: number | null = null;
  const onwards = (to: Step): Result<HistoryPage> =>
    ok({ rows: count, next: request(hole.symbol, to), reached: false, newestUs });
  const unsure: Sought | null = step.to !== null && !step.sure ? { daysAgo: step.daysAgo, to: step.to } : null;
  if (count === 0 && unsure) return onwards({ daysAgo: 0, to: null, cursor: null, today, sought: unsure });
  if (count === 0) return ok(olderDay(hole, sought ? { ...step, daysAgo: sought.daysAgo } : step, 0));
  let oldestUs = Number.POSITIVE_INFINITY;
  let oldestId: string | undefined;
  for (const entry of rows.value) {
    const us = entry instanceof JsonObject ? timeUs(entry.get('timestamp')) : undefined;
    const id = entry instanceof JsonObject ? wholeText(entry.get('sequential_id')) : undefined;
    if (us === undefined || id === undefined) continue;
    newestUs = Math.max(newestUs ?? us, us);
    oldestUs = Math.min(oldestUs, us);
    // Ids do not follow arrival order; the smallest is the only cursor behind which nothing of this page is left.
    if (oldestId === undefined || BigInt(id) < BigInt(oldestId)) oldestId = id;
  }
  if (oldestId === undefined || newestUs === null)
    return fail('history.reply', `upbit ${hole.symbol}: no row of the page has id and time`);
  const target = sought ?? unsure;
  if (target) {
    const behind = today - step.daysAgo - Math.floor(newestUs / DAY_US);
    const daysAgo = target.daysAgo - behind;
    if (behind > 0 && daysAgo >= 0) return onwards({ daysAgo, to: target.to, cursor: null, today, sure: true });
    // The market has not traded since a day before the hole's end: all of that day is asked for.
    if (behind > 0 && !sought) return onwards({ daysAgo: 0, to: null, cursor: null, today });
    if (behind <= 0 && sought) return ok({ ...olderDay(hole, { ...step, daysAgo: sought.daysAgo }, count), newestUs });
  }
  if (oldestUs < hole.fromUs) return ok({ rows: count, next: null, reached: true, newestUs });
  if (count < PAGE) return ok({ ...olderDay(hole, step, count), newestUs });
  if (oldestId === step.cursor)
    return fail('history.reply', `upbit ${hole.symbol}: the page behind cursor ${oldestId} begins there again`);
  const older = request(hole.symbol, { daysAgo: step.daysAgo, to: null, cursor: oldestId, today });
  return ok({ rows: count, next: older, reached: false, newestUs, givenFromUs: oldestUs });
}

/** The day is read to its begin: done when the hole began in it, else the day before. */
function olderDay(hole: HistoryHole, step: Step, rows: number): HistoryPage {
  if ((step.today - step.daysAgo) * DAY_US <= hole.fromUs) return { rows, next: null, reached: true };
  if (step.daysAgo >= REACH_DAYS) return { rows, next: null, reached: false };
  const older = { daysAgo: step.daysAgo + 1, to: null, cursor: null, today: step.today };
  return { rows, next: request(hole.symbol, older), reached: false };
}

function stepOf(asked: HttpRequest): Result<Step> {
  const parsed: unknown = asked.memo === undefined ? null : JSON.parse(asked.memo);
  if (typeof parsed === 'object' && parsed !== null && 'daysAgo' in parsed && 'today' in parsed)
    return ok(parsed as Step);
  return fail('history.asked', `upbit: ${asked.path} was not asked by this feed`);
}

function rowsOf(body: Uint8Array): Result<readonly JsonValue[]> {
  const parsed = parseJson(body);
  if (!parsed.ok) return fail('history.reply', `upbit history: ${parsed.failure.message}`, { retry: true });
  if (Array.isArray(parsed.value)) return ok(parsed.value);
  const error = parsed.value instanceof JsonObject ? parsed.value.get('error') : undefined;
  const message = error instanceof JsonObject ? error.get('message') : error;
  return fail('history.refused', `upbit history: ${quoted(message)}`);
}

function decode(hole: Pick<HistoryHole, 'symbol' | 'channel'>, body: Uint8Array, sink: TickSink): FrameVerdict {
  const parsed = parseJson(body);
  if (!parsed.ok) return quarantine(parsed.failure.message);
  const rows = parsed.value;
  if (rows instanceof JsonObject && rows.has('error')) return control('error');
  if (!Array.isArray(rows)) return quarantine(`a list of trades expected, found ${quoted(rows)}`);
  if (!isUpbitCode(hole.symbol)) return quarantine(`${quoted(hole.symbol)} is not a market code`);
  rows.forEach((entry: JsonValue, i) => {
    const reason = fillHistoryRow(hole.symbol, entry, sink);
    if (reason === '') sink.accept();
    else sink.reject(i, reason);
  });
  return trades;
}

function fillHistoryRow(symbol: string, entry: JsonValue, sink: TickSink): string {
  if (!(entry instanceof JsonObject)) return `a trade expected, found ${quoted(entry)}`;
  const market = entry.get('market');
  if (market !== symbol) return `market: ${quoted(market)} is not ${symbol}`;
  const cells = sink.cells;
  cells.symbol = symbol;
  cells.channel = 'trade';
  return (
    fillId(cells, 'sequential_id', entry.get('sequential_id')) ||
    fillPrice(cells, 'trade_price', entry.get('trade_price'), true) ||
    fillQty(cells, 'trade_volume', entry.get('trade_volume'), true) ||
    fillTime(cells, 'timestamp', entry.get('timestamp')) ||
    fillSide(cells, 'ask_bid', entry.get('ask_bid'))
  );
}
