// What somebody asked for is asked for, told and ended, also when the store dies in between.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { fail, ok, type Result } from '../../../src-shared/base/result.ts';
import { SECOND_US } from '../../../src-shared/base/time.ts';
import { settingsSchema } from '../../../src-shared/contract/settings.ts';
import { silentLog } from '../../base/log.ts';
import { openArchive } from '../warehouse/archive.ts';
import type { GapFact } from '../warehouse/catalog.ts';
import { openWarehouse, type Warehouse } from '../warehouse/warehouse.ts';
import { type Jobs, openJobs } from './index.ts';
import type { JobContext } from './job.ts';

const T = 1_763_600_400_000_000;
const within = { timeout: 8000, interval: 10 };
let dataDir = '';
let warehouse: Warehouse;
let jobs: Jobs;
interface Asked {
  readonly gapId: string;
  readonly recheck: boolean;
  readonly symbol: string;
  readonly fromUs: number;
  readonly toUs: number;
  readonly also?: readonly { gapId: string }[];
}
let asked: Asked[] = [];
let now = 0;
/** Rows of the pages that the store cannot read. */
let refused = 0;
/** What the venue does with a question; by itself it fills the gap. */
let venue: (input: Asked) => Promise<Result<never>>;

const answered = (reached: boolean, note = ''): Result<never> => ok({ pages: 1, reached, lastFrame: 1, note } as never);

async function filling(input: Asked): Promise<Result<never>> {
  for (const id of [input.gapId, ...(input.also ?? []).map((one) => one.gapId)])
    warehouse.catalog.gaps.change(id, { state: 'repaired' });
  return answered(true);
}

async function open(): Promise<void> {
  const nowUs = (): number => now;
  warehouse = await openWarehouse(dataDir, { log: silentLog(), nowUs });
  const context: JobContext = {
    warehouse,
    archive: openArchive(warehouse, nowUs),
    writer: 'Tapedeck 0.0.0',
    settings: settingsSchema.parse({ version: 1, venues: { binance: { markets: ['spot'] } } }),
    ask: async (_name, input) => {
      const what = input as Asked;
      asked.push(what);
      const answer = await venue(what);
      warehouse.emit('history', { name: what.gapId, rows: 1, refused });
      return answer;
    },
    publish: () => undefined,
    nowUs,
    position: () => ({ segment: 0, offset: 0, frame: 1000, recvUs: nowUs(), readUntilUs: nowUs() }),
  };
  jobs = openJobs(context);
}

async function close(): Promise<void> {
  await jobs.stop();
  await warehouse.close();
}

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'tapedeck-repairs-'));
  asked = [];
  refused = 0;
  now = T + 100 * SECOND_US;
  venue = filling;
  await open();
  warehouse.catalog.streams.put(
    [
      { no: 1, venue: 'binance', market: 'spot', symbol: 'ABCUSDT', channel: 'trade' },
      { no: 2, venue: 'upbit', market: 'spot', symbol: 'KRW-ABC', channel: 'trade' },
    ],
    T,
  );
});

afterEach(async () => {
  await close();
  rmSync(dataDir, { recursive: true, force: true });
});

function put(id: string, second: number, more: Partial<GapFact> = {}): void {
  warehouse.catalog.gaps.apply([
    {
      id,
      stream: 1,
      key: { venue: 'binance', market: 'spot', symbol: 'ABCUSDT', channel: 'trade' },
      state: 'unrecoverable',
      cause: 'disconnect',
      fromUs: T + second * SECOND_US,
      toUs: T + second * SECOND_US + 1,
      fromId: null,
      toId: null,
      deadlineUs: null,
      evidence: null,
      openedUs: T,
      closedUs: null,
      frame: 1,
      ...more,
    },
  ]);
}

const job = (jobId: string) => {
  const found = jobs.repairs.status(jobId);
  if (!found.ok) throw new Error(found.failure.message);
  return found.value;
};

test('a gap that was given up is tried again when it is named, and the job says how it ended', async () => {
  put('1-1', 1);
  await jobs.recover.start();
  await jobs.repairs.start();
  const { jobId, queued } = jobs.repairs.begin({ ids: ['1-1', 'none'] });
  expect(queued).toBe(1);
  await vi.waitFor(
    () => expect(job(jobId)).toMatchObject({ state: 'done', total: 1, done: 1, repaired: 1, etaMs: 0 }),
    within,
  );
  expect(warehouse.catalog.gaps.get('1-1')).toMatchObject({ attempts: 1, askedUs: T + 100 * SECOND_US });
});

