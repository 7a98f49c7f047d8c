// Reading ticks: pages of a window, and counts per stream, over hot tables and sealed files at once.
// Promises: each key once, exact digits, and no row missed because an hour was sealed while the query ran.

import { fail, ok, type Result, reasonOf } from '../../../src-shared/base/result.ts';
import { HOUR_US, hourOf, SECOND_US, type Us, type Window } from '../../../src-shared/base/time.ts';
import { type Instrument, marketSchema, venueSchema } from '../../../src-shared/market/instrument.ts';
import type { Tick } from '../../../src-shared/market/tick.ts';
import type { Row } from '../../base/duck.ts';
import { MORE_IDS_SHIFT } from '../pipeline/guard.ts';
import {
  hotRows,
  linesText,
  quote,
  type StreamKey,
  type StreamRow,
  sealedRows,
  tickOrder,
  windowRows,
} from './rows-sql.ts';
import type { WindowCount } from './verdict.ts';

/** What the queries need of the rest of the warehouse. */
export interface Archive {
  /** Runs one statement on a connection that is not the intake's. */
  rows(sql: string): Promise<readonly Row[]>;
  streams(): readonly StreamKey[];
  instrument(venue: string, market: string, symbol: string): Instrument | undefined;
  /** A stream with what the venue's list says of its quantities. */
  streamRow(stream: StreamKey): StreamRow;
  /** Sealed files whose hour overlaps the window: full paths. */
  sealed(window: Window): readonly { readonly path: string; readonly hourUs: Us; readonly rows: number }[];
  /** Changes when rows move from hot tables to files; see seal. */
  epoch(): number;
}

/** Which streams; everything that is absent is not asked about. */
export interface TickFilter {
  readonly venue?: string | undefined;
  readonly market?: string | undefined;
  readonly symbol?: string | undefined;
}

export interface TickPage {
  readonly ticks: Tick[];
  readonly next: string | null;
}

const TRIES = 5;
const FIRST_SLICE_US = 10 * SECOND_US;
const SHORTEST_SLICE_US = 10_000;
/** How far outside a window a neighbouring trade is looked for. */
export const NEIGHBOUR_US = 60 * SECOND_US;

export function withFacts(archive: Archive, streams: readonly StreamKey[]): StreamRow[] {
  return streams.map((stream) => archive.streamRow(stream));
}

/** The relation of all rows of these streams in a window (null: of every stream), each key once. counted: see windowRows. */
export function relation(
  archive: Archive,
  streams: readonly StreamRow[] | null,
  window: Window,
  counted = false,
): string {
  const known = streams ?? withFacts(archive, archive.streams());
  const files = archive.sealed(window).map((file) => file.path);
  const parts = [hotRows(known, window, streams !== null)];
  if (files.length > 0) parts.push(sealedRows(files, known, window, streams !== null));
  return windowRows(parts, counted);
}

/** Runs a query again when rows moved from the hot tables to a file while it ran, so that none is missed in between. */
export async function steady<T>(archive: Pick<Archive, 'epoch'>, read: () => Promise<T>): Promise<Result<T>> {
  let trouble: unknown;
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const before = archive.epoch();
    trouble = undefined;
    try {
      const value = await read();
      if (archive.epoch() === before) return ok(value);
    } catch (error) {
      if (archive.epoch() === before) {
        return fail('archive.query', `the archive could not be read: ${reasonOf(error)}`, { retry: true });
      }
      trouble = error;
    }
  }
  const why = trouble === undefined ? '' : `: ${reasonOf(trouble)}`;
  return fail('archive.busy', `hours were sealed ${TRIES} times while the query ran${why}; ask again`, { retry: true });
}

interface Cursor {
  readonly us: Us;
  readonly key: readonly [string, string, string, string, string];
  readonly widthUs: number;
}

function encodeCursor(cursor: Cursor): string {
  return Buffer.from(JSON.stringify([cursor.us, cursor.widthUs, ...cursor.key])).toString('base64url');
}

function decodeCursor(text: string): Cursor | undefined {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
  if (!Array.isArray(value) || value.length !== 7) return undefined;
  const [us, widthUs, ...key] = value as unknown[];
  if (!Number.isSafeInteger(us) || !Number.isSafeInteger(widthUs) || !key.every((part) => typeof part === 'string')) {
    return undefined;
  }
  const [id = '', venue = '', market = '', symbol = '', channel = ''] = key as string[];
  return { us: us as number, widthUs: widthUs as number, key: [id, venue, market, symbol, channel] };
}

