// What the analyst may read: the sealed files, and the hot rows as Parquet parts beside them, because the hot database has one owner.
// Promises: files and parts together hold each trade once; a question costs what came since the last one; parts are scratch, gone with the store's end.
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fail, ok, type Result, reasonOf } from '../../../src-shared/base/result.ts';
import { HOUR_US, type Us, type Window } from '../../../src-shared/base/time.ts';
import type { RequestOutput } from '../../../src-shared/contract/index.ts';
import type { Row } from '../../base/duck.ts';
import type { OpenArchive } from './archive.ts';
import { mark } from './recent.ts';
import { hotWindowRows, quote, type StreamRow, sealedColumns } from './rows-sql.ts';
import { sealedFormat, sealedOrder } from './seal.ts';

export type Snapshot = RequestOutput<'archive.snapshot'>;
type SealedPart = Snapshot['sealed'][number];

export interface SnapshotOptions {
  readonly nowUs: () => Us;
  /** Everything that was received until here is committed. */
  readonly readUntilUs: () => Us;
  /** Why nothing may be written now; null: it may. */
  readonly refusal: () => string | null;
  /** Rows of one part, and rows that one question exports at most. */
  readonly rowsPerPart?: number;
  readonly rowsPerAsk?: number;
}

interface HotPart {
  /** Relative to the data folder. */
  readonly path: string;
  readonly rows: number;
  readonly fromUs: Us;
  readonly toUs: Us;
}

/** The parts of one hour: rows of frames up to `frame` lie in `kept`, those after it up to `tailFrame` in `tail`, which is written anew as it grows. */
interface HourParts {
  /** The sealed files beside which these parts hold what is missing. */
  readonly beside: string;
  frame: number;
  kept: HotPart[];
  tailFrame: number;
  tail: HotPart[];
}

interface HotHour {
  readonly hourUs: Us;
  readonly frame: number;
  readonly rows: number;
}

const FOLDER = 'analysis/hot';
const ROWS_PER_PART = 500_000;
const ROWS_PER_ASK = 6_000_000;
/** From so many rows on a tail is left as it is and the next one begins. */
const TAIL_ROWS = 100_000;
/** A query that still reads a part has ended by then. */
const KEEP_MS = 15 * 60_000;
const TIDY_MS = 60_000;
/** Nobody asked for this long: the parts are only in the way. */
const IDLE_MS = 30 * 60_000;
const TRIES = 4;
/** How long a batch that is being written is waited for. */
const HALFWAY_MS = 5000;

export interface Snapshots {
  take(window: Window | null, hot: boolean): Promise<Result<Snapshot>>;
  /** Breaks off what is being exported; resolves when nothing runs any more. */
  close(): Promise<void>;
}

const EVERYTHING: Window = { fromUs: 0, toUs: Number.MAX_SAFE_INTEGER };

