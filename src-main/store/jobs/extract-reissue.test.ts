// An extract that lacked something gets its new version when that is filled, however many extracts came after it and whatever stood in the way first.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { fail, unwrap } from '../../../src-shared/base/result.ts';
import { HOUR_US, SECOND_US } from '../../../src-shared/base/time.ts';
import type { ExtractJob } from '../../../src-shared/contract/listings.ts';
import { settingsSchema } from '../../../src-shared/contract/settings.ts';
import { silentLog } from '../../base/log.ts';
import { openArchive } from '../warehouse/archive.ts';
import { openWarehouse, type Warehouse } from '../warehouse/warehouse.ts';
import { type Jobs, openJobs } from './index.ts';

const AT = 1_763_600_400_000_000;
const key = { venue: 'binance', market: 'spot', symbol: 'ABCUSDT', channel: 'trade' } as const;
const gap = {
  id: '1-100',
  stream: 1,
  key,
  cause: 'sequence',
  fromUs: AT - SECOND_US,
  toUs: AT,
  fromId: '100',
  toId: '101',
  deadlineUs: null,
  evidence: null,
  openedUs: AT,
} as const;
let dataDir = '';
let nowUs = AT + HOUR_US;
/** How far the store has read; null: everything. */
let readUntilUs: number | null = null;
let warehouse: Warehouse;
let jobs: Jobs;

function open(): Jobs {
  return openJobs(
    {
      warehouse,
      archive: openArchive(warehouse, () => nowUs),
      writer: 'Tapedeck 0.0.0',
      settings: settingsSchema.parse({ version: 1, venues: { binance: { markets: ['spot'] } } }),
      ask: async () => fail('process.gone', 'nobody there', { retry: true }),
      publish: () => undefined,
      nowUs: () => nowUs,
      position: () => ({ segment: 0, offset: 0, frame: 1000, recvUs: nowUs, readUntilUs: readUntilUs ?? nowUs }),
    },
    { extract: { repairMs: 50, readMs: 50, againMs: 200 } },
  );
}

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'tapedeck-reissue-'));
  nowUs = AT + HOUR_US;
  readUntilUs = null;
  warehouse = await openWarehouse(dataDir, { log: silentLog(), nowUs: () => nowUs });
  warehouse.catalog.streams.put([{ no: 1, ...key }], AT);
  warehouse.catalog.coverage.apply([{ key, line: 0, connection: '0', fromUs: AT - HOUR_US, toUs: null }]);
  const ticks = [100, 101].map(
    (id, n) => `(1, ${id}, NULL, 1, 0, NULL, 5, 3, NULL, 1, ${AT + n}, ${AT + n}, 0, 3, ${id}, 0)`,
  );
  await warehouse.lock.run(() => warehouse.writer.run(`INSERT INTO tick VALUES ${ticks.join(', ')}`));
  warehouse.catalog.gaps.apply([{ ...gap, state: 'open', closedUs: null, frame: 1 }]);
  jobs = open();
});

afterEach(async () => {
  await jobs.stop();
  await warehouse.close();
  rmSync(dataDir, { recursive: true, force: true });
});

async function extract(outDir?: string): Promise<ExtractJob> {
  const order = { coin: 'abc', atUs: AT, beforeUs: 20 * SECOND_US, afterUs: 20 * SECOND_US, format: 'csv' } as const;
  const { jobId } = unwrap(await jobs.extracts.begin(outDir === undefined ? order : { ...order, outDir }));
  return unwrap(await jobs.extracts.wait(jobId, new AbortController().signal));
}

function fill(): void {
  nowUs += SECOND_US;
  warehouse.catalog.gaps.apply([{ ...gap, state: 'repaired', closedUs: nowUs, frame: 2 }]);
  warehouse.emit('gaps', undefined);
}

/** As many extracts of other coins, asked for later. */
function putLater(like: ExtractJob, count: number): void {
  nowUs += SECOND_US;
  for (let n = 0; n < count; n += 1) {
    const job: ExtractJob = { ...like, jobId: `later-${n}`, coin: `C${n}`, manifest: null, folder: null };
    warehouse.catalog.jobs.put({ job, input: {}, createdUs: nowUs + n }, nowUs + n);
  }
}

/** Until a round over all extracts that lack something has begun and ended. */
async function roundOver(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 1500));
}

const noVersion = (first: ExtractJob, version: number): boolean => !existsSync(`${first.folder}-v${version}`);

test('fifty and more later extracts do not hide one whose gap is filled; it is written anew once', async () => {
  await jobs.start();
  const first = await extract();
  expect(first.manifest?.streams[0]).toMatchObject({ verdict: 'incomplete', gaps: ['1-100'] });
  putLater(first, 120);
  fill();
  await vi.waitFor(() => expect(noVersion(first, 2)).toBe(false), { timeout: 60_000 });
  warehouse.emit('gaps', undefined);
  await roundOver();
  expect(noVersion(first, 3)).toBe(true);
});

test('what was received before an extract and stored after its rows were read is in a new version', async () => {
  await jobs.start();
  const first = await extract();
  expect(first.manifest).toMatchObject({ createdUs: nowUs, gapStates: { '1-100': 'open' } });
  // The frame that filled it came before the extract was begun; the store was behind.
  warehouse.catalog.gaps.apply([{ ...gap, state: 'repaired', closedUs: nowUs - SECOND_US, frame: 2 }]);
  warehouse.emit('gaps', undefined);
  await vi.waitFor(() => expect(noVersion(first, 2)).toBe(false), { timeout: 60_000 });
  await roundOver();
  expect(noVersion(first, 3)).toBe(true);
});

