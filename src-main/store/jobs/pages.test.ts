// The check of streams that have neither counting ids nor candles: what a page adds is told, what lies between two pages is never called compared.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { fail, ok, type Result } from '../../../src-shared/base/result.ts';
import { MINUTE_US, SECOND_US } from '../../../src-shared/base/time.ts';
import { settingsSchema } from '../../../src-shared/contract/settings.ts';
import { silentLog } from '../../base/log.ts';
import { openArchive } from '../warehouse/archive.ts';
import type { GapFact } from '../warehouse/catalog.ts';
import { judgeFiltered } from '../warehouse/coin.ts';
import { openWarehouse, type Warehouse } from '../warehouse/warehouse.ts';
import { type Jobs, openJobs } from './index.ts';
import type { JobContext } from './job.ts';

/** A whole hour. */
const T = 1_763_600_400_000_000;
const within = { timeout: 8000, interval: 20 };
const key = { venue: 'phemex', market: 'spot', symbol: 'sABCUSDT', channel: 'trade' } as const;
let dataDir = '';
let nowUs = 0;
let warehouse: Warehouse;
let context: JobContext;
let jobs: Jobs;
interface Asked {
  readonly fromUs: number;
  readonly toUs: number;
  readonly compare: boolean;
}
let asked: Asked[] = [];
/** The oldest and the newest trade of the venue's page; null: the newest that there is. */
let oldestUs = 0;
let newestUs: number | null = null;
let page = async (): Promise<void> => undefined;
let answer: Result<never> | null = null;
/** What the store reads of the page. */
let read = { rows: 5, refused: 0 };

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'tapedeck-pages-'));
  nowUs = T + 2 * MINUTE_US + 10 * SECOND_US;
  asked = [];
  oldestUs = T - MINUTE_US;
  newestUs = null;
  page = async () => undefined;
  answer = null;
  read = { rows: 5, refused: 0 };
  warehouse = await openWarehouse(dataDir, { log: silentLog(), nowUs: () => nowUs });
  context = {
    warehouse,
    archive: openArchive(warehouse, () => nowUs),
    writer: 'Tapedeck 0.0.0',
    settings: settingsSchema.parse({ version: 1, venues: { phemex: { markets: ['spot'] } } }),
    ask: async (name, input) => {
      if (name !== 'recording.backfill') return fail('host.unknown', `${name} is not asked here`);
      const what = input as Asked;
      asked.push(what);
      if (answer) return answer;
      await page();
      warehouse.emit('history', { name: 'page-1', ...read });
      const reply = {
        pages: 1,
        reached: oldestUs < what.fromUs,
        lastFrame: 1,
        note: '',
        oldestUs,
        newestUs: newestUs ?? nowUs,
      };
      // What is late has come by now.
      nowUs += 10 * SECOND_US;
      return ok(reply as never);
    },
    publish: () => undefined,
    nowUs: () => nowUs,
    position: () => ({ segment: 0, offset: 0, frame: 1000, recvUs: nowUs, readUntilUs: nowUs + 10 * SECOND_US }),
  };
  jobs = openJobs(context);
  warehouse.catalog.streams.put([{ no: 1, ...key }], T);
  warehouse.catalog.coverage.apply([{ key, line: 0, connection: '1', fromUs: T - 30 * SECOND_US, toUs: null }]);
});

afterEach(async () => {
  await jobs.stop();
  await warehouse.close();
  rmSync(dataDir, { recursive: true, force: true });
});

/** Trades with these ids at these seconds; lines 0: only the venue's history gave them. */
function trades(all: readonly (readonly [id: number, second: number])[], lines = 1): Promise<void> {
  const rows = all.map(([id, second]) => {
    const us = T + second * SECOND_US;
    return `(1, NULL, '${id}', 100, 0, NULL, 1, 0, NULL, 1, ${us}, ${us}, ${lines === 0 ? 1 : 0}, ${lines}, ${id}, 0)`;
  });
  return warehouse.lock.run(() => warehouse.writer.run(`INSERT INTO tick VALUES ${rows.join(', ')}`));
}

const trade = (id: number, second: number, lines = 1): Promise<void> => trades([[id, second]], lines);

function hole(id: string, fromSecond: number, toSecond: number, state: GapFact['state']): void {
  const [fromUs, toUs] = [T + fromSecond * SECOND_US, T + toSecond * SECOND_US];
  const ids = { fromId: null, toId: null, deadlineUs: null, evidence: null, closedUs: null };
  warehouse.catalog.gaps.apply([
    { id, stream: 1, key, state, cause: 'disconnect', fromUs, toUs, ...ids, openedUs: T, frame: 1 },
  ]);
}

