// Figures of the ready-made analyses where rows lie in an order, or lack an end, that led them astray.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Duck, openSandbox } from '../base/duck.ts';
import { HOUR } from './archive.fixture.ts';

let duck: Duck;
const sqlOf = (name: string): string =>
  readFileSync(join(import.meta.dirname, '../../resources/analyses', `${name}.sql`), 'utf8');

beforeAll(async () => {
  duck = await openSandbox({ memoryLimit: '128MiB', threads: 1, folders: [] });
});
afterAll(() => duck.close());

it('the time to the peak is that of the first trade at the peak price, whatever order the rows lie in', async () => {
  const sql = sqlOf('pump-figures').replace('$coin', "'POD'").replaceAll('$at_us', String(HOUR));
  const found = await duck.with(async (connection) => {
    await connection.run(
      "CREATE TEMP TABLE instrument AS SELECT 'v' AS venue, 'spot' AS market, 'P' AS symbol, 'POD' AS base",
    );
    await connection.run(`CREATE TEMP TABLE trade AS SELECT 'v' AS venue, 'spot' AS market, 'P' AS symbol, ${HOUR} + s * 1000000 AS event_us, id, px::DOUBLE AS px, 1.0 AS sz
      FROM (VALUES (9, '4', 120.0), (5, '3', 120.0), (2, '2', 110.0), (-1, '1', 100.0)) t(s, id, px)`);
    return await connection.rows(sql.replaceAll('$seconds', '60'));
  });
  expect(found).toMatchObject([{ peak: 120, peak_percent: 20, seconds_to_peak: 5 }]);
});

it('a gap that still grows lasts until now', async () => {
  const [found] = await duck.with(async (connection) => {
    await connection.run(`CREATE TEMP TABLE gap AS SELECT 'v' AS venue, 'silent' AS cause, 'open' AS state, 'P' AS symbol, from_us, to_us
      FROM (VALUES (epoch_us(now()) - 60000000, NULL), (0, 5000000)) t(from_us, to_us)`);
    return await connection.rows(sqlOf('gaps-by-cause'));
  });
  expect(found?.seconds).toBeGreaterThanOrEqual(65);
  expect(found?.seconds).toBeLessThan(125);
});
