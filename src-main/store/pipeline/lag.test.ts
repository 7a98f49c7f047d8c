// How far a venue lags is told by what it prints, never by what it repeats at subscribing: that is as old as the symbol is quiet, and held to be
// lag it would take a minute from what each line covered and begin each gap a minute early.
import { describe, expect, test } from 'vitest';
import { upbitSpot } from '../../feeds/upbit/upbit.ts';
import { MemoryWarehouse } from './memory-warehouse.fixture.ts';
import { plainFeed } from './plain-feed.fixture.ts';

const T0 = 1_790_000_000_000_000;
const S = 1_000_000;
const A = { no: 1, venue: 'binance', market: 'spot', line: 0, role: 'live' } as const;
const codes = Array.from({ length: 30 }, (_, n) => `KRW-C${n}`);

/** One line of a venue, by its feed or by what its ids prove. */
function begin(feed: Parameters<typeof plainFeed>[0] | typeof upbitSpot, carried: readonly string[]) {
  const warehouse = new MemoryWarehouse([typeof feed === 'string' ? plainFeed(feed) : feed]);
  let pipeline = warehouse.start();
  let frame = 0;
  const at = (
    seconds: number,
    tell: (lines: typeof pipeline.lines, moment: { recvUs: number; frame: number }) => void,
  ): void => {
    frame += 1;
    const moment = { recvUs: T0 + Math.round(seconds * S), frame };
    pipeline.control(frame, moment.recvUs);
    tell(pipeline.lines, moment);
  };
  const data = (seconds: number, text: string): void => {
    frame += 1;
    const bytes = Buffer.from(text);
    pipeline.data(A, A.no, 0, frame, T0 + Math.round(seconds * S), bytes, 0, bytes.length);
  };
  const open = (seconds: number): void => at(seconds, (lines) => lines.opened(A));
  const acknowledge = (seconds: number, connection: number, symbols = carried): void => {
    at(seconds, (lines, moment) => lines.wanted(A, carried, moment));
    at(seconds, (lines, moment) => lines.acknowledged(A, connection, symbols, moment));
  };
  const close = (seconds: number): void =>
    at(seconds, (lines, moment) => {
      const lastFrameUs = T0 + seconds * S;
      lines.closed(A, { connection: 1, lastFrameUs, planned: false, reason: 'reset' }, moment);
    });
  return {
    data,
    open,
    acknowledge,
    close,
    /** How much less than until now the line is held to have delivered, s. */
    lagAt: (seconds: number): number => seconds - (pipeline.heardUs(A.no) - T0) / S,
    leads: () => pipeline.clockLeadsUs(),
    gaps: () => {
      warehouse.commit(frame, true);
      return [...warehouse.gaps.values()].map((gap) => [(gap.fromUs - T0) / S, ((gap.toUs ?? 0) - T0) / S]);
    },
    restart: () => {
      warehouse.commit(frame, true);
      pipeline = warehouse.start();
    },
  };
}

