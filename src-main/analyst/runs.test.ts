// SQL as people run it: rows by pages, limits that hold, results that are released, a history that outlives the process, files that are whole.
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { unwrap } from '../../src-shared/base/result.ts';
import type { Run } from '../../src-shared/contract/analysis.ts';
import { contract, type RequestInput } from '../../src-shared/contract/index.ts';
import { readAnalysis } from '../base/analysis-file.ts';
import { type Duck, openSandbox } from '../base/duck.ts';
import { HOUR, openSmallArchive, type SmallArchive } from './archive.fixture.ts';
import { Exports } from './exports.ts';
import { openHistory } from './history.ts';
import { Runs } from './runs.ts';

let archive: SmallArchive;
let duck: Duck;
let runs: Runs;
let exports: Exports;
const lastResort = vi.fn();
const never = new AbortController().signal;
const MB = 1024 ** 2;

beforeAll(async () => {
  archive = await openSmallArchive();
  duck = await openSandbox({ memoryLimit: '256MiB', threads: 2, folders: archive.readable });
  const common = {
    duck,
    dataDir: archive.dataDir,
    ask: archive.ask,
    snapshots: archive.snapshots,
    nowUs: () => Date.now() * 1000,
    changed: () => undefined,
    lastResort,
  };
  const history = openHistory(join(archive.dataDir, 'analysis', 'runs.jsonl'), common.nowUs, null);
  runs = new Runs({ ...common, memoryLimitBytes: 256 * MB, history });
  exports = new Exports({ ...common, memoryLimitBytes: 128 * MB, readable: archive.readable });
});

afterAll(async () => {
  await runs.leave();
  await exports.leave();
  duck.close();
  archive.close();
  expect(lastResort).not.toHaveBeenCalled();
});

const input = (given: RequestInput<'analysis.run'>) => contract['analysis.run'].input.parse(given);

async function run(given: RequestInput<'analysis.run'>): Promise<Run> {
  const { runId } = unwrap(await runs.begin(input(given)));
  return unwrap(await runs.wait(runId, never));
}

async function rowsOf(found: Run, offset = 0, limit = 100) {
  return unwrap(await runs.rows({ runId: found.runId, offset, limit })).rows;
}

