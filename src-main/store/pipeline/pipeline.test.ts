// Trades must not be lost, repeated or misplaced whatever the lines do: every interleaving, repeat, reordering, loss and restart.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { IdRule } from '../../feeds/feed.ts';
import { Flag } from './guard.ts';
import { MemoryWarehouse } from './memory-warehouse.fixture.ts';
import type { Pipeline } from './pipeline.ts';
import { plainFeed } from './plain-feed.fixture.ts';

const T0 = 1_790_000_000_000_000;
const LINES = [0, 1].map((line) => ({
  no: line + 1,
  venue: 'binance' as const,
  market: 'spot' as const,
  line,
  role: 'live' as const,
}));
const REST = { no: 9, venue: 'binance' as const, market: 'spot' as const, line: 0, role: 'rest' as const };

interface Delivery {
  readonly line: number;
  readonly id: number;
}

function eventOf(id: number): number {
  return T0 + id * 1000;
}

function send(pipeline: Pipeline, frame: number, line: number, text: string, recvUs = T0 + frame * 100): void {
  const bytes = Buffer.from(text);
  const name = LINES[line];
  pipeline.data(name, name?.no ?? 0, 0, frame, recvUs, bytes, 0, bytes.length);
}

/** What two lines deliver of trades 100..100+n: each its own part, a little shuffled, some repeated, in any interleaving. */
const deliveries = fc
  .record({
    count: fc.integer({ min: 1, max: 40 }),
    lines: fc.integer({ min: 1, max: 2 }),
    seed: fc.array(fc.nat({ max: 1000 }), { minLength: 400, maxLength: 400 }),
  })
  .map(({ count, lines, seed }) => {
    let at = 0;
    const next = (): number => seed[at++ % seed.length] as number;
    const queues = Array.from({ length: lines }, (_, line) => {
      const queue: Delivery[] = [];
      for (let id = 100; id < 100 + count; id += 1) {
        if (next() % 7 === 0) continue;
        queue.push({ line, id });
        if (next() % 11 === 0) queue.push({ line, id });
      }
      for (let i = 1; i < queue.length; i += 1) {
        if (next() % 5 !== 0) continue;
        const other = Math.max(0, i - (next() % 6));
        [queue[i], queue[other]] = [queue[other] as Delivery, queue[i] as Delivery];
      }
      return queue;
    });
    const merged: Delivery[] = [];
    while (queues.some((queue) => queue.length > 0)) {
      const queue = queues[next() % queues.length] as Delivery[];
      const one = queue.shift();
      if (one) merged.push(one);
    }
    return merged;
  });

/** What happens after each record: nothing, a commit, a crash (back to the last commit), or a commit and a restart. */
const events = fc.array(fc.constantFrom('', '', '', 'commit', 'crash', 'restart'), { minLength: 1, maxLength: 60 });

function play(
  rule: IdRule,
  records: readonly Delivery[],
  happenings: readonly string[],
  idOf: (id: number) => string,
  keysFromUs: () => number,
) {
  // So few that generations of keys end as soon as they may.
  const warehouse = new MemoryWarehouse([plainFeed(rule)], 3);
  let pipeline = warehouse.start();
  let happened = 0;
  let crashes = 0;
  for (let at = 0; at < records.length; at += 1) {
    const { line, id } = records[at] as Delivery;
    send(pipeline, at + 1, line, `BTC ${idOf(id)} 10.5 1 ${eventOf(id)}`);
    const happening = happenings[happened++ % happenings.length];
    if (happening === 'commit' || happening === 'restart') warehouse.commit(at + 1);
    if (happening === 'restart' || (happening === 'crash' && crashes < 8)) {
      crashes += 1;
      pipeline = warehouse.start(keysFromUs());
      at = warehouse.done - 1;
    }
  }
  warehouse.commit(records.length, true);
  return warehouse;
}

