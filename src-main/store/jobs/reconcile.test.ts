// The check that works where ids prove nothing: a minute that lacks a trade is found, mended and found equal; one inside a gap waits for its repair.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { fail, ok, type Result } from '../../../src-shared/base/result.ts';
import { HOUR_US, MINUTE_US, SECOND_US } from '../../../src-shared/base/time.ts';
import { settingsSchema } from '../../../src-shared/contract/settings.ts';
import { silentLog } from '../../base/log.ts';
import type { Candle } from '../../feeds/feed.ts';
import { feedOf } from '../../feeds/index.ts';
import { openArchive } from '../warehouse/archive.ts';
import { minuteSums } from '../warehouse/minutes.ts';
import { sealHour } from '../warehouse/seal.ts';
import { openWarehouse, type Warehouse } from '../warehouse/warehouse.ts';
import { type Jobs, openJobs } from './index.ts';
import { type JobContext, pause } from './job.ts';

/** A whole hour. */
const T = 1_763_600_400_000_000;
const within = { timeout: 8000, interval: 20 };
let dataDir = '';
let nowUs = 0;
let warehouse: Warehouse;
let context: JobContext;
let jobs: Jobs;
let candles = new Map<number, Candle>();
let asked: { name: string; input: Record<string, unknown> }[] = [];
/** What a back-fill does to the store before it answers. */
const whole = { pages: 1, reached: true, lastFrame: 1, note: '' } as never;
let history = async (): Promise<Result<never>> => ok(whole);

async function open(): Promise<void> {
  warehouse = await openWarehouse(dataDir, { log: silentLog(), nowUs: () => nowUs });
  context = {
    warehouse,
    archive: openArchive(warehouse, () => nowUs),
    writer: 'Tapedeck 0.0.0',
    settings: settingsSchema.parse({ version: 1, venues: { upbit: { markets: ['spot'] } } }),
    ask: async (name, input) => {
      asked.push({ name, input: Object.fromEntries(Object.entries(input as object)) });
      if (name !== 'recording.candles') return await history();
      const found = await ofCandles(input as { fromUs: number; toUs: number });
      return found.ok ? ok(found.value as never) : found;
    },
    publish: () => undefined,
    nowUs: () => nowUs,
    position: () => ({ segment: 0, offset: 0, frame: 1000, recvUs: nowUs, readUntilUs: nowUs }),
  };
  jobs = openJobs(context);
}

let ofCandles = async ({ fromUs, toUs }: { fromUs: number; toUs: number }): Promise<Result<{ candles: Candle[] }>> =>
  ok({ candles: [...candles.values()].filter(({ minuteUs }) => minuteUs >= fromUs && minuteUs < toUs) });
const answering = ofCandles;

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'tapedeck-reconcile-'));
  nowUs = T + 4 * MINUTE_US;
  asked = [];
  candles = new Map();
  // The newest minute that has ended; a venue that does not list it may not have come so far.
  candle(2, '0');
  ofCandles = answering;
  history = async () => ok(whole);
  await open();
  warehouse.catalog.streams.put([{ no: 1, venue: 'upbit', market: 'spot', symbol: 'KRW-ABC', channel: 'trade' }], T);
  warehouse.catalog.coverage.apply([
    {
      key: { venue: 'upbit', market: 'spot', symbol: 'KRW-ABC' },
      line: 0,
      connection: '1',
      fromUs: T - 30 * SECOND_US,
      toUs: null,
    },
  ]);
});

afterEach(async () => {
  await jobs.stop();
  await warehouse.close();
  rmSync(dataDir, { recursive: true, force: true });
});

/** A trade of `qty` thousandths at this second. */
function trade(
  id: number,
  second: number,
  qty: number | string,
  text: string | null = null,
  stream = 1,
): Promise<void> {
  const us = T + second * SECOND_US;
  const quantity = text === null ? `${qty}, 3, NULL` : `0, 0, '${text}'`;
  return warehouse.lock.run(() =>
    warehouse.writer.run(
      `INSERT INTO tick VALUES (${stream}, ${id}, NULL, 100, 0, NULL, ${quantity}, 1, ${us}, ${us}, 0, 1, ${id}, 0)`,
    ),
  );
}

