// Reading the warehouse: hot rows, sealed files and late rows as one, digits exact, each key once, whatever moment a seal crashed at.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { unwrap } from '../../../src-shared/base/result.ts';
import { HOUR_US, SECOND_US } from '../../../src-shared/base/time.ts';
import type { Tick } from '../../../src-shared/market/tick.ts';
import { silentLog } from '../../base/log.ts';
import { type OpenArchive, openArchive } from './archive.ts';
import { countWindow, tickPage, withFacts } from './queries.ts';
import { closedHours, compactHour, recoverParts, type SealStep, sealHour, sealSteps } from './seal.ts';
import { openWarehouse, type Warehouse } from './warehouse.ts';

const HOUR = 1_763_600_400_000_000 - (1_763_600_400_000_000 % HOUR_US);
let dataDir = '';
let warehouse: Warehouse;
let archive: OpenArchive;

async function open(): Promise<void> {
  warehouse = await openWarehouse(dataDir, { log: silentLog(), nowUs: () => HOUR });
  archive = openArchive(warehouse, () => HOUR);
}

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'tapedeck-archive-'));
  await open();
  warehouse.catalog.streams.put(
    [
      { no: 1, venue: 'binance', market: 'spot', symbol: 'ABCUSDT', channel: 'trade' },
      { no: 2, venue: 'upbit', market: 'spot', symbol: 'KRW-ABC', channel: 'trade' },
      { no: 3, venue: 'okx', market: 'perp', symbol: "O'USDT", channel: 'trades' },
    ],
    HOUR,
  );
  warehouse.catalog.instruments.put(
    [
      {
        venue: 'okx',
        market: 'perp',
        symbol: "O'USDT",
        base: 'O',
        quote: 'USDT',
        contractSize: '0.01',
        state: 'trading',
        listedUs: null,
      },
    ],
    HOUR,
  );
});

afterEach(async () => {
  await warehouse.close();
  rmSync(dataDir, { recursive: true, force: true });
});

/** [stream, id or text, price mantissa, scale, qty mantissa, scale, event offset s, lines, origin] */
type Put = readonly [number, number | string, string, number, string, number, number, number, (0 | 1)?];

async function put(rows: readonly Put[]): Promise<void> {
  const values = rows.map(([stream, id, price, priceScale, qty, qtyScale, second, lines, origin = 0], index) => {
    const key = typeof id === 'number' ? `${id}, NULL` : `NULL, '${id}'`;
    const at = HOUR + second * SECOND_US;
    return `(${stream}, ${key}, ${price}, ${priceScale}, NULL, ${qty}, ${qtyScale}, NULL, 1, ${at}, ${at + 1000}, ${origin}, ${lines}, ${index}, 0)`;
  });
  await warehouse.lock.run(() => warehouse.writer.run(`INSERT INTO tick VALUES ${values.join(', ')}`));
}