const stream = () => {
  const found = warehouse.catalog.streams.all()[0];
  if (!found) throw new Error('the stream is not there');
  return found;
};
const check = (fromUs = Number.POSITIVE_INFINITY) => jobs.pages.check(stream(), fromUs, new AbortController().signal);
const told = () => warehouse.catalog.gaps.list().filter((gap) => gap.cause === 'history');
const figure = () => jobs.reconcile.figures({})[0];
const verdict = async (fromUs: number, toUs: number) => {
  const found = await judgeFiltered(context.archive, { symbol: key.symbol }, { fromUs, toUs }, nowUs);
  return found.ok ? found.value[0] : undefined;
};

test('trades of the page that reached no line are gaps that are repaired already, and its minutes count as compared and equal', async () => {
  await trade(1, 5);
  page = async () => {
    await trade(2, 61, 0);
    await trade(3, 62, 0);
    await trade(4, 90, 0);
    // Too young to be judged: it may still come on a line.
    await trade(5, 129, 0);
  };
  expect(await check()).toMatchObject({ ok: true, value: { missed: 3, note: '' } });
  expect(told().map(({ state, fromUs, toUs, evidence }) => ({ state, fromUs, toUs, evidence }))).toEqual([
    {
      state: 'repaired',
      fromUs: T + 61 * SECOND_US,
      toUs: T + 62 * SECOND_US,
      evidence: ["2 trades of the venue's page had reached no line"],
    },
    {
      state: 'repaired',
      fromUs: T + 90 * SECOND_US,
      toUs: T + 90 * SECOND_US,
      evidence: ["1 trade of the venue's page had reached no line"],
    },
  ]);
  expect(asked[0]).toMatchObject({ fromUs: T - 30 * SECOND_US, compare: true });
  expect(figure()).toMatchObject({ compared: 2, equal: 2, differing: 0, notComparable: 1 });
  expect(await verdict(T, T + 2 * MINUTE_US)).toMatchObject({ verdict: 'covered' });
  // The same again tells nothing new; what was too young is told when it is old enough.
  page = async () => undefined;
  nowUs = T + 4 * MINUTE_US;
  expect(await check()).toMatchObject({ ok: true, value: { missed: 1 } });
  expect(told()).toHaveLength(3);
  expect(figure()).toMatchObject({ equal: 3 });
});

test('a comparison that throws is trouble with its stream alone, and is made again', async () => {
  page = async () => Promise.reject(new Error('EIO'));
  await jobs.pages.start();
  await vi.waitFor(() => expect(asked.length).toBe(1), 60_000);
  expect(await check()).toMatchObject({
    ok: false,
    failure: { code: 'pages.failed', message: 'phemex spot sABCUSDT could not be compared: EIO', retry: true },
  });
  page = async () => undefined;
  expect(await check()).toMatchObject({ ok: true });
});

