// The walls around SQL of strangers, with the real DuckDB: what reads files, reaches out, writes, changes settings or exhausts memory is refused or stopped.
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Duck, openSandbox } from '../base/duck.ts';
import { checkStatement, statementEnd } from './statement.ts';
import { macros } from './views.ts';

const dir = mkdtempSync(join(tmpdir(), 'tapedeck-safety-'));
const inside = join(dir, 'market-data', 'trade');
const secret = join(dir, 'secret.txt');
let duck: Duck;

beforeAll(async () => {
  mkdirSync(inside, { recursive: true });
  writeFileSync(secret, 'a,b\n1,2\n');
  writeFileSync(join(inside, 'note.csv'), 'a,b\n1,2\n');
  duck = await openSandbox({ memoryLimit: '64MiB', threads: 2, folders: [inside] });
});

afterAll(() => {
  duck.close();
  rmSync(dir, { recursive: true, force: true });
});

const check = (sql: string) => duck.with((connection) => checkStatement(connection, sql, macros));

/** What DuckDB itself says when the first wall is not there. */
async function engine(sql: string): Promise<string> {
  return await duck.with(async (connection) => {
    try {
      await connection.rows(sql);
      return 'it ran';
    } catch (error) {
      return String(error);
    }
  });
}

const reading = [
  `SELECT * FROM read_csv('${secret}')`,
  `SELECT * FROM read_csv_auto('${secret}')`,
  `SELECT * FROM sniff_csv('${secret}')`,
  "SELECT * FROM read_text('/etc/passwd')",
  "SELECT * FROM read_blob('/etc/passwd')",
  "SELECT * FROM read_parquet('/tmp/*.parquet')",
  "SELECT * FROM parquet_metadata('/tmp/other.parquet')",
  "SELECT * FROM read_json('/etc/passwd')",
  "SELECT * FROM glob('/etc/*')",
  "SELECT (SELECT count(*) FROM glob('/**'))",
  "SELECT * FROM (SELECT * FROM read_text('/etc/hostname')) x JOIN range(3) ON true",
  "WITH x AS (SELECT * FROM read_text('/etc/hostname')) SELECT * FROM x",
  "DESCRIBE SELECT * FROM read_text('/etc/hostname')",
  "SUMMARIZE SELECT * FROM read_text('/etc/hostname')",
  "SELECT 1 WHERE EXISTS (FROM read_text('/etc/hostname'))",
  "SELECT * FROM range(1) ORDER BY (SELECT content FROM read_text('/etc/hostname'))",
  "FROM query('SELECT * FROM read_text(''/etc/hostname'')')",
  "FROM query_table('/etc/passwd')",
  "FROM read_parquet('https://example.invalid/x.parquet')",
  'FROM duckdb_secrets()',
  'FROM duckdb_logs()',
  "FROM json_execute_serialized_sql('{}')",
];

const doing = [
  `COPY (SELECT 1) TO '${join(dir, 'out.csv')}'`,
  `COPY (SELECT 1) TO '${join(inside, 'out.parquet')}'`,
  `COPY t FROM '${secret}'`,
  `ATTACH '${join(dir, 'other.db')}'`,
  "ATTACH ':memory:' AS other",
  'DETACH memory',
  'INSTALL httpfs',
  'LOAD httpfs',
  "SET memory_limit = '100GB'",
  'SET GLOBAL threads = 64',
  'RESET memory_limit',
  "PRAGMA memory_limit='100GB'",
  'PRAGMA enable_profiling',
  `EXPORT DATABASE '${join(dir, 'export')}'`,
  `IMPORT DATABASE '${dir}'`,
  'CREATE TABLE t (a INTEGER)',
  'CREATE VIEW v AS SELECT 1',
  'CREATE MACRO m() AS 1',
  'CREATE SECRET s (TYPE s3)',
  'CREATE TEMP TABLE t AS SELECT 1',
  'INSERT INTO trade VALUES (1)',
  'UPDATE trade SET price = 1',
  'DELETE FROM trade',
  'TRUNCATE trade',
  'DROP VIEW trade',
  'ALTER TABLE trade ADD COLUMN x INTEGER',
  'CHECKPOINT',
  'VACUUM',
  'CALL pragma_version()',
  'CALL enable_logging()',
  'BEGIN',
  'COMMIT',
  'USE memory',
  'PREPARE p AS SELECT 1',
  'EXECUTE p',
  'SELECT 1; SELECT 2',
  `SELECT 1; COPY (SELECT 1) TO '${join(dir, 'out.csv')}'`,
  `/* x */ -- y\n COPY (SELECT 1) TO '${join(dir, 'out.csv')}'`,
  `EXPLAIN ANALYZE COPY (SELECT 1) TO '${join(dir, 'out.csv')}'`,
  'EXPLAIN ANALYZE CREATE TABLE t (a INTEGER)',
  'EXPLAIN EXPLAIN SELECT 1',
  "SELECT getenv('HOME')",
  "SELECT write_log('x')",
  'SELECT sleep_ms(100000)',
  "SELECT max(getenv('HOME')) OVER () FROM range(3)",
  'FROM checkpoint()',
  'FROM force_checkpoint()',
  'FROM truncate_duckdb_logs()',
  'FROM enable_logging()',
  '',
  '-- nothing',
  'SELECT',
];

