// What streams did around an announcement: base price, peak, volume against the past, first move. One reading of rows that are there already.
// Promises: prices are the venue's own text, times are those of stored trades; definitions are those of src-shared/market/pump.ts.

import type { Result } from '../../../src-shared/base/result.ts';
import { SECOND_US, type Us, type Window } from '../../../src-shared/base/time.ts';
import type { StreamVerdict } from '../../../src-shared/market/listing.ts';
import {
  LEAST_PAST_SECONDS,
  type Lead,
  type LeadMeasure,
  leadMeasures,
  MOVE_PERCENT,
  PAST_SECONDS,
  type PumpFigures,
} from '../../../src-shared/market/pump.ts';
import type { Row } from '../../base/duck.ts';
import type { Abnormal } from './abnormal.ts';
import type { OpenArchive } from './archive.ts';
import type { CoinStream } from './coin.ts';
import { relation, steady, streamName } from './queries.ts';
import { quote } from './rows-sql.ts';
import { uncovered } from './verdict.ts';

/** What a stream traded in the past that its window is compared with. */
export interface Past {
  /** Seconds of it that a line covered or a repair filled. */
  readonly seconds: number;
  readonly trades: number;
  readonly volume: number;
}

const NAME = 'venue, market, symbol, channel';
/** Digits after the point that are added exactly; a quantity with more makes the sum unknown, never wrong. */
const SCALE = 12;

/** SQL: the digits of a price, null where there are more of them than are compared exactly. */
function digitsSql(price: string): string {
  return `CASE WHEN regexp_full_match(${price}, '\\d{1,16}(\\.\\d{1,18})?') THEN CAST(${price} AS DECIMAL(34, 18)) END`;
}

/**
 * SQL: whether a price is at least MOVE_PERCENT away from the first one. Floats decide where they cannot err; at the border itself the digits
 * do, for 0.0707 / 0.07 - 1 is less than 0.01 as a float.
 */
const movedSql = ((): string => {
  const [first, limit] = ['TRY_CAST(first_price AS DOUBLE)', MOVE_PERCENT / 100];
  const away = `abs(p / ${first} - 1)`;
  const exact = `100 * abs(${digitsSql('price')} - ${digitsSql('first_price')}) >= ${MOVE_PERCENT} * ${digitsSql('first_price')}`;
  return `isfinite(p) AND ${first} > 0
    AND CASE WHEN abs(${away} - ${limit}) > 1e-9 THEN ${away} >= ${limit} ELSE coalesce(${exact}, ${away} >= ${limit}) END`;
})();

function nameOf(row: Row): string {
  return [row.venue, row.market, row.symbol, row.channel].join('\n');
}

/** Volume and trades of the seconds before the window, by stream name; on a connection of its own, beside other readings. */
export async function pastOf(
  archive: OpenArchive,
  streams: readonly CoinStream[],
  { fromUs }: Window,
): Promise<Result<Map<string, Past>>> {
  const past: Window = { fromUs: fromUs - PAST_SECONDS * SECOND_US, toUs: fromUs };
  return await steady(archive, async () => {
    const found = new Map<string, Past>();
    if (streams.length === 0) return found;
    const rows = await archive.rows(
      `SELECT ${NAME}, count(*) AS n, coalesce(sum(q) FILTER (WHERE isfinite(q)), 0) AS volume
       FROM (SELECT ${NAME}, TRY_CAST(coalesce(base_qty, qty) AS DOUBLE) AS q FROM (${relation(archive, streams, past)})
         WHERE event_us >= ${past.fromUs} AND event_us < ${past.toUs}) GROUP BY ALL`,
    );
    const traded = new Map(rows.map((row) => [nameOf(row), row]));
    for (const stream of streams) {
      const row = traded.get(streamName(stream));
      found.set(streamName(stream), {
        seconds: coveredSeconds(archive, stream, past),
        trades: Number(row?.n ?? 0),
        volume: Number(row?.volume ?? 0),
      });
    }
    return found;
  });
}

/** Seconds of a window in which a line carried the stream, or whose gap was filled. */
function coveredSeconds(archive: OpenArchive, { venue, market, symbol }: CoinStream, window: Window): number {
  const filter = { venue, market, symbol, ...window };
  const filled = archive.catalog.gaps.list({ ...filter, states: ['repaired', 'venue-hole'] });
  const holes = uncovered(window, [...archive.catalog.coverage.carried(filter), ...filled]);
  const missing = holes.reduce((sum, hole) => sum + (hole.toUs - hole.fromUs), 0);
  return Math.max(0, (window.toUs - window.fromUs - missing) / SECOND_US);
}

