// An extract whose catalog or disk does not take what it writes for a while: nothing waits for ever, a whole folder is done, and what nobody asked for by hand comes all the same.
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { fail, unwrap } from '../../../src-shared/base/result.ts';
import { HOUR_US, SECOND_US } from '../../../src-shared/base/time.ts';
import { settingsSchema } from '../../../src-shared/contract/settings.ts';
import { silentLog } from '../../base/log.ts';
import { openArchive } from '../warehouse/archive.ts';
import { openWarehouse, type Warehouse } from '../warehouse/warehouse.ts';
import { type Jobs, openJobs } from './index.ts';

const AT = 1_763_600_400_000_000;
const order = { coin: 'ABC', atUs: AT, beforeUs: 20 * SECOND_US, afterUs: 20 * SECOND_US, format: 'csv' } as const;
const within = { timeout: 60_000, interval: 20 };
let dataDir = '';
let nowUs = AT + HOUR_US;
let warehouse: Warehouse;
let jobs: Jobs;
let stopped = false;

/** retryMs: see ExtractOptions. */
function open(retryMs = 50): Jobs {
  stopped = false;
  return openJobs(
    {
      warehouse,
      archive: openArchive(warehouse, () => nowUs),
      writer: 'Tapedeck 0.0.0',
      settings: settingsSchema.parse({ version: 1, venues: { binance: { markets: ['spot'] } } }),
      ask: async () => fail('process.gone', 'nobody there', { retry: true }),
      publish: () => undefined,
      nowUs: () => nowUs,
      position: () => ({ segment: 0, offset: 0, frame: 1000, recvUs: nowUs, readUntilUs: nowUs }),
    },
    { extract: { repairMs: 300, readMs: 300, retryMs }, listings: { againMs: 50 } },
  );
}

async function stop(): Promise<void> {
  if (!stopped) await jobs.stop();
  stopped = true;
}

async function startWith(retryMs: number): Promise<void> {
  await stop();
  jobs = open(retryMs);
  await jobs.start();
}

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'tapedeck-trouble-'));
  nowUs = AT + HOUR_US;
  warehouse = await openWarehouse(dataDir, { log: silentLog(), nowUs: () => nowUs });
  jobs = open();
});

afterEach(async () => {
  vi.restoreAllMocks();
  await stop();
  await warehouse.close();
  rmSync(dataDir, { recursive: true, force: true });
});

const full = (): never => {
  throw new Error('database or disk is full');
};

/** From now on the catalog takes no news of extracts, as when its disk is full; gives back what ends that. */
function fillCatalog(): () => void {
  const put = vi.spyOn(warehouse.catalog.jobs, 'put').mockImplementation(full);
  return () => put.mockRestore();
}

function list(): string {
  return unwrap(jobs.listings.add('ABC', nowUs - 60 * SECOND_US, 'ABC is listed')).listing.id;
}

const noted = (): string[] => warehouse.notes.filter((text) => text.includes('no automatic extract'));

describe('a catalog that does not take the job', () => {
  test('is said, and leaves nothing behind for which the next one or the stop would wait', async () => {
    const free = fillCatalog();
    expect(await jobs.extracts.begin(order)).toMatchObject({
      ok: false,
      failure: { message: 'the extract of ABC failed: database or disk is full', retry: true },
    });
    free();
    const { jobId } = unwrap(await jobs.extracts.begin(order));
    const job = unwrap(await jobs.extracts.wait(jobId, new AbortController().signal));
    expect(job.state).toBe('done');
    expect(warehouse.catalog.jobs.list(5)).toHaveLength(1);
    await stop();
  });

  test('delays an automatic extract until it does, and is noted once', async () => {
    await jobs.start();
    const free = fillCatalog();
    const begin = vi.spyOn(jobs.extracts, 'begin');
    const id = list();
    await vi.waitFor(() => expect(begin.mock.calls.length).toBeGreaterThan(3), within);
    expect(jobs.extracts.ofListing(id)).toBeUndefined();
    free();
    await vi.waitFor(() => expect(jobs.extracts.ofListing(id)?.state).toBe('done'), within);
    expect(noted()).toEqual(['ABC: no automatic extract: the extract of ABC failed: database or disk is full']);
    const { length } = begin.mock.calls;
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(begin.mock.calls.length, 'one that has begun is owed no more').toBe(length);
    expect(warehouse.catalog.jobs.list(5)).toHaveLength(1);
  });

  test('is noted as soon as notes are taken', async () => {
    await jobs.start();
    const free = fillCatalog();
    const ledger = vi.spyOn(warehouse.catalog.ledger, 'add').mockImplementation(full);
    list();
    await vi.waitFor(() => expect(ledger.mock.calls.length).toBeGreaterThan(1), within);
    ledger.mockRestore();
    await vi.waitFor(() => expect(noted()).toHaveLength(1), within);
    free();
  });

  test('is not asked for ever: a listing that is a day old is let go', async () => {
    await jobs.start();
    const free = fillCatalog();
    const begin = vi.spyOn(jobs.extracts, 'begin');
    const id = list();
    await vi.waitFor(() => expect(begin.mock.calls.length).toBeGreaterThan(1), within);
    nowUs += 25 * HOUR_US;
    await new Promise((resolve) => setTimeout(resolve, 200));
    const { length } = begin.mock.calls;
    free();
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(begin.mock.calls.length).toBe(length);
    expect(jobs.extracts.ofListing(id)).toBeUndefined();
  });

  test('at a start does not keep back what it holds from before', async () => {
    const job = { ...order, jobId: 'before', listingId: null, state: 'writing', progress: 0.5, note: '' } as const;
    warehouse.catalog.jobs.put(
      { job: { ...job, folder: null, manifest: null, cause: 'asked' }, input: order, createdUs: nowUs },
      nowUs,
    );
    const put = vi.spyOn(warehouse.catalog.jobs, 'put').mockImplementationOnce(full);
    await jobs.start();
    await vi.waitFor(() => expect(warehouse.catalog.jobs.get('before')?.job.state).toBe('done'), within);
    expect(put).toHaveBeenCalled();
  });
});

