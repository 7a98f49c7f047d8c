// Sealing: a closed hour of the hot tables becomes Parquet files of its partition. Promises: written beside, synced, renamed, read back
// and counted before a hot row goes; a crash between any two steps loses nothing and repeats nothing.
import { existsSync } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fail, ok, type Result, reasonOf } from '../../../src-shared/base/result.ts';
import { formatIso, HOUR_US, type Us, type Window } from '../../../src-shared/base/time.ts';
import type { Duck, DuckConnection } from '../../base/duck.ts';
import { syncDirectory } from '../../base/files.ts';
import type { Catalog, SealedFile } from './catalog.ts';
import type { Lock } from './lock.ts';
import { findParts, makeDurableFolder, nextPart, partitionOf } from './partition.ts';
import { hotWindowRows, quote, type StreamRow, sealedColumns } from './rows-sql.ts';

/** How sealed files are written; measured with store/bench/extract.bench.ts. */
export const sealedFormat = 'FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 32768';
/**
 * The order inside a file: by symbol, then time. Every row group then holds few symbols, and their statistics keep a window of one coin to a
 * handful of small row groups: 20 ms instead of 450 ms of an hour sorted by coin, whose groups mix ABCUSDT with KRW-ABC.
 */
export const sealedOrder = 'symbol, event_us, length(id), id, venue, market, channel';

export interface Sealing {
  readonly dataDir: string;
  readonly duck: Duck;
  readonly catalog: Pick<Catalog, 'sealed'>;
  /** Held while rows leave the hot tables, so that the intake's own look-ups never meet the moment in between. */
  readonly lock: Lock;
  /** Rows move between hot tables and files: running queries have to look again. */
  moved(): void;
  nowUs(): Us;
  streams(): readonly StreamRow[];
  /** Named steps, for the tests that kill the process between them. */
  readonly step?: ((name: SealStep) => void) | undefined;
  /** Rows of one file at most; a bigger hour becomes several files, each a slice of its time. */
  readonly rowsPerFile?: number | undefined;
}

export const sealSteps = ['written', 'synced', 'renamed', 'counted', 'recorded', 'deleted', 'committed'] as const;
/** removed: the files that a compaction replaced are gone for good. */
export type SealStep = (typeof sealSteps)[number] | 'removed';

export interface Sealed {
  readonly hourUs: Us;
  /** Rows that are now in files and no longer hot. */
  readonly rows: number;
  readonly files: readonly SealedFile[];
  /** Hot rows that a file held already. */
  readonly known: number;
}

const ROWS_PER_FILE = 2_000_000;
/** Slices are cut smaller when the database has no memory for one, down to this. */
const LEAST_ROWS = 50_000;

function hourWindow(hourUs: Us): Window {
  return { fromUs: hourUs, toUs: hourUs + HOUR_US };
}

function liveFiles(sealing: Pick<Sealing, 'catalog'>, hourUs: Us): SealedFile[] {
  return sealing.catalog.sealed.live(hourUs, hourUs + HOUR_US);
}

function where(window: Window, prefix = ''): string {
  return `${prefix}event_us >= ${window.fromUs} AND ${prefix}event_us < ${window.toUs}`;
}

/** Hours with hot rows that ended at or before this time, oldest first. */
export async function closedHours(duck: Duck, beforeUs: Us): Promise<{ hourUs: Us; rows: number }[]> {
  const end = Math.floor(beforeUs / HOUR_US) * HOUR_US;
  const rows = await duck.with((connection) =>
    connection.rows(
      `SELECT event_us // ${HOUR_US} AS hour, count(*) AS n FROM tick WHERE event_us < ${end} GROUP BY 1 ORDER BY 1`,
    ),
  );
  return rows.map((row) => ({ hourUs: Number(row.hour) * HOUR_US, rows: Number(row.n) }));
}

/**
 * Seals what is hot of one hour. One snapshot serves reading and deleting, so rows that the intake commits meanwhile stay hot
 * and become a further file later. Fails with `seal.*` when a file cannot be written or does not read back; the hot rows are then untouched.
 */
export async function sealHour(sealing: Sealing, hourUs: Us): Promise<Result<Sealed>> {
  for (let rowsPerFile = sealing.rowsPerFile ?? ROWS_PER_FILE; ; rowsPerFile = Math.ceil(rowsPerFile / 4)) {
    const sealed = await sealOnce(sealing, hourUs, rowsPerFile);
    if (sealed.ok || sealed.failure.code !== 'seal.memory' || rowsPerFile <= LEAST_ROWS) return sealed;
  }
}

