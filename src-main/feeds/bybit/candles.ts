// Bybit 1-minute candles: volume in base coins on spot and linear, as `v` of a trade is; the venue counts no trades.
// Source: bybit-exchange/docs v5/market/kline.mdx.
import { isCanonicalDecimal } from '../../../src-shared/base/decimal.ts';
import { fail, ok, type Result } from '../../../src-shared/base/result.ts';
import { quoted, timeUs } from '../cells.ts';
import type { Candle, Candles, HttpRequest } from '../feed.ts';
import { type Category, listOf, unquoted } from './rest.ts';

const MINUTES = 1000;
const START = 0;
const VOLUME = 5;

export function bybitCandles(category: Category): Candles {
  function request(symbol: string, fromUs: number, toUs: number): HttpRequest {
    const query = new URLSearchParams({ category, symbol, interval: '1' });
    query.set('start', String(fromUs / 1000));
    // `end` is inclusive.
    query.set('end', String(toUs / 1000 - 1));
    query.set('limit', String(MINUTES));
    return { method: 'GET', path: `/v5/market/kline?${query}`, headers: {}, weight: 1 };
  }

  function parse(symbol: string, body: Uint8Array): Result<readonly Candle[]> {
    const list = listOf('candles', `${category} ${symbol} kline`, body);
    if (!list.ok) return list;
    const candles: Candle[] = [];
    for (const entry of list.value) {
      const minuteUs = Array.isArray(entry) ? timeUs(unquoted(entry[START])) : undefined;
      const volume = Array.isArray(entry) ? entry[VOLUME] : undefined;
      if (minuteUs === undefined || typeof volume !== 'string' || !isCanonicalDecimal(volume) || volume.startsWith('-'))
        return fail('candles.reply', `bybit ${category} ${symbol} kline: entry ${candles.length} is ${quoted(volume)}`);
      candles.push({ minuteUs, volume, count: null });
    }
    return ok(candles);
  }

  return { perRequest: MINUTES, request, parse };
}