/** One page of ticks ordered by event time, then id. The cursor is a place, not a state: it holds across restarts. */
export async function tickPage(
  archive: Archive,
  window: Window,
  filter: TickFilter,
  cursorText: string | undefined,
  limit: number,
): Promise<Result<TickPage>> {
  const cursor = cursorText === undefined ? undefined : decodeCursor(cursorText);
  if (cursorText !== undefined && !cursor) return fail('archive.cursor', 'the cursor is not one that this store gave');
  const filtered = filter.venue !== undefined || filter.market !== undefined || filter.symbol !== undefined;
  const streams = filtered
    ? withFacts(
        archive,
        archive.streams().filter((stream) => matches(stream, filter)),
      )
    : null;
  if (streams?.length === 0) return ok({ ticks: [], next: null });

  const ticks: Tick[] = [];
  let at = Math.max(window.fromUs, cursor?.us ?? window.fromUs);
  let width = Math.max(SHORTEST_SLICE_US, cursor?.widthUs ?? FIRST_SLICE_US);
  while (at < window.toUs) {
    // A slice stays within an hour, so that it opens the files of one partition only.
    const end = Math.min(at + width, window.toUs, hourOf(at) + HOUR_US);
    const slice = { fromUs: at, toUs: end };
    const wanted = limit - ticks.length;
    const found = await steady(archive, async () => {
      if (slice.toUs - slice.fromUs > FIRST_SLICE_US && (await tooMany(archive, slice, limit * 8))) return null;
      return await sliceRows(archive, streams, slice, cursor, wanted + 1);
    });
    if (!found.ok) return found;
    if (found.value === null) {
      width = Math.max(FIRST_SLICE_US, Math.floor((slice.toUs - slice.fromUs) / 4));
      continue;
    }
    const page = found.value.slice(0, wanted);
    for (const row of page) ticks.push(toTick(row));
    const last = ticks.at(-1);
    if (found.value.length > wanted && last) {
      const narrower = Math.max(SHORTEST_SLICE_US, Math.min(width, 4 * Math.max(1, last.eventUs - at)));
      return ok({
        ticks,
        next: encodeCursor({
          us: last.eventUs,
          widthUs: narrower,
          key: [last.id, last.venue, last.market, last.symbol, last.channel],
        }),
      });
    }
    at = end;
    if (found.value.length === 0) {
      // Nothing here: go to where the next rows are, so that a window of years costs what its rows cost.
      const next = await steady(archive, () => nextRowsUs(archive, at, window.toUs));
      if (!next.ok) return next;
      if (next.value === null) break;
      at = Math.max(at, next.value);
    }
    if (found.value.length * 4 < limit) width = Math.min(width * 4, HOUR_US);
  }
  return ok({ ticks, next: null });
}

export function matches(stream: StreamKey, filter: TickFilter): boolean {
  return (
    (filter.venue === undefined || stream.venue === filter.venue) &&
    (filter.market === undefined || stream.market === filter.market) &&
    (filter.symbol === undefined || stream.symbol === filter.symbol)
  );
}

/** The first time at or after fromUs at which rows can lie: a hot row's own, or the start of a sealed hour; null when there are none before toUs. */
async function nextRowsUs(archive: Archive, fromUs: Us, toUs: Us): Promise<Us | null> {
  const [row] = await archive.rows(
    `SELECT min(event_us) AS us FROM tick WHERE event_us >= ${fromUs} AND event_us < ${toUs}`,
  );
  const times = archive.sealed({ fromUs, toUs }).map((file) => Math.max(file.hourUs, fromUs));
  if (row?.us !== null && row?.us !== undefined) times.push(Number(row.us));
  return times.length === 0 ? null : times.reduce((least, us) => Math.min(least, us));
}

/** Whether a slice holds more rows than one sort should carry; reads one column. */
async function tooMany(archive: Archive, slice: Window, most: number): Promise<boolean> {
  const files = archive.sealed(slice).map((file) => quote(file.path));
  const where = `event_us >= ${slice.fromUs} AND event_us < ${slice.toUs}`;
  const sealed =
    files.length > 0
      ? ` + (SELECT count(*) FROM read_parquet([${files.join(', ')}], hive_partitioning = false) WHERE ${where})`
      : '';
  const [row] = await archive.rows(`SELECT (SELECT count(*) FROM tick WHERE ${where})${sealed} AS n`);
  return Number(row?.n ?? 0) > most;
}

function sliceRows(
  archive: Archive,
  streams: readonly StreamRow[] | null,
  slice: Window,
  cursor: Cursor | undefined,
  limit: number,
): Promise<readonly Row[]> {
  const after =
    cursor && cursor.us >= slice.fromUs && cursor.us < slice.toUs
      ? ` WHERE (event_us, length(id), id, venue, market, symbol, channel) > (${cursor.us}, ${[...cursor.key[0]].length}, ${cursor.key.map(quote).join(', ')})`
      : '';
  return archive.rows(
    `SELECT *, ${linesText} AS seen_by FROM (${relation(archive, streams, slice)})${after} ORDER BY ${tickOrder} LIMIT ${limit}`,
  );
}

function toTick(row: Row): Tick {
  const lines = String(row.seen_by);
  const baseQty = row.base_qty;
  return {
    venue: venueSchema.parse(row.venue),
    market: marketSchema.parse(row.market),
    symbol: String(row.symbol),
    channel: String(row.channel),
    id: String(row.id),
    price: String(row.price),
    qty: String(row.qty),
    baseQty: baseQty === null || baseQty === undefined ? null : String(baseQty),
    side: row.side === 'buy' ? 'buy' : row.side === 'sell' ? 'sell' : 'unknown',
    eventUs: Number(row.event_us),
    recvUs: Number(row.recv_us),
    origin: row.origin === 'backfill' ? 'backfill' : 'live',
    lines: lines === '' ? [] : lines.split('+').map(Number),
  };
}