test('several versions that lack the same are followed by one', async () => {
  await jobs.start();
  const first = await extract();
  nowUs += SECOND_US;
  await extract();
  expect(noVersion(first, 2)).toBe(false);
  fill();
  await vi.waitFor(() => expect(noVersion(first, 3)).toBe(false), { timeout: 60_000 });
  warehouse.emit('gaps', undefined);
  await roundOver();
  expect(noVersion(first, 4)).toBe(true);
});

test('a new version that fails is told of once and tried again, until it is there', async () => {
  const outDir = join(dataDir, 'elsewhere');
  await jobs.start();
  const first = await extract(outDir);
  rmSync(outDir, { recursive: true });
  writeFileSync(outDir, 'a file where the folder was');
  const told = () => warehouse.catalog.ledger.list(100).filter(({ note }) => note.includes('no new version'));
  fill();
  await vi.waitFor(() => expect(told()).toHaveLength(1), { timeout: 60_000 });
  await roundOver();
  expect(told()).toHaveLength(1);
  rmSync(outDir);
  await vi.waitFor(() => expect(existsSync(join(first.folder ?? '', 'manifest.json'))).toBe(true), { timeout: 60_000 });
  await roundOver();
  expect(noVersion(first, 2)).toBe(true);
});

test('an extract that a restart interrupted goes on, however many were asked for after it', async () => {
  nowUs = AT;
  const order = { coin: 'abc', atUs: AT, beforeUs: SECOND_US, afterUs: 20 * SECOND_US, format: 'csv' } as const;
  const { jobId } = unwrap(await jobs.extracts.begin(order));
  const waiting = jobs.extracts.get(jobId);
  if (!waiting) throw new Error('the extract has begun');
  await jobs.stop();
  putLater({ ...waiting, state: 'done' }, 60);
  nowUs = AT + HOUR_US;
  jobs = open();
  await jobs.start();
  expect(unwrap(await jobs.extracts.wait(jobId, new AbortController().signal))).toMatchObject({ state: 'done' });
});

test('trades that a comparison found after the extract are in a new version, though the extract was not called incomplete', async () => {
  const won = { venue: 'upbit', market: 'spot', symbol: 'KRW-ABC', channel: 'trade' } as const;
  warehouse.catalog.gaps.apply([{ ...gap, state: 'repaired', closedUs: AT, frame: 2 }]);
  warehouse.catalog.streams.put([{ no: 2, ...won }], AT);
  warehouse.catalog.coverage.apply([{ key: won, line: 0, connection: '1', fromUs: AT - HOUR_US, toUs: null }]);
  await warehouse.lock.run(() =>
    warehouse.writer.run(`INSERT INTO tick VALUES (2, 7, NULL, 1, 0, NULL, 5, 3, NULL, 1, ${AT}, ${AT}, 0, 1, 7, 0)`),
  );
  await jobs.start();
  const first = await extract();
  expect(first.manifest?.verdict).toBe('unproved');
  await roundOver();
  expect(noVersion(first, 2)).toBe(true);
  // A minute later its candle says more, and the venue's history gives it.
  const minute = { fromUs: AT - 30 * SECOND_US, toUs: AT + 30 * SECOND_US - 1, fromId: null, toId: null };
  const lacked = { ...gap, ...minute, id: '2-v1', stream: 2, key: won, cause: 'volume', frame: 9 } as const;
  nowUs += SECOND_US;
  const late = { ...lacked, id: '2-v2' };
  warehouse.catalog.gaps.apply([lacked, late].map((one) => ({ ...one, state: 'open', closedUs: null })));
  warehouse.catalog.gaps.apply([{ ...lacked, state: 'repaired', closedUs: nowUs, frame: 10 }]);
  warehouse.emit('gaps', undefined);
  await roundOver();
  // Another may still be filled.
  expect(noVersion(first, 2)).toBe(true);
  warehouse.catalog.gaps.apply([{ ...late, state: 'unrecoverable', closedUs: nowUs, frame: 11 }]);
  warehouse.emit('gaps', undefined);
  await vi.waitFor(() => expect(noVersion(first, 2)).toBe(false), { timeout: 60_000 });
  warehouse.emit('gaps', undefined);
  await roundOver();
  expect(noVersion(first, 3)).toBe(true);
});

test('an extract written while the store was behind has its new version when the store has read its window', async () => {
  warehouse.catalog.gaps.apply([{ ...gap, state: 'repaired', closedUs: AT, frame: 2 }]);
  readUntilUs = AT + SECOND_US;
  await jobs.start();
  const first = await extract();
  expect(first.manifest).toMatchObject({ verdict: 'incomplete', unread: true });
  await roundOver();
  expect(noVersion(first, 2)).toBe(true);
  readUntilUs = null;
  await vi.waitFor(() => expect(noVersion(first, 2)).toBe(false), { timeout: 60_000 });
  const second = JSON.parse(readFileSync(join(`${first.folder}-v2`, 'manifest.json'), 'utf8')) as object;
  expect(second).not.toHaveProperty('unread');
  await roundOver();
  expect(noVersion(first, 3)).toBe(true);
});

test('an extract written between facts and rows has its new version when the rows are there, and not before', async () => {
  await jobs.start();
  warehouse.halfway.begin();
  warehouse.catalog.gaps.apply([{ ...gap, state: 'repaired', closedUs: AT, frame: 2 }]);
  const first = await extract();
  expect(first.manifest).toMatchObject({ verdict: 'incomplete', unread: true });
  warehouse.emit('gaps', undefined);
  await roundOver();
  expect(noVersion(first, 2)).toBe(true);
  warehouse.halfway.end();
  await vi.waitFor(() => expect(noVersion(first, 2)).toBe(false), { timeout: 60_000 });
});
