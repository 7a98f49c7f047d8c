// What each file of the archive holds, counted once and kept: trades, times and ids of every stream, in a small database of the analyst's own.
// Promises: derived data only, thrown away and made anew when it does not open; a file that is no longer part of the archive no longer counts.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { reasonOf } from '../../src-shared/base/result.ts';
import { HOUR_US, type Us, type Window } from '../../src-shared/base/time.ts';
import { type Duck, type DuckConnection, openDuck, type Row } from '../base/duck.ts';
import type { Log } from '../base/log.ts';
import { quote, type Snapshot } from './snapshot.ts';

const SETTINGS = { memoryLimit: '320MB', threads: 2, maxTempDirectorySize: '0KB', checkpointThreshold: '16MB' };
const TABLES = [
  'CREATE TABLE IF NOT EXISTS counted (path VARCHAR, hour_us BIGINT, file_rows BIGINT)',
  `CREATE TABLE IF NOT EXISTS stream_count (path VARCHAR, hour_us BIGINT, venue VARCHAR, market VARCHAR, symbol VARCHAR, channel VARCHAR,
    n BIGINT, first_us BIGINT, last_us BIGINT, min_num BIGINT, min_more BIGINT, max_num BIGINT, ids BIGINT, one_line BIGINT, two_lines BIGINT,
    backfilled BIGINT, unseen BIGINT, bytes BIGINT)`,
];
const FILE = 'summary.duckdb';

interface PartFile {
  readonly path: string;
  readonly hourUs: Us;
  readonly rows: number;
  readonly bytes?: number;
}

/** Counts of one stream in a window, and its id neighbours in the hours beside it. */
export interface StreamCount {
  readonly venue: string;
  readonly market: string;
  readonly symbol: string;
  readonly channel: string;
  readonly rows: number;
  readonly bytes: number;
  readonly firstUs: Us;
  readonly lastUs: Us;
  readonly before: number;
  readonly after: number;
  readonly oneLine: number;
  readonly twoLines: number;
  readonly backfilled: number;
  readonly unseen: number;
  readonly missingIds: number;
  readonly fromFirstId: boolean;
}

export interface Summary {
  readonly duck: Duck;
  /** Makes the counts follow the snapshot inside a window of whole hours; gives the files that are not counted yet, newest first. */
  follow(window: Window, snapshot: Snapshot): Promise<PartFile[]>;
  /** Counts a file, once. One that the newest follow of its hour no longer found is left out: its trades lie in other files by now. */
  count(file: PartFile): Promise<void>;
  /** Per day and venue. */
  cells(window: Window, offsetUs: Us): Promise<Row[]>;
  streams(window: Window, venue?: string): Promise<StreamCount[]>;
  close(): void;
}