describe('runs', () => {
  it('reads sealed and hot files as one table, each trade once', async () => {
    const found = await run({ sql: 'SELECT count(*), count(DISTINCT (venue, symbol, id)), max(event_at) FROM trade' });
    expect(found).toMatchObject({ state: 'done', rows: 1, truncated: false, failure: null, held: true });
    expect(await rowsOf(found)).toEqual([[4360, 4360, '2026-11-20 12:00:59']]);
    expect(found.reach?.hotUntilUs).toBe(archive.snapshot.reach.hotUntilUs);
  });

  it('opens only the files of a window', async () => {
    const found = await run({ sql: 'SELECT count(*) FROM trade', fromUs: HOUR, toUs: HOUR + 10_000_000 });
    expect(await rowsOf(found)).toEqual([[10 + 40]]);
  });

  it('gives exact values, and texts that are cut for the screen only', async () => {
    const found = await run({
      sql: `SELECT 9007199254740993::BIGINT, 1.10::DECIMAL(10, 2), NULL, true, [1, 2], {'a': 1}, 'nan'::DOUBLE, TIMESTAMP '2026-01-02 03:04:05',
        repeat('가', 5000), 'a'::ENUM('a', 'b'), 1 AS x, 2 AS x`,
    });
    const [row] = await rowsOf(found);
    expect(row?.slice(0, 8)).toEqual([
      '9007199254740993',
      '1.10',
      null,
      true,
      '[1, 2]',
      "{'a': 1}",
      'NaN',
      '2026-01-02 03:04:05',
    ]);
    expect(row?.[8]).toBe(`${'가'.repeat(2000)}…`);
    expect(row?.slice(9)).toEqual(['a', 1, 2]);
    expect(found.columns?.slice(-2).map(({ name, kind }) => [name, kind])).toEqual([
      ['x', 'number'],
      ['x', 'number'],
    ]);
  });

  it('shows a FLOAT with the digits that DuckDB prints', async () => {
    const sql = "SELECT 0.1::FLOAT, 16777216::FLOAT, -1e-7::FLOAT, 'inf'::FLOAT, NULL::FLOAT, [0.1::FLOAT]";
    expect(await rowsOf(await run({ sql }))).toEqual([[0.1, 16_777_216, -1e-7, 'Infinity', null, '[0.1]']]);
  });

  it('pages a million rows in their order, and says that there are more', async () => {
    const found = await run({ sql: 'SELECT 2000000 - range AS n FROM range(2000000)' });
    expect(found).toMatchObject({ state: 'done', rows: 1_000_000, truncated: true });
    expect(await rowsOf(found, 999_998, 100)).toEqual([[1_000_002], [1_000_001]]);
    expect(await rowsOf(found, 500_000, 1)).toEqual([[1_500_000]]);
    unwrap(await runs.release(found.runId));
    expect((await runs.rows({ runId: found.runId, offset: 0, limit: 1 })).ok).toBe(false);
  });

  it('keeps to a small limit of rows', async () => {
    expect(await run({ sql: 'FROM range(5000)', maxRows: 7 })).toMatchObject({ rows: 7, truncated: true });
    expect(await run({ sql: 'FROM range(7)', maxRows: 7 })).toMatchObject({ rows: 7, truncated: false });
  });

  it('takes named parameters as values, never as SQL', async () => {
    const found = await run({ sql: 'SELECT $name AS n', parameters: { name: "'; DROP TABLE trade; --" } });
    expect(await rowsOf(found)).toEqual([["'; DROP TABLE trade; --"]]);
    expect((await run({ sql: 'SELECT $a + $b', parameters: { a: 1 } })).failure).toMatchObject({
      code: 'analysis.parameter',
      message: 'no value was given for $b',
    });
  });

  it('explains, describes and lists', async () => {
    expect((await run({ sql: 'EXPLAIN SELECT count(*) FROM trade' })).state).toBe('done');
    const tables = await run({ sql: 'SHOW TABLES' });
    expect((await rowsOf(tables)).flat()).toEqual(['coverage', 'gap', 'instrument', 'listing', 'trade']);
  });

  it('names the place of an error', async () => {
    const found = await run({ sql: '-- a comment\nSELECT\n  nothing FROM trade' });
    expect(found).toMatchObject({
      state: 'failed',
      failure: { code: 'analysis.sql' },
      failureAt: { line: 3, column: 3 },
    });
  });

  it('shows hostile text as what it is', async () => {
    const found = await run({ sql: 'SELECT title FROM listing' });
    expect(await rowsOf(found)).toEqual([["<img src=x onerror='alert(1)'>"]]);
  });

  it.each([
    ['cancel', 'SELECT count(*) FROM range(400000) a, range(400000) b WHERE a.range * b.range % 7 = 3'],
    ['cancel', 'WITH RECURSIVE t AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM t) SELECT count(*) FROM t'],
  ])('%s ends what would never end', async (_, sql) => {
    const { runId } = unwrap(await runs.begin(input({ sql })));
    await vi.waitFor(() => expect(runs.list().find((one) => one.runId === runId)?.startedUs).not.toBeNull());
    unwrap(runs.cancel(runId));
    expect(unwrap(await runs.wait(runId, never))).toMatchObject({ state: 'cancelled' });
  });

  it('stops at its time and memory limits and goes on with the next', async () => {
    const sql = 'SELECT count(*) FROM range(400000) a, range(400000) b WHERE a.range * b.range % 7 = 3';
    expect(await run({ sql, timeLimitMs: 200 })).toMatchObject({
      state: 'stopped',
      failure: { code: 'analysis.time-limit' },
    });
    expect(await run({ sql: 'SELECT * FROM range(30000000) ORDER BY hash(range)' })).toMatchObject({
      state: 'stopped',
      failure: { code: 'analysis.out-of-memory' },
    });
    const wide = await run({ sql: "SELECT repeat('x', 100000) FROM range(1000000)" });
    expect(wide).toMatchObject({ state: 'stopped', failure: { code: 'analysis.out-of-memory' } });
    unwrap(await runs.release(wide.runId));
    expect(await run({ sql: 'SELECT 1' })).toMatchObject({ state: 'done' });
  });

  it('makes room by letting the oldest results go', async () => {
    const first = await run({ sql: 'SELECT range, hash(range), hash(range + 1) FROM range(900000)' });
    for (let n = 0; n < 12; n += 1) await run({ sql: 'SELECT range, hash(range), hash(range + 1) FROM range(900000)' });
    expect(runs.list().find((one) => one.runId === first.runId)?.held ?? false).toBe(false);
  });

  it('runs every ready-made analysis with its first values', async () => {
    const folder = join(import.meta.dirname, '../../resources/analyses');
    const names = readdirSync(folder);
    expect(names.length).toBeGreaterThan(5);
    for (const name of names) {
      const found = readAnalysis(readFileSync(join(folder, name), 'utf8'), { id: name, kind: 'ready', updatedUs: 0 });
      expect(found.title.en, name).not.toBe(name);
      expect(found.title.ko, name).not.toBe(found.title.en);
      const parameters = Object.fromEntries(
        found.parameters.map(({ name: key, type, initial }) => [
          key,
          type === 'time'
            ? HOUR + (key === 'to_us' ? 60_000_000 : 10_000_000)
            : Number.isNaN(Number(initial))
              ? initial
              : Number(initial),
        ]),
      );
      const done = await run({ sql: found.sql, parameters });
      expect(done.failure, name).toBeNull();
    }
  });
});

