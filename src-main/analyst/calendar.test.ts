// What a day's verdict rests on: only hours that were read, and the newest word of those who compare.
import { expect, it } from 'vitest';
import { fail, ok, unwrap } from '../../src-shared/base/result.ts';
import { DAY_US, HOUR_US, MINUTE_US, SECOND_US, type Us, type Window } from '../../src-shared/base/time.ts';
import type { Reach } from '../../src-shared/contract/days.ts';
import type { Verdict } from '../../src-shared/market/gap.ts';
import { openDuck, storeDuckSettings } from '../base/duck.ts';
import { silentLog } from '../base/log.ts';
import type { ParentPort } from '../base/parent-port.ts';
import { HOUR } from './archive.fixture.ts';
import { Calendar, dayFloor } from './calendar.ts';

const DAY = dayFloor(HOUR, 0);
const day = { fromUs: DAY, toUs: DAY + DAY_US, offsetMinutes: 0 };
const stream = { venue: 'upbit', market: 'spot', symbol: 'KRW-X', channel: 'trade' };
const count = {
  ...stream,
  rows: 10,
  bytes: 0,
  firstUs: DAY + 1,
  lastUs: DAY + 9 * HOUR_US - 1,
  before: 1,
  after: 0,
  oneLine: 0,
  twoLines: 10,
  backfilled: 0,
  unseen: 0,
  missingIds: 0,
  fromFirstId: false,
};
const sealedUntil = (sealedUntilUs: Us | null): Reach => ({ hotUntilUs: null, sealedUntilUs, note: 'pruning' });

async function open(given: { reach: Reach; damaged?: string }) {
  const duck = await openDuck(':memory:', storeDuckSettings);
  const world = { ...given, nowUs: DAY + 12 * HOUR_US, verdict: 'proven' as Verdict, counts: [count] };
  const judged: Window[] = [];
  const ask: ParentPort['ask'] = async (name, input) => {
    if (name === 'gaps.list') return ok({ gaps: [] } as never);
    if (name !== 'archive.judge') return fail('process.gone', `nobody answers ${name} here`);
    const { fromUs, toUs } = input as Window;
    judged.push({ fromUs, toUs });
    return ok({ streams: [{ verdict: world.verdict, reasons: [], instrument: '', base: '', quote: '' }] } as never);
  };
  const sealed = given.damaged
    ? [
        {
          path: given.damaged,
          hourUs: DAY + HOUR_US,
          rows: 5,
          bytes: 9,
          fromUs: DAY + HOUR_US,
          toUs: DAY + HOUR_US + 9,
        },
      ]
    : [];
  const calendar = new Calendar({
    summary: {
      duck,
      follow: async () => sealed,
      count: async ({ path }) => {
        throw new Error(`${path} is not a Parquet file`);
      },
      cells: async () => [
        { day_us: DAY, venue: 'upbit', n: 10, streams: 1, first_us: count.firstUs, last_us: count.lastUs },
      ],
      streams: async () => world.counts,
      close: () => duck.close(),
    },
    snapshots: { take: async () => ok({ sealed, hot: [], reach: world.reach, mark: 1 }) },
    ask,
    publish: () => undefined,
    nowUs: () => world.nowUs,
    log: silentLog(),
  });
  /** The verdicts of the day once what the calendar wished for has been judged. */
  const verdicts = async () => {
    unwrap(await calendar.calendar(day));
    await new Promise((done) => setTimeout(done, 20));
    return unwrap(await calendar.calendar(day)).cells[0]?.verdicts;
  };
  const close = async (): Promise<void> => {
    await calendar.leave();
    duck.close();
  };
  return { calendar, world, judged, verdicts, close };
}

it('hours that were not read are not judged: the day ends with its last sealed hour', async () => {
  const { calendar, judged, verdicts, close } = await open({ reach: sealedUntil(DAY + 9 * HOUR_US) });
  unwrap(await calendar.day(day));
  await verdicts();
  const read = { fromUs: DAY, toUs: DAY + 9 * HOUR_US };
  expect(judged).toEqual([read, read]);
  await close();
});

it.each([DAY, DAY - HOUR_US, null])(
  'a day of which nothing was read is incomplete and says why (%s)',
  async (until) => {
    const { calendar, judged, verdicts, close } = await open({ reach: sealedUntil(until) });
    const { streams } = unwrap(await calendar.day(day));
    expect(streams).toMatchObject([{ verdict: 'incomplete', reasons: [expect.stringContaining('were not read')] }]);
    expect(await verdicts()).toMatchObject({ incomplete: 1, proven: 0 });
    expect(judged).toEqual([]);
    await close();
  },
);

