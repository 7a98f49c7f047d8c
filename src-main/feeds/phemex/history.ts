// Phemex REST history: one page of the newest trades, no older ones. A hole is covered when the page begins before it.
// Sources: Public-Spot-API-en.md "Query Recent Trades" (/md/trade), Public-Hedged-Perpetual-API.md "Query Trade" (/md/v2/trade).
import { fail, ok, type Result } from '../../../src-shared/base/result.ts';
import { quoted } from '../cells.ts';
import { JsonNumber, JsonObject, type JsonValue, parseJson } from '../exact-json.ts';
import type { FrameVerdict, History, HistoryHole, HistoryPage, HttpRequest, TickSink } from '../feed.ts';
import { control, quarantine } from '../verdicts.ts';
import { decodeTrades } from './general.ts';
import { DECIMAL_CHANNEL, isTradeUs, NS_DIGITS, SCALED_CHANNEL } from './row.ts';

export const phemexHistory: History = {
  reachMs: Number.POSITIVE_INFINITY,
  // The size of the page is not documented; snapshots of the same list were recorded with 1000 rows.
  reachTrades: 1000,
  first,
  next,
  decode,
};

/** Paths of the two kinds of trades. */
const PATHS: ReadonlyMap<string, string> = new Map([
  [SCALED_CHANNEL, '/md/trade'],
  [DECIMAL_CHANNEL, '/md/v2/trade'],
]);

function first(hole: HistoryHole): Result<HttpRequest> {
  const path = PATHS.get(hole.channel);
  if (path === undefined) return fail('history.channel', `phemex has no history of channel ${hole.channel}`);
  return ok({ method: 'GET', path: `${path}?symbol=${encodeURIComponent(hole.symbol)}`, headers: {}, weight: 1 });
}

function next(hole: HistoryHole, _asked: HttpRequest, body: Uint8Array): Result<HistoryPage> {
  const result = resultOf(body);
  if (!result.ok) return result;
  const rows = result.value.get('trades') ?? result.value.get('trades_p');
  if (!Array.isArray(rows))
    return fail('history.reply', `phemex ${hole.symbol}: ${quoted(rows)} is not a list of trades`);
  let oldestUs = Number.POSITIVE_INFINITY;
  let newestUs: number | null = null;
  for (const row of rows as readonly JsonValue[]) {
    const time = Array.isArray(row) ? row[0] : undefined;
    const us = time instanceof JsonNumber && time.text.length === NS_DIGITS ? Number(time.text.slice(0, -3)) : 0;
    if (!isTradeUs(us)) continue;
    oldestUs = Math.min(oldestUs, us);
    newestUs = Math.max(newestUs ?? us, us);
  }
  // A page that begins inside the hole, or an empty one, says nothing of what was before it.
  const reached = oldestUs < hole.fromUs;
  return ok({ rows: rows.length, next: null, reached, oldestUs: newestUs === null ? null : oldestUs, newestUs });
}

/** The `result` of a reply; the venue's own error is a failure that says so. */
function resultOf(body: Uint8Array): Result<JsonObject> {
  const parsed = parseJson(body);
  if (!parsed.ok) return fail('history.reply', `phemex history: ${parsed.failure.message}`, { retry: true });
  const reply = parsed.value;
  if (!(reply instanceof JsonObject))
    return fail('history.reply', `phemex history: ${quoted(reply)} is not a reply`, { retry: true });
  const result = reply.get('result');
  if (result instanceof JsonObject) return ok(result);
  const error = reply.get('error');
  const code = error instanceof JsonObject ? error.get('code') : reply.get('code');
  const message = error instanceof JsonObject ? error.get('message') : reply.get('msg');
  return fail('history.refused', `phemex history: ${quoted(code)} ${quoted(message)}`);
}

function decode(hole: Pick<HistoryHole, 'symbol' | 'channel'>, body: Uint8Array, sink: TickSink): FrameVerdict {
  const parsed = parseJson(body);
  if (!parsed.ok) return quarantine(parsed.failure.message);
  const reply = parsed.value;
  if (!(reply instanceof JsonObject)) return quarantine(`a reply expected, found ${quoted(reply)}`);
  const result = reply.get('result');
  if (result instanceof JsonObject && (result.has('trades') || result.has('trades_p')))
    return decodeTrades(result, hole, sink);
  const error = reply.get('error') ?? reply.get('code');
  return error === undefined || error === null ? quarantine('a reply without trades') : control('error');
}
