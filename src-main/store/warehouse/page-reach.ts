// How long a stream's newest page lasts at the pace at which it prints now, from the rows of the last minute.
import { MINUTE_US, SECOND_US, type Us } from '../../../src-shared/base/time.ts';
import type { Feed } from '../../feeds/feed.ts';
import { reachUs } from '../pipeline/pace.ts';
import type { Archive } from './queries.ts';

const WINDOW_US = 5 * SECOND_US;
/** Older trades came with a snapshot: they say nothing of the pace. */
const FRESH_US = 10 * SECOND_US;

/** How long after its beginning a gap of each stream can still be asked for, where its pace decides that (else none is given): as it is now. */
export async function datesUs(
  archive: Pick<Archive, 'rows'>,
  feed: Feed,
  streams: readonly { readonly no: number }[],
  nowUs: Us,
): Promise<Map<number, Us>> {
  const slowest = reachUs(feed.history, undefined);
  if (feed.history?.reachTrades === undefined || slowest === null) return new Map();
  const reaches = await reachesUs(archive, feed, streams, nowUs);
  return new Map(streams.map(({ no }) => [no, reaches.get(no) ?? slowest]));
}

/** By stream number; streams without a trade in the last minute are absent: theirs lasts. As pace.ts: the second busiest window of 5 s counts. */
export async function reachesUs(
  archive: Pick<Archive, 'rows'>,
  feed: Feed,
  streams: readonly { readonly no: number }[],
  nowUs: Us,
): Promise<Map<number, Us>> {
  const numbers = streams.map(({ no }) => no).join(', ') || '-1';
  const rows = await archive.rows(
    `SELECT stream, n FROM (SELECT stream, count(*) AS n, row_number() OVER (PARTITION BY stream ORDER BY count(*) DESC) AS place
       FROM tick WHERE event_us >= ${Math.floor(nowUs - MINUTE_US)} AND stream IN (${numbers}) AND recv_us - event_us < ${FRESH_US}
       GROUP BY stream, recv_us // ${WINDOW_US}) WHERE place = 2`,
  );
  const found = new Map<number, Us>();
  for (const row of rows) {
    const reach = reachUs(feed.history, (Number(row.n) * SECOND_US) / WINDOW_US);
    if (reach !== null) found.set(Number(row.stream), reach);
  }
  return found;
}
