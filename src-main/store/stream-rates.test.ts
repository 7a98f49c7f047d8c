// Who moves most must be told against each stream's own past, for thousands of streams, at no cost worth naming.
import { expect, test } from 'vitest';
import { workedMs } from '../../src-shared/base/worked.fixture.ts';
import { StreamRates } from './stream-rates.ts';

const stream = (no: number, stored: number) => ({
  no,
  name: { venue: 'binance', market: 'spot', symbol: `S${no}`, channel: 'trade' } as const,
  stored,
});

test('a stream that rises against its own minutes comes before one that is always busy', () => {
  const rates = new StreamRates();
  let quiet = 0;
  let busy = 0;
  for (let second = 0; second < 300; second += 1) {
    quiet += second < 295 ? 2 : 60;
    busy += 500;
    rates.look([stream(1, quiet), stream(2, busy), stream(3, 7)], second * 1000);
  }
  const rise = rates.top('rise', 10);
  expect(rise.streams.map(({ symbol }) => symbol)).toEqual(['S1', 'S2']);
  expect(rise.streams[0]?.nowPerSecond).toBeCloseTo(60, 5);
  expect(rise.streams[0]?.usualPerSecond).toBeCloseTo(2, 5);
  expect(rise).toMatchObject({ all: 3, moving: 2 });
  expect(rates.top('rate', 1).streams[0]?.symbol).toBe('S2');
});

test('a look at 5,000 streams takes a few milliseconds', () => {
  const rates = new StreamRates();
  let longest = 0;
  for (let second = 0; second < 30; second += 1) {
    const streams = Array.from({ length: 5000 }, (_, no) => stream(no, second * no));
    const began = process.threadCpuUsage();
    rates.look(streams, second * 1000);
    if (second > 10) longest = Math.max(longest, workedMs(began));
  }
  const began = process.threadCpuUsage();
  rates.top('rise', 12);
  console.log(`5,000 streams: a look ${longest.toFixed(2)} ms at most, the top ${workedMs(began).toFixed(2)} ms`);
  expect(longest).toBeLessThan(50);
});
