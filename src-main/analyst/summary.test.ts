// Missing ids at the edges of a window, where the order of ids is not that of their times; and trades that two questions count at once.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { HOUR_US } from '../../src-shared/base/time.ts';
import { type Duck, openDuck, storeDuckSettings } from '../base/duck.ts';
import { silentLog } from '../base/log.ts';
import { HOUR } from './archive.fixture.ts';
import { openSummary } from './summary.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'tapedeck-summary-'));
let duck: Duck;
beforeAll(async () => {
  duck = await openDuck(':memory:', storeDuckSettings);
});
afterAll(() => {
  duck.close();
  rmSync(dataDir, { recursive: true, force: true });
});

let worlds = 0;

/** A summary of its own, and what writes a file of one hour's trades with these ids beside it. */
async function openWorld() {
  worlds += 1;
  const folder = join(dataDir, String(worlds));
  mkdirSync(join(folder, 'analysis'), { recursive: true });
  const summary = await openSummary(folder, silentLog());
  const write = async (path: string, hourUs: number, ids: readonly number[]) => {
    const values = ids.map(
      (id, at) => `('gate', 'spot', 'X_USDT', 'trades', '${id}', ${hourUs + at}, 3::UINTEGER, 'live', 0::UINTEGER)`,
    );
    await duck.with((connection) =>
      connection.run(
        `COPY (SELECT * FROM (VALUES ${values.join(',')}) v(venue, market, symbol, channel, id, event_us, lines, origin, flags)) TO '${join(folder, path)}' (FORMAT parquet)`,
      ),
    );
    return { path, hourUs, rows: ids.length, fromUs: hourUs, toUs: hourUs + HOUR_US };
  };
  return { summary, write };
}

/** Missing ids of each hour, and of all of them together, when these ids lie in one hour after the other. */
async function missingOf(...hours: number[][]): Promise<{ each: number[]; together: number }> {
  const { summary, write } = await openWorld();
  for (const [nth, ids] of hours.entries())
    await summary.count(await write(`${nth}.parquet`, HOUR + nth * HOUR_US, ids));
  const missing = async (from: number, to: number): Promise<number> => {
    const [count] = await summary.streams({ fromUs: HOUR + from * HOUR_US, toUs: HOUR + to * HOUR_US });
    return count?.missingIds ?? -1;
  };
  const each: number[] = [];
  for (const nth of hours.keys()) each.push(await missing(nth, nth + 1));
  const together = await missing(0, hours.length);
  summary.close();
  return { each, together };
}

it('an id that lies in the hour beside the window is not missing', async () => {
  expect(await missingOf([1, 2, 4], [3, 5, 6])).toEqual({ each: [0, 0], together: 0 });
  const crossedTwice = await missingOf([1, 2, 4], [3, 5, 7], [6, 8, 9]);
  expect([crossedTwice.each[1], crossedTwice.together]).toEqual([0, 0]);
});

it('a hole is told where ids cross and where they do not', async () => {
  expect(await missingOf([1, 2], [4, 6], [7])).toEqual({ each: [1, 2, 0], together: 2 });
  expect(await missingOf([1, 2, 5], [4, 6, 8])).toEqual({ each: [2, 2], together: 2 });
});

it.each([
  ['without a hole', [1, 2, 3], [1, 2, 3, 4], { rows: 4, missingIds: 0 }],
  ['with one', [1, 2, 4], [1, 2, 4, 5], { rows: 4, missingIds: 1 }],
])('two questions at once about an hour that grows, %s, count its newest tail once', async (_, first, second, told) => {
  const { summary, write } = await openWorld();
  const window = { fromUs: HOUR, toUs: HOUR + HOUR_US };
  const reach = { hotUntilUs: HOUR + HOUR_US, sealedUntilUs: null, note: '' };
  const tails = [await write('tail-1.parquet', HOUR, first), await write('tail-2.parquet', HOUR, second)];
  await Promise.all(tails.map((tail) => summary.follow(window, { sealed: [], hot: [tail], reach, mark: 0 })));
  await Promise.all(tails.map((tail) => summary.count(tail)));
  expect(await summary.streams(window)).toMatchObject([told]);
  summary.close();
});

it('a tail whose hour holds nothing any more is not counted', async () => {
  const { summary, write } = await openWorld();
  const window = { fromUs: HOUR, toUs: HOUR + HOUR_US };
  const reach = { hotUntilUs: HOUR + HOUR_US, sealedUntilUs: null, note: '' };
  const tail = await write('tail.parquet', HOUR, [1, 2]);
  await summary.follow(window, { sealed: [], hot: [tail], reach, mark: 0 });
  await summary.follow(window, { sealed: [], hot: [], reach, mark: 0 });
  await summary.count(tail);
  expect(await summary.streams(window)).toEqual([]);
  summary.close();
});