function expectStoredOnce(
  warehouse: MemoryWarehouse,
  records: readonly Delivery[],
  idOf: (id: number) => string,
): void {
  expect(warehouse.twice).toEqual([]);
  const wanted = new Map<string, number>();
  for (const { line, id } of records) wanted.set(`1 ${idOf(id)}`, (wanted.get(`1 ${idOf(id)}`) ?? 0) | (1 << line));
  const stored = new Map([...warehouse.rows].map(([key, row]) => [key, row.lines]));
  expect(stored).toEqual(wanted);
  const { frames, control, data, other, rejected, ticks, stored: kept, duplicates } = warehouse.counts;
  expect(frames).toBe(records.length);
  expect(control + data + other + rejected).toBe(frames);
  expect(ticks).toBe(records.length);
  expect(kept).toBe(wanted.size);
  expect(kept + duplicates).toBe(ticks);
}

describe('ids that run +1', () => {
  test('each trade once, lines merged, gaps exactly the missing ids, over any order and restart', () => {
    fc.assert(
      fc.property(deliveries, events, (records, happenings) => {
        if (records.length === 0) return;
        const warehouse = play('contiguous', records, happenings, String, () => 0);
        expectStoredOnce(warehouse, records, String);
        const ids = new Set(records.map((record) => record.id));
        const first = (records[0] as Delivery).id;
        const last = Math.max(...ids);
        const missing = [...Array(last - first + 1).keys()].map((n) => first + n).filter((id) => !ids.has(id));
        const open = [...warehouse.gaps.values()].filter((gap) => gap.state !== 'repaired');
        for (const id of missing) expect(open.some((gap) => gap.fromId < id && id < gap.toId)).toBe(true);
        for (const gap of open) {
          expect(missing).toContain(gap.fromId + 1);
          expect(missing).toContain(gap.toId - 1);
          expect(gap.fromUs).toBeLessThanOrEqual(eventOf(gap.fromId + 1));
          expect(gap.toUs).toBeGreaterThanOrEqual(eventOf(gap.toId - 1));
        }
      }),
      { numRuns: 400 },
    );
  });

  test('history fills a hole, names its rows backfill, and closes the gap; the same hole in the history is the venue’s own', () => {
    const warehouse = new MemoryWarehouse([plainFeed('contiguous')]);
    const pipeline = warehouse.start();
    const moment = (frame: number) => ({ frame, recvUs: T0 + frame * 3_000_000 });
    for (const [frame, id] of [
      [1, 1],
      [2, 5],
      [3, 9],
    ] as const) {
      send(pipeline, frame, 0, `BTC ${id} 1 1 ${eventOf(id)}`, moment(frame).recvUs);
    }
    warehouse.commit(3, true);
    expect([...warehouse.gaps.keys()]).toEqual(['1-1', '1-5']);
    const answer = (frame: number, gapId: string, text: string): void => {
      pipeline.control(frame, moment(frame).recvUs);
      pipeline.lines.expect(REST, { kind: 'history', gapId, symbol: 'BTC', channel: 'trade', status: 200 });
      const bytes = Buffer.from(text);
      pipeline.data(REST, REST.no, 1, frame + 1, moment(frame + 1).recvUs, bytes, 0, bytes.length);
      pipeline.control(frame + 2, moment(frame + 2).recvUs);
      pipeline.lines.historyEnded(gapId, true, '', moment(frame + 2));
    };
    answer(4, '1-1', [1, 2, 3, 4].map((id) => `BTC ${id} 1 1 ${eventOf(id)}`).join(';'));
    warehouse.commit(6);
    answer(7, '1-5', `BTC 7 1 1 ${eventOf(7)}`);
    warehouse.commit(9);
    expect(warehouse.gaps.get('1-1')?.state).toBe('repaired');
    expect(warehouse.gaps.get('1-5')?.state).toBe('venue-hole');
    expect(warehouse.rows.get('1 3')).toMatchObject({ origin: 1, lines: 0 });
    expect(warehouse.rows.get('1 1')).toMatchObject({ origin: 0, lines: 1 });
    expect(warehouse.counts).toMatchObject({ ticks: 8, stored: 7, duplicates: 1 });
  });

  test('a gap closes in on what is missing still, and once filled tells all that was, also over a restart', () => {
    const warehouse = new MemoryWarehouse([plainFeed('contiguous')]);
    let pipeline = warehouse.start();
    const sent = [1, 10, 2, 3, 9, 8, 4, 5, 7, 6];
    const told: unknown[] = [];
    for (const [index, id] of sent.entries()) {
      const frame = index + 1;
      send(pipeline, frame, 0, `BTC ${id} 1 1 ${eventOf(id)}`, T0 + frame * 3_000_000);
      warehouse.commit(frame, true);
      const gap = warehouse.gaps.get('1-1');
      told.push(gap && [gap.state, gap.fromId, gap.toId]);
      if (frame === 6) pipeline = warehouse.start();
    }
    expect(told.slice(1)).toEqual([
      ['open', 1, 10],
      ['open', 2, 10],
      ['open', 3, 10],
      ['open', 3, 9],
      ['open', 3, 8],
      ['open', 4, 8],
      ['open', 5, 8],
      ['open', 5, 7],
      ['repaired', 1, 10],
    ]);
  });

  test('a venue that counts from 1 again loses nothing', () => {
    const warehouse = new MemoryWarehouse([plainFeed('contiguous')]);
    const pipeline = warehouse.start();
    const ids = [1000, 1001, 1002, 1, 2, 3, 4, 5];
    for (const [index, id] of ids.entries()) {
      send(pipeline, index + 1, 0, `BTC ${id} 1 1 ${T0 + index}`);
      if (index % 2 === 1) warehouse.commit(index + 1);
    }
    send(pipeline, 9, 0, `BTC 7 1 1 ${T0 + 9}`);
    warehouse.commit(9, true);
    expect([...warehouse.rows.keys()]).toEqual([...ids, 7].map((id) => `1 ${id}`));
    expect([...warehouse.gaps.values()].map((gap) => [gap.fromId, gap.toId])).toEqual([[5, 7]]);
  });
});