describe('the ready-made analysis of who moved first', () => {
  const path = join(import.meta.dirname, '../../resources/analyses/who-moved-first.sql');
  const { sql } = readAnalysis(readFileSync(path, 'utf8'), { id: 'who', kind: 'ready', updatedUs: 0 });

  it('counts exactly the threshold as a move', async () => {
    const trades = [
      [1, '0.07'],
      [2, '0.07069999999'],
      [3, '0.0707'],
      [4, '0.08'],
    ] as const;
    const rows = trades.map(
      ([second, price]) =>
        `('upbit', 'spot', 'KRW-POD', '${second}', ${second * 1_000_000}::BIGINT, '${price}', ${price}::DOUBLE)`,
    );
    const given = `WITH trade AS (SELECT * FROM (VALUES ${rows.join(', ')}) v(venue, market, symbol, id, event_us, price, px)),
      instrument AS (SELECT 'upbit' AS venue, 'spot' AS market, 'KRW-POD' AS symbol, 'POD' AS base), `;
    const parameters = { coin: 'pod', at_us: 1_500_000, seconds: 60, percent: 1 };
    const found = await run({ sql: sql.replace('WITH ', given), parameters });
    expect(found.failure).toBeNull();
    expect((await rowsOf(found))[0]?.slice(2, 6)).toEqual(['KRW-POD', 0.07, 0.0707, 1]);
  });
});

describe('history', () => {
  it('outlives the process, and says what became of a run that ended it', async () => {
    const folder = join(archive.dataDir, 'history');
    mkdirSync(folder);
    const path = join(folder, 'runs.jsonl');
    const first = openHistory(path, () => 5, null);
    const some = await run({ sql: 'SELECT 1' });
    first.put({ ...some, runId: 'a', state: 'running', endedUs: null, sql: 'SELECT ruin' });
    first.put({ ...some, runId: 'b', sql: 'SELECT 2' });
    appendFileSync(path, '{"torn');
    const second = openHistory(path, () => 9, 'stopped: it used too much memory');
    expect(second.unreadable).toBe(1);
    expect(second.list(10, 'RUIN')).toMatchObject([
      {
        runId: 'a',
        state: 'stopped',
        endedUs: 9,
        held: false,
        failure: { message: 'stopped: it used too much memory' },
      },
    ]);
    expect(second.list(10, '').map((one) => one.runId)).toEqual(['b', 'a']);
  });
});

