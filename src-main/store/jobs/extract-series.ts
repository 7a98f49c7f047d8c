// Reading written extracts again: their ticks for drawing, the exact ticks at a moment, and what changed from version to version.
// Promises: what is drawn is what was exported, while the file is there; thinning keeps the first, highest, lowest and last tick of every step.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fail, ok, type Result } from '../../../src-shared/base/result.ts';
import type { Us, Window } from '../../../src-shared/base/time.ts';
import type { Alignment, ExtractJob, ExtractVersion, Series } from '../../../src-shared/contract/listings.ts';
import type { Settings } from '../../../src-shared/contract/settings.ts';
import type { Manifest, StreamVerdict } from '../../../src-shared/market/listing.ts';
import type { Row } from '../../base/duck.ts';
import type { OpenArchive } from '../warehouse/archive.ts';
import type { ExtractRecord } from '../warehouse/catalog.ts';
import { streamsOfCoin } from '../warehouse/coin.ts';
import { relation, steady, streamName } from '../warehouse/queries.ts';
import { quote } from '../warehouse/rows-sql.ts';

export interface SeriesOrder {
  readonly align: Alignment;
  /** From the clock that is chosen, half-open. */
  readonly fromUs: Us;
  readonly toUs: Us;
  readonly points: number;
  readonly bars: number;
}

const NAME = 'venue, market, symbol, channel';
/** Points of one step: first, highest, lowest and last tick. A stream with no more ticks than this is given whole. */
const POINTS_OF_STEP = 4;

interface Source {
  readonly kind: Series['source'];
  readonly manifest: Manifest;
  /** SQL of rows: name, id, price, qty, base_qty, side, event_us, recv_us. */
  readonly sql: string;
}

/** Where the ticks of a job are read from: its file; if that is gone, the archive. */
function sourceOf(archive: OpenArchive, settings: Settings, job: ExtractJob | undefined): Result<Source> {
  const manifest = job?.manifest;
  if (!job || !manifest || job.state !== 'done')
    return fail(
      'extract.not-written',
      job ? `the extract of ${job.coin} is not written yet` : 'there is no such extract',
    );
  const [file] = manifest.files;
  const path = file && job.folder !== null ? join(job.folder, file.path) : null;
  if (file && path !== null && existsSync(path)) {
    const read = {
      parquet: `read_parquet(${quote(path)}, hive_partitioning = false)`,
      csv: `read_csv(${quote(path)}, all_varchar = true, header = true, delim = ',', quote = '"', escape = '"')`,
      jsonl: `read_json(${quote(path)}, format = 'newline_delimited', columns = {venue: 'VARCHAR', market: 'VARCHAR', symbol: 'VARCHAR', channel: 'VARCHAR', id: 'VARCHAR', price: 'VARCHAR', qty: 'VARCHAR', "baseQty": 'VARCHAR', side: 'VARCHAR', "eventUs": 'BIGINT', "recvUs": 'BIGINT', origin: 'VARCHAR', lines: 'VARCHAR'})`,
    }[file.format];
    if (read === undefined)
      return fail('extract.format', `${path} has the format ${file.format}, which this version does not read`);
    const sql = `SELECT ${NAME}, CAST(id AS VARCHAR) AS id, price, qty, "baseQty" AS base_qty, side, CAST("eventUs" AS BIGINT) AS event_us, CAST("recvUs" AS BIGINT) AS recv_us FROM ${read}`;
    return ok({ kind: 'file', manifest, sql });
  }
  const streams = streamsOfCoin(archive, settings, manifest.coin, manifest.window).recorded;
  const { fromUs, toUs } = manifest.window;
  const sql = `SELECT ${NAME}, id, price, qty, base_qty, side, event_us, recv_us FROM (${relation(archive, streams, manifest.window)}) WHERE event_us >= ${fromUs} AND event_us < ${toUs}`;
  return ok({ kind: 'archive', manifest, sql });
}

