// Ids that lie far beside a window: they prove it where they follow each other, and nothing where one between is missing.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { unwrap } from '../../../src-shared/base/result.ts';
import { HOUR_US, MINUTE_US, SECOND_US, type Us } from '../../../src-shared/base/time.ts';
import type { Verdict } from '../../../src-shared/market/gap.ts';
import { silentLog } from '../../base/log.ts';
import { openArchive } from './archive.ts';
import { judgeFiltered } from './coin.ts';
import { closedHours, sealHour } from './seal.ts';
import { openWarehouse, type Warehouse } from './warehouse.ts';

const AT = 1_763_600_400_000_000;
const NOW = AT + 48 * HOUR_US;
const key = { venue: 'binance', market: 'spot', symbol: 'ABCUSDT', channel: 'trade' } as const;
let dataDir = '';
let warehouse: Warehouse;

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'tapedeck-far-'));
  warehouse = await openWarehouse(dataDir, { log: silentLog(), nowUs: () => NOW });
  warehouse.catalog.streams.put([{ no: 1, ...key }], AT);
  warehouse.catalog.coverage.apply([
    { key, line: 0, connection: '0', fromUs: AT - 30 * HOUR_US, toUs: AT + 30 * HOUR_US },
  ]);
});

afterEach(async () => {
  await warehouse.close();
  rmSync(dataDir, { recursive: true, force: true });
});

async function hold(...ticks: readonly (readonly [id: number, besideUs: Us])[]): Promise<void> {
  const rows = ticks.map(
    ([id, us]) => `(1, ${id}, NULL, 1, 0, NULL, 5, 3, NULL, 1, ${AT + us}, ${AT + us + 900}, 0, 1, ${id}, 0)`,
  );
  await warehouse.lock.run(() => warehouse.writer.run(`INSERT INTO tick VALUES ${rows.join(', ')}`));
}

async function verdict(): Promise<{ verdict: Verdict; reasons: string }> {
  const archive = openArchive(warehouse, () => NOW);
  const window = { fromUs: AT - 20 * SECOND_US, toUs: AT + 20 * SECOND_US };
  const [one] = unwrap(await judgeFiltered(archive, { venue: 'binance' }, window, NOW));
  if (!one) throw new Error('no verdict');
  return { verdict: one.verdict, reasons: one.reasons.join('; ') };
}

test.each([
  ['minutes', -85 * SECOND_US, 110 * SECOND_US],
  ['most of a day', -23 * HOUR_US, 23 * HOUR_US],
])('ids on both sides that are %s away prove the window', async (_, before, after) => {
  await hold([100, before], [101, 5 * SECOND_US], [102, after]);
  expect(await verdict()).toMatchObject({
    verdict: 'proven',
    reasons: 'the ids of 1 trade follow each other without a hole',
  });
});

test('a window without a trade is proven by the ids that go on far beside it', async () => {
  await hold([100, -10 * MINUTE_US], [101, 90 * MINUTE_US]);
  expect(await verdict()).toMatchObject({
    verdict: 'proven',
    reasons: expect.stringContaining('no trade was printed'),
  });
});

test('where an id is missing between the window and the far one, it is judged as if there were none', async () => {
  await hold([100, -10 * MINUTE_US], [101, 5 * SECOND_US], [103, 10 * MINUTE_US]);
  expect(await verdict()).toMatchObject({
    verdict: 'unproved',
    reasons: expect.stringMatching(/no id beyond \S+ to \S+ UTC is known yet; there line 0 alone covered/),
  });
  // The other side is known all the same.
  await hold([102, 9 * MINUTE_US]);
  expect((await verdict()).verdict).toBe('proven');
});

test('sealed hours are looked through as well', async () => {
  await hold([100, -3 * HOUR_US], [101, 5 * SECOND_US], [102, 3 * HOUR_US]);
  const archive = openArchive(warehouse, () => NOW);
  for (const { hourUs } of await closedHours(warehouse.duck, NOW)) unwrap(await sealHour(archive.sealing, hourUs));
  expect(archive.sealed({ fromUs: AT - 4 * HOUR_US, toUs: AT + 4 * HOUR_US })).toHaveLength(3);
  expect((await verdict()).verdict).toBe('proven');
});

test('ids that are too far to be looked for, and other markets, prove nothing', async () => {
  await hold([100, -25 * HOUR_US], [101, 5 * SECOND_US], [102, 25 * HOUR_US]);
  expect((await verdict()).verdict).toBe('unproved');
});

test('a candle that differs is no hole where ids prove from far away', async () => {
  await hold([100, -85 * SECOND_US], [101, 5 * SECOND_US], [102, 110 * SECOND_US]);
  warehouse.catalog.gaps.apply([
    {
      id: '1-v',
      stream: 1,
      key,
      state: 'unrecoverable',
      cause: 'volume',
      fromUs: AT,
      toUs: AT + MINUTE_US - 1,
      fromId: null,
      toId: null,
      deadlineUs: null,
      evidence: 'candle says 2, stored 1',
      openedUs: AT,
      closedUs: AT,
      frame: 1,
    },
  ]);
  expect(await verdict()).toMatchObject({
    verdict: 'proven',
    reasons: expect.stringContaining('differs from the venue'),
  });
});
