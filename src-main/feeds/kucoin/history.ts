// KuCoin REST history: the last 100 trades of a symbol and no others, so it closes holes of seconds only; and the 1-minute candles.
// Sources: kucoin.com/docs-new "Get Trade History" (spot, futures), "Get Klines" (spot, futures).
import { fail, ok, type Result } from '../../../src-shared/base/result.ts';
import { MINUTE_US, SECOND_US } from '../../../src-shared/base/time.ts';
import { nanosUs, quoted } from '../cells.ts';
import { JsonNumber, JsonObject, type JsonValue, parseJson } from '../exact-json.ts';
import type {
  Candle,
  Candles,
  FrameVerdict,
  History,
  HistoryHole,
  HistoryPage,
  HttpRequest,
  TickSink,
} from '../feed.ts';
import { control, quarantine, trades } from '../verdicts.ts';
import {
  fillAmounts,
  fillNanos,
  fillTaker,
  fillTradeId,
  isKucoinSymbol,
  type KucoinTopic,
  wholeIn,
} from './general.ts';
import { dataOf } from './stream.ts';

export interface HistoryRest {
  readonly topic: KucoinTopic;
  readonly path: string;
  readonly weight: number;
  /**
   * The field that names the trade as the live frame does. Spot rows have no tradeId; their sequence equals the live tradeId (seen
   * on every frame since the ids are numbers). Rows of the years of ObjectIds could not be joined, but no request reaches them.
   */
  readonly id: 'sequence' | 'tradeId';
}

export function kucoinHistory(rest: HistoryRest): History {
  function first(hole: HistoryHole): Result<HttpRequest> {
    if (hole.channel !== rest.topic.channel)
      return fail('history.channel', `kucoin has no history of channel ${hole.channel}`);
    const path = `${rest.path}?${new URLSearchParams({ symbol: hole.symbol })}`;
    return ok({ method: 'GET', path, headers: {}, weight: rest.weight });
  }

  /** The only page there is: it covers the hole when it begins before it. */
  function next(hole: HistoryHole, _asked: HttpRequest, body: Uint8Array): Result<HistoryPage> {
    const data = dataOf('history', 'history', body);
    if (!data.ok) return data;
    const rows: unknown = data.value;
    if (!Array.isArray(rows)) return fail('history.reply', `kucoin history: ${quoted(data.value)} is not a list`);
    let oldestUs = Number.POSITIVE_INFINITY;
    let newestUs: number | null = null;
    for (const row of rows as readonly JsonValue[]) {
      const text = row instanceof JsonObject ? wholeIn(row.get(rest.topic.time)) : undefined;
      const us = text === undefined ? undefined : nanosUs(text);
      if (us === undefined) continue;
      oldestUs = Math.min(oldestUs, us);
      newestUs = Math.max(newestUs ?? us, us);
    }
    if (rows.length > 0 && oldestUs === Number.POSITIVE_INFINITY)
      return fail('history.reply', `kucoin ${hole.symbol}: no row of the page has a time`);
    return ok({ rows: rows.length, next: null, reached: oldestUs < hole.fromUs, newestUs });
  }

  function decode(hole: Pick<HistoryHole, 'symbol' | 'channel'>, body: Uint8Array, sink: TickSink): FrameVerdict {
    const parsed = parseJson(body);
    if (!parsed.ok) return quarantine(parsed.failure.message);
    const reply = parsed.value;
    if (!(reply instanceof JsonObject)) return quarantine(`a reply expected, found ${quoted(reply)}`);
    if (reply.has('code') && reply.get('code') !== '200000') return control('error');
    const rows = reply.get('data');
    if (!Array.isArray(rows)) return quarantine(`a list of trades expected, found ${quoted(rows)}`);
    if (!isKucoinSymbol(hole.symbol)) return quarantine(`${quoted(hole.symbol)} is not a symbol`);
    rows.forEach((row: JsonValue, i) => {
      const reason = fillHistoryRow(row, hole.symbol, sink);
      if (reason === '') sink.accept();
      else sink.reject(i, reason);
    });
    return trades;
  }

  function fillHistoryRow(row: JsonValue, symbol: string, sink: TickSink): string {
    if (!(row instanceof JsonObject)) return `a trade expected, found ${quoted(row)}`;
    const cells = sink.cells;
    const named = row.get('symbol');
    if (named !== undefined && named !== symbol) return `symbol: ${quoted(named)} is not ${symbol}`;
    cells.symbol = symbol;
    cells.channel = rest.topic.channel;
    return (
      fillTradeId(cells, rest.id, row.get(rest.id)) ||
      fillAmounts(cells, row) ||
      fillNanos(cells, rest.topic.time, row.get(rest.topic.time)) ||
      fillTaker(cells, row.get('side'))
    );
  }

  return { reachMs: Number.POSITIVE_INFINITY, reachTrades: 100, first, next, decode };
}