describe('what is refused before it runs', () => {
  it.each([...reading, ...doing])('%s', async (sql) => {
    const found = await check(sql);
    expect(found.ok ? 'let through' : found.failure.code).toMatch(/^analysis\.(refused|syntax)$/);
    expect(found.ok ? '' : found.failure.message).not.toBe('');
  });

  it('names the place of a mistake, comments before it counted', async () => {
    const found = await check('-- first\nSELECT 1\nFORM trade WHERE (');
    expect(found.ok ? null : found.failure.detail).toEqual({ line: 3, column: 6 });
  });
});

describe('what reads the archive is let through', () => {
  it.each([
    'SELECT 1',
    '  -- a comment\n SELECT 1; -- and one behind;\n',
    "WITH a AS (SELECT * FROM trade) SELECT count(*) FROM a WHERE symbol = 'x;--'",
    'FROM trade SELECT venue, count(*) GROUP BY ALL',
    'VALUES (1), (2)',
    'SELECT * FROM bar(60) WHERE venue = $venue',
    'DESCRIBE trade',
    'SHOW TABLES',
    'SUMMARIZE trade',
    'EXPLAIN SELECT * FROM trade',
    'EXPLAIN ANALYZE SELECT 1',
    'WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 9) SELECT * FROM t',
    "SELECT * FROM (PIVOT trade ON side IN ('buy', 'sell') USING count(*))",
    'SELECT * FROM range(10) EXCEPT SELECT 1',
    "SELECT unnest([1, 2]), $$it's -- text$$",
  ])('%s', async (sql) => {
    const found = await check(sql);
    expect(found.ok ? '' : found.failure.message).toBe('');
  });

  it('knows which tables are read, in every corner', async () => {
    const found = await check(
      'WITH x AS (FROM gap) SELECT (SELECT count(*) FROM Listing) FROM x JOIN bar(60) b ON true WHERE EXISTS (FROM instrument)',
    );
    expect(found.ok ? [...found.value.tables].sort() : found.failure).toEqual([
      'bar',
      'gap',
      'instrument',
      'listing',
      'x',
    ]);
  });

  it.each([
    '--\rCREATE TABLE t AS --\nSELECT 1',
    '/* /* */ SELECT 1; -- */',
    "-- \u2028COPY (SELECT 1) TO 'x'\nSELECT 1;--\rDROP VIEW trade",
  ])('runs nothing but what was looked at: %j', async (sql) => {
    const found = await check(sql);
    expect(found.ok ? found.value.sql.trim() : found.failure.code).toMatch(/^(?:SELECT 1|analysis\.syntax)$/);
  });

  it('finds the end of a statement', () => {
    const end = (text: string): string => text.slice(0, statementEnd(text));
    expect(end("SELECT ';--' ; -- x\n /* ; */ ")).toBe("SELECT ';--'");
    expect(end('SELECT $a$ ; $a$;')).toBe('SELECT $a$ ; $a$');
    expect(end("SELECT e'\\';' ;;")).toBe("SELECT e'\\';'");
    expect(end('  ;; ')).toBe('');
  });
});

describe('the walls of the engine behind it', () => {
  it.each(reading.filter((sql) => /'\/|https|secret/.test(sql) && !/duckdb_/.test(sql)))('%s', async (sql) => {
    expect(await engine(sql)).toMatch(/Permission Error|disabled by configuration|does not exist|not on/);
  });

  it.each([
    `COPY (SELECT 1) TO '${join(dir, 'out.csv')}'`,
    `ATTACH '${join(dir, 'other.db')}'`,
    'INSTALL httpfs',
    'LOAD httpfs',
    "SET memory_limit = '100GB'",
    "SET allowed_directories = ['/']",
    'SET enable_external_access = true',
    "SET temp_directory = '/tmp'",
    'SET threads = 64',
    `EXPORT DATABASE '${join(dir, 'export')}'`,
    `FROM '${secret}'`,
    "FROM '/etc/passwd'",
    `FROM '${inside}/../../secret.txt'`,
    `FROM read_text('${inside}/../../secret.txt')`,
  ])('%s', async (sql) => {
    expect(await engine(sql)).toMatch(/Permission Error|locked|does not exist|disabled|Cannot/);
    expect(
      existsSync(join(dir, 'out.csv')) || existsSync(join(dir, 'export')) || existsSync(join(dir, 'other.db')),
    ).toBe(false);
  });

  it.each([
    'SELECT * FROM range(50000000) ORDER BY hash(range)',
    'SELECT list(range) FROM range(100000000)',
    "SELECT string_agg(repeat('x', 1000), '') FROM range(1000000)",
    'SELECT DISTINCT hash(range) FROM range(100000000)',
    "WITH RECURSIVE t AS (SELECT 'x' AS n UNION ALL SELECT n || n FROM t) SELECT count(*) FROM t",
  ])('memory has an end: %s', async (sql) => {
    expect(await engine(sql)).toMatch(/Out of Memory/);
  });

  it.each([
    'SELECT count(*) FROM range(300000) a, range(300000) b WHERE a.range * b.range % 7 = 3',
    'WITH RECURSIVE t AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM t) SELECT count(*) FROM t',
  ])('an interrupt ends what would never end: %s', async (sql) => {
    await duck.with(async (connection) => {
      const controller = new AbortController();
      const running = connection.rows(sql, [], controller.signal);
      const timer = setTimeout(() => controller.abort(), 200);
      await expect(running).rejects.toThrow(/Interrupted|aborted/);
      clearTimeout(timer);
    });
  });
});