export function openSnapshots(archive: OpenArchive, options: SnapshotOptions): Snapshots {
  const { dataDir } = archive;
  const rowsPerPart = options.rowsPerPart ?? ROWS_PER_PART;
  const rowsPerAsk = options.rowsPerAsk ?? ROWS_PER_ASK;
  const hours = new Map<Us, HourParts>();
  /** Parts that no new snapshot names, and when they may go. */
  let outdated: { readonly path: string; readonly atMs: number }[] = [];
  let prepared: Promise<void> | undefined;
  let turn: Promise<unknown> = Promise.resolve();
  let number = 0;
  // Names are never used twice, also over restarts: who has read a part may keep what it held.
  const life = Date.now().toString(36);
  let askedMs = performance.now();

  const stopping = new AbortController();
  const rowsOf = (sql: string): Promise<Row[]> =>
    archive.duck.with((connection) => connection.rows(sql, [], stopping.signal));

  const outdate = (parts: readonly HotPart[]): void => {
    outdated.push(...parts.map(({ path }) => ({ path, atMs: performance.now() + KEEP_MS })));
  };
  const tidy = async (): Promise<void> => {
    if (performance.now() - askedMs > IDLE_MS) {
      for (const { kept, tail } of hours.values()) outdate([...kept, ...tail]);
      hours.clear();
    }
    const due = outdated.filter(({ atMs }) => atMs <= performance.now());
    outdated = outdated.filter((one) => !due.includes(one));
    for (const one of due) {
      // What will not go now is tried again a minute later; the folder is emptied at the next start in any case.
      await rm(join(dataDir, one.path), { force: true }).catch(() => outdated.push(one));
    }
  };
  const ordered = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = turn.then(work, work);
    turn = mine;
    return mine;
  };
  const timer = setInterval(() => {
    void ordered(tidy);
  }, TIDY_MS);
  timer.unref();

  /** Parts of an earlier life mean nothing: frames and files may have moved. */
  const prepare = async (): Promise<void> => {
    await rm(join(dataDir, FOLDER), { recursive: true, force: true });
    await mkdir(join(dataDir, FOLDER), { recursive: true });
  };

  const hotHours = async (window: Window): Promise<HotHour[]> => {
    const where =
      window === EVERYTHING ? '' : `WHERE event_us >= ${hourFloor(window.fromUs)} AND event_us < ${window.toUs}`;
    const rows = await rowsOf(
      `SELECT event_us // ${HOUR_US} AS hour, max(frame) AS frame, count(*) AS n FROM tick ${where} GROUP BY 1 ORDER BY 1`,
    );
    return rows.map((row) => ({
      hourUs: Number(row.hour) * HOUR_US,
      frame: Number(row.frame),
      rows: Number(row.n),
    }));
  };

  const exportSlice = async (
    streams: readonly StreamRow[],
    slice: Window,
    frames: { readonly after: number; readonly upTo: number },
    beside: readonly string[],
  ): Promise<HotPart | null> => {
    number += 1;
    const path = `${FOLDER}/hot-${life}-${String(number).padStart(6, '0')}.parquet`;
    const full = join(dataDir, path);
    const hot = hotWindowRows(streams, slice, ` AND t.frame > ${frames.after} AND t.frame <= ${frames.upTo}`);
    // Where a crash left an hour half sealed, rows are in a file and hot: the file counts.
    const rows =
      beside.length === 0
        ? hot
        : `SELECT h.* FROM (${hot}) h WHERE NOT EXISTS (SELECT 1 FROM read_parquet([${beside.map((file) => quote(join(dataDir, file))).join(', ')}], hive_partitioning = false) p WHERE p.venue = h.venue AND p.market = h.market AND p.symbol = h.symbol AND p.channel = h.channel AND p.id = h.id)`;
    const [copied] = await rowsOf(
      `COPY (SELECT ${sealedColumns} FROM (${rows}) ORDER BY ${sealedOrder}) TO ${quote(`${full}.new`)} (${sealedFormat})`,
    );
    const count = Number(copied?.Count ?? 0);
    if (count === 0) {
      await rm(`${full}.new`, { force: true });
      return null;
    }
    await rename(`${full}.new`, full);
    return { path, rows: count, ...slice };
  };

  /** Brings the parts of an hour up to a frame. Gives back how many rows were written, or null when there are more than may be. */
  const renewHour = async (hour: HotHour, sealed: readonly SealedPart[], budget: number): Promise<number | null> => {
    const files = sealed.filter((file) => file.hourUs === hour.hourUs).map((file) => file.path);
    const beside = files.join('\n');
    let parts = hours.get(hour.hourUs);
    if (parts?.beside !== beside) {
      if (parts) outdate([...parts.kept, ...parts.tail]);
      parts = { beside, frame: -1, kept: [], tailFrame: -1, tail: [] };
      hours.set(hour.hourUs, parts);
    }
    if (parts.tailFrame === hour.frame) return 0;
    if (parts.tail.reduce((sum, part) => sum + part.rows, 0) >= TAIL_ROWS) {
      parts.kept.push(...parts.tail);
      parts.frame = parts.tailFrame;
      parts.tail = [];
    }
    const window: Window = { fromUs: hour.hourUs, toUs: hour.hourUs + HOUR_US };
    const [counted] = await rowsOf(
      `SELECT count(*) AS n, min(event_us) AS first, max(event_us) AS last FROM tick WHERE event_us >= ${window.fromUs} AND event_us < ${window.toUs} AND frame > ${parts.frame} AND frame <= ${hour.frame}`,
    );
    const count = Number(counted?.n ?? 0);
    if (count > budget) return null;
    const [first, end] = [Number(counted?.first ?? window.fromUs), Number(counted?.last ?? window.fromUs) + 1];
    const slices = Math.max(1, Math.ceil(count / rowsPerPart));
    const streams = archive.sealing.streams();
    const made: HotPart[] = [];
    for (let slice = 0; slice < slices; slice += 1) {
      const span: Window = {
        fromUs: first + Math.floor(((end - first) * slice) / slices),
        toUs: first + Math.floor(((end - first) * (slice + 1)) / slices),
      };
      const part = await exportSlice(streams, span, { after: parts.frame, upTo: hour.frame }, files);
      if (part) made.push(part);
    }
    outdate(parts.tail);
    parts.tail = made;
    parts.tailFrame = hour.frame;
    return count;
  };

  const sealedIn = (window: Window): SealedPart[] =>
    archive.catalog.sealed.live(window.fromUs, window.toUs).map((file) => ({
      path: file.path,
      hourUs: file.hourUs,
      rows: file.rows,
      bytes: file.bytes,
      fromUs: file.fromUs,
      toUs: file.toUs,
    }));

  const takeOnce = async (window: Window, hot: boolean): Promise<Snapshot | null> => {
    const epoch = archive.epoch();
    // What the catalog says beyond this is not among the rows of this snapshot. Where even now it says more, nothing can be judged by them.
    const then = await archive.halfway.read(HALFWAY_MS, (agree) => (agree ? mark() : 0));
    const overlapping = (files: readonly SealedPart[]): SealedPart[] =>
      files.filter((file) => file.fromUs < window.toUs && file.toUs >= window.fromUs);
    // The sealed files of whole hours: parts are written beside all files of their hour.
    const all = sealedIn({ fromUs: hourFloor(window.fromUs), toUs: window.toUs });
    const sealedOnly = (sealedUntilUs: Us | null, note: string): Snapshot => ({
      sealed: overlapping(all),
      hot: [],
      reach: { hotUntilUs: null, sealedUntilUs, note },
      mark: then,
    });
    if (!hot) return sealedOnly(null, '');
    const refusal = options.refusal();
    const readUntilUs = options.readUntilUs();
    const wanted = await hotHours(window);
    if (refusal !== null) {
      if (archive.epoch() !== epoch) return null;
      const isSealed = ({ hourUs }: HotHour): boolean => all.some((file) => file.hourUs === hourUs);
      const unsealed = wanted.find((hour) => !isSealed(hour));
      const untilUs = Math.min(readUntilUs, unsealed?.hourUs ?? readUntilUs);
      // What came late to a sealed hour, or what a crash left of one half sealed: before the end of the answer, and not in it.
      const left = wanted
        .filter((hour) => isSealed(hour) && hour.hourUs < untilUs)
        .reduce((sum, { rows }) => sum + rows, 0);
      const missing = left === 0 ? '' : `; ${left} trades of sealed hours are still hot and not among them`;
      return sealedOnly(untilUs, `${refusal}${missing}`);
    }
    let budget = rowsPerAsk;
    let untilUs = readUntilUs;
    let note = '';
    const done: HotHour[] = [];
    for (const hour of wanted) {
      const written = await renewHour(hour, all, budget);
      if (written === null) {
        untilUs = Math.min(readUntilUs, hour.hourUs);
        note = `more than ${rowsPerAsk} hot rows came since the last question; ask again for the rest`;
        break;
      }
      budget -= written;
      done.push(hour);
    }
    if (archive.epoch() !== epoch) return null;
    const parts = done.flatMap(({ hourUs }) => {
      const found = hours.get(hourUs);
      return found ? [...found.kept, ...found.tail].map((part) => ({ ...part, hourUs })) : [];
    });
    return {
      sealed: overlapping(all),
      hot: parts.filter((part) => part.fromUs < window.toUs && part.toUs > window.fromUs),
      reach: { hotUntilUs: untilUs, sealedUntilUs: null, note },
      mark: then,
    };
  };

  return {
    take: (window, hot) =>
      ordered(async () => {
        askedMs = performance.now();
        try {
          prepared ??= prepare();
          await prepared;
          await tidy();
          for (let attempt = 0; attempt < TRIES; attempt += 1) {
            const taken = await takeOnce(window ?? EVERYTHING, hot);
            if (taken) return ok(taken);
          }
          return fail('archive.busy', `hours were sealed ${TRIES} times while the snapshot was made; ask again`, {
            retry: true,
          });
        } catch (error) {
          prepared = undefined;
          hours.clear();
          return fail('archive.snapshot', `the hot hours could not be given to the analyst: ${reasonOf(error)}`, {
            retry: true,
          });
        }
      }),
    close: async () => {
      clearInterval(timer);
      stopping.abort();
      await turn;
    },
  };
}

function hourFloor(us: Us): Us {
  return Math.floor(us / HOUR_US) * HOUR_US;
}
