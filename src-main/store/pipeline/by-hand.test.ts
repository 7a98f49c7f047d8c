// What an operator gave up is told as that, and only where no other line carried it.
import { expect, test } from 'vitest';
import { MemoryWarehouse } from './memory-warehouse.fixture.ts';
import { plainFeed } from './plain-feed.fixture.ts';

const T0 = 1_790_000_000_000_000;
const S = 1_000_000;
const one = { no: 1, venue: 'binance', market: 'spot', line: 0, role: 'live' } as const;
const two = { no: 2, venue: 'binance', market: 'spot', line: 1, role: 'live' } as const;
const byHand = { connection: 1, lastFrameUs: null, planned: true, reason: 'stopped by hand', byHand: true };

function recorded(lines: readonly (typeof one | typeof two)[], stopped: readonly (typeof one | typeof two)[]) {
  const warehouse = new MemoryWarehouse([plainFeed('unique')]);
  const pipeline = warehouse.start();
  let frame = 0;
  const moment = (seconds: number) => {
    frame += 1;
    const at = { recvUs: T0 + seconds * S, frame };
    pipeline.control(at.frame, at.recvUs);
    return at;
  };
  for (const line of lines) {
    pipeline.lines.wanted(line, ['BTC'], moment(0));
    pipeline.lines.acknowledged(line, 1, ['BTC'], moment(1));
  }
  for (const line of stopped) pipeline.lines.closed(line, byHand, moment(10));
  for (const line of stopped) pipeline.lines.acknowledged(line, 2, ['BTC'], moment(20));
  warehouse.commit(frame, true);
  return [...warehouse.gaps.values()];
}

test('with the other line alive nothing is missing', () => {
  expect(recorded([one, two], [one])).toEqual([]);
});

test('both stopped, or the only one: one gap, and its cause is the hand', () => {
  for (const gaps of [recorded([one], [one]), recorded([one, two], [one, two])]) {
    expect(gaps).toMatchObject([{ cause: 'stopped-by-hand' }]);
    expect(gaps[0]?.fromUs).toBeLessThanOrEqual(T0 + 10 * S);
    expect(gaps[0]?.toUs ?? 0).toBeGreaterThanOrEqual(T0 + 20 * S);
  }
});
