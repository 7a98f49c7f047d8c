// Bars of one instrument out of stored ticks, for a chart. Sums and extremes are taken on exact decimals and become numbers at the very end.
// Promises: order inside a bar is that of ticks everywhere (event time, then id); a window of any length reads only files that overlap it.
import { fail, ok, type Result, reasonOf } from '../../src-shared/base/result.ts';
import { type Bar, barIntervalUs } from '../../src-shared/contract/days.ts';
import type { RequestOutput, RequestParsed } from '../../src-shared/contract/index.ts';
import type { Duck, Row } from '../base/duck.ts';
import { quote, type SnapshotSource, tradeRelation } from './snapshot.ts';

/** 26 digits before the point and 12 after it: no venue's price or quantity needs more. */
const EXACT = 'DECIMAL(38, 12)';

export interface ReadingParts {
  readonly duck: Duck;
  readonly dataDir: string;
  readonly snapshots: SnapshotSource;
}

export async function readBars(
  { duck, dataDir, snapshots }: ReadingParts,
  input: RequestParsed<'analysis.bars'>,
  signal: AbortSignal,
): Promise<Result<RequestOutput<'analysis.bars'>>> {
  const { venue, market, symbol, interval, fromUs, toUs, limit } = input;
  if (fromUs >= toUs) return fail('analysis.window', 'the window ends before it begins');
  const stepUs = barIntervalUs[interval];
  // No more bars than were asked for are made; what is earlier is not even read.
  const earliestUs = (Math.floor((toUs - 1) / stepUs) - limit + 1) * stepUs;
  const window = { fromUs: Math.max(fromUs, earliestUs), toUs };
  const taken = await snapshots.take(window);
  if (!taken.ok) return taken;
  const relation = tradeRelation(dataDir, taken.value, window);
  try {
    const rows = await duck.with((connection) =>
      connection.rows(barsSql(relation, { venue, market, symbol }, stepUs), [], signal),
    );
    const bars = rows.map(toBar);
    const scale = (name: string): number => rows.reduce((most, row) => Math.max(most, Number(row[name] ?? 0)), 0);
    return ok({
      bars,
      priceScale: scale('price_scale'),
      volumeScale: scale('qty_scale'),
      earlier: window.fromUs > fromUs,
      reach: taken.value.reach,
    });
  } catch (error) {
    if (signal.aborted) return fail('request.cancelled', 'the bars were not waited for');
    return fail('analysis.bars', `bars of ${venue} ${market} ${symbol} could not be made: ${reasonOf(error)}`, {
      retry: true,
    });
  }
}

export function barsSql(
  relation: string,
  { venue, market, symbol }: { readonly venue: string; readonly market: string; readonly symbol: string },
  stepUs: number,
): string {
  const place = '(event_us, length(id), id)';
  const digits = (name: string): string =>
    `max(CASE WHEN contains(${name}, '.') THEN length(${name}) - strpos(${name}, '.') ELSE 0 END)`;
  return `WITH t AS (SELECT event_us, id, side, price, qty, TRY_CAST(price AS ${EXACT}) AS p, TRY_CAST(qty AS ${EXACT}) AS q, TRY_CAST(base_qty AS ${EXACT}) AS b
      FROM ${relation} WHERE venue = ${quote(venue)} AND market = ${quote(market)} AND symbol = ${quote(symbol)})
    SELECT (event_us // ${stepUs}) * ${stepUs} AS us, arg_min(p, ${place})::DOUBLE AS open, max(p)::DOUBLE AS high, min(p)::DOUBLE AS low,
      arg_max(p, ${place})::DOUBLE AS close, sum(q)::DOUBLE AS volume,
      CASE WHEN count(b) = count(*) THEN sum(b)::DOUBLE END AS base_volume,
      CASE WHEN count(b) = count(*) THEN sum(p::DOUBLE * b::DOUBLE) END AS quote_volume,
      coalesce(sum(q) FILTER (WHERE side = 'buy'), 0)::DOUBLE AS buy_volume, count(*) AS trades,
      ${digits('price')} AS price_scale, ${digits('qty')} AS qty_scale
    FROM t WHERE p IS NOT NULL AND q IS NOT NULL GROUP BY 1 ORDER BY 1`;
}

function toBar(row: Row): Bar {
  const number = (name: string): number => Number(row[name] ?? 0);
  const known = (name: string): number | null => (row[name] === null || row[name] === undefined ? null : number(name));
  return {
    us: number('us'),
    open: number('open'),
    high: number('high'),
    low: number('low'),
    close: number('close'),
    volume: number('volume'),
    baseVolume: known('base_volume'),
    quoteVolume: known('quote_volume'),
    buyVolume: number('buy_volume'),
    trades: number('trades'),
  };
}
