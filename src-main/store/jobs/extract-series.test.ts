// A window that is opened again must show what was exported: every format, no extreme lost by thinning, each clock, and what a repair changed.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fail, unwrap } from '../../../src-shared/base/result.ts';
import { HOUR_US, SECOND_US } from '../../../src-shared/base/time.ts';
import type { ExtractJob } from '../../../src-shared/contract/listings.ts';
import { type Settings, settingsSchema } from '../../../src-shared/contract/settings.ts';
import { silentLog } from '../../base/log.ts';
import { openArchive } from '../warehouse/archive.ts';
import { openWarehouse, type Warehouse } from '../warehouse/warehouse.ts';
import { changesOf, readSeries, readSeriesAt, versionsOf } from './extract-series.ts';
import { type Jobs, openJobs } from './index.ts';
import type { JobContext } from './job.ts';

const AT = 1_763_600_400_000_000;
const nowUs = AT + HOUR_US;
const settings: Settings = settingsSchema.parse({ version: 1, venues: { binance: { markets: ['spot'] } } });
let dataDir = '';
let warehouse: Warehouse;
let context: JobContext;
let jobs: Jobs;

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'tapedeck-series-'));
  warehouse = await openWarehouse(dataDir, { log: silentLog(), nowUs: () => nowUs });
  context = {
    warehouse,
    archive: openArchive(warehouse, () => nowUs),
    writer: 'Tapedeck 0.0.0',
    settings,
    ask: async () => fail('process.gone', 'nobody there', { retry: true }),
    publish: () => undefined,
    nowUs: () => nowUs,
    position: () => ({ segment: 0, offset: 0, frame: 1000, recvUs: nowUs, readUntilUs: nowUs }),
  };
  jobs = openJobs(context, { extract: { repairMs: 300, readMs: 300 } });
  warehouse.catalog.streams.put(
    [
      { no: 1, venue: 'binance', market: 'spot', symbol: 'ABCUSDT', channel: 'trade' },
      { no: 2, venue: 'upbit', market: 'spot', symbol: 'KRW-ABC', channel: 'trade' },
    ],
    AT,
  );
});

afterEach(async () => {
  await jobs.stop();
  await warehouse.close();
  rmSync(dataDir, { recursive: true, force: true });
});

/** Stream, second from t0, price in hundredths. */
async function print(rows: readonly (readonly [number, number, number])[], firstId = 1): Promise<void> {
  const values = rows.map(([stream, second, price], index) => {
    const us = AT + Math.round(second * SECOND_US);
    const id = firstId + index;
    return `(${stream}, ${id}, NULL, ${price}, 2, NULL, 5, 1, NULL, ${1 + (index % 2)}, ${us}, ${us + 900}, 0, 1, ${id}, 0)`;
  });
  await warehouse.lock.run(() => warehouse.writer.run(`INSERT INTO tick VALUES ${values.join(', ')}`));
}

async function extract(format: 'parquet' | 'csv' | 'jsonl' = 'parquet'): Promise<ExtractJob> {
  const order = { coin: 'ABC', atUs: AT, beforeUs: 20 * SECOND_US, afterUs: 20 * SECOND_US, format };
  const { jobId } = unwrap(await jobs.extracts.begin(order));
  return unwrap(await jobs.extracts.wait(jobId, new AbortController().signal));
}

const whole = { fromUs: -20 * SECOND_US, toUs: 20 * SECOND_US, points: 20, bars: 8 };

test('every format is drawn from its file; the archive stands in when the folder is gone', async () => {
  await print([
    [1, -5, 10000],
    [1, 0, 10100],
    [2, 3, 9900],
  ]);
  const seen = [];
  for (const format of ['parquet', 'csv', 'jsonl'] as const) {
    const job = await extract(format);
    expect(job.state, job.note).toBe('done');
    seen.push(unwrap(await readSeries(context.archive, settings, job, { ...whole, align: 'published' })));
    if (format !== 'jsonl') continue;
    rmSync(job.folder ?? '', { recursive: true });
    const fallen = unwrap(await readSeries(context.archive, settings, job, { ...whole, align: 'published' }));
    expect(fallen).toEqual({ ...seen[0], source: 'archive' });
  }
  expect(seen[1]).toEqual(seen[0]);
  expect(seen[2]).toEqual(seen[0]);
  expect(seen[0]).toMatchObject({ source: 'file', ticks: 3, barUs: 5 * SECOND_US });
  expect(seen[0]?.streams[0]).toMatchObject({
    every: true,
    at: [-5 * SECOND_US, 0],
    price: [100, 101],
    bars: { at: [-5 * SECOND_US, 0], trades: [1, 1], bought: [0.5, 0] },
  });
});

