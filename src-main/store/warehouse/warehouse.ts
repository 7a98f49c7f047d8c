// The warehouse of a data folder: the hot database and the catalog, opened so that a file that will not open never stops the recorder.
// Promises: such a file is moved to warehouse/set-aside/<time>/, a new one begins, and the ledger says so.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { reasonOf } from '../../../src-shared/base/result.ts';
import { formatFileTime, type Us } from '../../../src-shared/base/time.ts';
import { type Duck, type DuckConnection, openDuck, storeDuckSettings } from '../../base/duck.ts';
import { syncDirectorySync } from '../../base/files.ts';
import type { Log } from '../../base/log.ts';
import type { HistoryRead } from '../pipeline/gap-book.ts';
import { type Catalog, catalogFile, openCatalog } from './catalog.ts';
import { type Halfway, openHalfway } from './halfway.ts';
import { type Lock, openLock } from './lock.ts';
import { createTables } from './ticks.ts';

export interface WarehouseEvents {
  /** A listing was detected or changed. moved: published at another time than was known. */
  listing: { readonly id: string; readonly fresh: boolean; readonly moved?: boolean };
  /** Gap rows changed. */
  gaps: undefined;
  /** The pages of a question have been read, and what they brought is queryable. */
  history: HistoryRead;
  /** A batch is queryable. */
  committed: { readonly frame: number };
}

export interface Warehouse {
  readonly dataDir: string;
  readonly duck: Duck;
  /** The one connection that writes: commits, and sealing. Only inside lock.run. */
  readonly writer: DuckConnection;
  readonly catalog: Catalog;
  readonly lock: Lock;
  /** Whether the catalog says more than the hot database holds. */
  readonly halfway: Halfway;
  readonly log: Log;
  /** True when the hot database was begun anew at this start: hot hours are to be rebuilt from the journal. */
  readonly rebuilt: boolean;
  /** What an operator should know, newest last, as in the meter. */
  readonly notes: readonly string[];
  note(kind: string, text: string, key?: string): void;
  on<N extends keyof WarehouseEvents>(name: N, listener: (value: WarehouseEvents[N]) => void): void;
  emit<N extends keyof WarehouseEvents>(name: N, value: WarehouseEvents[N]): void;
  close(): Promise<void>;
}

export interface WarehouseOptions {
  readonly log: Log;
  nowUs(): Us;
}

const NOTES_KEPT = 20;

/** Opens or creates both files. Throws only when the folder itself cannot be used. */
export async function openWarehouse(dataDir: string, { log, nowUs }: WarehouseOptions): Promise<Warehouse> {
  const folder = join(dataDir, 'warehouse');
  mkdirSync(folder, { recursive: true });
  const pending: { kind: string; note: string }[] = [];

  const catalog = openOrSetAside(dataDir, folder, nowUs(), pending);
  const { duck, rebuilt } = await openHot(folder, nowUs(), pending).catch((error: unknown) => {
    catalog.close();
    throw error;
  });
  const writer = await duck.connect();
  await createTables(writer);

  const notes: string[] = [];
  const note = (kind: string, text: string, key?: string): void => {
    catalog.ledger.add({ atUs: nowUs(), kind, note: text }, key);
    notes.push(text);
    if (notes.length > NOTES_KEPT) notes.shift();
    log.warn({ kind }, text);
  };
  for (const entry of pending) note(entry.kind, entry.note);

  const listeners = new Map<string, ((value: never) => void)[]>();
  const lock = openLock();
  const halfway = openHalfway();
  // A crash between a batch's facts and its rows, or rows that were lost: the catalog is ahead until they are read from the journal again.
  const [last] = await writer.rows('SELECT frame FROM commit_log ORDER BY commit_no DESC LIMIT 1');
  if (catalog.gaps.newestFrame() > Number(last?.frame ?? -1)) halfway.begin();
  return {
    dataDir,
    duck,
    writer,
    catalog,
    lock,
    halfway,
    log,
    rebuilt,
    notes,
    note,
    on: (name, listener) => {
      listeners.set(name, [...(listeners.get(name) ?? []), listener]);
    },
    emit: (name, value) => {
      for (const listener of listeners.get(name) ?? []) listener(value as never);
    },
    close: () =>
      lock.run(async () => {
        try {
          await writer.run('CHECKPOINT');
        } catch (error) {
          // A disk that is full or read-only: what was committed lies in the log of the database, and the next start reads it from there.
          log.warn({ reason: reasonOf(error) }, 'the hot database is closed without a checkpoint');
        }
        writer.close();
        duck.close();
        catalog.close();
      }),
  };
}

interface Trouble {
  kind: string;
  note: string;
}

