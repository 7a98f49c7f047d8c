// An extract whose proof came only after it was written gets a version that holds it; one that lacked nothing is left as it is.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { fail, unwrap } from '../../../src-shared/base/result.ts';
import { HOUR_US, MINUTE_US, SECOND_US, type Us } from '../../../src-shared/base/time.ts';
import type { ExtractJob } from '../../../src-shared/contract/listings.ts';
import { settingsSchema } from '../../../src-shared/contract/settings.ts';
import type { Venue } from '../../../src-shared/market/instrument.ts';
import { silentLog } from '../../base/log.ts';
import { openJournal } from '../../journal/writer.ts';
import { openArchive } from '../warehouse/archive.ts';
import { openWarehouse, type Warehouse } from '../warehouse/warehouse.ts';
import { type Jobs, openJobs } from './index.ts';

const AT = 1_763_600_400_000_000;
const symbols = { binance: 'ABCUSDT', upbit: 'KRW-ABC' } as const;
let nowUs: Us;
/** By how much what is heard of a line lags. */
let lagUs: Us;
let warehouse: Warehouse;
let jobs: Jobs;
let close: () => Promise<void>;
afterEach(() => close());

async function open(venue: Venue & keyof typeof symbols, lines: readonly number[]): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'tapedeck-proof-'));
  nowUs = AT + 33 * SECOND_US;
  lagUs = 0;
  const journal = unwrap(await openJournal(join(dataDir, 'journal')));
  warehouse = await openWarehouse(dataDir, { log: silentLog(), nowUs: () => nowUs });
  const key = { venue, market: 'spot', symbol: symbols[venue], channel: 'trade' } as const;
  warehouse.catalog.streams.put([{ no: 1, ...key }], AT);
  warehouse.catalog.coverage.apply(
    lines.map((line) => ({ key, line, connection: `${line}`, fromUs: AT - HOUR_US, toUs: null })),
  );
  start(venue);
  await jobs.start();
  close = async () => {
    await jobs.stop();
    await warehouse.close();
    await journal.close();
    rmSync(dataDir, { recursive: true, force: true });
  };
}

function start(venue: Venue): void {
  jobs = openJobs(
    {
      warehouse,
      archive: openArchive(
        warehouse,
        () => nowUs,
        () => nowUs - lagUs,
      ),
      writer: 'Tapedeck 0.0.0',
      settings: settingsSchema.parse({ version: 1, venues: { [venue]: { markets: ['spot'] } } }),
      ask: async () => fail('process.gone', 'nobody there', { retry: true }),
      publish: () => undefined,
      nowUs: () => nowUs,
      position: () => ({ segment: 0, offset: 0, frame: 1000, recvUs: nowUs, readUntilUs: nowUs }),
    },
    { extract: { repairMs: 50, readMs: 500, againMs: 200 } },
  );
}

/** Trades by id and second beside the announcement, each seen by these lines (bits). */
async function hold(lines: number, ...ticks: readonly (readonly [id: number, second: number])[]): Promise<void> {
  const rows = ticks.map(([id, second]) => {
    const us = AT + second * SECOND_US;
    return `(1, ${id}, NULL, 1, 0, NULL, 5, 3, NULL, 1, ${us}, ${us + 900}, 0, ${lines}, ${id}, 0)`;
  });
  await warehouse.lock.run(() => warehouse.writer.run(`INSERT INTO tick VALUES ${rows.join(', ')}`));
}

async function extract(): Promise<ExtractJob> {
  const order = { coin: 'ABC', atUs: AT, beforeUs: 20 * SECOND_US, afterUs: 20 * SECOND_US, format: 'jsonl' } as const;
  const { jobId } = unwrap(await jobs.extracts.begin(order));
  return unwrap(await jobs.extracts.wait(jobId, new AbortController().signal));
}

const versions = (): (ExtractJob | undefined)[] =>
  warehouse.catalog.jobs
    .list(9)
    .map(({ job }) => job)
    .toReversed();
const told = () => versions().map((job) => [job?.cause, job?.state, job?.manifest?.verdict]);
/** As long as several looks at what may be written anew take. */
const looks = () => new Promise((resolve) => setTimeout(resolve, 2500));

test('the id that comes after the writing proves it: a version says so, and no other follows', async () => {
  await open('binance', [0]);
  await hold(1, [100, -30], [101, 0], [102, 12]);
  expect((await extract()).manifest).toMatchObject({ verdict: 'unproved', provisional: true });
  // Nothing has come yet: nothing is written.
  nowUs += MINUTE_US;
  await looks();
  expect(told()).toEqual([['asked', 'done', 'unproved']]);
  await hold(1, [103, 100]);
  nowUs += 10 * MINUTE_US;
  await vi.waitFor(
    () =>
      expect(told()).toEqual([
        ['asked', 'done', 'unproved'],
        ['proof', 'done', 'proven'],
      ]),
    { timeout: 60_000 },
  );
  expect(versions()[1]?.manifest?.provisional).toBeUndefined();
  nowUs += 24 * HOUR_US;
  await looks();
  expect(told()).toHaveLength(2);
});

test('what came while no store ran is found by the next one', async () => {
  await open('binance', [0]);
  await hold(1, [100, -30], [101, 0], [102, 12]);
  await extract();
  await jobs.stop();
  await hold(1, [103, 100]);
  nowUs += 30 * HOUR_US;
  start('binance');
  await jobs.start();
  await vi.waitFor(() => expect(told().at(-1)).toEqual(['proof', 'done', 'proven']), { timeout: 60_000 });
});

test('lines that were heard too late to count for an extract count for its next version', async () => {
  await open('upbit', [0, 1]);
  await hold(3, [100, -30], [101, 0], [102, 12]);
  lagUs = 58 * SECOND_US;
  expect((await extract()).manifest).toMatchObject({ verdict: 'incomplete', provisional: true });
  lagUs = 0;
  nowUs += 2 * MINUTE_US;
  await vi.waitFor(
    () =>
      expect(told()).toEqual([
        ['asked', 'done', 'incomplete'],
        ['proof', 'done', 'covered'],
      ]),
    { timeout: 60_000 },
  );
});

test('an extract that ids proved is not written again for a gap that they closed without a trade', async () => {
  await open('binance', [0]);
  await hold(1, [100, -30], [101, 0], [102, 12], [103, 21]);
  expect((await extract()).manifest?.verdict).toBe('proven');
  nowUs += MINUTE_US;
  const key = { venue: 'binance', market: 'spot', symbol: 'ABCUSDT', channel: 'trade' } as const;
  const at = { fromUs: AT + 19 * SECOND_US, toUs: AT + 80 * SECOND_US, openedUs: nowUs, closedUs: nowUs };
  const ids = { fromId: null, toId: null, deadlineUs: null, evidence: 'ids run on without a hole: 103, 104' };
  warehouse.catalog.gaps.apply([
    { id: '1-late', stream: 1, key, state: 'repaired', cause: 'silent', ...at, ...ids, frame: 2 },
  ]);
  warehouse.emit('gaps', undefined);
  await looks();
  expect(told()).toEqual([['asked', 'done', 'proven']]);
});
