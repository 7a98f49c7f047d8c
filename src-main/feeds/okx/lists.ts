// OKX's own lists: instruments with their contract sizes, and one-minute candles.
// Source: OKX API guide v5, "Get instruments", "Get candlesticks history".
import { multiplyDecimals, parseDecimal } from '../../../src-shared/base/decimal.ts';
import { fail, ok, type Result } from '../../../src-shared/base/result.ts';
import { MINUTE_US } from '../../../src-shared/base/time.ts';
import type { Instrument, Market } from '../../../src-shared/market/instrument.ts';
import { isSymbol, quoted, timeUs } from '../cells.ts';
import { inCoins } from '../coin.ts';
import { JsonNumber, JsonObject, type JsonValue } from '../exact-json.ts';
import type { Candle, Candles } from '../feed.ts';
import { exactTextIn } from '../list-fields.ts';
import { rowsOf } from './history.ts';

const STATES: Readonly<Record<string, Instrument['state']>> = {
  live: 'trading',
  preopen: 'pre-launch',
  post_only: 'pre-launch',
  suspend: 'halted',
  rebase: 'halted',
  expired: 'ended',
  test: 'ended',
};

/** Instruments in the list's order. One entry that cannot be read fails the whole list: half a list would look like delistings. */
export function parseInstruments(market: Market, body: Uint8Array): Result<readonly Instrument[]> {
  const rows = rowsOf(body);
  if (!rows.ok) return fail('instruments.reply', `instruments: ${rows.failure.message}`, { retry: true });
  const instruments: Instrument[] = [];
  for (const row of rows.value) {
    const instrument = row instanceof JsonObject ? instrumentOf(market, row) : undefined;
    if (!instrument) {
      const symbol = row instanceof JsonObject ? row.get('instId') : row;
      return fail('instruments.reply', `okx instruments: entry ${instruments.length} (${quoted(symbol)}) is damaged`);
    }
    instruments.push(instrument);
  }
  return ok(instruments.map(inCoins));
}

function instrumentOf(market: Market, row: JsonObject): Instrument | undefined {
  const symbol = exactTextIn(row, 'instId');
  const state = exactTextIn(row, 'state');
  if (!isSymbol(symbol) || state === '') return undefined;
  const spot = market === 'spot';
  // A swap names no base and quote of its own: its underlying BTC-USDT does.
  const pair = (exactTextIn(row, 'uly') || exactTextIn(row, 'instFamily')).split('-');
  const base = spot ? exactTextIn(row, 'baseCcy') : (pair[0] ?? '');
  const quote = spot ? exactTextIn(row, 'quoteCcy') : (pair[1] ?? '');
  if (base === '' || quote === '') return undefined;
  const listed = timeUs(new JsonNumber(exactTextIn(row, 'listTime')));
  return {
    venue: 'okx',
    market,
    symbol,
    base: base.toUpperCase(),
    quote: quote.toUpperCase(),
    contractSize: spot ? '1' : contractSize(row, base),
    state: Object.hasOwn(STATES, state) ? STATES[state]! : 'unknown',
    listedUs: listed ?? null,
  };
}

/** ctVal x ctMult base coins a contract; null for inverse contracts, which are worth a sum of the quote. */
function contractSize(row: JsonObject, base: string): string | null {
  if (exactTextIn(row, 'ctType') !== 'linear' || exactTextIn(row, 'ctValCcy') !== base) return null;
  return multiplyDecimals(exactTextIn(row, 'ctVal'), exactTextIn(row, 'ctMult')) ?? null;
}

const PER_REQUEST = 100;

/** Rows are [ts, o, h, l, c, vol, volCcy, volCcyQuote, confirm]; `vol` is in base coins on spot and in contracts on swaps, as sz is. */
export const okxCandles: Candles = {
  perRequest: PER_REQUEST,
  request: (symbol, fromUs, toUs) => {
    // Both ends are exclusive: after is older than, before newer than.
    const ends = { after: String(toUs / 1000), before: String(fromUs / 1000 - 1), limit: String(PER_REQUEST) };
    const query = new URLSearchParams({ instId: symbol, bar: '1m', ...ends });
    return { method: 'GET', path: `/api/v5/market/history-candles?${query}`, headers: {}, weight: 1 };
  },
  parse: (symbol, body) => {
    const rows = rowsOf(body);
    if (!rows.ok) return fail('candles.reply', `candles: ${rows.failure.message}`, { retry: rows.failure.retry });
    const candles: Candle[] = [];
    for (const row of rows.value) {
      const minuteUs = Array.isArray(row) ? timeUs(numberIn(row[0])) : undefined;
      const volume = Array.isArray(row) ? row[5] : undefined;
      const confirmed = Array.isArray(row) ? row.at(-1) : undefined;
      const readable = typeof volume === 'string' && parseDecimal(volume) !== undefined && !volume.startsWith('-');
      if (minuteUs === undefined || minuteUs % MINUTE_US !== 0 || !readable)
        return fail('candles.reply', `okx ${symbol}: candle ${candles.length} is damaged`);
      if (confirmed !== '0' && confirmed !== '1')
        return fail('candles.reply', `okx ${symbol}: candle ${candles.length} is damaged`);
      // "0": the minute still runs.
      const candle = { minuteUs, volume, count: null };
      candles.push(confirmed === '1' ? candle : { ...candle, open: true });
    }
    return ok(candles);
  },
};

function numberIn(value: JsonValue | undefined): JsonNumber | undefined {
  return typeof value === 'string' ? new JsonNumber(value) : undefined;
}