async function all(limit = 1000): Promise<Tick[]> {
  const ticks: Tick[] = [];
  let cursor: string | undefined;
  do {
    const page = unwrap(await tickPage(archive, { fromUs: HOUR, toUs: HOUR + HOUR_US }, {}, cursor, limit));
    ticks.push(...page.ticks);
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
  return ticks;
}

test('digits come back as the venue sent them, quantities in base coins exactly', async () => {
  await put([
    [1, 10, '100000000', 8, '5', 3, 1, 1],
    [1, 9, '6183763000000', 8, '0', 0, 1, 3],
    [2, '17883351803770004999', '106691000', 0, '9372', 8, 1, 0],
    [3, 7, '65', 1, '123456789012345678', 6, 2, 1],
  ]);
  expect((await all()).map((tick) => [tick.id, tick.price, tick.qty, tick.baseQty, tick.lines])).toEqual([
    ['9', '61837.63000000', '0', '0', [0, 1]],
    ['10', '1.00000000', '0.005', '0.005', [0]],
    ['17883351803770004999', '106691000', '0.00009372', '0.00009372', []],
    ['7', '6.5', '123456789012.345678', '1234567890.12345678', [0]],
  ]);
});

test('a contract size holds from when the venue’s list says it, in hot rows and sealed ones', async () => {
  const listed = (seconds: number, contractSize: string, symbol: string): void => {
    const one = { venue: 'okx', market: 'perp', symbol, base: 'O', quote: 'USDT', state: 'trading' } as const;
    warehouse.catalog.instruments.put([{ ...one, contractSize, listedUs: null }], HOUR + seconds * SECOND_US);
  };
  warehouse.catalog.streams.put([{ no: 4, venue: 'okx', market: 'perp', symbol: 'SAME', channel: 'trades' }], HOUR);
  listed(0, '7', 'SAME');
  listed(100, '10', "O'USDT");
  listed(200, '7', 'SAME');
  archive = openArchive(warehouse, () => HOUR);
  await put([
    [3, 1, '65', 1, '5', 0, 99, 1],
    [3, 2, '65', 1, '5', 0, 100, 1],
    [4, 3, '65', 1, '5', 0, 101, 1],
  ]);
  const told = [
    ['5', null],
    ['5', '50'],
    ['5', '35'],
  ];
  expect((await all()).map((tick) => [tick.qty, tick.baseQty])).toEqual(told);
  unwrap(await sealHour(archive.sealing, HOUR));
  expect((await all()).map((tick) => [tick.qty, tick.baseQty])).toEqual(told);
});

test('text that does not fit numbers is given as it came', async () => {
  await warehouse.lock.run(() =>
    warehouse.writer.run(
      `INSERT INTO tick VALUES (3, 1, NULL, -1, 0, '1e-9', -1, 0, '00.5', 2, ${HOUR}, ${HOUR}, 1, 0, 1, 0)`,
    ),
  );
  const [tick] = await all();
  expect(tick).toMatchObject({ price: '1e-9', qty: '00.5', baseQty: null, side: 'sell', origin: 'backfill' });
});

test('pages of any size give every row once, in order', async () => {
  const rows: Put[] = Array.from({ length: 257 }, (_, n) => [
    1 + (n % 2),
    n * 7,
    '15',
    1,
    '1',
    0,
    Math.floor(n / 50),
    1,
  ]);
  await put(rows);
  const whole = await all();
  expect(whole).toHaveLength(257);
  for (const limit of [5, 100]) expect(await all(limit)).toEqual(whole);
  const order = whole.map((tick) => tick.eventUs * 1e4 + Number(tick.id));
  expect(order).toEqual(order.toSorted((a, b) => a - b));
});

test('hot, sealed and late rows are one; a key that both hold comes once with all lines', async () => {
  await put([
    [1, 1, '100', 2, '1', 0, 1, 1],
    [1, 2, '100', 2, '1', 0, 2, 1],
    [2, 'x-1', '5', 0, '1', 0, 3, 1],
  ]);
  const before = await all();
  const sealed = unwrap(await sealHour(archive.sealing, HOUR));
  expect(sealed).toMatchObject({ rows: 3, known: 0 });
  expect(await all()).toEqual(before);
  expect(await warehouse.writer.rows('SELECT count(*) AS n FROM tick')).toEqual([{ n: 0 }]);

  // The hot hours were rebuilt: one row again, seen by a further line; and a late one; and a late sighting.
  await put([
    [1, 2, '100', 2, '1', 0, 2, 2],
    [1, 3, '101', 2, '1', 0, 4, 1],
  ]);
  await warehouse.lock.run(() =>
    warehouse.writer.run("INSERT INTO sighting VALUES (2, NULL, 'x-1', 2), (1, 1, NULL, 2)"),
  );
  const expected = [
    ['1', [0, 1]],
    ['2', [0, 1]],
    ['x-1', [0, 1]],
    ['3', [0]],
  ];
  const seen = async () => (await all()).map((tick) => [tick.id, tick.lines]);
  expect(await seen()).toEqual(expected);
  expect(unwrap(await sealHour(archive.sealing, HOUR))).toMatchObject({ rows: 2, known: 1 });
  expect(await seen()).toEqual(expected);
  expect(archive.sealed({ fromUs: HOUR, toUs: HOUR + HOUR_US }).map((file) => file.rows)).toEqual([3, 1]);
  expect(unwrap(await compactHour(archive.sealing, HOUR))).toMatchObject({ rows: 4 });
  expect(archive.sealed({ fromUs: HOUR, toUs: HOUR + HOUR_US })).toHaveLength(1);
  expect(await seen()).toEqual(expected);
});

test('counts per stream tell rows, lines and neighbours apart', async () => {
  await put([
    [1, 1, '1', 0, '1', 0, 5, 1],
    [1, 2, '1', 0, '1', 0, 10, 1],
    [1, 3, '1', 0, '1', 0, 20, 3],
    [1, 4, '1', 0, '1', 0, 25, 1, 1],
    [1, 5, '1', 0, '1', 0, 26, 0, 1],
    [1, 6, '1', 0, '1', 0, 30, 3],
  ]);
  const streams = withFacts(archive, archive.streams());
  const window = { fromUs: HOUR + 10 * SECOND_US, toUs: HOUR + 30 * SECOND_US };
  const counts = unwrap(await countWindow(archive, streams, window, HOUR + 15 * SECOND_US));
  expect([...counts.values()]).toEqual([
    {
      rows: 4,
      firstUs: window.fromUs,
      lastUs: HOUR + 26 * SECOND_US,
      before: 1,
      after: 1,
      oneLine: 2,
      twoLines: 1,
      unseen: 1,
      unseenFromUs: HOUR + 26 * SECOND_US,
      unseenToUs: HOUR + 26 * SECOND_US,
      missingIds: 0,
      fromFirstId: false,
      firstTradeUs: HOUR + 20 * SECOND_US,
      ids: { before: 1n, first: 2n, last: 5n, after: 6n },
    },
  ]);
});

test('a big hour becomes several files; every hour but the running one is offered', async () => {
  await put(Array.from({ length: 100 }, (_, n): Put => [1, n, '1', 0, '1', 0, n * 36, 1]));
  const before = await all();
  expect(await closedHours(warehouse.duck, HOUR + HOUR_US - 1)).toEqual([]);
  expect(await closedHours(warehouse.duck, HOUR + HOUR_US)).toEqual([{ hourUs: HOUR, rows: 100 }]);
  const sealed = unwrap(await sealHour({ ...archive.sealing, rowsPerFile: 30 }, HOUR));
  expect(sealed.files.map((file) => file.rows)).toEqual([25, 25, 25, 25]);
  expect(await all()).toEqual(before);
});

/** A process of its own kills itself after this step. */
function killedAfter(step: string, ...more: string[]): void {
  const fixture = join(import.meta.dirname, 'seal-kill.fixture.ts');
  const { signal, error, stderr } = spawnSync(process.execPath, [fixture, dataDir, String(HOUR), step, ...more], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  expect(signal, `${error?.message ?? ''} ${stderr}`).toBe('SIGKILL');
}

// What it had not done is not done, and the next start makes it good.
for (const step of sealSteps) {
  test(`kill -9 after "${step}" of a seal loses nothing and repeats nothing`, async () => {
    await put([
      [1, 1, '100', 2, '1', 0, 1, 1],
      [2, 'x-1', '5', 0, '1', 0, 3, 3],
    ]);
    const before = await all();
    await warehouse.close();
    killedAfter(step);
    await open();
    expect(await all()).toEqual(before);
    const recovery = await recoverParts(archive.sealing);
    expect(recovery).toMatchObject({ damaged: [], missing: [] });
    expect(await all()).toEqual(before);
    unwrap(await sealHour(archive.sealing, HOUR));
    expect(await all()).toEqual(before);
    const files = archive.sealed({ fromUs: HOUR, toUs: HOUR + HOUR_US });
    expect(files.reduce((sum, file) => sum + file.rows, 0)).toBe(2);
    expect(await warehouse.writer.rows('SELECT count(*) AS n FROM tick')).toEqual([{ n: 0 }]);
  });
}

for (const step of ['written', 'synced', 'renamed', 'counted', 'recorded', 'removed'] as const) {
  test(`kill -9 after "${step}" of a compaction leaves each trade in one file, also when a power cut brings back what was removed`, async () => {
    await put([[1, 1, '100', 2, '1', 0, 1, 1]]);
    unwrap(await sealHour(archive.sealing, HOUR));
    await put([[2, 'x-1', '5', 0, '1', 0, 3, 3]]);
    unwrap(await sealHour(archive.sealing, HOUR));
    const before = await all();
    const replaced = archive.sealed({ fromUs: HOUR, toUs: HOUR + HOUR_US }).map(({ path }) => path);
    const contents = replaced.map((path) => readFileSync(path));
    await warehouse.close();
    killedAfter(step, 'compact');
    expect(replaced.filter((path) => existsSync(path))).toHaveLength(step === 'removed' ? 0 : 2);
    for (const [index, path] of replaced.entries()) writeFileSync(path, contents[index] ?? '');
    await open();
    expect(await recoverParts(archive.sealing)).toMatchObject({ adopted: 0, damaged: [], missing: [] });
    expect(await all()).toEqual(before);
    const files = archive.sealed({ fromUs: HOUR, toUs: HOUR + HOUR_US });
    // The analyst reads them as they are.
    expect(files.reduce((sum, file) => sum + file.rows, 0)).toBe(2);
    unwrap(await compactHour(archive.sealing, HOUR));
    expect(await all()).toEqual(before);
    expect(archive.sealed({ fromUs: HOUR, toUs: HOUR + HOUR_US })).toHaveLength(1);
  });
}

for (const step of ['renamed', 'counted', 'recorded'] as const) {
  test(`a seal that fails after "${step}" of its second file leaves no file that a later start would take for more trades`, async () => {
    await put(Array.from({ length: 40 }, (_, n): Put => [1, n, '1', 0, '1', 0, n * 90, 1]));
    const before = await all();
    let seen = 0;
    const failing = (name: SealStep): void => {
      if (name !== step) return;
      seen += 1;
      if (seen === 2 || step === 'recorded') throw new Error('out of memory');
    };
    expect(await sealHour({ ...archive.sealing, rowsPerFile: 20, step: failing }, HOUR)).toMatchObject({ ok: false });
    expect(await all()).toEqual(before);
    unwrap(await sealHour(archive.sealing, HOUR));
    await recoverParts(archive.sealing);
    expect(await all()).toEqual(before);
    const files = archive.sealed({ fromUs: HOUR, toUs: HOUR + HOUR_US });
    expect(files.reduce((sum, file) => sum + file.rows, 0)).toBe(40);
  });
}

test('a seal that fails in the middle leaves the hour hot', async () => {
  await put([[1, 1, '100', 2, '1', 0, 1, 1]]);
  const before = await all();
  const stopAt = (name: SealStep): void => {
    if (name === 'deleted') throw new Error('no space left');
  };
  expect(await sealHour({ ...archive.sealing, step: stopAt }, HOUR)).toMatchObject({ ok: false });
  expect(await all()).toEqual(before);
  expect(unwrap(await sealHour(archive.sealing, HOUR))).toMatchObject({ rows: 1, known: 1 });
  expect(await all()).toEqual(before);
});

test('a file that does not read is put aside, one that the catalog forgot is adopted', async () => {
  await put([[1, 1, '100', 2, '1', 0, 1, 1]]);
  const sealed = unwrap(await sealHour(archive.sealing, HOUR));
  const path = sealed.files[0]?.path ?? '';
  warehouse.catalog.sealed.forget([path]);
  writeFileSync(join(dataDir, path.replace('0001', '0002')), 'PAR1 not a parquet file');
  const recovery = await recoverParts(archive.sealing);
  expect(recovery.adopted).toBe(1);
  expect(recovery.damaged).toHaveLength(1);
  expect((await all()).map((tick) => tick.id)).toEqual(['1']);
});

test('a cursor that is not ours is refused', async () => {
  expect(await tickPage(archive, { fromUs: 0, toUs: 1 }, {}, 'bm9uc2Vuc2U', 10)).toMatchObject({
    ok: false,
    failure: { code: 'archive.cursor' },
  });
});
