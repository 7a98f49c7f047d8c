// An hour is sealed, joined and given to the analyst in bounded memory: what is held for a key are numbers, which DuckDB can put aside on disk.
// A smaller limit and hour stand for the real ones; with texts held for each key the same steps ran out of memory under the same limit.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { unwrap } from '../../../src-shared/base/result.ts';
import { HOUR_US } from '../../../src-shared/base/time.ts';
import { silentLog } from '../../base/log.ts';
import { type OpenArchive, openArchive } from './archive.ts';
import { compactHour, sealHour } from './seal.ts';
import { openSnapshots } from './snapshot.ts';
import { openWarehouse, type Warehouse } from './warehouse.ts';

const HOUR = 1_763_600_400_000_000 - (1_763_600_400_000_000 % HOUR_US);
const ROWS = 1_000_000;
const STREAMS = 100;
const LIMIT = '200MB';
let dataDir = '';
let warehouse: Warehouse;
let archive: OpenArchive;

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'tapedeck-memory-'));
  warehouse = await openWarehouse(dataDir, { log: silentLog(), nowUs: () => HOUR });
  archive = openArchive(warehouse, () => HOUR);
  const streams = Array.from({ length: STREAMS }, (_, index) => index + 1);
  warehouse.catalog.streams.put(
    streams.map((no) => ({
      no,
      venue: 'bybit' as const,
      market: 'spot' as const,
      symbol: `S${no}USDT`,
      channel: 'publicTrade',
    })),
    HOUR,
  );
  // Half of the ids are texts, as at Bybit; the second line saw every trade in a later batch.
  const id = `CASE WHEN i % 2 = 0 THEN i END, CASE WHEN i % 2 = 1 THEN md5(i::VARCHAR) || 'x' END`;
  const at = `${HOUR} + i * ${Math.floor(HOUR_US / ROWS)}`;
  await warehouse.writer.run(
    `INSERT INTO tick SELECT 1 + i % ${STREAMS}, ${id}, 10000000000 + i, 8, NULL, 100000 + i, 8, NULL, 1 + i % 2, ${at}, ${at} + 5, 0, 1, i, 0 FROM range(${ROWS}) r(i)`,
  );
  await warehouse.writer.run(`INSERT INTO sighting SELECT 1 + i % ${STREAMS}, ${id}, 2 FROM range(${ROWS}) r(i)`);
  await warehouse.writer.run('CHECKPOINT');
  await warehouse.writer.run(`SET memory_limit = '${LIMIT}'`);
}, 60_000);

afterEach(async () => {
  await warehouse.close();
  rmSync(dataDir, { recursive: true, force: true });
});

async function figuresOf(files: readonly string[]): Promise<unknown> {
  const list = files.map((file) => `'${join(dataDir, file)}'`).join(', ');
  const [row] = await warehouse.duck.with((connection) =>
    connection.rows(
      `SELECT count(*) AS n, count(DISTINCT (symbol, id)) AS keys, min(lines) AS least, max(lines) AS most, sum(CAST(replace(price, '.', '') AS HUGEINT))::VARCHAR AS prices
       FROM read_parquet([${list}], hive_partitioning = false)`,
    ),
  );
  return row;
}

const whole = {
  n: ROWS,
  keys: ROWS,
  least: 3,
  most: 3,
  prices: String(10_000_000_000n * BigInt(ROWS) + (BigInt(ROWS) * BigInt(ROWS - 1)) / 2n),
};

test('an hour is sealed with the lines of all sightings, and its files become one', async () => {
  const sealed = unwrap(await sealHour({ ...archive.sealing, rowsPerFile: ROWS / 2 }, HOUR));
  expect(sealed.rows).toBe(ROWS);
  expect(await figuresOf(sealed.files.map(({ path }) => path))).toEqual(whole);
  const one = unwrap(await compactHour(archive.sealing, HOUR));
  expect(await figuresOf(one ? [one.path] : [])).toEqual(whole);
});

test('an hour is given to the analyst with the lines of all sightings', async () => {
  const snapshots = openSnapshots(archive, { nowUs: () => HOUR, readUntilUs: () => HOUR, refusal: () => null });
  const taken = unwrap(await snapshots.take(null, true));
  await snapshots.close();
  expect(await figuresOf(taken.hot.map(({ path }) => path))).toEqual(whole);
});