function candle(minute: number, volume: string): void {
  const minuteUs = T + minute * MINUTE_US;
  candles.set(minuteUs, { minuteUs, volume, count: null });
}

const figure = () => jobs.reconcile.figures({})[0];
const volumeGaps = () => warehouse.catalog.gaps.list().filter((gap) => gap.cause === 'volume');

test('equal minutes are counted, quiet ones too; the one that is not closed waits', async () => {
  await trade(1, 5, 1500);
  await trade(2, 59.9, 500);
  await trade(3, 130, 1);
  candle(0, '2.00000000');
  candle(2, '0.001');
  candle(3, '77');
  await jobs.reconcile.start();
  await vi.waitFor(
    () =>
      expect(figure()).toMatchObject({
        compared: 3,
        equal: 3,
        differing: 0,
        notComparable: 0,
        lastUs: T + 3 * MINUTE_US,
      }),
    within,
  );
  expect(volumeGaps()).toEqual([]);
  const spans = warehouse.catalog.reconciled.spans(1, { fromUs: T, toUs: nowUs }, 'equal');
  expect(spans).toEqual([{ fromUs: T, toUs: T + 3 * MINUTE_US }]);
});

test('a minute that lacks a trade is a gap with its figures, asked for again row by row, and equal afterwards', async () => {
  await trade(1, 5, 1500);
  candle(0, '2');
  history = async () => {
    await trade(2, 30, 500);
    return ok(whole);
  };
  await jobs.reconcile.start();
  await vi.waitFor(() => expect(volumeGaps()).toHaveLength(1), within);
  expect(volumeGaps()[0]).toMatchObject({ id: `1-v${T}`, fromUs: T, toUs: T + MINUTE_US - 1 });
  expect(volumeGaps()[0]?.evidence[0]).toBe('candle says 2, stored 1.5 in 1 trades');
  expect(figure()).toMatchObject({ differing: 1 });
  nowUs += 3 * SECOND_US;
  await jobs.recover.start();
  await vi.waitFor(() => expect(volumeGaps()[0]?.state).toBe('repaired'), within);
  expect(asked.find(({ name }) => name === 'recording.backfill')?.input).toMatchObject({ recheck: true, fromUs: T });
  expect(figure()).toMatchObject({ compared: 3, equal: 3, differing: 0 });
});

test('a minute that differs where the venue gives its newest trades only can be asked for as long as the pace tells, not for ever', async () => {
  const key = { venue: 'bybit', market: 'spot', symbol: 'FASTUSDT' } as const;
  warehouse.catalog.streams.put([{ no: 2, ...key, channel: 'trade' }], T);
  warehouse.catalog.coverage.apply([{ key, line: 0, connection: '2', fromUs: T - 30 * SECOND_US, toUs: null }]);
  await trade(1, 5, 1500, null, 2);
  candle(0, '2');
  const { reconcile } = jobs;
  const [stream] = warehouse.catalog.streams.find({ venue: 'bybit' });
  const feed = feedOf('bybit', 'spot');
  if (!stream || !feed) throw new Error('no stream');
  const compare = () =>
    reconcile.compare(feed, [{ stream, fromUs: T, toUs: T + MINUTE_US }], new AbortController().signal);
  const deadlines = () =>
    warehouse.catalog.gaps.list({ venue: 'bybit' }).map((gap) => (gap.deadlineUs ?? 0) - gap.fromUs);
  await compare();
  // As slow as a stream is taken to be: 60 trades of one a minute.
  expect(deadlines()).toEqual([HOUR_US]);
  // Six a second: sixty last ten seconds.
  for (let n = 0; n < 60; n += 1) await trade(100 + n, 3 * 60 + 40 + n / 6, 1, null, 2);
  await compare();
  expect(deadlines()).toEqual([10 * SECOND_US]);
});