function openOrSetAside(dataDir: string, folder: string, atUs: Us, troubles: Trouble[]): Catalog {
  try {
    return openCatalog(dataDir);
  } catch (error) {
    const reason = reasonOf(error);
    // A catalog of a newer program is not damage: moving it away would lose facts that the newer program can read.
    if (reason.includes('this program knows') || SURROUNDINGS.test(reason)) throw error;
    const names = [catalogFile, `${catalogFile}-wal`, `${catalogFile}-shm`];
    const place = setAside(dataDir, folder, names, atUs);
    // Stream numbers live in the catalog: hot rows of unknown numbers mean nothing, so the hot hours are rebuilt as well.
    setAside(folder, folder, [...HOT_FILES], atUs);
    troubles.push({
      kind: 'set-aside',
      note: `the catalog would not open (${reason}); it was moved to ${place} and is rebuilt from the journal`,
    });
    return openCatalog(dataDir);
  }
}

const HOT_FILES = ['hot.duckdb', 'hot.duckdb.wal'] as const;
const MARKER = 'hot.opening';
/** Starts in a row that may die while opening before the file is held to be the reason: kills and power cuts hit that moment too. */
const DEATHS = 3;

/** What the surroundings do to a good file: another process holds it, the disk is full, may not be written or does not answer. Waiting helps, a new file does not. */
const SURROUNDINGS =
  /lock on file|conflicting lock|no space left|permission denied|read-only file system|too many open files|ENOSPC|EACCES|EROFS|EMFILE|SQLITE_(?:BUSY|FULL|IOERR|READONLY|CANTOPEN|PERM)/i;

/**
 * Opens the hot database. A marker file counts the starts that died while it opened, for a native crash cannot be caught: too many in a
 * row, and the file counts as one that will not open.
 */
async function openHot(folder: string, atUs: Us, troubles: Trouble[]): Promise<{ duck: Duck; rebuilt: boolean }> {
  const path = join(folder, HOT_FILES[0]);
  const marker = join(folder, MARKER);
  const fresh = !existsSync(path);
  const renew = async (why: string): Promise<{ duck: Duck; rebuilt: boolean }> => {
    const place = setAside(folder, folder, [...HOT_FILES], atUs);
    rmSync(marker, { force: true });
    troubles.push({
      kind: 'set-aside',
      note: `the hot database ${why}; it was moved to ${place} and is rebuilt from the journal`,
    });
    return { duck: await openMarked(path, marker, 0), rebuilt: true };
  };
  const deaths = existsSync(marker) ? Number.parseInt(readFileSync(marker, 'utf8'), 10) || 1 : 0;
  if (deaths >= DEATHS) return await renew(`ended the store ${deaths} times while opening`);
  try {
    return { duck: await openMarked(path, marker, deaths), rebuilt: fresh };
  } catch (error) {
    rmSync(marker, { force: true });
    const reason = reasonOf(error);
    if (SURROUNDINGS.test(reason)) throw error;
    return await renew(`would not open (${reason})`);
  }
}

async function openMarked(path: string, marker: string, deaths: number): Promise<Duck> {
  writeFileSync(marker, String(deaths + 1));
  const duck = await openDuck(path, storeDuckSettings);
  try {
    await verify(duck);
  } catch (error) {
    duck.close();
    throw error;
  }
  rmSync(marker, { force: true });
  return duck;
}

/** A file may open and still not be readable where it matters. */
async function verify(duck: Duck): Promise<void> {
  await duck.with(async (connection) => {
    const tables = await connection.rows("SELECT table_name FROM duckdb_tables() WHERE table_name = 'commit_log'");
    if (tables.length === 0) return;
    await connection.rows('SELECT max(commit_no) AS n FROM commit_log');
    await connection.rows('SELECT max(commit_no) AS n FROM stream_state');
    await connection.rows('SELECT frame FROM tick ORDER BY rowid DESC LIMIT 1');
  });
}

/** Moves the files that are there; gives the place, relative to the data folder. */
function setAside(from: string, folder: string, names: readonly string[], atUs: Us): string {
  let name = formatFileTime(atUs);
  for (let n = 2; names.some((file) => existsSync(join(folder, 'set-aside', name, file))); n += 1) {
    name = `${formatFileTime(atUs)}-${n}`;
  }
  const place = join(folder, 'set-aside', name);
  mkdirSync(place, { recursive: true });
  for (const file of names) {
    if (existsSync(join(from, file))) renameSync(join(from, file), join(place, file));
  }
  syncDirectorySync(place);
  syncDirectorySync(from);
  return `warehouse/set-aside/${name}`;
}