it('a day is judged anew when more of it is read, though no trade came with that', async () => {
  const { judged, verdicts, world, close } = await open({ reach: sealedUntil(DAY + 9 * HOUR_US) });
  await verdicts();
  world.reach = { hotUntilUs: DAY + 12 * HOUR_US, sealedUntilUs: null, note: '' };
  world.nowUs += HOUR_US;
  await verdicts();
  expect(judged.at(-1)?.toUs).toBe(DAY + 12 * HOUR_US - 15 * SECOND_US);
  await close();
});

it('what is unproved is judged anew after a while: a comparison with candles may have covered it', async () => {
  const { judged, verdicts, world, close } = await open({
    reach: { hotUntilUs: DAY + 2 * DAY_US, sealedUntilUs: null, note: '' },
  });
  world.verdict = 'unproved';
  expect(await verdicts()).toMatchObject({ unproved: 1 });
  world.verdict = 'covered';
  world.nowUs += 9 * MINUTE_US;
  expect(await verdicts()).toMatchObject({ unproved: 1 });
  world.nowUs += 2 * MINUTE_US;
  expect(await verdicts()).toMatchObject({ unproved: 0, covered: 1 });
  world.nowUs += HOUR_US;
  await verdicts();
  expect(judged.length).toBe(2);
  await close();
});

it('a day is not judged by its other files when one of them cannot be read', async () => {
  const { calendar, verdicts, close } = await open({
    reach: { hotUntilUs: DAY + 2 * DAY_US, sealedUntilUs: null, note: '' },
    damaged: 'part-0007.parquet',
  });
  expect(await verdicts()).toBeNull();
  expect(await verdicts()).toMatchObject({ incomplete: 1, proven: 0 });
  const { streams } = unwrap(await calendar.day(day));
  expect(streams).toMatchObject([{ verdict: 'incomplete', reasons: [expect.stringContaining('part-0007.parquet')] }]);
  const next = unwrap(await calendar.day({ fromUs: DAY + DAY_US, toUs: DAY + 2 * DAY_US }));
  expect(next.streams).toMatchObject([{ verdict: 'proven' }]);
  await close();
});

it('a day is not judged while the counts of a part have gone and those of the sealed file in its place have not come', async () => {
  const { judged, verdicts, world, close } = await open({
    reach: { hotUntilUs: DAY + 2 * DAY_US, sealedUntilUs: null, note: '' },
  });
  world.counts = [{ ...count, rows: 4, twoLines: 4 }];
  expect(await verdicts()).toBeNull();
  expect(judged).toEqual([]);
  world.counts = [count];
  expect(await verdicts()).toMatchObject({ proven: 1 });
  await close();
});

it("a day and the calendar that are asked for together do not take each other's counts of the hot hours away", async () => {
  const duck = await openDuck(':memory:', storeDuckSettings);
  const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));
  let taken = 0;
  // As the summary does it: what a snapshot does not name goes, and what it names is counted after.
  const held = new Set<string>();
  const calendar = new Calendar({
    summary: {
      duck,
      follow: async (_window, { hot }) => {
        for (const path of held) if (!hot.some((file) => file.path === path)) held.delete(path);
        return hot.filter(({ path }) => !held.has(path));
      },
      count: async ({ path }) => {
        await pause(5);
        held.add(path);
      },
      cells: async () => {
        await pause(5);
        return held.size === 0
          ? []
          : [{ day_us: DAY, venue: 'upbit', n: 10, streams: 1, first_us: count.firstUs, last_us: count.lastUs }];
      },
      streams: async () => {
        await pause(5);
        return held.size === 0 ? [] : [count];
      },
      close: () => duck.close(),
    },
    snapshots: {
      take: async () => {
        const path = `hot-${taken++}`;
        const hot = [{ path, hourUs: DAY, rows: 10, bytes: 1, fromUs: DAY, toUs: DAY + HOUR_US }];
        return ok({ sealed: [], hot, reach: sealedUntil(null), mark: taken });
      },
    },
    ask: async (name) =>
      name === 'gaps.list'
        ? ok({ gaps: [] } as never)
        : ok({ streams: [{ verdict: 'proven', reasons: [], instrument: '', base: '', quote: '' }] } as never),
    publish: () => undefined,
    nowUs: () => DAY + 12 * HOUR_US,
    log: silentLog(),
  });
  for (let turn = 0; turn < 5; turn += 1) {
    const [days, cells, again] = await Promise.all([
      calendar.day({ ...day, venue: undefined }),
      // While the first reads what it has counted.
      pause(7).then(() => calendar.calendar(day)),
      pause(14).then(() => calendar.day({ ...day, venue: undefined })),
    ]);
    expect(unwrap(days).streams).toHaveLength(1);
    expect(unwrap(again).streams).toHaveLength(1);
    expect(unwrap(cells).cells).toHaveLength(1);
  }
  await calendar.leave();
  duck.close();
});