test('everything: open and partial ones of all venues; filters and windows take fewer', async () => {
  put('1-1', 1, { state: 'open' });
  put('1-2', 50, { state: 'partial' });
  put('1-3', 60);
  put('2-1', 1, {
    stream: 2,
    key: { venue: 'upbit', market: 'spot', symbol: 'KRW-ABC', channel: 'trade' },
    state: 'open',
  });
  expect(jobs.repairs.begin({}).queued).toBe(3);
  expect(jobs.repairs.begin({ venue: 'upbit' }).queued).toBe(1);
  expect(jobs.repairs.begin({ fromUs: T + 40 * SECOND_US }).queued).toBe(1);
});

test('a stream and window without a known gap is asked for all the same, and every row is looked up', async () => {
  await jobs.recover.start();
  await jobs.repairs.start();
  const window = { fromUs: T, toUs: T + 10 * SECOND_US };
  const { jobId, queued } = jobs.repairs.begin({ venue: 'upbit', market: 'spot', symbol: 'KRW-ABC', ...window });
  expect(queued).toBe(1);
  await vi.waitFor(() => expect(job(jobId)).toMatchObject({ state: 'done', repaired: 1 }), within);
  expect(asked).toHaveLength(1);
  expect(asked[0]).toMatchObject({ ...window, symbol: 'KRW-ABC', recheck: true });
});

test('a window of which the store cannot read every trade is not repaired', async () => {
  refused = 1;
  const window = { fromUs: T, toUs: T + 10 * SECOND_US };
  const { jobId } = jobs.repairs.begin({ venue: 'upbit', market: 'spot', symbol: 'KRW-ABC', ...window });
  await jobs.start();
  await vi.waitFor(() => expect(job(jobId)).toMatchObject({ state: 'done', repaired: 0, partial: 1 }), within);
});

test('a gap that was filled in part stays so when asking once more brings nothing', async () => {
  put('1-1', 1, { state: 'partial' });
  put('1-2', 900, { state: 'partial' });
  venue = async (input) => {
    // The one is ended by what the store reads, the other by the collector's word.
    if (input.gapId === '1-1') warehouse.catalog.gaps.change('1-1', { state: 'unrecoverable' });
    return answered(false);
  };
  const { jobId } = jobs.repairs.begin({});
  await jobs.recover.start();
  await jobs.repairs.start();
  await vi.waitFor(() => expect(job(jobId)).toMatchObject({ state: 'done', partial: 2 }), within);
  expect(['1-1', '1-2'].map((id) => warehouse.catalog.gaps.get(id)?.state)).toEqual(['partial', 'partial']);
});

test('gaps close to each other are one question; what the venue says of it ends each of them', async () => {
  for (let n = 0; n < 40; n += 1) put(`1-${n}`, n, { state: 'open' });
  const { jobId } = jobs.repairs.begin({});
  await jobs.recover.start();
  await jobs.repairs.start();
  await vi.waitFor(() => expect(job(jobId)).toMatchObject({ state: 'done', repaired: 40 }), within);
  expect(asked.length).toBeLessThan(4);
});

test('what failed for several together is asked for one by one, and a hole that history ends inside is given up', async () => {
  put('1-1', 1, { state: 'open' });
  put('1-2', 2, { state: 'open' });
  venue = async (input) => {
    if ((input.also ?? []).length > 0) return fail('history.too-old', 'binance ABCUSDT: the hole is older than 7 days');
    return answered(false);
  };
  const { jobId } = jobs.repairs.begin({ ids: ['1-1', '1-2'] });
  await jobs.recover.start();
  await jobs.repairs.start();
  await vi.waitFor(() => expect(asked.length).toBe(1), within);
  await vi.waitFor(() => expect(warehouse.catalog.gaps.get('1-2')?.nextAttemptUs).not.toBeNull(), within);
  expect(job(jobId)).toMatchObject({ state: 'running', done: 0 });
  jobs.repairs.begin({ ids: ['1-1', '1-2'] });
  await vi.waitFor(() => expect(job(jobId)).toMatchObject({ state: 'done', unrecoverable: 2 }), within);
  expect(asked.slice(1).every((one) => (one.also ?? []).length === 0)).toBe(true);
});

const spot = (no: number) => ({ venue: 'bybit', market: 'spot', symbol: `C${no}USDT`, channel: 'trade' }) as const;
const idOf = (no: number): string => `${no}-1`;
/** Gaps of a venue whose history is one page, each of a stream of its own. */
function putSpot(count: number, deadlineUs: number, firstNo = 100): void {
  const numbers = Array.from({ length: count }, (_, n) => firstNo + n);
  warehouse.catalog.streams.put(
    numbers.map((no) => ({ no, ...spot(no) })),
    T,
  );
  for (const no of numbers) put(idOf(no), 1, { stream: no, key: spot(no), state: 'open', deadlineUs });
}
const nowUs = T + 100 * SECOND_US;

