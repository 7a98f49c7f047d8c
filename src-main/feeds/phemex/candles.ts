// Phemex 1-minute candles of perpetuals: rows [begin in s, interval, last close, open, high, low, close, volume in coins, turnover].
// Source: Public-Hedged-Perpetual-API.md "Query kline": `from` and `to` in seconds, [from, to), fewer than 1000 candles.
import { fail, ok, type Result } from '../../../src-shared/base/result.ts';
import { SECOND_US } from '../../../src-shared/base/time.ts';
import { quoted } from '../cells.ts';
import { JsonNumber, JsonObject, type JsonValue, parseJson } from '../exact-json.ts';
import type { Candle, Candles, HttpRequest } from '../feed.ts';
import { isTradeUs } from './row.ts';

const MINUTE_S = 60;

export const perpCandles: Candles = {
  perRequest: 900,
  request(symbol: string, fromUs: number, toUs: number): HttpRequest {
    const seconds = (us: number): string => String(Math.floor(us / SECOND_US));
    const query = new URLSearchParams({
      symbol,
      resolution: String(MINUTE_S),
      from: seconds(fromUs),
      to: seconds(toUs),
    });
    return { method: 'GET', path: `/exchange/public/md/v2/kline/list?${query}`, headers: {}, weight: 1 };
  },
  parse,
};

function parse(symbol: string, body: Uint8Array): Result<readonly Candle[]> {
  const parsed = parseJson(body);
  if (!parsed.ok) return fail('candles.reply', `phemex ${symbol}: ${parsed.failure.message}`, { retry: true });
  const reply = parsed.value;
  const code = reply instanceof JsonObject ? reply.get('code') : undefined;
  if (!(reply instanceof JsonObject && code instanceof JsonNumber && code.text === '0'))
    return fail('candles.refused', `phemex ${symbol}: code ${quoted(code)}`);
  const data = reply.get('data');
  const rows = data instanceof JsonObject ? data.get('rows') : undefined;
  if (!Array.isArray(rows)) return fail('candles.reply', `phemex ${symbol}: ${quoted(rows)} is not a list of candles`);
  const candles: Candle[] = [];
  for (const row of rows as readonly JsonValue[]) {
    const fields: readonly JsonValue[] = Array.isArray(row) ? row : [];
    const seconds = Number(textOf(fields[0]));
    const volume = plain(textOf(fields[7]));
    if (
      !isTradeUs(seconds * SECOND_US) ||
      seconds % MINUTE_S !== 0 ||
      textOf(fields[1]) !== '60' ||
      volume === undefined
    )
      return fail('candles.reply', `phemex ${symbol}: candle ${candles.length} cannot be read (${quoted(fields[0])})`);
    candles.push({ minuteUs: seconds * SECOND_US, volume, count: null });
  }
  return ok(candles);
}

/** Numbers come bare or in quotes. */
function textOf(value: JsonValue | undefined): string {
  return value instanceof JsonNumber ? value.text : typeof value === 'string' ? value : '';
}

/** A decimal without exponent; undefined when it is not a number that is at least zero. */
function plain(text: string): string | undefined {
  const found = /^(0|[1-9]\d{0,24})(?:\.(\d{1,24}))?(?:[eE]([+-]?\d{1,2}))?$/.exec(text);
  if (!found) return undefined;
  const [, whole = '', fraction = '', exponent = '0'] = found;
  const point = whole.length + Number(exponent);
  const digits = (whole + fraction).padStart(whole.length + fraction.length + Math.max(0, 1 - point), '0');
  const at = Math.max(1, point);
  const padded = digits.padEnd(at, '0');
  const left = padded.slice(0, at).replace(/^0+(?=\d)/, '');
  return padded.length > at ? `${left}.${padded.slice(at)}` : left;
}
