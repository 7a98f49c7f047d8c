// Upbit 1-minute candles: candle_acc_trade_volume is the sum of trade_volume, in base coin. Minutes without a trade are absent.
// Source: docs.upbit.com "List minute candles": `to` is exclusive and UTC, at most 200 a request, newest first.
import { fail, ok, type Result } from '../../../src-shared/base/result.ts';
import { volumeText } from '../candle-cells.ts';
import { quoted } from '../cells.ts';
import { JsonObject, type JsonValue, parseJson } from '../exact-json.ts';
import type { Candle, Candles } from '../feed.ts';

const PER_REQUEST = 200;
const MINUTE_US = 60_000_000;
/** candle_date_time_utc: 2026-11-20T09:00:00, without a zone. */
const DATE_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:00$/;

export const upbitCandles: Candles = {
  perRequest: PER_REQUEST,
  request: (symbol, fromUs, toUs) => {
    const count = Math.min(PER_REQUEST, Math.max(1, (toUs - fromUs) / MINUTE_US));
    const to = `${new Date(toUs / 1000).toISOString().slice(0, 19)}Z`;
    const query = new URLSearchParams({ market: symbol, to, count: String(count) });
    return { method: 'GET', path: `/v1/candles/minutes/1?${query}`, headers: {}, weight: 1 };
  },
  parse,
};

function parse(symbol: string, body: Uint8Array): Result<readonly Candle[]> {
  const parsed = parseJson(body);
  if (!parsed.ok) return fail('candles.reply', `upbit ${symbol} candles: ${parsed.failure.message}`, { retry: true });
  if (!Array.isArray(parsed.value)) {
    const what = quoted(parsed.value);
    return fail('candles.reply', `upbit ${symbol} candles: ${what} is not a list`, { retry: true });
  }
  const candles: Candle[] = [];
  for (const row of parsed.value as readonly JsonValue[]) {
    const candle = row instanceof JsonObject && row.get('market') === symbol ? candleOf(row) : undefined;
    if (!candle)
      return fail('candles.reply', `upbit ${symbol} candles: row ${candles.length} is damaged`, { retry: true });
    candles.push(candle);
  }
  return ok(candles);
}

function candleOf(row: JsonObject): Candle | undefined {
  const at = row.get('candle_date_time_utc');
  const value = row.get('candle_acc_trade_volume');
  const volume = typeof value === 'string' ? undefined : volumeText(value);
  if (typeof at !== 'string' || !DATE_TIME.test(at) || volume === undefined) return undefined;
  const ms = Date.parse(`${at}Z`);
  return Number.isNaN(ms) ? undefined : { minuteUs: ms * 1000, volume, count: null };
}
