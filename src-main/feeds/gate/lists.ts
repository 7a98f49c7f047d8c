// Gate's own lists: currency pairs and contracts with their sizes, and one-minute candles of both.
// Sources: gateapi-python docs/SpotApi.md ("list_currency_pairs", "list_candlesticks"), docs/FuturesApi.md ("list_futures_contracts", "list_futures_candlesticks").
import { parseDecimal } from '../../../src-shared/base/decimal.ts';
import { fail, ok, type Result } from '../../../src-shared/base/result.ts';
import { MINUTE_US } from '../../../src-shared/base/time.ts';
import type { Instrument, Market } from '../../../src-shared/market/instrument.ts';
import { isSymbol, quoted } from '../cells.ts';
import { inCoins } from '../coin.ts';
import { JsonNumber, JsonObject, type JsonValue } from '../exact-json.ts';
import type { Candle, Candles } from '../feed.ts';
import { exactTextIn } from '../list-fields.ts';
import { timeUsOf } from './general.ts';
import { type GateRest, rowsOf } from './history.ts';

/** Instruments in the list's order. One entry that cannot be read fails the whole list: half a list would look like delistings. */
export function parseInstruments(market: Market, body: Uint8Array): Result<readonly Instrument[]> {
  const rows = rowsOf(body);
  if (!rows.ok) return fail('instruments.reply', `instruments: ${rows.failure.message}`, { retry: true });
  const instruments: Instrument[] = [];
  for (const row of rows.value) {
    const found = row instanceof JsonObject ? (market === 'spot' ? pairOf(row) : contractOf(row)) : undefined;
    if (!found) {
      const name = row instanceof JsonObject ? (row.get('id') ?? row.get('name')) : row;
      return fail('instruments.reply', `gate instruments: entry ${instruments.length} (${quoted(name)}) is damaged`);
    }
    instruments.push(found);
  }
  return ok(instruments.map(inCoins));
}

function pairOf(row: JsonObject): Instrument | undefined {
  const symbol = exactTextIn(row, 'id');
  const base = exactTextIn(row, 'base');
  const quote = exactTextIn(row, 'quote');
  const status = exactTextIn(row, 'trade_status');
  if (!isSymbol(symbol) || base === '' || quote === '' || status === '') return undefined;
  const listedUs = timeUsOf(row.get('buy_start')) ?? null;
  return {
    venue: 'gate',
    market: 'spot',
    symbol,
    base: base.toUpperCase(),
    quote: quote.toUpperCase(),
    contractSize: '1',
    state: pairState(status, listedUs),
    listedUs,
  };
}

/** buyable and sellable: one side only, and trades are printed. A pair that cannot be traded and names its beginning is about to open, or was closed. */
function pairState(status: string, listedUs: number | null): Instrument['state'] {
  if (status === 'tradable' || status === 'buyable' || status === 'sellable') return 'trading';
  if (status !== 'untradable') return 'unknown';
  return listedUs === null ? 'halted' : 'pre-launch';
}

const STATES: Readonly<Record<string, Instrument['state']>> = {
  trading: 'trading',
  prelaunch: 'pre-launch',
  circuit_breaker: 'halted',
  delisting: 'ended',
  delisted: 'ended',
};

function contractOf(row: JsonObject): Instrument | undefined {
  const symbol = exactTextIn(row, 'name');
  const pair = symbol.split('_');
  const [base = '', quote = ''] = pair;
  const leaving = row.get('in_delisting');
  if (!isSymbol(symbol) || base === '' || quote === '' || typeof leaving !== 'boolean') return undefined;
  const status = exactTextIn(row, 'status');
  const state = status === '' ? 'trading' : Object.hasOwn(STATES, status) ? STATES[status]! : 'unknown';
  return {
    venue: 'gate',
    market: 'perp',
    symbol,
    base: base.toUpperCase(),
    quote: quote.toUpperCase(),
    contractSize: contractSize(row),
    // It can no longer be opened, and a subscription of its name may fail a whole request.
    state: leaving ? 'ended' : state,
    listedUs: timeUsOf(row.get('create_time')) ?? null,
  };
}

/** quanto_multiplier is base coins a contract for `direct` contracts; 0 is what inverse ones have. */
function contractSize(row: JsonObject): string | null {
  const value = row.get('quanto_multiplier');
  const text = value instanceof JsonNumber ? value.text : value;
  if (typeof text !== 'string' || exactTextIn(row, 'type') === 'inverse') return null;
  const size = parseDecimal(text);
  return size && size.mantissa > 0n ? text : null;
}

/** At most 1000 points a query are documented; half of them. The venue goes back 10,000 minutes. */
const PER_REQUEST = 500;

export function gateCandles(rest: GateRest, path: string): Candles {
  const spot = rest.symbol === 'currency_pair';
  return {
    perRequest: PER_REQUEST,
    request: (symbol, fromUs, toUs) => {
      // Both bounds are inclusive and name minutes by their beginning; `limit` may not stand beside them.
      const range = { from: String(fromUs / 1e6), to: String((toUs - MINUTE_US) / 1e6) };
      const query = new URLSearchParams({ [rest.symbol]: symbol, interval: '1m', ...range });
      return { method: 'GET', path: `${path}?${query}`, headers: rest.headers, weight: 1 };
    },
    parse: (symbol, body) => {
      const rows = rowsOf(body);
      if (!rows.ok) return fail('candles.reply', `candles: ${rows.failure.message}`, { retry: rows.failure.retry });
      const candles: Candle[] = [];
      for (const row of rows.value) {
        const candle = spot ? spotCandle(row) : futuresCandle(row);
        if (candle === undefined) return fail('candles.reply', `gate ${symbol}: candle ${candles.length} is damaged`);
        candles.push(candle);
      }
      return ok(candles);
    },
  };
}

/** [time, quote volume, close, highest, lowest, open, base volume, whether the window is closed]. */
function spotCandle(row: JsonValue): Candle | undefined {
  if (!Array.isArray(row)) return undefined;
  const closed: JsonValue | undefined = row[7];
  const candle = candleOf(row[0], row[6]);
  if (closed === 'true' || closed === true) return candle;
  return candle && (closed === 'false' || closed === false) ? { ...candle, open: true } : undefined;
}

/** {t, v, o, h, l, c, sum}: v in contracts, as size is. */
function futuresCandle(row: JsonValue): Candle | undefined {
  return row instanceof JsonObject ? candleOf(row.get('t'), row.get('v')) : undefined;
}

function candleOf(time: JsonValue | undefined, amount: JsonValue | undefined): Candle | undefined {
  const minuteUs = timeUsOf(time);
  const volume = amount instanceof JsonNumber ? amount.text : amount;
  if (minuteUs === undefined || minuteUs % MINUTE_US !== 0 || typeof volume !== 'string') return undefined;
  return parseDecimal(volume) && !volume.startsWith('-') ? { minuteUs, volume, count: null } : undefined;
}
