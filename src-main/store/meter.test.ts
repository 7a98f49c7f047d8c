// What an operator reads as trades per second must be trades: copies that a second line brings are told apart.
import { expect, test, vi } from 'vitest';
import { openMeter } from './meter.ts';
import type { MarketState } from './pipeline/market-state.ts';
import { noCounts } from './pipeline/outcome.ts';

test('a trade that two lines brought counts once, in all and of its venue; its copies are told beside it', () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  const stream = { stored: 0 };
  const committed = { totals: noCounts(), position: null, recvUs: 0 };
  const status = {
    committed,
    oldestWaitingUs: null,
    ticksByVenue: { upbit: 0 },
    delaysMs: [],
    storingMs: [],
    trouble: null,
  };
  const market = { feed: { venue: 'upbit' }, streams: () => [stream], arrival: { summary: () => null } };
  const meter = openMeter({
    warehouse: {
      on: () => undefined,
      catalog: { gaps: { counts: () => ({}) }, quarantine: { count: () => 0 } },
      notes: [],
    },
    intake: { status },
    reader: { durable: () => null },
    markets: () => [market as unknown as MarketState],
    disk: () => ({ freeBytes: 1, usedBytes: 1, fullInHours: null, state: 'ok', note: null }),
    clockLeadsUs: () => [],
    nowUs: () => 1,
  } as unknown as Parameters<typeof openMeter>[0]);
  try {
    meter();
    for (let look = 0; look < 4; look += 1) {
      vi.advanceTimersByTime(250);
      stream.stored += 10;
      Object.assign(committed.totals, { stored: stream.stored, ticks: 2 * stream.stored, duplicates: stream.stored });
      status.ticksByVenue = { upbit: 2 * stream.stored };
      meter();
    }
    const told = meter();
    expect(told).toMatchObject({ tradesPerSecond: 40, ticksPerSecond: 80 });
    expect(told.venues).toMatchObject([
      { venue: 'upbit', tradesPerSecond: 40, trades: 40, ticksPerSecond: 80, ticks: 80 },
    ]);
  } finally {
    vi.useRealTimers();
  }
});