test('what lies between two pages is not compared, and the minutes that it touches say so for good', async () => {
  await check();
  expect(figure()).toMatchObject({ equal: 2, notComparable: 1 });
  nowUs = T + 6 * MINUTE_US;
  oldestUs = T + 4 * MINUTE_US + 30 * SECOND_US;
  // A gap in such a minute changes nothing, neither open nor repaired.
  hole('1-9', 190, 200, 'open');
  const second = await check();
  expect(second).toMatchObject({ ok: true, value: { compared: { fromUs: oldestUs + 1 } } });
  expect(second.ok && second.value.note).toMatch(
    /^the venue's page begins at .*compared only as far as earlier pages did$/,
  );
  expect(figure()?.note).toMatch(/the venue's page begins at/);
  nowUs = T + 8 * MINUTE_US;
  warehouse.catalog.gaps.change('1-9', { state: 'repaired' });
  expect(warehouse.catalog.reconciled.freed({ venue: 'phemex', market: 'spot' }, 10)).toEqual([]);
  await check();
  const partial = warehouse.catalog.reconciled.spans(1, { fromUs: T + 1, toUs: nowUs }, 'partial');
  expect(partial).toEqual([{ fromUs: T + 2 * MINUTE_US, toUs: T + 5 * MINUTE_US }]);
  expect(warehouse.catalog.reconciled.spans(1, { fromUs: T, toUs: nowUs }, 'equal')).toEqual([
    { fromUs: T, toUs: T + 2 * MINUTE_US },
    { fromUs: T + 5 * MINUTE_US, toUs: T + 7 * MINUTE_US },
  ]);
  expect(await verdict(T + 2 * MINUTE_US, T + 5 * MINUTE_US)).toMatchObject({ verdict: 'unproved' });
});

test.each([
  ['a row of which', { rows: 4, refused: 1 }],
  ['which', { rows: 0, refused: 1 }],
  ['nothing of which', { rows: 0, refused: 0 }],
])('a page %s could be read compares nothing; the next whole one does, as far as it reaches', async (_, bad) => {
  await trade(1, 5);
  read = bad;
  expect(await check()).toMatchObject({ ok: false, failure: { code: 'history.unread' } });
  expect(figure()).toMatchObject({
    compared: 0,
    notComparable: 0,
    note: expect.stringMatching(/^not all of the venue's page/),
  });
  expect(await verdict(T, T + MINUTE_US)).toMatchObject({ verdict: 'unproved' });
  read = { rows: 5, refused: 0 };
  oldestUs = T + MINUTE_US;
  nowUs = T + 4 * MINUTE_US;
  expect(await check()).toMatchObject({ ok: true });
  expect(warehouse.catalog.reconciled.spans(1, { fromUs: T, toUs: nowUs }, 'equal')).toEqual([
    { fromUs: T + 2 * MINUTE_US, toUs: T + 3 * MINUTE_US },
  ]);
});

test('a page that lags compares nothing of what came after it was made', async () => {
  await trade(1, 5);
  // A line brought it, and the page that was asked for a minute later does not hold it.
  await trade(2, 70);
  newestUs = T + 62 * SECOND_US;
  expect(await check()).toMatchObject({ ok: true, value: { compared: { toUs: newestUs } } });
  expect(figure()).toMatchObject({ equal: 1 });
  newestUs = null;
  nowUs = T + 4 * MINUTE_US;
  oldestUs = T + 90 * SECOND_US;
  await check();
  expect(warehouse.catalog.reconciled.spans(1, { fromUs: T, toUs: nowUs }, 'equal')).toEqual([
    { fromUs: T, toUs: T + MINUTE_US },
    { fromUs: T + 2 * MINUTE_US, toUs: T + 3 * MINUTE_US },
  ]);
});

test('what a gap explains is not told twice; its minute is compared when the gap is repaired', async () => {
  hole('1-9', 20, 40, 'open');
  page = () => trade(1, 30, 0);
  expect(await check()).toMatchObject({ ok: true, value: { missed: 0 } });
  expect(told()).toEqual([]);
  expect(figure()).toMatchObject({ equal: 1, notComparable: 2 });
  warehouse.catalog.gaps.change('1-9', { state: 'repaired' });
  await jobs.pages.start();
  await vi.waitFor(() => expect(figure()).toMatchObject({ equal: 2, notComparable: 1 }), within);
});

test('a minute of which a part was never recorded does not become equal when a gap of the other part is repaired', async () => {
  // Nobody recorded before T - 30 s.
  hole('1-9', -20, -15, 'open');
  oldestUs = T - 5 * MINUTE_US;
  await check();
  const before = figure();
  warehouse.catalog.gaps.change('1-9', { state: 'repaired' });
  await jobs.pages.start();
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(figure()).toEqual(before);
});

test('a stream is asked for when a minute has passed, sooner when its pace is high, and not again after a refusal', async () => {
  nowUs = T + 10 * SECOND_US;
  await jobs.pages.start();
  await vi.waitFor(() => expect(warehouse.catalog.reconciled.frontiers()).toHaveLength(1), within);
  expect(asked).toEqual([]);
  answer = fail('phemex.unknown', 'no such symbol');
  // 50 a second: a page of 1000 lasts 20 s.
  await trades(Array.from({ length: 500 }, (_, n) => [n, n / 50] as const));
  await vi.waitFor(() => expect(asked).toHaveLength(1), within);
  answer = null;
  nowUs += 2 * MINUTE_US;
  await vi.waitFor(() => expect(asked).toHaveLength(2), within);
}, 20_000);

test('a comparison that is asked for uses the page as far as it reaches and says where it begins', async () => {
  await trade(1, 5);
  const whole = jobs.comparisons.begin({ fromUs: T, toUs: T + 2 * MINUTE_US, venue: 'phemex' });
  const of = (jobId: string) => jobs.comparisons.status(jobId);
  await vi.waitFor(() => expect(of(whole.jobId)).toMatchObject({ value: { state: 'done' } }), within);
  expect(of(whole.jobId)).toMatchObject({ value: { total: 1, equal: 2, notComparable: 0, failed: 0, note: '' } });
  nowUs = T + 20 * MINUTE_US;
  oldestUs = T + 18 * MINUTE_US;
  const late = jobs.comparisons.begin({ fromUs: T, toUs: T + 19 * MINUTE_US, venue: 'phemex' });
  await vi.waitFor(() => expect(of(late.jobId)).toMatchObject({ value: { state: 'done' } }), within);
  expect(of(late.jobId)).toMatchObject({ value: { equal: 2, notComparable: 17, failed: 0 } });
  expect(of(late.jobId)).toMatchObject({ value: { note: expect.stringContaining("the venue's page begins at") } });
});

test('before a verdict the streams are compared until the end of the window, or those that could not be are counted', async () => {
  await jobs.pages.start();
  const { signal } = new AbortController();
  expect(await jobs.pages.cover([stream()], T + 2 * MINUTE_US, 5000, signal)).toBe(0);
  expect(await verdict(T, T + 2 * MINUTE_US)).toMatchObject({ verdict: 'covered' });
  answer = fail('process.gone', 'collector does not run');
  nowUs += 5 * MINUTE_US;
  expect(await jobs.pages.cover([stream()], T + 6 * MINUTE_US, 300, signal)).toBe(1);
});
