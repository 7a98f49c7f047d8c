// Gate REST history: trades of a range of seconds, page by page, narrowed where paging ends.
// Sources: gateapi-python docs/SpotApi.md "list_trades" (30 days; limit x (page - 1) at most 100,000), docs/FuturesApi.md "list_futures_trades" (offset).
import { fail, ok, type Result } from '../../../src-shared/base/result.ts';
import { quoted } from '../cells.ts';
import { JsonNumber, JsonObject, type JsonValue, parseJson } from '../exact-json.ts';
import type { FrameVerdict, History, HistoryHole, HistoryPage, HttpRequest, TickSink } from '../feed.ts';
import { control, quarantine, trades } from '../verdicts.ts';
import { fillFutures, fillSpot, take, timeUsOf } from './general.ts';

export interface GateRest {
  readonly channel: string;
  /** The name of the symbol in queries. */
  readonly symbol: 'currency_pair' | 'contract';
  readonly trades: string;
  /** Ids are consecutive, so that they tell when a hole has been passed. */
  readonly contiguous: boolean;
  readonly headers: Readonly<Record<string, string>>;
}

const LIMIT = 1000;
/** Rows that paging may pass over. */
const MOST_SKIPPED = 100_000;
const SECOND_US = 1_000_000;
const REACH_MS = 30 * 86_400_000;
const ID = /^(?:0|[1-9]\d{0,19})$/;

/** What the pages so far have shown; ids as text. */
interface Memo {
  /** The range that is asked for, whole seconds, both inclusive. */
  readonly from: number;
  readonly to: number;
  readonly skip: number;
  readonly low: string | null;
  readonly high: string | null;
  /** Every page so far went back in time. */
  readonly back: boolean;
  /** From when on the venue answered when the hole was first asked for. */
  readonly reachUs: number;
}

export function gateHistory(rest: GateRest): History {
  function request(hole: HistoryHole, memo: Memo): HttpRequest {
    const page: Record<string, string> =
      rest.symbol === 'currency_pair' ? { page: String(memo.skip / LIMIT + 1) } : { offset: String(memo.skip) };
    const range = { from: String(memo.from), to: String(memo.to), limit: String(LIMIT) };
    const query = new URLSearchParams({ [rest.symbol]: hole.symbol, ...range, ...page });
    return {
      method: 'GET',
      path: `${rest.trades}?${query}`,
      headers: rest.headers,
      weight: 1,
      memo: JSON.stringify(memo),
    };
  }

  function first(hole: HistoryHole, nowUs: number): Result<HttpRequest> {
    if (hole.channel !== rest.channel) return fail('history.channel', `gate has no history of channel ${hole.channel}`);
    const reachUs = nowUs - REACH_MS * 1000;
    if (hole.toUs < reachUs) return fail('history.too-old', `gate ${hole.symbol}: the hole is older than 30 days`);
    if ((hole.fromId !== null && !ID.test(hole.fromId)) || (hole.toId !== null && !ID.test(hole.toId)))
      return fail('history.ids', `gate ${hole.symbol}: ${hole.fromId} to ${hole.toId} are not trade ids`);
    const from = Math.floor(Math.max(hole.fromUs, reachUs) / SECOND_US);
    const to = Math.floor(hole.toUs / SECOND_US) + 1;
    return ok(request(hole, { from, to, skip: 0, low: null, high: null, back: true, reachUs }));
  }

  function next(hole: HistoryHole, asked: HttpRequest, body: Uint8Array): Result<HistoryPage> {
    const memo = memoOf(asked);
    if (!memo.ok) return memo;
    const rows = rowsOf(body);
    if (!rows.ok) return rows;
    const count = rows.value.length;
    if (count === 0) return atEnd(hole, memo.value);
    const ends = endsOf(rows.value);
    if (!ends.ok) return ends;
    const { low, high, firstUs, lastUs, newestUs } = ends.value;
    const seen: Memo = {
      ...memo.value,
      low: lesser(memo.value.low, low),
      high: greater(memo.value.high, high),
      back: memo.value.back && lastUs < firstUs,
    };
    // Both neighbours of the hole lie in the range, and the pages run through it in one direction: what is between them has been given.
    if (rest.contiguous && hole.fromId !== null && hole.toId !== null && holds(hole.fromId, hole.toId, seen))
      return ok({ rows: count, next: null, reached: true });
    if (rest.symbol === 'currency_pair' && count < LIMIT) return atEnd(hole, seen, count);
    const skip = seen.skip + count;
    const given = seen.back ? { givenFromUs: lastUs } : {};
    if (skip <= MOST_SKIPPED) return onwards(hole, count, { ...seen, skip }, newestUs, given);
    // Paging ends here: the range is narrowed to the second that the last row stands in, which is asked for once more.
    const edge = Math.floor(lastUs / SECOND_US);
    const newestFirst = lastUs < firstUs || (lastUs === firstUs && edge < seen.to);
    const narrowed = newestFirst ? { ...seen, to: edge, skip: 0 } : { ...seen, from: edge, skip: 0 };
    if (narrowed.from === seen.from && narrowed.to === seen.to)
      return fail('history.dense', `gate ${hole.symbol}: more than ${MOST_SKIPPED} trades in second ${edge}`);
    return onwards(hole, count, narrowed, newestUs, given);
  }

  function onwards(
    hole: HistoryHole,
    rows: number,
    memo: Memo,
    newestUs: number,
    given: Pick<HistoryPage, 'givenFromUs'>,
  ): Result<HistoryPage> {
    return ok({ rows, next: request(hole, memo), reached: false, newestUs, ...given });
  }

  /** The range holds no more. */
  function atEnd(hole: HistoryHole, memo: Memo, rows = 0): Result<HistoryPage> {
    const inReach = hole.fromUs >= memo.reachUs;
    if (!rest.contiguous) return ok({ rows, next: null, reached: inReach });
    if (hole.toId !== null && inReach && (memo.high === null || BigInt(memo.high) < BigInt(hole.toId) - 1n))
      return fail('history.behind', `gate ${hole.symbol}: the history has not come to ${hole.toId} yet`, {
        retry: true,
      });
    const passed = hole.fromId === null || (memo.low !== null && BigInt(memo.low) <= BigInt(hole.fromId) + 1n);
    return ok({ rows, next: null, reached: inReach && passed });
  }

  return { reachMs: REACH_MS, first, next, decode: (hole, body, sink) => decode(rest, hole, body, sink) };
}

