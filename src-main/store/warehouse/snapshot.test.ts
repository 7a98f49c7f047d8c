// What the analyst gets to read: sealed files and hot parts hold each trade once, whatever is sealed, half sealed or committed in between.
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { unwrap } from '../../../src-shared/base/result.ts';
import { HOUR_US, SECOND_US, type Us } from '../../../src-shared/base/time.ts';
import { silentLog } from '../../base/log.ts';
import { type OpenArchive, openArchive } from './archive.ts';
import { sealHour } from './seal.ts';
import { openSnapshots, type Snapshot, type Snapshots } from './snapshot.ts';
import { openWarehouse, type Warehouse } from './warehouse.ts';

const HOUR = 1_763_600_400_000_000 - (1_763_600_400_000_000 % HOUR_US);
let dataDir = '';
let warehouse: Warehouse;
let archive: OpenArchive;
let snapshots: Snapshots;
let frame = 0;
const readUntilUs: Us = HOUR + HOUR_US;
let refusal: string | null = null;

beforeEach(async () => {
  frame = 0;
  refusal = null;
  dataDir = mkdtempSync(join(tmpdir(), 'tapedeck-snapshot-'));
  warehouse = await openWarehouse(dataDir, { log: silentLog(), nowUs: () => HOUR });
  archive = openArchive(warehouse, () => HOUR);
  snapshots = open();
  warehouse.catalog.streams.put(
    [
      { no: 1, venue: 'binance', market: 'spot', symbol: 'ABCUSDT', channel: 'trade' },
      { no: 2, venue: 'upbit', market: 'spot', symbol: "KRW-O'C", channel: 'trade' },
    ],
    HOUR,
  );
});

afterEach(async () => {
  await snapshots.close();
  await warehouse.close();
  rmSync(dataDir, { recursive: true, force: true });
});

function open(bounds: { rowsPerPart?: number; rowsPerAsk?: number } = {}): Snapshots {
  return openSnapshots(archive, {
    nowUs: () => HOUR,
    readUntilUs: () => readUntilUs,
    refusal: () => refusal,
    ...bounds,
  });
}

/** Commits trades of both streams, ids from..from+count-1, one a second from an hour's begin. */
async function commit(from: number, count: number, hourUs = HOUR): Promise<void> {
  const values = Array.from({ length: count }, (_, n) => {
    const [id, us] = [from + n, hourUs + ((from + n) % 3600) * SECOND_US];
    frame += 1;
    return `(${1 + (id % 2)}, ${id}, NULL, 12345, 2, NULL, 5, 1, NULL, 1, ${us}, ${us + 1000}, 0, 1, ${frame}, 0)`;
  });
  await warehouse.lock.run(() => warehouse.writer.run(`INSERT INTO tick VALUES ${values.join(', ')}`));
}

async function take(): Promise<Snapshot> {
  return unwrap(await snapshots.take(null, true));
}