export async function openSummary(dataDir: string, log: Log): Promise<Summary> {
  const folder = join(dataDir, 'analysis');
  const duck = await openOrRenew(folder, log);
  const writer = await duck.connect();
  /** By hour: the files that the newest follow found there. */
  const newest = new Map<Us, Set<string>>();
  let turn: Promise<unknown> = Promise.resolve();
  const ordered = <T>(work: (connection: DuckConnection) => Promise<T>): Promise<T> => {
    const mine = turn.then(
      () => work(writer),
      () => work(writer),
    );
    turn = mine.catch(() => undefined);
    return mine;
  };
  return {
    duck,
    follow: (window, snapshot) =>
      ordered(async (connection) => {
        const files: PartFile[] = [...snapshot.sealed, ...snapshot.hot].filter(
          (file) => file.hourUs >= window.fromUs && file.hourUs < window.toUs,
        );
        const rows = await connection.rows(
          `SELECT path FROM counted WHERE hour_us >= ${window.fromUs} AND hour_us < ${window.toUs}`,
        );
        const known = new Set(rows.map((row) => String(row.path)));
        const live = new Set(files.map((file) => file.path));
        for (const hourUs of newest.keys()) {
          if (hourUs >= window.fromUs && hourUs < window.toUs) newest.set(hourUs, new Set());
        }
        for (const { hourUs, path } of files) newest.set(hourUs, (newest.get(hourUs) ?? new Set()).add(path));
        const gone = [...known].filter((path) => !live.has(path));
        for (let at = 0; at < gone.length; at += 500) {
          const list = gone
            .slice(at, at + 500)
            .map(quote)
            .join(', ');
          await connection.run(`DELETE FROM stream_count WHERE path IN (${list})`);
          await connection.run(`DELETE FROM counted WHERE path IN (${list})`);
        }
        return files.filter((file) => !known.has(file.path)).toSorted((a, b) => b.hourUs - a.hourUs);
      }),
    count: (file) =>
      ordered(async (connection) => {
        // Between a question's follow and its counts another one's follow may have come, with a tail written anew that holds these rows and more.
        if (newest.get(file.hourUs)?.has(file.path) === false) return;
        const [known] = await connection.rows(`SELECT 1 AS one FROM counted WHERE path = ${quote(file.path)}`);
        if (known) return;
        await connection.run('BEGIN');
        try {
          await connection.run(`INSERT INTO stream_count ${countSql(dataDir, file)}`);
          await connection.run(
            `INSERT INTO counted VALUES (${quote(file.path)}, ${file.hourUs}, ${Math.max(0, file.rows)})`,
          );
          await connection.run('COMMIT');
        } catch (error) {
          await connection.run('ROLLBACK');
          throw error;
        }
      }),
    cells: (window, offsetUs) =>
      duck.with((connection) =>
        connection.rows(
          `SELECT ((hour_us + ${offsetUs}) // 86400000000) * 86400000000 - ${offsetUs} AS day_us, venue, sum(n)::BIGINT AS n,
             count(DISTINCT (market, symbol, channel)) AS streams, min(first_us) AS first_us, max(last_us) AS last_us
           FROM stream_count WHERE hour_us >= ${window.fromUs} AND hour_us < ${window.toUs} GROUP BY 1, 2 ORDER BY 1, 2`,
        ),
      ),
    streams: async (window, venue) => {
      const rows = await duck.with((connection) => connection.rows(streamsSql(window, venue)));
      return rows.map(toCount);
    },
    close: () => {
      writer.close();
      duck.close();
    },
  };
}

async function openOrRenew(folder: string, log: Log): Promise<Duck> {
  const path = join(folder, FILE);
  const open = async (): Promise<Duck> => {
    const duck = await openDuck(path, SETTINGS);
    await duck.with(async (connection) => {
      for (const table of TABLES) await connection.run(table);
    });
    return duck;
  };
  try {
    return await open();
  } catch (error) {
    log.warn({ reason: reasonOf(error) }, 'the counts of the archive do not open and are made anew');
    for (const name of [FILE, `${FILE}.wal`]) rmSync(join(folder, name), { force: true });
    return await open();
  }
}

function countSql(dataDir: string, { path, hourUs, rows, bytes = 0 }: PartFile): string {
  // From bit 8 on the flags say for how many further ids a row stands.
  return `SELECT ${quote(path)}, ${hourUs}, venue, market, symbol, channel, count(*), min(event_us), max(event_us),
      min(num), coalesce(arg_min(more, num), 0), max(num), coalesce(sum(1 + more) FILTER (WHERE num IS NOT NULL), 0)::BIGINT,
      count(*) FILTER (WHERE bit_count(lines) = 1), count(*) FILTER (WHERE bit_count(lines) >= 2),
      count(*) FILTER (WHERE origin = 'backfill'), count(*) FILTER (WHERE bit_count(lines) = 0),
      (${bytes}::DOUBLE * count(*) / ${Math.max(1, rows)})::BIGINT
    FROM (SELECT venue, market, symbol, channel, event_us, lines, origin, (flags >> 8)::BIGINT AS more,
        CASE WHEN length(id) <= 18 AND regexp_full_match(id, '0|[1-9][0-9]*') THEN CAST(id AS BIGINT) END AS num
      FROM read_parquet(${quote(join(dataDir, path))}, hive_partitioning = false)) GROUP BY venue, market, symbol, channel`;
}