test('gaps of one stream that a venue with one page refuses for good end together', async () => {
  putSpot(1, nowUs + SECOND_US);
  put('100-2', 9, { stream: 100, key: spot(100), state: 'open' });
  venue = async () => ok({ pages: 0, reached: false, lastFrame: 1, note: 'symbol invalid', refused: true } as never);
  const { jobId } = jobs.repairs.begin({});
  await jobs.recover.start();
  await jobs.repairs.start();
  await vi.waitFor(() => expect(job(jobId)).toMatchObject({ state: 'done', unrecoverable: 2 }), within);
  expect(asked).toHaveLength(1);
});

test('of hundreds of gaps the one that can still be saved goes before those that are probably lost', async () => {
  putSpot(300, nowUs - SECOND_US);
  putSpot(1, nowUs + 3 * SECOND_US, 900);
  await jobs.recover.start();
  await vi.waitFor(() => expect(asked.length).toBeGreaterThan(0), within);
  expect(asked[0]?.gapId).toBe(idOf(900));
  await vi.waitFor(() => expect(asked.length).toBe(301), within);
});

test('a gap that is asked for behind hundreds of others is not asked for later than if nobody had', async () => {
  putSpot(300, nowUs + 3600 * SECOND_US);
  jobs.repairs.begin({});
  putSpot(1, nowUs + 10 * SECOND_US, 900);
  jobs.recover.request([idOf(900)]);
  await jobs.recover.start();
  await vi.waitFor(() => expect(asked.length).toBeGreaterThan(0), within);
  expect(asked[0]?.gapId).toBe(idOf(900));
});

test('gaps whose time is over are given up in one step, however many can still be asked for', async () => {
  for (let n = 0; n < 300; n += 1) put(`1-${n}`, n * 60, { state: 'open', deadlineUs: nowUs + 3600 * SECOND_US });
  put('1-old', -60, { state: 'open', deadlineUs: nowUs - 1 });
  let answer = (_result: Result<never>): void => undefined;
  const never = new Promise<Result<never>>((resolve) => {
    answer = resolve;
  });
  venue = async () => await never;
  await jobs.recover.start();
  await vi.waitFor(() => expect(warehouse.catalog.gaps.get('1-old')?.state).toBe('unrecoverable'), within);
  answer(fail('request.cancelled', 'the test is over'));
});

test('minutes that wait for their candle hold up nobody', async () => {
  let judged = (): void => undefined;
  const candles = new Promise<void>((resolve) => {
    judged = resolve;
  });
  const minuteUs = T - (T % (60 * SECOND_US));
  for (let no = 200; no < 206; no += 1) {
    warehouse.catalog.streams.put([{ no, ...spot(no) }], T);
    const bounds = { fromUs: minuteUs, toUs: minuteUs + 60 * SECOND_US };
    put(idOf(no), 1, { stream: no, key: spot(no), state: 'open', cause: 'volume', ...bounds });
  }
  venue = async (input) => {
    if (input.gapId !== undefined) return input.symbol === 'C300USDT' ? await filling(input) : answered(true);
    await candles;
    return fail('http.timeout', 'no candle', { retry: true });
  };
  await jobs.recover.start();
  await vi.waitFor(() => expect(asked.filter((one) => one.gapId === undefined)).toHaveLength(6), within);
  putSpot(1, nowUs + 10 * SECOND_US, 300);
  jobs.recover.soon();
  await vi.waitFor(() => expect(warehouse.catalog.gaps.get(idOf(300))?.state).toBe('repaired'), within);
  judged();
  await vi.waitFor(() => expect(warehouse.catalog.gaps.get(idOf(200))?.evidence.at(-1)).toContain('no candle'), within);
});

test('a window for which the venue could not be asked is asked for again, and not called beyond reach', async () => {
  venue = async (input) => {
    if (asked.length > 1) return await filling(input);
    return ok({ pages: 0, reached: false, lastFrame: 1, note: 'bybit REST answered 429', failed: true } as never);
  };
  const window = { fromUs: T, toUs: T + 10 * SECOND_US };
  const { jobId } = jobs.repairs.begin({ venue: 'upbit', market: 'spot', symbol: 'KRW-ABC', ...window });
  await jobs.recover.start();
  await jobs.repairs.start();
  await vi.waitFor(() => expect(asked).toHaveLength(1), within);
  expect(job(jobId)).toMatchObject({ state: 'running', done: 0 });
  now += 3 * SECOND_US;
  jobs.recover.soon();
  await vi.waitFor(() => expect(job(jobId)).toMatchObject({ state: 'done', repaired: 1 }), within);
});