describe('exports', () => {
  const begin = async (given: RequestInput<'analysis.export'>) => {
    const { exportId } = unwrap(await exports.begin(contract['analysis.export'].input.parse(given)));
    return unwrap(await exports.wait(exportId, never));
  };

  it('writes every row, under a safe name that is free', async () => {
    const sql = 'SELECT venue, id, price FROM trade -- all';
    const one = await begin({ sql, format: 'csv', name: '../비트 코인/1' });
    const two = await begin({ sql, format: 'csv', name: '../비트 코인/1' });
    expect(one).toMatchObject({ state: 'done', rows: 4360, path: 'exports/analysis/비트 코인-1.csv' });
    expect(two.path).toBe('exports/analysis/비트 코인-1-2.csv');
    const text = readFileSync(join(archive.dataDir, one.path ?? ''), 'utf8')
      .trimEnd()
      .split('\n');
    expect(text[0]).toBe('venue,id,price');
    expect(text.length).toBe(4361);
    const parquet = await begin({ sql: 'FROM trade WHERE venue = $v', parameters: { v: 'upbit' }, format: 'parquet' });
    expect(parquet).toMatchObject({ state: 'done', rows: 100 });
    expect(readdirSync(join(archive.dataDir, 'exports/analysis/.unfinished'))).toEqual([]);
  });

  it('keeps every digit of 128-bit sums in Parquet, in their place and order, and fails where it cannot', async () => {
    const sql = `SELECT n AS x, sum(n) AS "s ""1", list(sum(n)) OVER () AS l, $v AS x, {'a': 1::UHUGEINT} AS u
      FROM (VALUES (9007199254740992::BIGINT, 1), (1, 1), (7, 2)) t(n, g) GROUP BY GROUPING SETS ((n), ()) ORDER BY n DESC NULLS FIRST`;
    const done = await begin({ sql, parameters: { v: 'given' }, format: 'parquet' });
    expect(done).toMatchObject({ state: 'done', rows: 4 });
    const reader = await openSandbox({ memoryLimit: '128MiB', threads: 1, folders: [archive.dataDir] });
    const found = await reader.with((connection) =>
      connection.rows(
        `SELECT "s ""1"::VARCHAR AS s, typeof("s ""1") AS t, typeof(l) AS l, typeof(u) AS u FROM '${join(archive.dataDir, done.path ?? '')}'`,
      ),
    );
    reader.close();
    const types = { t: 'DECIMAL(38,0)', l: 'DECIMAL(38,0)[]', u: 'STRUCT(a DECIMAL(38,0))' };
    const sums = ['9007199254741000', '9007199254740992', '7', '1'];
    expect(found).toEqual(sums.map((s) => ({ s, ...types })));
    const beyond = 'SELECT 170141183460469231731687303715884105727::HUGEINT AS n';
    const failed = await begin({ sql: beyond, format: 'parquet' });
    expect(failed).toMatchObject({ state: 'failed', path: null });
    expect(failed.failure?.message).toContain('DECIMAL(38,0)');
    expect(await begin({ sql: beyond, format: 'csv' })).toMatchObject({ state: 'done', rows: 1 });
  });

  it('leaves no file when it is cancelled, out of time or wrong', async () => {
    const before = readdirSync(join(archive.dataDir, 'exports/analysis')).length;
    const sql = 'SELECT a.range * b.range FROM range(100000) a, range(100000) b';
    const { exportId } = unwrap(await exports.begin(contract['analysis.export'].input.parse({ sql, format: 'csv' })));
    await vi.waitFor(() => expect(exports.list()[0]?.bytes).toBeGreaterThan(0), { timeout: 20_000 });
    unwrap(exports.cancel(exportId));
    expect(unwrap(await exports.wait(exportId, never)).state).toBe('cancelled');
    expect(await begin({ sql, format: 'parquet', timeLimitMs: 300 })).toMatchObject({ state: 'stopped', path: null });
    expect(await begin({ sql: 'SELECT nothing FROM trade', format: 'csv' })).toMatchObject({ state: 'failed' });
    expect(
      (await exports.begin(contract['analysis.export'].input.parse({ sql: 'DROP VIEW trade', format: 'csv' }))).ok,
    ).toBe(false);
    expect(readdirSync(join(archive.dataDir, 'exports/analysis')).length).toBe(before);
    expect(readdirSync(join(archive.dataDir, 'exports/analysis/.unfinished'))).toEqual([]);
  });

  it('forgets what an earlier life left unfinished', () => {
    const staging = join(archive.dataDir, 'exports/analysis/.unfinished');
    writeFileSync(join(staging, 'left.csv'), 'half');
    const { readable, dataDir, ask, snapshots } = archive;
    new Exports({
      duck,
      readable,
      dataDir,
      ask,
      snapshots,
      memoryLimitBytes: MB,
      nowUs: () => 1,
      changed: () => undefined,
      lastResort,
    });
    expect(existsSync(join(staging, 'left.csv'))).toBe(false);
  });
});