function streamsSql({ fromUs, toUs }: Window, venue: string | undefined): string {
  const only = venue === undefined ? '' : ` AND venue = ${quote(venue)}`;
  const inside = `hour_us >= ${fromUs} AND hour_us < ${toUs}`;
  return `SELECT venue, market, symbol, channel, coalesce(sum(n) FILTER (WHERE ${inside}), 0)::BIGINT AS n,
      coalesce(sum(bytes) FILTER (WHERE ${inside}), 0)::BIGINT AS bytes,
      min(first_us) FILTER (WHERE ${inside}) AS first_us, max(last_us) FILTER (WHERE ${inside}) AS last_us,
      coalesce(sum(n) FILTER (WHERE hour_us < ${fromUs}), 0)::BIGINT AS before, coalesce(sum(n) FILTER (WHERE hour_us >= ${toUs}), 0)::BIGINT AS after,
      coalesce(sum(one_line) FILTER (WHERE ${inside}), 0)::BIGINT AS one_line, coalesce(sum(two_lines) FILTER (WHERE ${inside}), 0)::BIGINT AS two_lines,
      coalesce(sum(backfilled) FILTER (WHERE ${inside}), 0)::BIGINT AS backfilled, coalesce(sum(unseen) FILTER (WHERE ${inside}), 0)::BIGINT AS unseen,
      min(min_num) FILTER (WHERE ${inside}) AS min_num,
      (max(max_num) FILTER (WHERE ${inside}) - min(min_num - min_more) FILTER (WHERE ${inside}) + 1 - sum(ids) FILTER (WHERE ${inside}))::BIGINT AS missing,
      (min(min_num - min_more) FILTER (WHERE ${inside}) - max(max_num) FILTER (WHERE hour_us < ${fromUs}) - 1)::BIGINT AS missing_left,
      (min(min_num - min_more) FILTER (WHERE hour_us >= ${toUs}) - max(max_num) FILTER (WHERE ${inside}) - 1)::BIGINT AS missing_right,
      (max(max_num) - min(min_num - min_more) + 1 - sum(ids))::BIGINT AS missing_around,
      coalesce(max(max_num) FILTER (WHERE hour_us < ${fromUs}) > min(min_num - min_more) FILTER (WHERE ${inside}), false)
        OR coalesce(max(max_num) FILTER (WHERE ${inside}) > min(min_num - min_more) FILTER (WHERE hour_us >= ${toUs}), false) AS crossed
    FROM stream_count WHERE hour_us >= ${fromUs - HOUR_US} AND hour_us < ${toUs + HOUR_US}${only}
    GROUP BY venue, market, symbol, channel HAVING n > 0 ORDER BY venue, market, symbol, channel`;
}

function toCount(row: Row): StreamCount {
  const number = (name: string): number => Number(row[name] ?? 0);
  const lost = ['missing', 'missing_left', 'missing_right'].map((name) => Math.max(0, number(name)));
  const apart = lost.reduce((sum, count) => sum + count, 0);
  // Where ids and times cross at an edge, an id inside the window's span may lie in the hour beside it. Neither figure is ever less than
  // what is missing, for the span with its neighbours holds that of the window: the smaller one counts.
  const missingIds = row.crossed === true ? Math.min(apart, Math.max(0, number('missing_around'))) : apart;
  return {
    venue: String(row.venue),
    market: String(row.market),
    symbol: String(row.symbol),
    channel: String(row.channel),
    rows: number('n'),
    bytes: number('bytes'),
    firstUs: number('first_us'),
    lastUs: number('last_us'),
    before: number('before'),
    after: number('after'),
    oneLine: number('one_line'),
    twoLines: number('two_lines'),
    backfilled: number('backfilled'),
    unseen: number('unseen'),
    missingIds,
    fromFirstId: row.min_num !== null && row.min_num !== undefined && number('min_num') <= 1,
  };
}