describe('what Upbit repeats at subscribing, the last trade of each code, is no lag', () => {
  let id = 17_900_000_000_000_000;
  const trade = (seconds: number, code: string, ageS: number, kind: 'SNAPSHOT' | 'REALTIME'): string => {
    id += 1;
    const ms = Math.round((T0 + (seconds - ageS) * S) / 1000);
    return `{"type":"trade","code":"${code}","timestamp":${ms},"trade_timestamp":${ms},"trade_price":106691000.00000000,"trade_volume":0.00009372,"ask_bid":"ASK","sequential_id":${id},"stream_type":"${kind}"}`;
  };
  function listen() {
    const line = begin(upbitSpot, codes);
    return {
      ...line,
      snapshots: (seconds: number): void => {
        for (const [n, code] of codes.entries()) line.data(seconds, trade(seconds, code, 2 * n, 'SNAPSHOT'));
      },
      busy: (from: number, to: number): void => {
        for (let s = from; s < to; s += 0.1) line.data(s, trade(s, codes[0] as string, 0.05, 'REALTIME'));
      },
    };
  }

  test('the line is held to have delivered until now, also when a coin is listed and the whole list is subscribed anew', () => {
    const { open, acknowledge, snapshots, busy, lagAt } = listen();
    open(0);
    snapshots(0.1);
    acknowledge(0.1, 1);
    for (const seconds of [1, 5, 20]) {
      busy(seconds - 0.3, seconds);
      expect(lagAt(seconds)).toBeLessThan(0.2);
    }
    busy(20, 30);
    snapshots(30);
    for (const seconds of [30.5, 35, 39, 45]) {
      busy(seconds - 0.3, seconds);
      expect(lagAt(seconds), `${seconds} s`).toBeLessThan(0.2);
    }
  });

  test('a gap begins where the line broke', () => {
    const { open, acknowledge, snapshots, busy, close, gaps } = listen();
    open(0);
    acknowledge(0, 1);
    busy(0.2, 30);
    snapshots(30);
    busy(30.2, 32);
    close(32);
    open(33);
    acknowledge(34, 2);
    const told = gaps();
    expect(told).toHaveLength(codes.length);
    for (const [fromS] of told) expect(fromS).toBeGreaterThan(30.5);
  });

  test('that it lags is seen all the same', () => {
    const { open, acknowledge, snapshots, data, lagAt } = listen();
    open(0);
    acknowledge(0, 1);
    snapshots(0.1);
    for (const seconds of [1, 2]) data(seconds, trade(seconds, codes[0] as string, 7, 'REALTIME'));
    expect(lagAt(2)).toBeCloseTo(7, 3);
  });
});

describe.each(['contiguous', 'unique'] as const)('the first frame of a symbol on a connection (ids %s)', (rule) => {
  const line = (seconds: number, symbol: string, tradeId: number, ageS: number): string =>
    `${symbol} ${tradeId} 1 1 ${T0 + Math.round((seconds - ageS) * S)}`;

  test('may be a trade of before and is no lag, all of its rows; the second is', () => {
    const { open, acknowledge, data, lagAt } = begin(rule, ['BTC', 'ETH']);
    open(0);
    acknowledge(0, 1);
    data(1, `${line(1, 'BTC', 1, 25)};${line(1, 'BTC', 2, 24)}`);
    data(1, line(1, 'ETH', 1, 50));
    expect(lagAt(1)).toBe(0);
    data(2, line(2, 'BTC', 3, 3));
    expect(lagAt(2)).toBeCloseTo(3, 3);
  });

  test('is one again on the next connection, and of a symbol that is subscribed again on a living one', () => {
    const { open, acknowledge, data, lagAt } = begin(rule, ['BTC', 'ETH']);
    open(0);
    acknowledge(0, 1);
    for (const symbol of ['BTC', 'ETH']) data(1, line(1, symbol, 1, 0));
    open(40);
    data(41, line(41, 'BTC', 1, 40));
    acknowledge(41, 2);
    data(42, line(42, 'BTC', 2, 0));
    expect(lagAt(42)).toBe(0);
    acknowledge(50, 2, ['ETH']);
    data(51, line(51, 'ETH', 1, 50));
    expect(lagAt(51)).toBe(0);
  });

  test('is not one again because the store was started again', () => {
    const { open, acknowledge, data, lagAt, restart } = begin(rule, ['BTC']);
    open(0);
    acknowledge(0, 1);
    data(1, line(1, 'BTC', 1, 0));
    restart();
    data(2, line(2, 'BTC', 2, 4));
    expect(lagAt(2)).toBeCloseTo(4, 3);
  });

  test('says how far the venue’s clock is ahead, as any other', () => {
    const { open, acknowledge, data, leads } = begin(rule, ['BTC']);
    open(0);
    acknowledge(0, 1);
    data(1, line(1, 'BTC', 1, -2));
    expect(leads()).toEqual([2 * S]);
  });
});