/** The key under which a stream's count is found. */
export function streamName(stream: Pick<StreamKey, 'venue' | 'market' | 'symbol' | 'channel'>): string {
  return [stream.venue, stream.market, stream.symbol, stream.channel].join('\n');
}

/** SQL that counts, per stream, the rows of a relation inside a window and beside it. atUs: the announcement. */
export function countSql(rows: string, window: Window, atUs: Us): string {
  const inside = `event_us >= ${window.fromUs} AND event_us < ${window.toUs}`;
  const seen = `bit_count(lines)`;
  // A row may stand for several ids: num is the last of them, the flags say how many more.
  const more = `(flags >> ${MORE_IDS_SHIFT})`;
  const beside = `least(max(num) FILTER (WHERE event_us < ${window.fromUs}), min(num) FILTER (WHERE ${inside})) AS lo,
    greatest(min(num) FILTER (WHERE event_us >= ${window.toUs}), max(num) FILTER (WHERE ${inside})) AS hi`;
  return `WITH e AS MATERIALIZED (${rows}),
  b AS (SELECT venue, market, symbol, channel, ${beside} FROM e GROUP BY ALL)
  SELECT venue, market, symbol, channel,
    greatest(0, coalesce(any_value(hi) - any_value(lo) - sum(1 + ${more}) FILTER (WHERE num > lo AND num <= hi), 0)) AS missing_ids,
    count(*) FILTER (WHERE ${inside}) AS n, min(event_us) FILTER (WHERE ${inside}) AS first_us, max(event_us) FILTER (WHERE ${inside}) AS last_us,
    count(*) FILTER (WHERE event_us < ${window.fromUs}) AS before, count(*) FILTER (WHERE event_us >= ${window.toUs}) AS after,
    count(*) FILTER (WHERE ${inside} AND ${seen} = 1) AS one_line, count(*) FILTER (WHERE ${inside} AND ${seen} = 0) AS unseen, count(*) FILTER (WHERE ${inside} AND ${seen} >= 2) AS two_lines,
    min(event_us) FILTER (WHERE ${inside} AND ${seen} = 0) AS unseen_from_us, max(event_us) FILTER (WHERE ${inside} AND ${seen} = 0) AS unseen_to_us,
    coalesce(bool_or(num - ${more} IN (0, 1)) FILTER (WHERE ${inside}), false) AS from_first_id,
    min(event_us) FILTER (WHERE ${inside} AND event_us >= ${atUs}) AS first_trade_us,
    max(num) FILTER (WHERE event_us < ${window.fromUs})::VARCHAR AS id_before, min(num - ${more}) FILTER (WHERE event_us >= ${window.toUs})::VARCHAR AS id_after,
    min(num - ${more}) FILTER (WHERE ${inside})::VARCHAR AS id_first, max(num) FILTER (WHERE ${inside})::VARCHAR AS id_last
  FROM e JOIN b USING (venue, market, symbol, channel) GROUP BY venue, market, symbol, channel`;
}

/** An id as the database gives it; null: there is none, or it is no number. */
export const idOf = (value: unknown): bigint | null => (typeof value === 'string' ? BigInt(value) : null);

export function readCounts(rows: readonly Row[]): Map<string, WindowCount> {
  const time = (value: unknown): Us | null => (value === null || value === undefined ? null : Number(value));
  return new Map(
    rows.map((row) => [
      [row.venue, row.market, row.symbol, row.channel].join('\n'),
      {
        rows: Number(row.n),
        firstUs: time(row.first_us),
        lastUs: time(row.last_us),
        before: Number(row.before),
        after: Number(row.after),
        oneLine: Number(row.one_line),
        twoLines: Number(row.two_lines),
        unseen: Number(row.unseen),
        unseenFromUs: time(row.unseen_from_us),
        unseenToUs: time(row.unseen_to_us),
        missingIds: Number(row.missing_ids),
        fromFirstId: row.from_first_id === true,
        firstTradeUs: time(row.first_trade_us),
        ids: {
          before: idOf(row.id_before),
          first: idOf(row.id_first),
          last: idOf(row.id_last),
          after: idOf(row.id_after),
        },
      },
    ]),
  );
}

/** The window with the room in which neighbours are looked for. */
export function withNeighbours(window: Window): Window {
  return { fromUs: window.fromUs - NEIGHBOUR_US, toUs: window.toUs + NEIGHBOUR_US };
}

/** Rows per stream in a window, with what the verdict needs of them. */
export function countWindow(
  archive: Archive,
  streams: readonly StreamRow[],
  window: Window,
  atUs: Us,
): Promise<Result<Map<string, WindowCount>>> {
  return steady(archive, async () =>
    readCounts(await archive.rows(countSql(relation(archive, streams, withNeighbours(window), true), window, atUs))),
  );
}