/** SQL that gives the figures of every stream of a relation (sealed columns; window with its neighbours). abnormal: event times by stream name. */
export function pumpSql(rows: string, window: Window, atUs: Us, abnormal: ReadonlyMap<string, Abnormal>): string {
  const inside = `us >= ${window.fromUs} AND us < ${window.toUs}`;
  const after = `us >= ${Math.max(atUs, window.fromUs)} AND us < ${window.toUs}`;
  const before = `us < ${atUs}`;
  const ids = 'ORDER BY length(id), id';
  const moved = `${inside} AND ${movedSql}`;
  const firsts = [...abnormal].map(([name, { us }]) => `(${name.split('\n').map(quote).join(', ')}, ${us})`);
  const marked =
    firsts.length > 0
      ? `(SELECT * FROM (VALUES ${firsts.join(', ')}) v(${NAME}, abnormal_us))`
      : `(SELECT '' AS venue, '' AS market, '' AS symbol, '' AS channel, 0::BIGINT AS abnormal_us WHERE false)`;
  return `WITH e AS MATERIALIZED (SELECT ${NAME}, id, price, event_us AS us, recv_us, origin, side, TRY_CAST(price AS DOUBLE) AS p,
      TRY_CAST(coalesce(base_qty, qty) AS DOUBLE) AS q, TRY_CAST(base_qty AS DOUBLE) AS b,
      CASE WHEN strpos(base_qty, '.') = 0 OR length(base_qty) - strpos(base_qty, '.') <= ${SCALE} THEN TRY_CAST(base_qty AS DECIMAL(27, ${SCALE})) END AS exact
    FROM (${rows})),
  g AS (SELECT ${NAME},
      max(us) FILTER (WHERE ${before}) AS before_us, min(us) FILTER (WHERE ${after}) AS after_us,
      min(us) FILTER (WHERE ${inside}) AS first_us, max(us) FILTER (WHERE ${inside}) AS last_us,
      max(p) FILTER (WHERE ${after} AND isfinite(p)) AS hi, min(p) FILTER (WHERE ${after} AND isfinite(p)) AS lo,
      count(*) FILTER (WHERE ${after}) AS n, count(exact) FILTER (WHERE ${after}) AS n_exact,
      CAST(sum(exact) FILTER (WHERE ${after}) AS VARCHAR) AS volume, sum(p * b) FILTER (WHERE ${after}) AS turnover,
      sum(q) FILTER (WHERE ${after}) AS q, sum(q) FILTER (WHERE ${after} AND side = 'buy') AS bought, sum(q) FILTER (WHERE ${after} AND side = 'sell') AS sold
    FROM e GROUP BY ALL),
  -- Trades of one moment stand in the order of their ids; only those of the moments that are wanted are put in order.
  f AS (SELECT ${NAME},
      last(price ${ids}) FILTER (WHERE us = before_us) AS base_before, first(price ${ids}) FILTER (WHERE us = after_us) AS base_after,
      first(price ${ids}) FILTER (WHERE us = first_us) AS first_price, last(price ${ids}) FILTER (WHERE us = last_us) AS last_price
    FROM e JOIN g USING (${NAME}) WHERE us IN (before_us, after_us, first_us, last_us) GROUP BY ALL),
  m AS (SELECT ${NAME},
      arg_min(price, us) FILTER (WHERE ${after} AND p = hi) AS peak, min(us) FILTER (WHERE ${after} AND p = hi) AS peak_us,
      arg_min(price, us) FILTER (WHERE ${after} AND p = lo) AS low, min(us) FILTER (WHERE ${after} AND p = lo) AS low_us,
      min(us) FILTER (WHERE ${moved}) AS moved_us, min(us) FILTER (WHERE ${moved} AND origin = 'live') AS moved_live_us,
      arg_min(recv_us, us) FILTER (WHERE ${moved} AND origin = 'live') AS moved_recv_us,
      min(recv_us) FILTER (WHERE us = abnormal_us AND origin = 'live') AS abnormal_recv_us
    FROM e JOIN g USING (${NAME}) JOIN f USING (${NAME}) LEFT JOIN ${marked} a USING (${NAME}) GROUP BY ALL)
  SELECT * FROM g JOIN f USING (${NAME}) JOIN m USING (${NAME})`;
}

const number = (cell: unknown): number | null => {
  if (cell === null || cell === undefined) return null;
  const value = Number(cell);
  return Number.isFinite(value) ? value : null;
};
const text = (cell: unknown): string | null => (cell === null || cell === undefined ? null : String(cell));

