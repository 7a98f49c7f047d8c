// Hours leave the hot tables whatever became of the files of another hour.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fail, unwrap } from '../../../src-shared/base/result.ts';
import { HOUR_US, hourOf } from '../../../src-shared/base/time.ts';
import { settingsSchema } from '../../../src-shared/contract/settings.ts';
import { silentLog } from '../../base/log.ts';
import { openArchive } from '../warehouse/archive.ts';
import { openWarehouse, type Warehouse } from '../warehouse/warehouse.ts';
import type { JobContext } from './job.ts';
import { openSealJob } from './seal.ts';

const HOUR = hourOf(1_763_600_400_000_000);
let dataDir = '';
let warehouse: Warehouse;
let context: JobContext;

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'tapedeck-seal-job-'));
  const nowUs = (): number => HOUR + 10 * HOUR_US;
  warehouse = await openWarehouse(dataDir, { log: silentLog(), nowUs });
  warehouse.catalog.streams.put(
    [{ no: 1, venue: 'binance', market: 'spot', symbol: 'ABCUSDT', channel: 'trade' }],
    HOUR,
  );
  context = {
    warehouse,
    archive: openArchive(warehouse, nowUs),
    writer: 'Tapedeck 0.0.0',
    settings: settingsSchema.parse({ version: 1, venues: {} }),
    ask: async () => fail('process.gone', 'nobody is asked here'),
    publish: () => undefined,
    nowUs,
    position: () => ({ segment: 0, offset: 0, frame: 1000, recvUs: nowUs(), readUntilUs: nowUs() }),
  };
});

afterEach(async () => {
  await warehouse.close();
  rmSync(dataDir, { recursive: true, force: true });
});

async function put(id: number, us: number): Promise<void> {
  await warehouse.lock.run(() =>
    warehouse.writer.run(
      `INSERT INTO tick VALUES (1, ${id}, NULL, 1, 0, NULL, 5, 3, NULL, 1, ${us}, ${us}, 0, 1, ${id}, 0)`,
    ),
  );
}

test('an hour that cannot be sealed does not hold up the hours after it', async () => {
  const job = openSealJob(context);
  await put(1, HOUR);
  unwrap(await job.seal(HOUR + HOUR_US));
  for (const { path } of warehouse.catalog.sealed.live(HOUR, HOUR + HOUR_US)) rmSync(join(dataDir, path));
  // A late trade of that hour, and the hours that follow.
  await put(2, HOUR + 1);
  await put(3, HOUR + HOUR_US);
  await put(4, HOUR + 2 * HOUR_US);
  expect(await job.seal(HOUR + 3 * HOUR_US)).toMatchObject({ ok: false, failure: { code: 'seal.failed' } });
  expect(await warehouse.writer.rows('SELECT id FROM tick')).toEqual([{ id: 2 }]);
  expect(warehouse.catalog.sealed.hours()).toEqual([HOUR, HOUR + HOUR_US, HOUR + 2 * HOUR_US]);
});