/** What the times of a stream are counted from; null: it has no such clock. */
export function originOf(manifest: Manifest, stream: StreamVerdict, align: Alignment): Us | null {
  const { atUs, detectedUs } = manifest.clocks;
  if (align === 'first-trade') return stream.firstTradeUs ?? null;
  return align === 'detected' ? detectedUs : atUs;
}

const keyOf = (stream: StreamVerdict): string => streamName({ ...stream, channel: stream.channel ?? '' });

/** A relation (name, origin) of the streams that have the chosen clock; undefined: none has. */
function originRows(manifest: Manifest, align: Alignment): string | undefined {
  const rows = manifest.streams.flatMap((stream) => {
    const origin = originOf(manifest, stream, align);
    if (origin === null || stream.channel === undefined) return [];
    return [`(${[stream.venue, stream.market, stream.symbol, stream.channel].map(quote).join(', ')}, ${origin})`];
  });
  return rows.length === 0 ? undefined : `(SELECT * FROM (VALUES ${rows.join(', ')}) v(${NAME}, origin))`;
}

/** The rows of a source with t: µs from their stream's origin. */
function timed(source: Source, origins: string): string {
  return `SELECT s.*, s.event_us - o.origin AS t FROM (${source.sql}) s JOIN ${origins} o USING (${NAME})`;
}

/** Ticks of a range for drawing. */
export async function readSeries(
  archive: OpenArchive,
  settings: Settings,
  job: ExtractJob | undefined,
  order: SeriesOrder,
): Promise<Result<Series>> {
  const { fromUs, toUs, points, bars, align } = order;
  if (fromUs >= toUs) return fail('series.range', `the range from ${fromUs} to ${toUs} µs is empty`);
  const source = sourceOf(archive, settings, job);
  if (!source.ok) return source;
  const { manifest } = source.value;
  const barUs = Math.max(1, Math.ceil((toUs - fromUs) / bars));
  const origins = originRows(manifest, align);
  const read = origins === undefined ? ok(noRows) : await steady(archive, () => query(archive, source.value, origins));
  if (!read.ok) return read;
  const counts = new Map(read.value.counts.map((row) => [nameOf(row), Number(row.n)]));
  const drawn = collect(read.value.points, (row) => [Number(row.t), Number(row.p)]);
  const barred = collect(read.value.bars, (row) => [
    fromUs + Number(row.bar) * barUs,
    Number(row.volume),
    Number(row.bought),
    Number(row.n),
  ]);
  const streams = manifest.streams.map((stream) => {
    const key = keyOf(stream);
    const ticks = counts.get(key) ?? 0;
    const [at = [], price = []] = drawn.get(key) ?? [];
    const [barAt = [], volume = [], bought = [], trades = []] = barred.get(key) ?? [];
    return {
      instrument: stream.instrument,
      ...(stream.channel === undefined ? {} : { channel: stream.channel }),
      originUs: originOf(manifest, stream, align),
      ticks,
      every: ticks <= POINTS_OF_STEP * points,
      at,
      price,
      bars: { at: barAt, volume, bought, trades },
    };
  });
  return ok({
    source: source.value.kind,
    ticks: [...counts.values()].reduce((sum, count) => sum + count, 0),
    streams,
    barUs,
  });

  /** Three readings of few columns each; nothing of the window is held in memory meanwhile. */
  async function query(open: OpenArchive, from: Source, rows: string): Promise<SeriesRows> {
    const stepUs = (toUs - fromUs) / points;
    const inRange = `SELECT ${NAME}, id, t, TRY_CAST(price AS DOUBLE) AS p, TRY_CAST(coalesce(base_qty, qty) AS DOUBLE) AS q, side
      FROM (${timed(from, rows)}) WHERE t >= ${fromUs} AND t < ${toUs}`;
    return await open.duck.with(async (connection) => {
      const found = await connection.rows(`SELECT ${NAME}, count(*) AS n FROM (${inRange}) GROUP BY ALL`);
      const many = found.filter((row) => Number(row.n) > POINTS_OF_STEP * points);
      const isMany = `(${NAME}) IN (${many.map((row) => `(${[row.venue, row.market, row.symbol, row.channel].map((part) => quote(String(part))).join(', ')})`).join(', ')})`;
      const whole =
        many.length === found.length
          ? null
          : `SELECT ${NAME}, t, p, 0 AS nth, length(id) AS l, id FROM (${inRange}) WHERE isfinite(p)${many.length > 0 ? ` AND NOT ${isMany}` : ''}`;
      const thinned =
        many.length === 0
          ? null
          : `SELECT ${NAME}, unnest([t0, th, tl, t1]) AS t, unnest([p0, ph, pl, p1]) AS p, unnest([0, 1, 1, 2]) AS nth, 0 AS l, '' AS id FROM (
              SELECT ${NAME}, floor((t - ${fromUs}) / ${stepUs}) AS step, min(t) AS t0, first(p ORDER BY t, length(id), id) AS p0, arg_max(t, p) AS th, max(p) AS ph,
                arg_min(t, p) AS tl, min(p) AS pl, max(t) AS t1, last(p ORDER BY t, length(id), id) AS p1
              FROM (${inRange}) WHERE isfinite(p) AND ${isMany} GROUP BY ALL)`;
      // What holds when the range begins: the last tick before it.
      const held = `SELECT ${NAME}, t, TRY_CAST(price AS DOUBLE) AS p, -1 AS nth, length(id) AS l, id FROM (${timed(from, rows)})
        JOIN (SELECT ${NAME}, max(t) AS t FROM (${timed(from, rows)}) WHERE t < ${fromUs} GROUP BY ALL) USING (${NAME}, t)
        QUALIFY row_number() OVER (PARTITION BY ${NAME} ORDER BY length(id) DESC, id DESC) = 1`;
      const parts = [`SELECT * FROM (${held}) WHERE isfinite(p)`, whole, thinned].filter((part) => part !== null);
      return {
        counts: found,
        points: await connection.rows(
          `SELECT ${NAME}, t, p FROM (${parts.join(' UNION ALL ')}) ORDER BY t, nth, l, id`,
        ),
        bars: await connection.rows(
          `SELECT ${NAME}, (t - ${fromUs}) // ${barUs} AS bar, coalesce(sum(q) FILTER (WHERE isfinite(q)), 0) AS volume,
             coalesce(sum(q) FILTER (WHERE isfinite(q) AND side = 'buy'), 0) AS bought, count(*) AS n FROM (${inRange}) GROUP BY ALL ORDER BY bar`,
        ),
      };
    });
  }
}

