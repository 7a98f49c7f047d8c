// A venue that counts its ids anew is noticed once: a batch that was decoded before the warehouse had answered for the one before says nothing new.
import { expect, test } from 'vitest';
import { TickColumns } from './columns.ts';
import { settleDoubt } from './doubt.ts';
import type { Outcome } from './outcome.ts';
import { Pipeline } from './pipeline.ts';
import { plainFeed } from './plain-feed.fixture.ts';

const T0 = 1_790_000_000_000_000;
const LINE = { no: 1, venue: 'binance', market: 'spot', line: 0, role: 'live' } as const;

test('ids that are lost just after a venue began to count anew are a gap, though the next batch was already being read', () => {
  const pipeline = new Pipeline({
    feedOf: () => plainFeed('contiguous'),
    noticeFeedOf: () => undefined,
    streams: [],
  });
  let frame = 0;
  const send = (id: number): void => {
    frame += 1;
    const bytes = Buffer.from(`BTC ${id} 1 1 ${T0 + frame * 1000}`);
    pipeline.data(LINE, LINE.no, 0, frame, T0 + frame * 1000, bytes, 0, bytes.length);
  };
  const end = (): Outcome => {
    const outcome = pipeline.end({ all: true, full: false });
    pipeline.begin(new TickColumns(64));
    return outcome;
  };
  /** The warehouse holds none of the rows that it is asked for. */
  const settle = (outcome: Outcome): void => {
    settleDoubt(outcome, new Map(), (state) => pipeline.renumbered(state));
  };
  pipeline.begin(new TickColumns(64));
  for (const id of [1000, 1001, 1002]) send(id);
  settle(end());
  for (const id of [1, 2]) send(id);
  const first = end();
  // The next batch is read while the first is being committed.
  send(3);
  settle(first);
  send(4);
  const second = end();
  send(5);
  settle(second);
  send(9);
  expect(end().gaps).toMatchObject([{ fromId: 5, toId: 9 }]);
});