async function sealOnce(sealing: Sealing, hourUs: Us, rowsPerFile: number): Promise<Result<Sealed>> {
  return await sealing.duck.with(async (connection) => {
    await connection.run('BEGIN');
    let open = true;
    try {
      const sealed = await sealSnapshot(sealing, connection, hourUs, rowsPerFile);
      if (sealed.ok && sealed.value.rows > 0) {
        const { known } = sealed.value;
        await sealing.lock.run(async () => {
          await removeHot(connection, hourUs, known > 0);
          sealing.step?.('deleted');
          sealing.moved();
          await connection.run('COMMIT');
          open = false;
          sealing.moved();
        });
        sealing.step?.('committed');
      }
      return sealed;
    } catch (error) {
      const code = /^Out of Memory Error/.test(reasonOf(error)) ? 'seal.memory' : 'seal.failed';
      return fail(code, `hour ${formatIso(hourUs)} could not be sealed: ${reasonOf(error)}`, { retry: true });
    } finally {
      if (open) await connection.run('ROLLBACK').catch(() => connection.interrupt());
    }
  });
}

async function sealSnapshot(
  sealing: Sealing,
  connection: DuckConnection,
  hourUs: Us,
  rowsPerFile: number,
): Promise<Result<Sealed>> {
  const hour = hourWindow(hourUs);
  const [counted] = await connection.rows(`SELECT count(*) AS n FROM tick WHERE ${where(hour)}`);
  const hot = Number(counted?.n ?? 0);
  if (hot === 0) return ok({ hourUs, rows: 0, files: [], known: 0 });
  const streams = sealing.streams();
  const numbers = new Set(streams.map((stream) => stream.no));
  const used = await connection.rows(`SELECT DISTINCT stream FROM tick WHERE ${where(hour)}`);
  const unknown = used.map((row) => Number(row.stream)).filter((no) => !numbers.has(no));
  if (unknown.length > 0) {
    return fail(
      'seal.unknown-stream',
      `hour ${formatIso(hourUs)}: stream ${unknown[0]} is not in the catalog; its rows stay hot`,
    );
  }
  const folder = join(sealing.dataDir, partitionOf(hourUs));
  await makeDurableFolder(folder);
  const before = liveFiles(sealing, hourUs);
  const known = before.length > 0 ? await keepNewSightings(sealing, connection, streams, hour, before) : 0;
  const slices = Math.max(1, Math.ceil(hot / rowsPerFile));
  const files: SealedFile[] = [];
  let whole: Result<void> = ok(undefined);
  try {
    for (let slice = 0; slice < slices && whole.ok; slice += 1) {
      const part: Window = {
        fromUs: hourUs + Math.floor((HOUR_US * slice) / slices),
        toUs: hourUs + Math.floor((HOUR_US * (slice + 1)) / slices),
      };
      const file = await writePart(sealing, connection, hourUs, freshRows(sealing, streams, part, before), before);
      if (!file.ok) whole = file;
      else if (file.value) files.push(file.value);
    }
    if (whole.ok) sealing.catalog.sealed.put(files);
  } catch (error) {
    await forsake(sealing, files);
    throw error;
  }
  if (!whole.ok) {
    await forsake(sealing, files);
    return whole;
  }
  sealing.step?.('recorded');
  return ok({ hourUs, rows: hot, files, known });
}

/** Gone for good when this resolves: the catalog forgets them then, and one that a power cut brought back would be taken for further trades. */
async function removeFiles(sealing: Pick<Sealing, 'dataDir'>, paths: readonly string[]): Promise<void> {
  for (const path of paths) await rm(join(sealing.dataDir, path), { force: true });
  for (const folder of new Set(paths.map((path) => dirname(join(sealing.dataDir, path))))) {
    if (existsSync(folder)) await syncDirectory(folder);
  }
}

/** Files that the catalog was not told of: what is written the next time must not lie beside its first form, which a later start would take for more. */
async function forsake(sealing: Sealing, files: readonly SealedFile[]): Promise<void> {
  await removeFiles(
    sealing,
    files.map(({ path }) => path),
  );
}

/** Hot rows of a slice that no file of the hour holds yet. */
function freshRows(
  sealing: Sealing,
  streams: readonly StreamRow[],
  slice: Window,
  before: readonly SealedFile[],
): string {
  const rows = hotWindowRows(streams, slice);
  if (before.length === 0) return rows;
  return `SELECT h.* FROM (${rows}) h WHERE NOT EXISTS (SELECT 1 FROM ${parquet(sealing, before)} p WHERE p.venue = h.venue AND p.market = h.market AND p.symbol = h.symbol AND p.channel = h.channel AND p.id = h.id)`;
}

function parquet(sealing: Sealing, files: readonly SealedFile[]): string {
  return `read_parquet([${files.map((file) => quote(join(sealing.dataDir, file.path))).join(', ')}], hive_partitioning = false)`;
}