interface SeriesRows {
  readonly counts: readonly Row[];
  readonly points: readonly Row[];
  readonly bars: readonly Row[];
}

const noRows: SeriesRows = { counts: [], points: [], bars: [] };

function nameOf(row: Row): string {
  return [row.venue, row.market, row.symbol, row.channel].join('\n');
}

/** Columns by stream. */
function collect(rows: readonly Row[], cells: (row: Row) => number[]): Map<string, number[][]> {
  const found = new Map<string, number[][]>();
  for (const row of rows) {
    const values = cells(row);
    const name = nameOf(row);
    let columns = found.get(name);
    if (!columns) {
      columns = values.map(() => []);
      found.set(name, columns);
    }
    for (const [index, value] of values.entries()) columns[index]?.push(value);
  }
  return found;
}

export interface TickAt {
  readonly id: string;
  readonly price: string;
  readonly qty: string;
  readonly side: string;
  readonly eventUs: Us;
  readonly recvUs: Us;
}

/** The last tick of every stream at or before a moment, as it is stored. */
export async function readSeriesAt(
  archive: OpenArchive,
  settings: Settings,
  job: ExtractJob | undefined,
  align: Alignment,
  atUs: Us,
): Promise<Result<{ streams: { instrument: string; channel?: string; tick: TickAt | null }[] }>> {
  const source = sourceOf(archive, settings, job);
  if (!source.ok) return source;
  const { manifest } = source.value;
  const origins = originRows(manifest, align);
  const sql = (rows: string): string => `WITH e AS (SELECT * FROM (${timed(source.value, rows)}) WHERE t <= ${atUs}),
    m AS (SELECT ${NAME}, max(t) AS t FROM e GROUP BY ALL)
    SELECT e.* FROM e JOIN m USING (${NAME}, t) QUALIFY row_number() OVER (PARTITION BY ${NAME} ORDER BY length(id) DESC, id DESC) = 1`;
  const read = origins === undefined ? ok([]) : await steady(archive, () => archive.rows(sql(origins)));
  if (!read.ok) return read;
  const ticks = new Map(
    read.value.map((row): [string, TickAt] => [
      nameOf(row),
      {
        id: String(row.id),
        price: String(row.price),
        qty: String(row.qty),
        side: String(row.side),
        eventUs: Number(row.event_us),
        recvUs: Number(row.recv_us),
      },
    ]),
  );
  return ok({
    streams: manifest.streams.map((stream) => ({
      instrument: stream.instrument,
      ...(stream.channel === undefined ? {} : { channel: stream.channel }),
      tick: ticks.get(keyOf(stream)) ?? null,
    })),
  });
}