export interface CandleRest {
  readonly perRequest: number;
  readonly path: (symbol: string, fromUs: number, toUs: number) => string;
  readonly weight: number;
  /** Unit of a row's first value, µs. */
  readonly unitUs: number;
  /** Place of the volume in a row. */
  readonly volume: number;
}

/** Spot: [seconds, open, close, high, low, volume in base coins, turnover], all quoted. */
export const SPOT_CANDLES: CandleRest = {
  perRequest: 1500,
  // The end lies between two minutes, so it does not matter whether the venue counts it in.
  path: (symbol, fromUs, toUs) =>
    `/api/v1/market/candles?${new URLSearchParams({
      type: '1min',
      symbol,
      startAt: String(fromUs / SECOND_US),
      endAt: String(toUs / SECOND_US - 1),
    })}`,
  weight: 3,
  unitUs: SECOND_US,
  volume: 5,
};

/** Futures: [ms, open, high, low, close, volume in contracts, turnover], all bare. Pages differ on 200 or 500 rows a request. */
export const FUTURES_CANDLES: CandleRest = {
  perRequest: 200,
  path: (symbol, fromUs, toUs) =>
    `/api/v1/kline/query?${new URLSearchParams({
      symbol,
      granularity: '1',
      from: String(fromUs / 1000),
      to: String(toUs / 1000 - 1),
    })}`,
  weight: 3,
  unitUs: 1000,
  volume: 5,
};

export function kucoinCandles(rest: CandleRest): Candles {
  return {
    perRequest: rest.perRequest,
    request: (symbol, fromUs, toUs) => ({
      method: 'GET',
      path: rest.path(symbol, fromUs, toUs),
      headers: {},
      weight: rest.weight,
    }),
    parse: (symbol, body) => {
      const data = dataOf('candles', 'candles', body);
      if (!data.ok) return data;
      const rows: unknown = data.value;
      if (!Array.isArray(rows))
        return fail('candles.reply', `kucoin ${symbol}: ${quoted(data.value)} is not a list of candles`);
      const candles: Candle[] = [];
      for (const row of rows as readonly JsonValue[]) {
        const candle = candleIn(row, rest);
        if (!candle) return fail('candles.reply', `kucoin ${symbol}: candle ${candles.length} is damaged`);
        candles.push(candle);
      }
      return ok(candles);
    },
  };
}

function candleIn(row: JsonValue, rest: CandleRest): Candle | undefined {
  if (!Array.isArray(row)) return undefined;
  const time = wholeIn(row[0]);
  const volume = plainDecimal(textOf(row[rest.volume]));
  const minuteUs = Number(time ?? Number.NaN) * rest.unitUs;
  if (volume === undefined || !Number.isSafeInteger(minuteUs) || minuteUs % MINUTE_US !== 0) return undefined;
  return { minuteUs, volume, count: null };
}

function textOf(value: JsonValue | undefined): string {
  if (value instanceof JsonNumber) return value.text;
  return typeof value === 'string' ? value : '';
}

/** The same value without an exponent, digit by digit ("1.25E+3" is "1250"); undefined when it is no number from zero up. */
export function plainDecimal(text: string): string | undefined {
  const found = /^(\d{1,40})(?:\.(\d{1,40}))?(?:[eE]([+-]?\d{1,2}))?$/.exec(text);
  if (!found) return undefined;
  const [, whole = '', fraction = '', exponent = '0'] = found;
  const point = whole.length + Number(exponent);
  const digits = `${'0'.repeat(Math.max(0, 1 - point))}${whole}${fraction}`;
  const at = Math.max(1, point);
  const padded = digits.padEnd(at, '0');
  const left = padded.slice(0, at).replace(/^0+(?=\d)/, '');
  return padded.length === at ? left : `${left}.${padded.slice(at)}`;
}