/** Rows that a file holds already (the hot hours were rebuilt): what their lines add is kept as sightings. Gives back how many there are. */
async function keepNewSightings(
  sealing: Sealing,
  connection: DuckConnection,
  streams: readonly StreamRow[],
  hour: Window,
  before: readonly SealedFile[],
): Promise<number> {
  const twice = `(SELECT h.stream, h.num, h.id, h.lines, p.lines AS held FROM (${hotWindowRows(streams, hour)}) h
    JOIN ${parquet(sealing, before)} p ON p.venue = h.venue AND p.market = h.market AND p.symbol = h.symbol AND p.channel = h.channel AND p.id = h.id)`;
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE sealed_twice AS SELECT stream, num, CASE WHEN num IS NULL THEN id END AS id_text, bit_or(lines) AS lines, bit_or(held) AS held FROM ${twice} GROUP BY ALL`,
  );
  const [row] = await connection.rows('SELECT count(*) AS n FROM sealed_twice');
  return Number(row?.n ?? 0);
}

async function removeHot(connection: DuckConnection, hourUs: Us, twice: boolean): Promise<void> {
  const hour = where(hourWindow(hourUs));
  await connection.run(
    `DELETE FROM sighting WHERE id IS NOT NULL AND (stream, id) IN (SELECT (stream, id) FROM tick WHERE ${hour} AND id IS NOT NULL)`,
  );
  await connection.run(
    `DELETE FROM sighting WHERE id_text IS NOT NULL AND (stream, id_text) IN (SELECT (stream, id_text) FROM tick WHERE ${hour} AND id_text IS NOT NULL)`,
  );
  await connection.run(`DELETE FROM tick WHERE ${hour}`);
  if (!twice) return;
  await connection.run(
    'INSERT INTO sighting SELECT stream, num, id_text, lines FROM sealed_twice WHERE lines | held <> held',
  );
}

/**
 * Writes one file and proves it: the count that COPY gives must be the count that reading it back gives. Null when there is nothing to write.
 * named: told of the path before the file has it.
 */
async function writePart(
  sealing: Sealing,
  connection: DuckConnection,
  hourUs: Us,
  rows: string,
  used: readonly SealedFile[] = [],
  named: (path: string) => void = () => undefined,
): Promise<Result<SealedFile | null>> {
  const folder = partitionOf(hourUs);
  const name = await nextPart(
    join(sealing.dataDir, folder),
    used.map((file) => file.path),
  );
  const path = `${folder}/${name}`;
  const full = join(sealing.dataDir, path);
  const beside = `${full}.new`;
  await rm(beside, { force: true });
  const [copied] = await connection.rows(
    `COPY (SELECT ${sealedColumns} FROM (${rows}) ORDER BY ${sealedOrder}) TO ${quote(beside)} (${sealedFormat})`,
  );
  const count = Number(copied?.Count ?? -1);
  sealing.step?.('written');
  if (count === 0) {
    await rm(beside, { force: true });
    return ok(null);
  }
  const handle = await open(beside, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
  sealing.step?.('synced');
  named(path);
  await rename(beside, full);
  let file: SealedFile;
  try {
    await syncDirectory(join(sealing.dataDir, folder));
    sealing.step?.('renamed');
    file = await measure(sealing, connection, path, hourUs);
    if (file.rows === count) sealing.step?.('counted');
  } catch (error) {
    await rm(full, { force: true });
    throw error;
  }
  if (file.rows === count) return ok(file);
  await rm(full, { force: true });
  return fail(
    'seal.count',
    `${path}: ${count} rows were written, ${file.rows} read back; the file is removed and the hour stays hot`,
    { retry: true },
  );
}

/** Reads every column of a file back. Throws when it does not read. */
async function measure(
  sealing: Pick<Sealing, 'dataDir' | 'nowUs'>,
  connection: DuckConnection,
  path: string,
  hourUs: Us,
): Promise<SealedFile> {
  const full = join(sealing.dataDir, path);
  const [row] = await connection.rows(
    `SELECT count(*) AS n, min(event_us) AS from_us, max(event_us) AS to_us, bit_xor(hash(${sealedColumns})) IS NULL AS empty FROM read_parquet(${quote(full)}, hive_partitioning = false)`,
  );
  const { size } = await stat(full);
  return {
    path,
    channel: 'trade',
    hourUs,
    rows: Number(row?.n ?? 0),
    bytes: size,
    fromUs: Number(row?.from_us ?? hourUs),
    toUs: Number(row?.to_us ?? hourUs),
    sha256: null,
    state: 'live',
    createdUs: sealing.nowUs(),
  };
}

/** Makes one file of the several that late rows gave an hour. The old files go when the new one is recorded. */
export async function compactHour(sealing: Sealing, hourUs: Us): Promise<Result<SealedFile | null>> {
  const before = liveFiles(sealing, hourUs);
  if (before.length < 2) return ok(null);
  return await sealing.duck.with(async (connection) => {
    try {
      const once = onceOf(sealing, before);
      // Until the old files go it is no part of the archive: a start that finds it beside them removes it.
      const named = (path: string): void =>
        sealing.catalog.sealed.put([
          { ...(before[0] as SealedFile), path, rows: 0, bytes: 0, state: 'replaced', createdUs: sealing.nowUs() },
        ]);
      const file = await writePart(sealing, connection, hourUs, once, [], named);
      if (!file.ok || !file.value) return file;
      const made = file.value;
      // Under the lock: a commit that looks keys up in these files must not find them gone half-way.
      await sealing.lock.run(async () => {
        sealing.catalog.sealed.put(
          [made],
          before.map((old) => old.path),
        );
        sealing.step?.('recorded');
        sealing.moved();
        const paths = before.map((old) => old.path);
        await removeFiles(sealing, paths);
        sealing.step?.('removed');
        sealing.catalog.sealed.forget(paths);
      });
      return file;
    } catch (error) {
      return fail('seal.compact', `hour ${formatIso(hourUs)} could not be compacted: ${reasonOf(error)}`, {
        retry: true,
      });
    }
  });
}

/** Bits that a row's place in its file may take. */
const ROW_BITS = 2 ** 40;

/** Rows of some files, each key once: the first received copy with the lines of all. Only numbers are held for each key, as in hotWindowRows. */
function onceOf(sealing: Sealing, files: readonly SealedFile[]): string {
  const read = files.map(
    (file, place) => `SELECT ${sealedColumns}, file_row_number + ${place * ROW_BITS} AS row_no
      FROM read_parquet(${quote(join(sealing.dataDir, file.path))}, file_row_number = true, hive_partitioning = false)`,
  );
  const rows = `(${read.join(' UNION ALL ')})`;
  return `WITH kept AS NOT MATERIALIZED (SELECT arg_min(row_no, frame) AS row_no, bit_or(lines) AS lines FROM ${rows} GROUP BY venue, market, symbol, channel, id)
    SELECT r.* EXCLUDE (row_no) REPLACE (kept.lines AS lines) FROM ${rows} r JOIN kept ON kept.row_no = r.row_no`;
}

export interface Recovery {
  /** Files that were whole but not in the catalog: now they are. */
  readonly adopted: number;
  /** Unfinished or replaced files that were removed. */
  readonly removed: number;
  /** Files that do not read, renamed to *.damaged. */
  readonly damaged: readonly string[];
  /** Files of the catalog that are not on disk. */
  readonly missing: readonly string[];
}

/** What a start finds after a crash in the middle of a seal, or with a catalog that was lost: disk and catalog say the same afterwards. */
export async function recoverParts(sealing: Sealing): Promise<Recovery> {
  const { parts, unfinished } = await findParts(sealing.dataDir);
  const hours = sealing.catalog.sealed.hours();
  const live = hours.length > 0 ? sealing.catalog.sealed.live(Math.min(...hours), Math.max(...hours) + HOUR_US) : [];
  const known = new Map([
    ...live.map((file) => [file.path, 'live'] as const),
    ...sealing.catalog.sealed.replaced().map((file) => [file.path, 'replaced'] as const),
  ]);
  let removed = 0;
  let adopted = 0;
  const damaged: string[] = [];
  for (const path of unfinished) {
    await rm(join(sealing.dataDir, path), { force: true });
    removed += 1;
  }
  const onDisk = new Set(parts.map((part) => part.path));
  const replaced = [...known].flatMap(([path, state]) => (state === 'replaced' ? [path] : []));
  await removeFiles(sealing, replaced);
  sealing.catalog.sealed.forget(replaced);
  removed += replaced.filter((path) => onDisk.has(path)).length;
  for (const part of parts) {
    if (known.has(part.path)) continue;
    const file = await sealing.duck.with(async (connection) => {
      try {
        return await measure(sealing, connection, part.path, part.hourUs);
      } catch (error) {
        damaged.push(`${part.path}: ${reasonOf(error)}`);
        return null;
      }
    });
    if (file) {
      sealing.catalog.sealed.put([file]);
      adopted += 1;
    } else {
      const full = join(sealing.dataDir, part.path);
      await rename(full, `${full}.damaged`);
    }
  }
  const missing = [...known].flatMap(([path, state]) => (state === 'live' && !onDisk.has(path) ? [path] : []));
  sealing.moved();
  return { adopted, removed, damaged, missing };
}
