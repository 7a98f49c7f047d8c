// The picture of a window: price and volume per stream in buckets, thinned for the eye. Floats, for drawing only.
import type { Us, Window } from '../../../src-shared/base/time.ts';
import type { WindowPicture } from '../../../src-shared/contract/listings.ts';
import type { Row } from '../../base/duck.ts';

export type Bucket = WindowPicture['streams'][number]['buckets'][number];

/** SQL that thins a relation of rows to at most `buckets` buckets per stream; empty buckets are left out. */
export function pictureSql(rows: string, window: Window, buckets: number): string {
  const width = Math.max(1, window.toUs - window.fromUs);
  return `SELECT venue, market, symbol, channel, bucket, first(p ORDER BY event_us, length(id), id) AS open, max(p) AS high, min(p) AS low,
    last(p ORDER BY event_us, length(id), id) AS close, coalesce(sum(q), 0) AS volume, count(*) AS ticks
  FROM (SELECT *, ((event_us - ${window.fromUs}) * ${buckets}) // ${width} AS bucket, TRY_CAST(price AS DOUBLE) AS p, TRY_CAST(coalesce(base_qty, qty) AS DOUBLE) AS q
    FROM (${rows}) WHERE event_us >= ${window.fromUs} AND event_us < ${window.toUs})
  WHERE isfinite(p) AND isfinite(coalesce(q, 0)) GROUP BY ALL ORDER BY ALL`;
}

/** Buckets by stream name (see streamName), in time. */
export function readPicture(rows: readonly Row[], window: Window, buckets: number): Map<string, Bucket[]> {
  const width = window.toUs - window.fromUs;
  const found = new Map<string, Bucket[]>();
  for (const row of rows) {
    const name = [row.venue, row.market, row.symbol, row.channel].join('\n');
    const us: Us = window.fromUs + Math.floor((Number(row.bucket) * width) / buckets);
    const bucket: Bucket = {
      us,
      open: Number(row.open),
      high: Number(row.high),
      low: Number(row.low),
      close: Number(row.close),
      volume: Number(row.volume),
      ticks: Number(row.ticks),
    };
    const list = found.get(name);
    if (list) list.push(bucket);
    else found.set(name, [bucket]);
  }
  return found;
}