const spanOf = ({ fromUs, toUs }: Window): string => `${fromUs}-${toUs}`;

/** When a gap was filled; null: it is not, or not known any more. */
export type FilledUs = (gapId: string) => Us | null;

/** Versions of one moment, newest first, each with what differs from the newest earlier one of the same window. */
export function versionsOf(records: readonly ExtractRecord[], filledUs: FilledUs): ExtractVersion[] {
  const written = records.flatMap(({ job }) =>
    job.manifest && job.folder !== null ? [{ job, manifest: job.manifest, folder: job.folder }] : [],
  );
  const newestFirst = written.toSorted(
    (a, b) => b.manifest.createdUs - a.manifest.createdUs || b.manifest.version - a.manifest.version,
  );
  return newestFirst.map(({ job, manifest, folder }, index) => {
    const before = newestFirst
      .slice(index + 1)
      .find((other) => spanOf(other.manifest.window) === spanOf(manifest.window));
    return {
      jobId: job.jobId,
      version: manifest.version,
      cause: job.cause ?? 'asked',
      createdUs: manifest.createdUs,
      window: manifest.window,
      format: manifest.files[0]?.format ?? '',
      rows: manifest.files.reduce((sum, file) => sum + file.rows, 0),
      verdict: manifest.verdict ?? 'incomplete',
      folder,
      present: existsSync(folder),
      since: before?.manifest.version ?? null,
      changes: before ? changesOf(before.manifest, manifest, filledUs) : [],
    };
  });
}

/** What is different between two manifests, stream by stream. */
export function changesOf(before: Manifest, after: Manifest, filledUs: FilledUs): ExtractVersion['changes'] {
  const old = new Map(before.streams.map((stream) => [keyOf(stream), stream]));
  const now = new Map(after.streams.map((stream) => [keyOf(stream), stream]));
  return [...new Set([...now.keys(), ...old.keys()])].flatMap((key) => {
    const [a, b] = [old.get(key), now.get(key)];
    const named = b ?? a;
    const gaps = [...new Set([...(a?.gaps ?? []), ...(b?.gaps ?? [])])];
    const filled = gaps.filter((gap) => {
      const us = filledUs(gap);
      return us !== null && us > before.createdUs && us <= after.createdUs;
    });
    if (!named || (a && b && a.rows === b.rows && a.verdict === b.verdict && filled.length === 0)) return [];
    return [
      {
        instrument: named.instrument,
        ...(named.channel === undefined ? {} : { channel: named.channel }),
        rowsBefore: a?.rows ?? null,
        rowsAfter: b?.rows ?? null,
        verdictBefore: a?.verdict ?? null,
        verdictAfter: b?.verdict ?? null,
        filled,
      },
    ];
  });
}