test('what history does not mend is said with both numbers; more than the candle says is told as such', async () => {
  await trade(1, 5, 1500);
  await trade(2, 65, 1500);
  candle(0, '2');
  candle(1, '1');
  await jobs.reconcile.start();
  await vi.waitFor(() => expect(volumeGaps()).toHaveLength(2), within);
  nowUs += 3 * SECOND_US;
  await jobs.recover.start();
  await vi.waitFor(
    () =>
      expect(
        volumeGaps()
          .map(({ state }) => state)
          .toSorted(),
      ).toEqual(['partial', 'unrecoverable']),
    within,
  );
  const more = volumeGaps().find(({ state }) => state === 'partial');
  expect(more?.evidence.at(-1)).toMatch(/candle says 1, stored 1\.5 in 1 trades: more is stored than the venue says/);
  expect(figure()).toMatchObject({ compared: 3, equal: 1, differing: 2 });
});

/** A gap from the 20th second of the first minute on, to its 40th if not said otherwise. */
function gap(state: 'open' | 'unrecoverable', toSecond = 40, id = '1-9'): void {
  warehouse.catalog.gaps.apply([
    {
      id,
      stream: 1,
      key: { venue: 'upbit', market: 'spot', symbol: 'KRW-ABC', channel: 'trade' },
      state,
      cause: 'disconnect',
      fromUs: T + 20 * SECOND_US,
      toUs: T + toSecond * SECOND_US,
      fromId: null,
      toId: null,
      deadlineUs: null,
      evidence: null,
      openedUs: T,
      closedUs: null,
      frame: 1,
    },
  ]);
}

test('a minute whose candle the venue refuses for good is given up after a while, and says so', async () => {
  await trade(1, 5, 1500);
  candle(0, '2');
  candle(1, '0');
  await jobs.reconcile.start();
  await vi.waitFor(() => expect(volumeGaps()).toHaveLength(1), within);
  await jobs.reconcile.stop();
  ofCandles = async () => fail('upbit.refused', 'upbit KRW-ABC: too long ago');
  await jobs.recover.start();
  await vi.waitFor(() => {
    nowUs += 10 * MINUTE_US;
    jobs.recover.soon();
    expect(volumeGaps()[0]?.state).toBe('unrecoverable');
  }, within);
  expect(volumeGaps()[0]).toMatchObject({ attempts: 10 });
  expect(volumeGaps()[0]?.evidence.at(-1)).toMatch(/^attempt 10: 1 page; upbit KRW-ABC: too long ago$/);
});

test('a minute inside an open gap is left alone until the gap is repaired', async () => {
  await trade(1, 5, 1500);
  candle(0, '2');
  gap('open');
  await jobs.reconcile.start();
  await vi.waitFor(() => expect(figure()).toMatchObject({ equal: 2, notComparable: 1 }), within);
  expect(volumeGaps()).toEqual([]);
  await trade(2, 30, 500);
  warehouse.catalog.gaps.change('1-9', { state: 'repaired' });
  await vi.waitFor(() => expect(figure()).toMatchObject({ equal: 3, notComparable: 0 }), within);
});

test('a gap that could not be filled does not hide what else its minute lacks: without ids the whole minute is told', async () => {
  await trade(1, 5, 1500);
  candle(0, '2');
  gap('open');
  await jobs.reconcile.start();
  await vi.waitFor(() => expect(figure()).toMatchObject({ equal: 2, notComparable: 1 }), within);
  warehouse.catalog.gaps.change('1-9', { state: 'unrecoverable' });
  await vi.waitFor(() => expect(figure()).toMatchObject({ equal: 2, differing: 1, notComparable: 0 }), within);
  expect(volumeGaps()).toMatchObject([{ fromUs: T, toUs: T + MINUTE_US - 1 }]);
  expect(volumeGaps()[0]?.evidence[0]).toMatch(/^candle says 2, stored 1\.5 in 1 trades; a gap in this minute/);
});

test('a gap that could not be filled lacked nothing when its minute equals the candle; a minute all inside one is not judged', async () => {
  await trade(1, 5, 1500);
  candle(0, '1.5');
  gap('unrecoverable');
  await jobs.reconcile.start();
  await vi.waitFor(() => expect(figure()).toMatchObject({ equal: 3, notComparable: 0 }), within);
  expect(warehouse.catalog.gaps.get('1-9')).toMatchObject({ state: 'repaired' });
  candle(1, '7');
  gap('unrecoverable', 140, '1-10');
  const { jobId } = jobs.comparisons.begin({ fromUs: T + MINUTE_US, toUs: T + 2 * MINUTE_US });
  await vi.waitFor(() => expect(jobs.comparisons.status(jobId)).toMatchObject({ value: { state: 'done' } }), within);
  expect(jobs.comparisons.status(jobId)).toMatchObject({ value: { differing: 0, notComparable: 1 } });
});

