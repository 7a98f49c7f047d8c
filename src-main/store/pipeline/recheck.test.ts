// A store that lost rows believes that it has seen them: a reply that was asked for because of that is looked up row by row, and nothing doubles.
import { expect, test } from 'vitest';
import type { IdRule } from '../../feeds/feed.ts';
import { MemoryWarehouse } from './memory-warehouse.fixture.ts';
import { plainFeed } from './plain-feed.fixture.ts';

const T0 = 1_790_000_000_000_000;
const LINE = { no: 1, venue: 'binance' as const, market: 'spot' as const, line: 0, role: 'live' as const };
const REST = { no: 9, venue: 'binance' as const, market: 'spot' as const, line: 0, role: 'rest' as const };
const row = (id: number): string => `BTC ${id} 1 1 ${T0 + id * 1000}`;
const page = [1, 2, 3, 4, 5, 4, 2].map(row).join(';');

test.each<[IdRule, boolean]>([
  ['contiguous', true],
  ['contiguous', false],
  ['unique', true],
  ['unique', false],
])('ids %s: what is missing comes back only when every row is looked up (%s)', (rule, recheck) => {
  const warehouse = new MemoryWarehouse([plainFeed(rule)]);
  const pipeline = warehouse.start();
  const send = (frame: number, text: string): void => {
    const bytes = Buffer.from(text);
    pipeline.data(LINE, LINE.no, 0, frame, T0 + frame * 100, bytes, 0, bytes.length);
  };
  const answer = (frame: number): void => {
    pipeline.control(frame, T0 + frame * 100);
    const what = { kind: 'history', gapId: '1-v0', symbol: 'BTC', channel: 'trade', status: 200 } as const;
    pipeline.lines.expect(REST, recheck ? { ...what, recheck } : what);
    const bytes = Buffer.from(page);
    pipeline.data(REST, REST.no, 1, frame + 1, T0 + frame * 100, bytes, 0, bytes.length);
  };
  for (let id = 1; id <= 5; id += 1) send(id, row(id));
  warehouse.commit(5);
  const [first] = [...warehouse.rows.keys()];
  const stream = first?.split(' ')[0] ?? '';
  for (const id of [2, 4]) warehouse.rows.delete(`${stream} ${id}`);
  answer(6);
  warehouse.commit(7);
  answer(8);
  send(10, row(6));
  warehouse.commit(10);
  expect(warehouse.twice).toEqual([]);
  expect([...warehouse.rows.values()].map(({ id }) => Number(id)).sort((a, b) => a - b)).toEqual(
    recheck ? [1, 2, 3, 4, 5, 6] : [1, 3, 5, 6],
  );
  // Stored says what was stored: the two that came back were stored twice in a store that lost them once.
  expect(warehouse.counts).toMatchObject({ ticks: 20, stored: recheck ? 8 : 6, duplicates: recheck ? 12 : 14 });
});
