// Nobody sees a gap filled whose trades are not there yet: what the catalog says and what the rows hold are read in an order that cannot lie.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { unwrap } from '../../../src-shared/base/result.ts';
import { HOUR_US, SECOND_US } from '../../../src-shared/base/time.ts';
import { silentLog } from '../../base/log.ts';
import { type OpenArchive, openArchive } from './archive.ts';
import type { GapFact } from './catalog.ts';
import { judgeCounted, judgeFiltered } from './coin.ts';
import { openHalfway } from './halfway.ts';
import { countWindow, streamName, withFacts } from './queries.ts';
import { mark, Recent } from './recent.ts';
import { openSnapshots } from './snapshot.ts';
import { openWarehouse, type Warehouse } from './warehouse.ts';

const AT = 1_763_600_400_000_000;
const NOW = AT + HOUR_US;
const window = { fromUs: AT - 10 * SECOND_US, toUs: AT + 10 * SECOND_US };
const key = { venue: 'upbit', market: 'spot', symbol: 'KRW-ABC', channel: 'trade' } as const;
const gap: GapFact = {
  id: '1-1',
  stream: 1,
  key,
  state: 'open',
  cause: 'disconnect',
  fromUs: AT - SECOND_US,
  toUs: AT + SECOND_US,
  fromId: null,
  toId: null,
  deadlineUs: null,
  evidence: null,
  openedUs: AT,
  closedUs: null,
  frame: 1,
};
const filled: GapFact = { ...gap, state: 'repaired', closedUs: AT + 5 * SECOND_US, frame: 2 };
let dataDir = '';
let warehouse: Warehouse;
let archive: OpenArchive;

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'tapedeck-halfway-'));
  warehouse = await openWarehouse(dataDir, { log: silentLog(), nowUs: () => NOW });
  archive = openArchive(warehouse, () => NOW);
  warehouse.catalog.streams.put([{ no: 1, ...key }], AT);
  const seen = [
    [AT - HOUR_US, AT - SECOND_US],
    [AT + SECOND_US, null],
  ] as const;
  warehouse.catalog.coverage.apply(
    seen.map(([fromUs, toUs], n) => ({ key, line: 0, connection: String(n), fromUs, toUs })),
  );
  warehouse.catalog.gaps.apply([gap]);
  await put(1, -5);
});

afterEach(async () => {
  await warehouse.close();
  rmSync(dataDir, { recursive: true, force: true });
});

async function put(id: number, second: number): Promise<void> {
  const us = AT + second * SECOND_US;
  await warehouse.lock.run(() =>
    warehouse.writer.run(
      `INSERT INTO tick VALUES (1, ${id}, NULL, 1, 0, NULL, 5, 3, NULL, 1, ${us}, ${us}, 0, 1, ${id}, 0)`,
    ),
  );
}

const judged = () => judgeFiltered(archive, key, window, NOW).then((found) => unwrap(found)[0]);

test('a verdict that is asked for between facts and rows waits for the rows', async () => {
  warehouse.halfway.begin();
  warehouse.catalog.gaps.apply([filled]);
  let said: Awaited<ReturnType<typeof judged>> | undefined;
  const asking = judged().then((one) => {
    said = one;
  });
  await sleep(50);
  expect(said).toBeUndefined();
  await put(2, 0);
  warehouse.halfway.end();
  await asking;
  expect(said).toMatchObject({ rows: 2, verdict: 'unproved' });
});

test('a gap that is filled while the rows are read was not filled for that reading', async () => {
  const rows = archive.rows;
  const slow: OpenArchive = {
    ...archive,
    rows: async (sql) => {
      const found = await rows(sql);
      warehouse.catalog.gaps.apply([filled]);
      await put(2, 0);
      return found;
    },
  };
  const [first] = unwrap(await judgeFiltered(slow, key, window, NOW));
  expect(first).toMatchObject({ rows: 1, verdict: 'incomplete' });
  expect(await judged()).toMatchObject({ rows: 2, verdict: 'unproved' });
});