function percent(price: string, base: string): number {
  const [a, b] = [Number(price), Number(base)];
  return b > 0 && Number.isFinite(a) ? (a / b - 1) * 100 : 0;
}

/** Digits without the zeros that only fill the scale. */
function plain(decimal: string): string {
  return decimal.includes('.') ? decimal.replace(/\.?0+$/, '') : decimal;
}

/** Figures by stream name. */
export function readPump(
  rows: readonly Row[],
  window: Window,
  atUs: Us,
  past: ReadonlyMap<string, Past>,
): Map<string, PumpFigures> {
  const seconds = Math.max(0, window.toUs - Math.max(atUs, window.fromUs)) / SECOND_US;
  return new Map(rows.map((row) => [nameOf(row), figuresOf(row, atUs, seconds, past.get(nameOf(row)))]));
}

function figuresOf(row: Row, atUs: Us, seconds: number, known: Past | undefined): PumpFigures {
  const before = text(row.base_before);
  const after = text(row.base_after);
  const price = before ?? after;
  const baseUs = number(before === null ? row.after_us : row.before_us);
  const base =
    price === null || baseUs === null
      ? null
      : ({ price, us: baseUs, from: before === null ? 'after' : 'before' } as const);
  const reached = (cell: unknown, at: unknown): PumpFigures['peak'] => {
    const [found, us] = [text(cell), number(at)];
    return found === null || us === null || !base
      ? null
      : { price: found, us, percent: percent(found, base.price), afterUs: us - atUs };
  };
  const firstPrice = text(row.first_price);
  const [lastPrice, lastUs] = [text(row.last_price), number(row.last_us)];
  const trades = Number(row.n);
  const volume = text(row.volume);
  const exact = volume !== null && Number(row.n_exact) === trades;
  const [bought, sold] = [number(row.bought) ?? 0, number(row.sold) ?? 0];
  const past = known ?? { seconds: 0, trades: 0, volume: 0 };
  const multiple = (now: number | null, then: number): number | null =>
    now === null || then <= 0 || past.seconds < LEAST_PAST_SECONDS || seconds === 0
      ? null
      : now / seconds / (then / past.seconds);
  const movedUs = number(row.moved_us);
  return {
    base,
    firstPrice,
    runUpPercent: base?.from === 'before' && firstPrice !== null ? percent(base.price, firstPrice) : null,
    peak: reached(row.peak, row.peak_us),
    low: reached(row.low, row.low_us),
    last:
      lastPrice === null || lastUs === null || !base
        ? null
        : { price: lastPrice, us: lastUs, percent: percent(lastPrice, base.price) },
    trades,
    volume: exact ? plain(volume) : trades === 0 ? '0' : null,
    turnover: exact ? number(row.turnover) : null,
    buyShare: bought + sold > 0 ? bought / (bought + sold) : null,
    past,
    volumeMultiple: multiple(number(row.q), past.volume),
    tradeMultiple: multiple(trades, past.trades),
    // A live tick later than the first one says nothing of when the first one reached us.
    moved:
      movedUs === null
        ? null
        : { us: movedUs, recvUs: number(row.moved_live_us) === movedUs ? number(row.moved_recv_us) : null },
    abnormalRecvUs: number(row.abnormal_recv_us),
  };
}

/** Who moved first by each measure that at least one stream answers. Equal times stand in the order of the names. */
export function leadsOf(streams: readonly StreamVerdict[]): Lead[] {
  return leadMeasures.flatMap((by) => {
    const moves = streams
      .flatMap((stream) => {
        const move = moveOf(stream, by);
        return move ? [{ ...move, instrument: stream.instrument, channel: stream.channel }] : [];
      })
      .toSorted((a, b) => a.us - b.us || (a.instrument < b.instrument ? -1 : 1));
    const [first] = moves;
    if (!first) return [];
    const received = moves.map((move) => move.recvUs).filter((recvUs) => recvUs !== null);
    const firstRecvUs = Math.min(...received);
    return [
      {
        by,
        order: moves.map(({ instrument, channel, us, recvUs }) => ({
          instrument,
          ...(channel === undefined ? {} : { channel }),
          us,
          lagUs: us - first.us,
          recvLagUs: recvUs === null ? null : recvUs - firstRecvUs,
        })),
      },
    ];
  });
}

function moveOf(stream: StreamVerdict, by: LeadMeasure): { us: Us; recvUs: Us | null } | null {
  if (by === 'move') return stream.figures?.moved ?? null;
  const us = stream.firstAbnormal?.us;
  return us === undefined ? null : { us, recvUs: stream.figures?.abnormalRecvUs ?? null };
}