test('thinning keeps the extremes, both ends and the count, and says that it thinned', async () => {
  const many = Array.from(
    { length: 4000 },
    (_, index) => [1, -19 + index / 110, index === 1234 ? 99_900 : index === 777 ? 100 : 10_000 + (index % 7)] as const,
  );
  await print(many);
  const series = unwrap(await readSeries(context.archive, settings, await extract(), { ...whole, align: 'published' }));
  const [stream] = series.streams;
  expect(stream).toMatchObject({ ticks: 4000, every: false });
  expect(stream?.price.length).toBeLessThanOrEqual(4 * 20);
  expect(Math.max(...(stream?.price ?? []))).toBe(999);
  expect(Math.min(...(stream?.price ?? []))).toBe(1);
  expect(stream?.price[0]).toBe(100);
  expect(stream?.at).toEqual(stream?.at.toSorted((a, b) => a - b));
  expect(stream?.bars.trades.reduce((sum, count) => sum + count, 0)).toBe(4000);
});

test('each clock moves every stream by its own origin, and a moment gives the exact tick', async () => {
  await print([
    [1, -5, 10000],
    [1, 0.25, 10150],
    [1, 2, 10200],
    [2, 3, 9900],
  ]);
  const job = await extract();
  const first = unwrap(await readSeries(context.archive, settings, job, { ...whole, align: 'first-trade' }));
  expect(first.streams.map(({ originUs, at }) => [originUs, at])).toEqual([
    [AT + 250_000, [-5_250_000, 0, 1_750_000]],
    [AT + 3 * SECOND_US, [0]],
  ]);
  // A narrower range begins with the price that holds then.
  const near = { ...whole, fromUs: SECOND_US, toUs: 4 * SECOND_US, align: 'published' as const };
  const [held] = unwrap(await readSeries(context.archive, settings, job, near)).streams;
  expect([held?.ticks, held?.at, held?.price]).toEqual([1, [250_000, 2 * SECOND_US], [101.5, 102]]);
  // Nobody announced it, so it was never detected: no clock, nothing drawn, no failure.
  const detected = unwrap(await readSeries(context.archive, settings, job, { ...whole, align: 'detected' }));
  expect(detected).toMatchObject({ ticks: 0, streams: [{ originUs: null }, { originUs: null }] });
  const at = unwrap(await readSeriesAt(context.archive, settings, job, 'published', SECOND_US));
  expect(at.streams.map(({ tick }) => tick?.price ?? null)).toEqual(['101.50', null]);
  const empty = await readSeries(context.archive, settings, job, { ...whole, toUs: whole.fromUs, align: 'published' });
  expect(empty).toMatchObject({ ok: false, failure: { code: 'series.range' } });
  expect(await readSeries(context.archive, settings, undefined, { ...whole, align: 'published' })).toMatchObject({
    ok: false,
    failure: { code: 'extract.not-written' },
  });
});

test('versions say what changed since the one before of the same window', async () => {
  await print([[1, 0, 10000]]);
  await extract();
  await print(
    [
      [1, 1, 10000],
      [2, 1, 9900],
    ],
    50,
  );
  const second = await extract('csv');
  const versions = versionsOf(warehouse.catalog.jobs.doneAround('ABC', AT), () => null);
  expect(versions.map(({ version, since, rows, format, present }) => [version, since, rows, format, present])).toEqual([
    [2, 1, 3, 'csv', true],
    [1, null, 1, 'parquet', true],
  ]);
  expect(versions[0]?.jobId).toBe(second.jobId);
  const [grown, fresh] = versions[0]?.changes ?? [];
  expect(grown).toMatchObject({ instrument: 'binance:spot:ABCUSDT', rowsBefore: 1, rowsAfter: 2 });
  expect(fresh).toMatchObject({ instrument: 'upbit:spot:KRW-ABC', rowsBefore: 0, rowsAfter: 1 });
  // A gap counts as filled when that happened between the two versions.
  const manifest = second.manifest;
  if (!manifest) throw new Error('no manifest');
  const [one] = manifest.streams;
  if (!one) throw new Error('no stream');
  const before = { ...manifest, createdUs: 100, streams: [{ ...one, gaps: ['early', 'late', 'open'] }] };
  const after = { ...before, createdUs: 200 };
  const filled = changesOf(before, after, (id) => ({ early: 50, late: 150 })[id] ?? null);
  expect(filled.map((change) => change.filled)).toEqual([['late']]);
});