/** Ids in files and parts, as they lie there. */
async function idsOf(snapshot: Snapshot): Promise<number[]> {
  const paths = [...snapshot.sealed, ...snapshot.hot].map((file) => `'${join(dataDir, file.path)}'`);
  if (paths.length === 0) return [];
  const rows = await archive.rows(
    `SELECT id FROM read_parquet([${paths.join(', ')}], hive_partitioning = false) ORDER BY id::BIGINT`,
  );
  return rows.map((row) => Number(row.id));
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

test('gives what is committed, digits and all, and only what is new the next time', async () => {
  await commit(0, 100);
  const first = await take();
  expect(await idsOf(first)).toEqual(upTo(100));
  expect(first.reach).toEqual({ hotUntilUs: readUntilUs, sealedUntilUs: null, note: '' });
  const [row] = await archive.rows(`SELECT * FROM '${join(dataDir, first.hot[0]?.path ?? '')}' WHERE id = '7'`);
  expect(row).toMatchObject({
    venue: 'upbit',
    symbol: "KRW-O'C",
    price: '123.45',
    qty: '0.5',
    side: 'buy',
    event_us: HOUR + 7 * SECOND_US,
  });
  const same = await take();
  expect(same.hot).toEqual(first.hot);
  await commit(100, 50);
  expect(await idsOf(await take())).toEqual(upTo(150));
});

test('a big hour is several parts, and a growing one keeps what it has', async () => {
  await snapshots.close();
  snapshots = open({ rowsPerPart: 40_000 });
  await commit(0, 110_000);
  const first = await take();
  expect(first.hot.length).toBe(3);
  await commit(110_000, 10);
  const second = await take();
  expect(second.hot.slice(0, 3)).toEqual(first.hot);
  expect(await idsOf(second)).toEqual(upTo(110_010));
});

test('an hour that is sealed leaves the parts, and what comes late is a part again', async () => {
  await commit(0, 60);
  await commit(60, 40, HOUR + HOUR_US);
  await take();
  unwrap(await sealHour(archive.sealing, HOUR));
  const sealed = await take();
  expect(sealed.sealed.length).toBe(1);
  expect(await idsOf(sealed)).toEqual(upTo(100));
  await commit(100, 5);
  const late = await take();
  expect(late.hot.filter((part) => part.hourUs === HOUR).map((part) => part.rows)).toEqual([5]);
  expect(await idsOf(late)).toEqual(upTo(105));
});

test('a seal that died before its hot rows went gives no trade twice', async () => {
  await commit(0, 60);
  const died = { ...archive.sealing, step: (name: string) => void (name === 'recorded' && fall()) };
  await expect(sealHour(died, HOUR).then((found) => found.ok)).resolves.toBe(false);
  const snapshot = await take();
  expect(snapshot.sealed.length).toBe(1);
  expect(await idsOf(snapshot)).toEqual(upTo(60));
});

function fall(): never {
  throw new Error('the power went');
}

test('more than its bound is given step by step, and it says so', async () => {
  await snapshots.close();
  snapshots = open({ rowsPerAsk: 80 });
  await commit(0, 60);
  await commit(60, 60, HOUR + HOUR_US);
  const first = await take();
  expect(await idsOf(first)).toEqual(upTo(60));
  expect(first.reach.hotUntilUs).toBe(HOUR + HOUR_US);
  expect(first.reach.note).toContain('ask again');
  expect(await idsOf(await take())).toEqual(upTo(120));
});

test('a disk in need is not written to', async () => {
  await commit(0, 60);
  unwrap(await sealHour(archive.sealing, HOUR));
  await commit(60, 10, HOUR + HOUR_US);
  refusal = 'the disk is halted: sealed hours only';
  const snapshot = await take();
  expect(snapshot.reach).toEqual({ hotUntilUs: null, sealedUntilUs: HOUR + HOUR_US, note: refusal });
  expect(await idsOf(snapshot)).toEqual(upTo(60));
});

test('what came late to a sealed hour does not hold the reach of the sealed hours back', async () => {
  await commit(0, 60);
  unwrap(await sealHour(archive.sealing, HOUR));
  await commit(60, 5);
  refusal = 'the disk is pruning: sealed hours only';
  const { reach } = await take();
  expect(reach.sealedUntilUs).toBe(readUntilUs);
  // They lie before it and are not in the answer: that is said.
  expect(reach.note).toBe(`${refusal}; 5 trades of sealed hours are still hot and not among them`);
  await commit(65, 5, HOUR + HOUR_US);
  expect((await take()).reach.sealedUntilUs).toBe(HOUR + HOUR_US);
});

test('a window names only what overlaps it', async () => {
  await commit(0, 60);
  await commit(60, 40, HOUR + HOUR_US);
  unwrap(await sealHour(archive.sealing, HOUR));
  const later = unwrap(await snapshots.take({ fromUs: HOUR + HOUR_US, toUs: HOUR + 2 * HOUR_US }, true));
  expect(later.sealed).toEqual([]);
  expect(later.hot.length).toBe(1);
});

test('a store that leaves exports nothing more', async () => {
  await commit(0, 10);
  await snapshots.close();
  expect(await snapshots.take(null, true)).toMatchObject({
    ok: false,
    failure: { code: 'archive.snapshot', retry: true },
  });
});

test('parts of an earlier life are gone', async () => {
  await commit(0, 10);
  await take();
  const before = readdirSync(join(dataDir, 'analysis/hot'));
  await snapshots.close();
  snapshots = open();
  expect(await idsOf(await take())).toEqual(upTo(10));
  expect(before.some((name) => existsSync(join(dataDir, 'analysis/hot', name)))).toBe(false);
});