test('a candle that the venue has not closed is neither zero nor the sum: its minute is asked for again, and later ones with it', async () => {
  await trade(1, 130, 1500);
  const minuteUs = T + 2 * MINUTE_US;
  candles.set(minuteUs, { minuteUs, volume: '0.5', count: null, open: true });
  // A quiet minute whose candle says nothing yet must not count as equal either.
  candles.set(T + MINUTE_US, { minuteUs: T + MINUTE_US, volume: '0', count: null, open: true });
  await jobs.reconcile.start();
  await vi.waitFor(() => expect(figure()).toMatchObject({ compared: 1, equal: 1, lastUs: T + MINUTE_US }), within);
  const { jobId } = jobs.comparisons.begin({ fromUs: T, toUs: T + 3 * MINUTE_US });
  await vi.waitFor(() => expect(jobs.comparisons.status(jobId)).toMatchObject({ value: { state: 'done' } }), within);
  expect(jobs.comparisons.status(jobId)).toMatchObject({
    value: {
      compared: 1,
      failed: 0,
      note: expect.stringContaining('may not have closed its candle of 2025-11-20T01:01Z'),
    },
  });
  expect(volumeGaps()).toEqual([]);
  candle(1, '0');
  candle(2, '1.5');
  candle(3, '0');
  nowUs += MINUTE_US;
  await vi.waitFor(() => expect(figure()).toMatchObject({ compared: 4, equal: 4, differing: 0 }), within);
  expect(volumeGaps()).toEqual([]);
});

test('a candle that is never closed is given up after a while, and says so', async () => {
  await trade(1, 70, 1500);
  candles.set(T + MINUTE_US, { minuteUs: T + MINUTE_US, volume: '0.5', count: null, open: true });
  nowUs = T + 14 * MINUTE_US;
  candle(12, '0');
  await jobs.reconcile.start();
  await vi.waitFor(() => expect(figure()).toMatchObject({ equal: 12, notComparable: 1 }), within);
  expect(figure()?.note).toBe('candle says 0.5, stored 1.5 in 1 trades; the venue has not closed this candle');
  expect(volumeGaps()).toEqual([]);
});

test.each([
  ['is not listed yet', null],
  ['is listed with less than is stored', '0.5'],
])('the newest minute that %s is compared together with the next one', async (_, early) => {
  await trade(1, 130, 1500);
  candles.delete(T + 2 * MINUTE_US);
  if (early !== null) candle(2, early);
  await jobs.reconcile.start();
  await vi.waitFor(() => expect(figure()).toMatchObject({ compared: 2, equal: 2 }), within);
  expect(volumeGaps()).toEqual([]);
  candle(2, '1.5');
  candle(3, '0');
  nowUs += MINUTE_US;
  await vi.waitFor(() => expect(figure()).toMatchObject({ compared: 4, equal: 4, differing: 0 }), within);
  expect(volumeGaps()).toEqual([]);
});

test.each([
  ['binance', { differing: 1, notComparable: 0 }, /^candle says 2, stored 1\.5 in 1 trades$/],
  ['upbit', { differing: 0, notComparable: 1 }, /; no line covered all of this minute/],
] as const)(
  'a moment that no line of %s covered and no gap tells of: ids that count have proved it, others leave the minute open',
  async (venue, counts, note) => {
    const key = { venue, market: 'spot', symbol: 'TWO' } as const;
    warehouse.catalog.streams.put([{ no: 2, ...key, channel: 'trade' }], T);
    const life = { key, line: 0 };
    warehouse.catalog.coverage.apply([
      { ...life, connection: '2', fromUs: T - 30 * SECOND_US, toUs: T + 20 * SECOND_US },
      { ...life, connection: '3', fromUs: T + 20.5 * SECOND_US, toUs: null },
    ]);
    await trade(1, 5, 1500, null, 2);
    candle(0, '2');
    await jobs.reconcile.start();
    const two = () => jobs.reconcile.figures({ symbol: 'TWO' })[0];
    await vi.waitFor(() => expect(two()).toMatchObject({ equal: 2, ...counts }), within);
    expect(two()?.note).toMatch(note);
    expect(warehouse.catalog.gaps.list({ symbol: 'TWO' })).toHaveLength(counts.differing);
  },
);