test('while the rows cannot be written the verdict says so', async () => {
  warehouse.halfway.begin();
  warehouse.catalog.gaps.apply([filled]);
  const impatient: OpenArchive = {
    ...archive,
    halfway: { ...archive.halfway, read: (_, facts) => archive.halfway.read(50, facts) },
  };
  const [found] = unwrap(await judgeFiltered(impatient, key, window, NOW));
  expect(found).toMatchObject({ rows: 1, verdict: 'incomplete' });
  expect(found?.reasons[0]).toMatch(/cannot be written to the store/);
  warehouse.halfway.end();
});

test('rows of a snapshot are not judged by what was said after it', async () => {
  const snapshots = openSnapshots(archive, { nowUs: () => NOW, readUntilUs: () => NOW, refusal: () => null });
  const count = async () => {
    const taken = unwrap(await snapshots.take(null, true));
    const streams = withFacts(archive, archive.streams());
    return { mark: taken.mark, counts: unwrap(await countWindow(archive, streams, window, AT)) };
  };
  const verdict = async ({ counts, mark: then }: Awaited<ReturnType<typeof count>>) =>
    unwrap(await judgeCounted(archive, counts, window, { readUntilUs: NOW, mark: then })).get(streamName(key));
  try {
    const before = await count();
    warehouse.catalog.gaps.apply([filled]);
    await put(2, 0);
    expect(await verdict(before)).toMatchObject({ rows: 1, verdict: 'incomplete', gaps: ['1-1'] });
    const after = await count();
    expect(await verdict(after)).toMatchObject({ rows: 2, verdict: 'unproved' });
    // Both minutes of the window are found equal: the snapshot of before knows nothing of that.
    const minutes = [-1, 0].map((n) => ({ minuteUs: Math.floor(AT / 60e6 + n) * 60e6, result: 'equal' as const }));
    warehouse.catalog.coverage.apply([{ key, line: 0, connection: '2', fromUs: AT - HOUR_US, toUs: null }]);
    warehouse.catalog.reconciled.put(1, minutes, null, null);
    expect((await verdict(after))?.verdict).toBe('unproved');
    expect((await verdict(await count()))?.verdict).toBe('covered');
    const old = await judgeCounted(archive, after.counts, window, { readUntilUs: NOW, mark: 1 });
    expect(old).toMatchObject({ ok: false, failure: { code: 'archive.outdated', retry: true } });
  } finally {
    await snapshots.close();
  }
});

test('whoever waits is let go at the end, or after its time', async () => {
  const halfway = openHalfway();
  expect(await halfway.over(0)).toBe(true);
  halfway.begin();
  halfway.begin();
  expect(await halfway.over(20)).toBe(false);
  const waiting = halfway.over(5000);
  halfway.end();
  expect(await waiting).toBe(true);
  expect(await halfway.over(0)).toBe(true);
});

test('facts are never read while a batch is half there, though one begins as the other ends', async () => {
  const halfway = openHalfway();
  halfway.begin();
  let isHalf = true;
  const seen = halfway.read(5000, (agree) => ({ agree, isHalf }));
  halfway.end();
  halfway.begin();
  await sleep(10);
  isHalf = false;
  halfway.end();
  expect(await seen).toEqual({ agree: true, isHalf: false });
});

test('changes are remembered from a mark on, and an older mark is refused', () => {
  const early = mark();
  const recent = new Recent<number>();
  recent.add(1);
  const then = mark();
  recent.add(2);
  recent.add(3);
  expect(recent.since(then)).toEqual([3, 2]);
  expect(recent.since(mark())).toEqual([]);
  expect(recent.since(early - 1)).toBeNull();
  for (let n = 0; n < 250_000; n += 1) recent.add(n);
  expect(recent.since(then)).toBeNull();
  expect(recent.since(mark() - 2)).toEqual([249_999, 249_998]);
});
