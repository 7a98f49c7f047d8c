// The nearest ids of a quiet stream: where ids count, they prove a window from an id before it to one after it, however long before and after.
// Promises: an id from far away is counted only where it adds no hole; whatever lies between it and the window is then proved too.
import type { Result } from '../../../src-shared/base/result.ts';
import { HOUR_US, type Us, type Window } from '../../../src-shared/base/time.ts';
import { feeds } from '../../feeds/index.ts';
import { MORE_IDS_SHIFT } from '../pipeline/guard.ts';
import {
  type Archive,
  countSql,
  idOf,
  NEIGHBOUR_US,
  readCounts,
  relation,
  steady,
  streamName,
  withNeighbours,
} from './queries.ts';
import { numOfText, quote, type StreamKey, type StreamRow, streamRelation } from './rows-sql.ts';
import { noRows, type WindowCount } from './verdict.ts';

/** How far beside the window ids are looked for, one after the other; the farther, the fewer streams at once. */
const REACHES = [
  { reachUs: HOUR_US, streams: 2000 },
  { reachUs: 24 * HOUR_US, streams: 100 },
] as const;

type Side = 'before' | 'after';

/** Markets whose venue counts its trades one by one, each with the channel that does. */
const counting = new Set(
  feeds
    .filter(({ idRule }) => idRule === 'contiguous')
    .map(({ venue, market, channel }) => `${venue}:${market}:${channel}`),
);

/** Ids of this stream follow each other. */
export function hasCountedIds({ venue, market, channel }: StreamKey): boolean {
  return counting.has(`${venue}:${market}:${channel}`);
}

/** Sides of the window beyond which no id is known. */
export function sidesWithoutId(count: WindowCount): Side[] {
  return [
    ...(count.before > 0 || count.fromFirstId ? [] : (['before'] as const)),
    ...(count.after > 0 ? [] : (['after'] as const)),
  ];
}

/**
 * The counts of a window, with ids from farther away for streams whose ids count and that have none within the usual look. untilUs: nothing is
 * stored of later. Throws what the query throws.
 */
export async function withFarIds(
  archive: Archive,
  streams: readonly StreamRow[],
  window: Window,
  untilUs: Us,
  counts: ReadonlyMap<string, WindowCount>,
): Promise<Map<string, WindowCount>> {
  const found = new Map(counts);
  // What is not there yet is not looked for: an extract is written when its window has just passed.
  const isOver = window.toUs + NEIGHBOUR_US < untilUs;
  const sought = (stream: StreamRow): Side[] =>
    sidesWithoutId(found.get(streamName(stream)) ?? noRows).filter((side) => side === 'before' || isOver);
  const counted = streams.filter((stream) => stream.no >= 0 && hasCountedIds(stream));
  for (const { reachUs, streams: most } of REACHES) {
    const open = counted.filter((stream) => sought(stream).length > 0);
    if (open.length === 0 || open.length > most) continue;
    const sides = new Set(open.flatMap(sought));
    const reach: Window = {
      fromUs: sides.has('before') ? window.fromUs - reachUs : window.toUs,
      toUs: sides.has('after') ? window.toUs + reachUs : window.fromUs,
    };
    const nearest = new Map(
      (await archive.rows(nearestSql(archive, open, reach, window))).map((row) => [Number(row.stream), row]),
    );
    for (const stream of open) {
      const row = nearest.get(stream.no);
      const name = streamName(stream);
      if (row) found.set(name, adopted(found.get(name) ?? noRows, idOf(row.lo), idOf(row.hi)));
    }
  }
  return found;
}

/** An id from far away is one beside the window where none lies between: it follows the last that is known, or is followed by the first. */
function adopted(count: WindowCount, lo: bigint | null, hi: bigint | null): WindowCount {
  const { before, first, last, after } = count.ids ?? { before: null, first: null, last: null, after: null };
  const [previous, next] = [before ?? lo, after ?? hi];
  const follows = (one: bigint | null, other: bigint | null): boolean =>
    one !== null && other !== null && one + 1n === other;
  const isBefore = before === null && lo !== null && follows(lo, first ?? next);
  const isAfter = after === null && hi !== null && follows(last ?? previous, hi);
  return {
    ...count,
    ...(isBefore ? { before: 1 } : {}),
    ...(isAfter ? { after: 1 } : {}),
    ids: { before: isBefore ? lo : before, first, last, after: isAfter ? hi : after },
  };
}

/** SQL of the nearest ids on both sides of a window, per stream. Keys that are held twice harm neither. */
function nearestSql(archive: Archive, streams: readonly StreamRow[], reach: Window, window: Window): string {
  const beside = (us: string): string =>
    `((${us} >= ${reach.fromUs} AND ${us} < ${window.fromUs}) OR (${us} >= ${window.toUs} AND ${us} < ${reach.toUs}))`;
  const numbers = streams.map(({ no }) => no).join(', ');
  const symbols = [...new Set(streams.map(({ symbol }) => symbol))].map(quote).join(', ');
  const files = [
    ...new Set(
      [
        { fromUs: reach.fromUs, toUs: window.fromUs },
        { fromUs: window.toUs, toUs: reach.toUs },
      ]
        .filter(({ fromUs, toUs }) => fromUs < toUs)
        .flatMap((side) => archive.sealed(side).map(({ path }) => quote(path))),
    ),
  ];
  const hot = `SELECT stream, event_us, id AS num, flags FROM tick WHERE ${beside('event_us')} AND stream IN (${numbers})`;
  // The symbols are named as constants so that row groups are skipped by their statistics.
  const sealed = `SELECT d.stream, p.event_us, ${numOfText('p.id')} AS num, p.flags
    FROM (SELECT venue, market, symbol, channel, id, event_us, flags FROM read_parquet([${files.join(', ')}], hive_partitioning = false)
      WHERE ${beside('event_us')} AND symbol IN (${symbols})) p
    JOIN ${streamRelation(streams)} d ON d.venue = p.venue AND d.market = p.market AND d.symbol = p.symbol AND d.channel = p.channel`;
  return `SELECT stream, max(num) FILTER (WHERE event_us < ${window.fromUs})::VARCHAR AS lo,
    min(num - (flags >> ${MORE_IDS_SHIFT})) FILTER (WHERE event_us >= ${window.toUs})::VARCHAR AS hi
  FROM (${files.length > 0 ? `${hot} UNION ALL ${sealed}` : hot}) GROUP BY stream`;
}

/** Rows per stream in a window, with what the verdict needs of them: ids on both sides, however far they are. */
export function countWithIds(
  archive: Archive,
  streams: readonly StreamRow[],
  window: Window,
  atUs: Us,
  untilUs: Us,
): Promise<Result<Map<string, WindowCount>>> {
  return steady(archive, async () => {
    const rows = relation(archive, streams, withNeighbours(window), true);
    return await withFarIds(
      archive,
      streams,
      window,
      untilUs,
      readCounts(await archive.rows(countSql(rows, window, atUs))),
    );
  });
}