test('a comparison that is asked for goes on after a restart with the streams that are not done, and is known when it has ended', async () => {
  const second = { venue: 'upbit', market: 'spot', symbol: 'KRW-TWO' } as const;
  warehouse.catalog.streams.put([{ no: 2, ...second, channel: 'trade' }], T);
  warehouse.catalog.coverage.apply([{ key: second, line: 0, connection: '2', fromUs: T - MINUTE_US, toUs: null }]);
  for (const no of [1, 2]) await trade(1, 5, 1500, null, no);
  candle(0, '1.5');
  // The second stream is never answered before the store ends.
  let answers = false;
  const told: string[] = [];
  const ask = context.ask;
  const asking: JobContext['ask'] = async (name, input, signal) => {
    const { symbol } = input as { symbol: string };
    told.push(symbol);
    while (symbol === 'KRW-TWO' && !answers) if (!(await pause(5, signal ?? new AbortController().signal))) break;
    return await ask(name, input, signal);
  };
  context = { ...context, ask: asking };
  jobs = openJobs(context);
  const { jobId } = jobs.comparisons.begin({ fromUs: T, toUs: T + 2 * MINUTE_US });
  const status = () => {
    const found = jobs.comparisons.status(jobId);
    return found.ok ? found.value : null;
  };
  await vi.waitFor(() => expect(status()).toMatchObject({ total: 2, done: 1, equal: 2 }), within);
  await jobs.comparisons.stop();
  await warehouse.close();
  warehouse = await openWarehouse(dataDir, { log: silentLog(), nowUs: () => nowUs });
  // A store that begins has read nothing yet: it must not find nothing to compare.
  let readUntilUs = 0;
  context = {
    ...context,
    warehouse,
    archive: openArchive(warehouse, () => nowUs),
    writer: 'Tapedeck 0.0.0',
    position: () => ({ segment: 0, offset: 0, frame: 1000, recvUs: nowUs, readUntilUs }),
  };
  jobs = openJobs(context);
  await jobs.comparisons.start();
  expect(status()).toMatchObject({ state: 'running', total: 2, done: 1, equal: 2 });
  answers = true;
  told.length = 0;
  readUntilUs = nowUs;
  await vi.waitFor(() => expect(status()).toMatchObject({ state: 'done', total: 2, done: 2, equal: 4 }), within);
  expect(new Set(told)).toEqual(new Set(['KRW-TWO']));
  await jobs.comparisons.stop();
  jobs = openJobs(context);
  await jobs.comparisons.start();
  expect(status()).toMatchObject({ state: 'done', equal: 4 });
});

test('a minute that no line covered whole is compared and not blamed', async () => {
  await trade(1, -20, 100);
  candle(-1, '9');
  const { jobId } = jobs.comparisons.begin({ fromUs: T - MINUTE_US, toUs: T });
  await vi.waitFor(() => expect(jobs.comparisons.status(jobId)).toMatchObject({ value: { state: 'done' } }), within);
  expect(jobs.comparisons.status(jobId)).toMatchObject({
    value: { total: 1, done: 1, differing: 0, notComparable: 1 },
  });
  expect(volumeGaps()).toEqual([]);
});

test('an answer that does not come leaves the minutes for later, and a job says so', async () => {
  ofCandles = async () => fail('upbit.limited', 'upbit REST answered 429', { retry: false });
  const { jobId } = jobs.comparisons.begin({ fromUs: T, toUs: T + MINUTE_US });
  await vi.waitFor(
    () => expect(jobs.comparisons.status(jobId)).toMatchObject({ value: { state: 'done', failed: 1 } }),
    within,
  );
  expect(jobs.comparisons.status(jobId)).toMatchObject({
    value: { note: 'upbit spot KRW-ABC: upbit REST answered 429' },
  });
  ofCandles = async () => fail('process.gone', 'collector does not run');
  await jobs.reconcile.start();
  await vi.waitFor(() => expect(asked.length).toBeGreaterThan(1), within);
  expect(figure()).toMatchObject({ compared: 0, notComparable: 0 });
});