function holds(fromId: string, toId: string, { low, high }: Memo): boolean {
  return low !== null && high !== null && BigInt(low) <= BigInt(fromId) + 1n && BigInt(high) >= BigInt(toId) - 1n;
}

const lesser = (a: string | null, b: string): string => (a !== null && BigInt(a) < BigInt(b) ? a : b);
const greater = (a: string | null, b: string): string => (a !== null && BigInt(a) > BigInt(b) ? a : b);

interface Ends {
  readonly low: string;
  readonly high: string;
  readonly firstUs: number;
  readonly lastUs: number;
  readonly newestUs: number;
}

/** Of a page in whatever order. */
function endsOf(rows: readonly JsonValue[]): Result<Ends> {
  let low: string | null = null;
  let high: string | null = null;
  let firstUs = -1;
  let lastUs = -1;
  let newestUs = -1;
  for (const row of rows) {
    const id = row instanceof JsonObject ? row.get('id') : undefined;
    const text = id instanceof JsonNumber ? id.text : id;
    const us = row instanceof JsonObject ? timeUsOf(row.get('create_time_ms') ?? row.get('create_time')) : undefined;
    if (typeof text !== 'string' || !ID.test(text) || us === undefined)
      return fail('history.reply', `gate history: a row has no id or time (id ${quoted(id)})`);
    low = lesser(low, text);
    high = greater(high, text);
    if (firstUs < 0) firstUs = us;
    lastUs = us;
    newestUs = Math.max(newestUs, us);
  }
  return low !== null && high !== null
    ? ok({ low, high, firstUs, lastUs, newestUs })
    : fail('history.reply', 'gate history: an empty page has no ends');
}

function memoOf(asked: HttpRequest): Result<Memo> {
  const parsed: unknown = asked.memo === undefined ? null : JSON.parse(asked.memo);
  if (typeof parsed === 'object' && parsed !== null && 'skip' in parsed && 'reachUs' in parsed)
    return ok(parsed as Memo);
  return fail('history.asked', `gate: ${asked.path} was not asked by this feed`);
}

/** The rows of a reply; a venue's own error (`{"label","message"}`) is a failure that says so. */
export function rowsOf(body: Uint8Array): Result<readonly JsonValue[]> {
  const parsed = parseJson(body);
  if (!parsed.ok) return fail('history.reply', `gate: ${parsed.failure.message}`, { retry: true });
  const value = parsed.value;
  if (Array.isArray(value)) return ok(value);
  const label = value instanceof JsonObject ? value.get('label') : value;
  const message = value instanceof JsonObject ? value.get('message') : undefined;
  const retry = label === 'TOO_MANY_REQUESTS' || label === 'SERVER_ERROR' || label === 'TOO_BUSY';
  return fail('history.refused', `gate: ${quoted(label)} ${quoted(message)}`, { retry });
}

function decode(
  rest: GateRest,
  hole: Pick<HistoryHole, 'symbol' | 'channel'>,
  body: Uint8Array,
  sink: TickSink,
): FrameVerdict {
  const parsed = parseJson(body);
  if (!parsed.ok) return quarantine(parsed.failure.message);
  const rows = parsed.value;
  if (rows instanceof JsonObject && rows.has('label')) return control('error');
  if (!Array.isArray(rows)) return quarantine(`a list of trades expected, found ${quoted(rows)}`);
  rows.forEach((row: JsonValue, i) => {
    take(fillRow(rest, hole.symbol, row, sink), i, sink);
  });
  return trades;
}

function fillRow(rest: GateRest, symbol: string, row: JsonValue, sink: TickSink): string {
  if (!(row instanceof JsonObject)) return `a trade expected, found ${quoted(row)}`;
  const named = row.get(rest.symbol);
  if (named !== symbol) return `${rest.symbol}: ${quoted(named)} is not ${symbol}`;
  return rest.symbol === 'contract' ? fillFutures(row, sink.cells) : fillSpot(row, sink.cells);
}