test('a store that dies half-way goes on with what is left, and with nothing twice', async () => {
  for (let n = 0; n < 30; n += 1) put(`1-${n}`, n * 60, { state: 'open' });
  let answers = 0;
  venue = async (input) => {
    answers += 1;
    return answers <= 12 ? await filling(input) : await new Promise<Result<never>>(() => undefined);
  };
  const abandoned = jobs;
  const { jobId } = jobs.repairs.begin({});
  await jobs.repairs.start();
  await jobs.recover.start();
  await vi.waitFor(() => expect(job(jobId).done).toBe(12), within);
  // Killed: what was being asked for stays behind as it was.
  void abandoned.stop();
  const old = warehouse;
  venue = filling;
  asked = [];
  await open();
  await jobs.recover.start();
  await jobs.repairs.start();
  await vi.waitFor(
    () => expect(job(jobId)).toMatchObject({ state: 'done', total: 30, done: 30, repaired: 30 }),
    within,
  );
  expect(new Set(asked.map(({ gapId }) => gapId)).size).toBe(18);
  expect(asked).toHaveLength(18);
  old.catalog.close();
});

test('a cancelled job asks for nothing more', async () => {
  for (let n = 0; n < 30; n += 1) put(`1-${n}`, n * 60);
  const waiting: ((value: Result<never>) => void)[] = [];
  venue = () => new Promise((resolve) => waiting.push(resolve));
  await jobs.recover.start();
  const { jobId } = jobs.repairs.begin({ ids: Array.from({ length: 30 }, (_, n) => `1-${n}`) });
  await vi.waitFor(() => expect(asked.length).toBe(6), within);
  expect(jobs.repairs.cancel(jobId).ok).toBe(true);
  for (const answer of waiting) answer(answered(true));
  await vi.waitFor(() => expect(warehouse.catalog.gaps.counts().repairing).toBe(0), within);
  expect(asked.length).toBe(6);
  expect(job(jobId)).toMatchObject({ state: 'cancelled' });
  venue = filling;
  expect(jobs.repairs.cancel('nobody')).toMatchObject({ ok: false, failure: { code: 'repair.unknown-job' } });
});

test('a gap that grew while it was asked for is not given up for the answer to the smaller question', async () => {
  put('1-1', 1, { state: 'open' });
  const grown = T + 30 * SECOND_US;
  venue = async (input) => {
    if (input.toUs >= grown) return await filling(input);
    put('1-1', 1, { state: 'open', toUs: grown, frame: 5 });
    return fail('http.status', 'binance: 400 for this window');
  };
  await jobs.recover.start();
  await vi.waitFor(() => expect(asked.length).toBeGreaterThan(1), within);
  await vi.waitFor(() => expect(warehouse.catalog.gaps.get('1-1')).toMatchObject({ state: 'repaired' }), within);
  expect(asked.at(-1)).toMatchObject({ toUs: grown });
});

test('nothing is given up for a reply that the store is too far behind to have read', async () => {
  const clock = performance.now.bind(performance);
  let ahead = 0;
  const spied = vi.spyOn(performance, 'now').mockImplementation(() => clock() + ahead);
  try {
    const minuteUs = Math.floor(T / 60e6) * 60e6;
    const minute = { fromUs: minuteUs, toUs: minuteUs + 60e6 - 1 };
    put('1-v', 0, { state: 'open', cause: 'volume', ...minute });
    put('1-1', 200, { state: 'open' });
    venue = async (input) => {
      // Hours of the journal lie between what is committed and this reply.
      if (input.gapId) return ok({ pages: 1, reached: false, lastFrame: 2000, note: '' } as never);
      return ok({ candles: [{ minuteUs, volume: '5', count: null }] } as never);
    };
    await jobs.recover.start();
    await vi.waitFor(() => expect(asked.length).toBe(2), within);
    ahead = 61_000;
    await vi.waitFor(() => expect(warehouse.catalog.gaps.counts().repairing).toBe(0), within);
    for (const id of ['1-v', '1-1'])
      expect(warehouse.catalog.gaps.get(id)).toMatchObject({ state: 'open', attempts: 1 });
    expect(warehouse.catalog.gaps.get('1-v')?.evidence.at(-1)).toMatch(/has not read/);
  } finally {
    spied.mockRestore();
  }
});