test('of minutes that a venue refuses together those that it answers are compared, and what was found before stays', async () => {
  candle(2, '9');
  await jobs.reconcile.start();
  await vi.waitFor(() => expect(figure()).toMatchObject({ equal: 2, differing: 1 }), within);
  // A venue that has forgotten all but the newest minutes, asked for all of them together.
  const limitUs = T + 4 * MINUTE_US;
  ofCandles = async (window) =>
    window.fromUs < limitUs ? fail('candles.refused', 'upbit goes back no further') : await answering(window);
  await trade(1, 7 * 60 + 5, 1500);
  candle(3, '4');
  candle(5, '1');
  candle(7, '2');
  nowUs = T + 9 * MINUTE_US;
  const { jobId } = jobs.comparisons.begin({ fromUs: T - 5 * MINUTE_US, toUs: T + 8 * MINUTE_US });
  await vi.waitFor(() => expect(jobs.comparisons.status(jobId)).toMatchObject({ value: { state: 'done' } }), within);
  // The minute before the first whole one and the fourth are the venue's to refuse; of those that nobody recorded it is not asked.
  expect(jobs.comparisons.status(jobId)).toMatchObject({
    value: { failed: 0, equal: 4, differing: 3, notComparable: 2 },
  });
  expect(Math.min(...asked.map(({ input }) => Number(input.fromUs)))).toBe(T - MINUTE_US);
  expect(
    volumeGaps()
      .map(({ fromUs }) => (fromUs - T) / MINUTE_US)
      .toSorted(),
  ).toEqual([2, 5, 7]);
  expect(figure()?.note).toBe('candle says 2, stored 1.5 in 1 trades');
});

test('sums are exact over hot rows and sealed files, each key once, and say what they could not add', async () => {
  const stream = { no: 1, venue: 'upbit', market: 'spot', symbol: 'KRW-ABC', channel: 'trade' };
  const streams = [{ ...stream, contractSize: '1', sizedUs: 0 }];
  const window = { fromUs: T, toUs: T + MINUTE_US };
  for (let id = 1; id <= 10; id += 1) await trade(id, id, '100000000000000001');
  const sum = { mantissa: 1_000_000_000_000_000_010n, scale: 3, count: 10, unsummed: 0 };
  const hot = await minuteSums(context.archive, streams, window);
  expect(hot.ok && hot.value.get(1)?.get(T)).toEqual(sum);
  nowUs = T + 3 * HOUR_US;
  expect((await sealHour(context.archive.sealing, T)).ok).toBe(true);
  await trade(10, 10, '100000000000000001');
  await trade(11, 11, 0, '1e-7');
  const mixed = await minuteSums(context.archive, streams, window);
  expect(mixed.ok && mixed.value.get(1)?.get(T)).toEqual({ ...sum, count: 11, unsummed: 1 });
});

test('a gap that grows while its minute is added up is not repaired by the sum of what it was', async () => {
  const lost = {
    id: '1-g',
    stream: 1,
    key: { venue: 'upbit', market: 'spot', symbol: 'KRW-ABC', channel: 'trade' },
    cause: 'disconnect',
    fromUs: T + 10 * SECOND_US,
    fromId: null,
    toId: null,
    deadlineUs: null,
    evidence: null,
    openedUs: T,
    closedUs: null,
  } as const;
  warehouse.catalog.gaps.apply([{ ...lost, state: 'unrecoverable', toUs: T + 12 * SECOND_US, frame: 1 }]);
  await trade(1, 5, 1500);
  candle(0, '1.5');
  const { rows } = context.archive;
  const grow = async (sql: string): ReturnType<typeof rows> => {
    const found = await rows(sql);
    warehouse.catalog.gaps.apply([{ ...lost, state: 'open', toUs: T + 90 * SECOND_US, frame: 2 }]);
    return found;
  };
  Object.assign(context.archive, { rows: grow });
  await jobs.reconcile.start();
  await vi.waitFor(() => expect(figure()?.lastUs).toBe(T + 3 * MINUTE_US), within);
  expect(warehouse.catalog.gaps.get('1-g')).toMatchObject({ state: 'open', toUs: T + 90 * SECOND_US });
});
