// The nearest ids of a quiet stream: where ids count, they prove a window from an id before it to one after it, however long before and after.
// Promises: an id from far away is counted only where it adds no hole; whatever lies between it and the window is then proved too.
import type { Result } from '../../../src-shared/base/result.ts';
import { HOUR_US, type Us, type Window } from '../../../src-shared/base/time.ts';
import { feeds } from '../../feeds/index.ts';
import {
  type Archive,
  countSql,
  NEIGHBOUR_US,
  readCounts,
  relation,
  steady,
  streamName,
  withNeighbours,
} from './queries.ts';
import type { StreamKey, StreamRow } from './rows-sql.ts';
import { noRows, type WindowCount } from './verdict.ts';

/** How far beside the window ids are looked for, one after the other; the farther, the fewer streams at once. */
const REACHES = [
  { reachUs: HOUR_US, streams: 2000 },
  { reachUs: 24 * HOUR_US, streams: 100 },
] as const;

type Side = 'before' | 'after';

/**
 * Both sides first: of each only the id that is nearest to the window counts, so a farther look harms none that is known. Where an id is missing
 * beyond a side, the other side by itself.
 */
const LOOKS: readonly (readonly Side[])[] = [['before', 'after'], ['before'], ['after']];

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
  atUs: Us,
  untilUs: Us,
  counts: ReadonlyMap<string, WindowCount>,
): Promise<Map<string, WindowCount>> {
  const found = new Map(counts);
  // What is not there yet is not looked for: an extract is written when its window has just passed.
  const isOver = window.toUs + NEIGHBOUR_US < untilUs;
  const sought = (count: WindowCount): Side[] => sidesWithoutId(count).filter((side) => side === 'before' || isOver);
  /** Sides of which an id from far away is known: without the same look it would be none. */
  const farSides = new Set<Side>();
  const counted = streams.filter((stream) => stream.no >= 0 && hasCountedIds(stream));
  const countOf = (stream: StreamRow): WindowCount => found.get(streamName(stream)) ?? noRows;
  for (const { reachUs, streams: most } of REACHES) {
    for (const sides of LOOKS) {
      const open = counted.filter((stream) => {
        const left = sought(countOf(stream));
        return sides.length === 2 ? left.length > 0 : left.length === 2;
      });
      const needed = new Set([...farSides, ...open.flatMap((stream) => sought(countOf(stream)))]);
      const reachOf = (side: Side): Us => (sides.includes(side) && needed.has(side) ? reachUs : NEIGHBOUR_US);
      if (open.length === 0 || open.length > most) continue;
      const wide: Window = { fromUs: window.fromUs - reachOf('before'), toUs: window.toUs + reachOf('after') };
      const far = readCounts(await archive.rows(countSql(relation(archive, open, wide, true), window, atUs)));
      for (const stream of open) {
        const [count, known] = [far.get(streamName(stream)), countOf(stream)];
        if (!count || count.missingIds > known.missingIds) continue;
        const [left, were] = [sidesWithoutId(count), sidesWithoutId(known)];
        if (left.length >= were.length) continue;
        found.set(streamName(stream), count);
        for (const side of were) if (!left.includes(side)) farSides.add(side);
      }
    }
  }
  return found;
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
      atUs,
      untilUs,
      readCounts(await archive.rows(countSql(rows, window, atUs))),
    );
  });
}