describe('ids that are only keys', () => {
  test('each trade once, lines merged, also when the keys of before a restart are no longer in memory', () => {
    fc.assert(
      fc.property(deliveries, events, fc.nat({ max: 60 }), fc.boolean(), (records, happenings, forget, text) => {
        const idOf = (id: number): string => (text ? `1788335180377000${id}x` : `${1788335180377000 + id}`);
        const warehouse = play('unique', records, happenings, idOf, () => eventOf(100 + forget));
        if (records.length === 0) return;
        expectStoredOnce(warehouse, records, idOf);
      }),
      { numRuns: 300 },
    );
  });
});

test('what cannot be read is counted and kept, the rest goes on', () => {
  const warehouse = new MemoryWarehouse([plainFeed('contiguous')]);
  const pipeline = warehouse.start();
  send(pipeline, 1, 0, 'ack');
  send(pipeline, 2, 0, '?');
  send(pipeline, 3, 0, '!!');
  send(pipeline, 4, 0, `BTC 1 1 1 ${T0};BTC 2 0 1 ${T0};BTC 3 1 1 soon;BTC 2 1 1e-7 ${T0}`);
  pipeline.data(undefined, 77, 0, 5, T0, Buffer.from('?'), 0, 1);
  pipeline.control(6, T0);
  pipeline.damaged(2, 'torn', 100);
  const outcome = warehouse.commit(6);
  expect(warehouse.counts).toEqual({
    frames: 8,
    control: 2,
    data: 1,
    other: 1,
    rejected: 4,
    ticks: 2,
    stored: 2,
    duplicates: 0,
    rejectedRows: 2,
  });
  expect(outcome.quarantined.map((item) => [item.frame, item.item])).toEqual([
    [3, -1],
    [4, 1],
    [4, 2],
    [5, -1],
    [7, -1],
  ]);
});

test('the guard marks and never drops', () => {
  const warehouse = new MemoryWarehouse([plainFeed('contiguous')]);
  const pipeline = warehouse.start();
  send(pipeline, 1, 0, `BTC 1 100 1 ${T0}`);
  send(pipeline, 2, 0, `BTC 2 1001 1 ${T0}`);
  send(pipeline, 3, 0, `BTC 3 100 1 ${T0}`);
  send(pipeline, 4, 0, `BTC 4 100 1 ${T0 - 11_000_000}`);
  warehouse.commit(4);
  expect([...warehouse.rows.values()].map((row) => row.flags)).toEqual([
    0,
    Flag.priceOutlier,
    Flag.priceOutlier,
    Flag.clockSkew,
  ]);
});
