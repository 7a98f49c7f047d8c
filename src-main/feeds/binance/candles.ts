// Binance 1-minute candles: volume in base coin, as our quantities are.
// Sources: binance-spot-api-docs rest-api.md "Kline/Candlestick data" (weight 2); USDⓈ-M "Kline/Candlestick Data" (weight 2 below 500 rows).
import { fail, ok, type Result } from '../../../src-shared/base/result.ts';
import { countOf, minuteUs, volumeText } from '../candle-cells.ts';
import { quoted } from '../cells.ts';
import { type JsonValue, parseJson } from '../exact-json.ts';
import type { Candle, Candles } from '../feed.ts';

/** Places in a row: open time, volume, number of trades. */
const TIME = 0;
const VOLUME = 5;
const COUNT = 8;

/** counts: the venue counts the same rows that our channel prints (single trades do, aggregates do not). */
export function binanceCandles(prefix: string, perRequest: number, counts: boolean): Candles {
  return {
    perRequest,
    request: (symbol, fromUs, toUs) => {
      const limit = Math.min(perRequest, Math.max(1, (toUs - fromUs) / 60_000_000));
      const query = new URLSearchParams({
        symbol,
        interval: '1m',
        startTime: String(fromUs / 1000),
        endTime: String(toUs / 1000 - 1),
        limit: String(limit),
      });
      return { method: 'GET', path: `${prefix}/klines?${query}`, headers: {}, weight: 2 };
    },
    parse: (symbol, body) => parse(symbol, body, counts),
  };
}

function parse(symbol: string, body: Uint8Array, counts: boolean): Result<readonly Candle[]> {
  const parsed = parseJson(body);
  if (!parsed.ok) return fail('candles.reply', `binance ${symbol} klines: ${parsed.failure.message}`, { retry: true });
  if (!Array.isArray(parsed.value)) {
    const what = quoted(parsed.value);
    return fail('candles.reply', `binance ${symbol} klines: ${what} is not a list`, { retry: true });
  }
  const candles: Candle[] = [];
  for (const row of parsed.value as readonly JsonValue[]) {
    const cells: readonly JsonValue[] = Array.isArray(row) ? row : [];
    const minute = minuteUs(cells[TIME]);
    const volume = typeof cells[VOLUME] === 'string' ? volumeText(cells[VOLUME]) : undefined;
    const count = countOf(cells[COUNT]);
    if (minute === undefined || volume === undefined || count === undefined)
      return fail('candles.reply', `binance ${symbol} klines: row ${candles.length} is damaged`, { retry: true });
    candles.push({ minuteUs: minute, volume, count: counts ? count : null });
  }
  return ok(candles);
}
