// The warehouse of a data folder: the hot database and the catalog, opened so that a file that will not open never stops the recorder.
// Promises: such a file is moved to warehouse/set-aside/<time>/, a new one begins, and the ledger says so. A good file stays, whatever else fails.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { reasonOf } from '../../../src-shared/base/result.ts';
import { formatFileTime, type Us } from '../../../src-shared/base/time.ts';
import { type Duck, type DuckConnection, openDuck, storeDuckSettings } from '../../base/duck.ts';
import { replaceFileSync, syncDirectorySync } from '../../base/files.ts';
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

  const catalog = openOrSetAside(dataDir, folder, nowUs());
  const { duck, rebuilt } = await openHot(folder, nowUs()).catch((error: unknown) => {
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
  tellSetAside(folder, note);

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

function openOrSetAside(dataDir: string, folder: string, atUs: Us): Catalog {
  try {
    return openCatalog(dataDir);
  } catch (error) {
    if (!isDamagedCatalog(error)) throw error;
    const own = [catalogFile, `${catalogFile}-wal`, `${catalogFile}-shm`].map((name) => join(dataDir, name));
    // Stream numbers live in the catalog: hot rows of unknown numbers mean nothing, so the hot hours are rebuilt as well.
    const undo = setAside(folder, [...own, ...hotFiles(folder)], atUs, (place) => {
      return `the catalog would not open (${reasonOf(error)}); it was moved to ${place} and is rebuilt from the journal`;
    });
    return undoneIfThrown(undo, () => openCatalog(dataDir));
  }
}

/**
 * Whether the file itself is the reason: SQLite says so, or our own check. Anything else (a catalog of a newer program, a full disk, a library
 * that does not load, memory that is short) leaves a good file where it is: the process ends with its words and tries again.
 */
function isDamagedCatalog(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /^SQLITE_(?:CORRUPT|NOTADB)/.test(code) || reasonOf(error).startsWith('the catalog is damaged');
}

const hotFiles = (folder: string): string[] => ['hot.duckdb', 'hot.duckdb.wal'].map((name) => join(folder, name));
const MARKER = 'hot.opening';
/** Starts in a row that may die while opening before the file is held to be the reason: kills and power cuts hit that moment too. */
const DEATHS = 3;

/**
 * What DuckDB says of a file that is damaged, was cut short, is of another version, or whose tables were only half made; nothing else is a
 * reason to begin a new one. What stands in quotes are names of files.
 */
const DAMAGED_HOT: readonly RegExp[] = [
  /not a valid DuckDB database/,
  /\bcorrupt/i,
  /could not read enough bytes/i,
  /version number \d+, but we can only read/,
  /written with a storage version greater/,
  /WAL checkpoint iteration does not match/,
  /checkpoint WAL version is different/,
  /(?:INTERNAL|Serialization|Catalog|Binder|Constraint) Error: Failure while replaying/,
  /Serialization Error/,
  /Catalog Error: Table with name \w+ does not exist/,
  /Binder Error: Referenced column/,
];

function isDamagedHot(error: unknown): boolean {
  const words = reasonOf(error).replaceAll(/"[^"]*"/g, '');
  return DAMAGED_HOT.some((form) => form.test(words));
}

/**
 * Opens the hot database. A marker file counts the starts that died while it opened, for a native crash cannot be caught: too many in a
 * row, and the file counts as one that will not open. An assertion of the engine that failed is a crash that was caught.
 */
async function openHot(folder: string, atUs: Us): Promise<{ duck: Duck; rebuilt: boolean }> {
  const [path = ''] = hotFiles(folder);
  const marker = join(folder, MARKER);
  const fresh = !existsSync(path);
  const deaths = existsSync(marker) ? Number.parseInt(readFileSync(marker, 'utf8'), 10) || 1 : 0;
  const renew = async (why: string): Promise<{ duck: Duck; rebuilt: boolean }> => {
    const undo = setAside(folder, hotFiles(folder), atUs, (place) => {
      return `the hot database ${why}; it was moved to ${place} and is rebuilt from the journal`;
    });
    try {
      return { duck: await openMarked(path, marker, 0), rebuilt: true };
    } catch (error) {
      undo();
      // As it was found: the next start counts on.
      if (deaths > 0) writeFileSync(marker, String(deaths));
      else rmSync(marker, { force: true });
      throw error;
    }
  };
  if (deaths >= DEATHS) return await renew(`ended the store ${deaths} times while opening`);
  try {
    return { duck: await openMarked(path, marker, deaths), rebuilt: fresh };
  } catch (error) {
    const reason = reasonOf(error);
    if (isDamagedHot(error)) return await renew(`would not open (${reason})`);
    if (!/^INTERNAL Error/i.test(reason)) rmSync(marker, { force: true });
    throw error;
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

/** What is to be told of the files beside it, until the ledger says it. */
const UNTOLD = 'untold.txt';

/** Moves the files that are there to a place of their own. noteOf: what is told of it. Gives back what puts everything back as it was. */
function setAside(folder: string, files: readonly string[], atUs: Us, noteOf: (place: string) => string): () => void {
  let name = formatFileTime(atUs);
  for (let n = 2; existsSync(join(folder, 'set-aside', name)); n += 1) name = `${formatFileTime(atUs)}-${n}`;
  const place = join(folder, 'set-aside', name);
  mkdirSync(place, { recursive: true });
  const [there, absent] = [files.filter((file) => existsSync(file)), files.filter((file) => !existsSync(file))];
  const sync = (): void => {
    for (const touched of new Set([place, ...files.map((file) => dirname(file))])) syncDirectorySync(touched);
  };
  const undo = (): void => {
    for (const file of absent) rmSync(file, { force: true });
    for (const file of there) {
      const aside = join(place, basename(file));
      if (existsSync(aside)) renameSync(aside, file);
    }
    sync();
    rmSync(place, { recursive: true, force: true });
  };
  return undoneIfThrown(undo, () => {
    // Before anything moves: whatever ends the process from here on, a later start tells it.
    replaceFileSync(join(place, UNTOLD), noteOf(`warehouse/set-aside/${name}`));
    for (const file of there) renameSync(file, join(place, basename(file)));
    sync();
    return undo;
  });
}

function undoneIfThrown<T>(undo: () => void, work: () => T): T {
  try {
    return work();
  } catch (error) {
    undo();
    throw error;
  }
}

/** Tells of each place that was never told of, this start's and those of starts that died before they could. */
function tellSetAside(folder: string, note: (kind: string, text: string, key: string) => void): void {
  const all = join(folder, 'set-aside');
  if (!existsSync(all)) return;
  for (const name of readdirSync(all).toSorted()) {
    const untold = join(all, name, UNTOLD);
    if (!existsSync(untold)) continue;
    note('set-aside', readFileSync(untold, 'utf8'), `set-aside:${name}`);
    renameSync(untold, join(all, name, 'told.txt'));
  }
}