describe('an extract that fails on its way', () => {
  test('is tried again when it is automatic, with growing pauses, until it is there', async () => {
    await jobs.start();
    // Who writes the journal cannot be read, as when no descriptor is left.
    const lock = join(dataDir, 'journal', 'writer.lock');
    mkdirSync(lock, { recursive: true });
    const id = list();
    await vi.waitFor(
      () =>
        expect(jobs.extracts.ofListing(id)).toMatchObject({ state: 'waiting', note: expect.stringMatching('EISDIR') }),
      within,
    );
    rmSync(lock, { recursive: true });
    await vi.waitFor(() => expect(jobs.extracts.ofListing(id)?.state).toBe('done'), within);
    expect(warehouse.catalog.jobs.list(5)).toHaveLength(1);
  });

  test('is tried again also while the catalog takes no news of it', async () => {
    await jobs.start();
    const { put } = warehouse.catalog.jobs;
    let calls = 0;
    // It takes the job, and then nothing for a while.
    vi.spyOn(warehouse.catalog.jobs, 'put').mockImplementation((record, atUs) => {
      calls += 1;
      if (calls > 1 && calls < 6) full();
      put(record, atUs);
    });
    const id = list();
    await vi.waitFor(() => expect(warehouse.catalog.jobs.ofListing(id)?.job.state).toBe('done'), within);
  });

  test('is tried a few times only, then it has failed and says why', async () => {
    await startWith(5);
    mkdirSync(join(dataDir, 'journal', 'writer.lock'), { recursive: true });
    const id = list();
    await vi.waitFor(() => expect(jobs.extracts.ofListing(id)?.state).toBe('failed'), within);
    expect(jobs.extracts.ofListing(id)?.note).toMatch(/^the extract of ABC failed: EISDIR/);
  });

  test('can be cancelled, and stopped, while it waits for its next try', async () => {
    await startWith(60_000);
    mkdirSync(join(dataDir, 'journal', 'writer.lock'), { recursive: true });
    const fails = async (): Promise<string> => {
      const id = list();
      await vi.waitFor(() => expect(jobs.extracts.ofListing(id)?.note).toMatch('EISDIR'), within);
      return jobs.extracts.ofListing(id)?.jobId ?? '';
    };
    const first = await fails();
    unwrap(jobs.extracts.cancel(first));
    await vi.waitFor(() => expect(jobs.extracts.get(first)?.state).toBe('cancelled'), within);
    nowUs += SECOND_US;
    const second = await fails();
    await stop();
    // The next start takes it up.
    expect(warehouse.catalog.jobs.get(second)?.job.state).toBe('waiting');
  });

  test('that somebody asked for is told at once', async () => {
    await startWith(60_000);
    mkdirSync(join(dataDir, 'journal', 'writer.lock'), { recursive: true });
    const { jobId } = unwrap(await jobs.extracts.begin(order));
    expect(unwrap(await jobs.extracts.wait(jobId, new AbortController().signal)).state).toBe('failed');
  });

  test('whose folder cannot be made comes when it can', async () => {
    await jobs.start();
    const exports = join(dataDir, 'exports');
    rmSync(exports, { recursive: true, force: true });
    writeFileSync(exports, 'in the way');
    const id = list();
    await vi.waitFor(() => expect(jobs.extracts.ofListing(id)?.note).toMatch('choose another folder'), within);
    rmSync(exports);
    await vi.waitFor(() => expect(jobs.extracts.ofListing(id)?.state).toBe('done'), within);
  });
});

test('a whole folder is done, whether or not the ledger takes the note of it', async () => {
  vi.spyOn(warehouse.catalog.ledger, 'add').mockImplementation(full);
  const { jobId } = unwrap(await jobs.extracts.begin(order));
  const job = unwrap(await jobs.extracts.wait(jobId, new AbortController().signal));
  expect(job.state).toBe('done');
  expect(existsSync(join(job.folder ?? '', 'manifest.json'))).toBe(true);
  expect(warehouse.catalog.jobs.get(jobId)?.job.state).toBe('done');
});
