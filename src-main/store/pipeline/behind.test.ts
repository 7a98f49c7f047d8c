// A line that was silent while the other delivered covers nothing since its last data, and connections with two numbers are one slot.
import { describe, expect, test } from 'vitest';
import { type CoverageSink, MarketCoverage } from './coverage.ts';
import type { Interval } from './coverage-form.ts';
import { MemoryWarehouse } from './memory-warehouse.fixture.ts';
import { plainFeed } from './plain-feed.fixture.ts';

const S = 1_000_000;

function collect() {
  const breaks: { symbol: string; cause: string; fromUs: number; toUs: number | null }[] = [];
  const mends: { symbol: string; toUs: number }[] = [];
  const intervals = new Map<string, { fromUs: number; toUs: number | null }>();
  const sink: CoverageSink = {
    interval: (symbol: string, { name, fromUs, toUs }: Interval) =>
      intervals.set(`${symbol} ${name}`, { fromUs, toUs }),
    broke: (symbol, cause, fromUs, toUs) => breaks.push({ symbol, cause, fromUs, toUs }),
    mended: (symbol, toUs) => mends.push({ symbol, toUs }),
  };
  return { sink, breaks, mends, intervals };
}

describe('behind', () => {
  const one = { lineNo: 1, line: 0, connection: 1 };
  const other = { lineNo: 2, line: 1, connection: 1 };

  test('ends that connection’s coverage of those symbols where its data ended; the other line still covers them', () => {
    const { sink, breaks, intervals } = collect();
    const tracker = new MarketCoverage();
    tracker.acknowledged(one, ['A', 'B'], { recvUs: 10 * S, frame: 1 }, sink);
    tracker.acknowledged(other, ['A', 'B'], { recvUs: 10 * S, frame: 2 }, sink);
    tracker.behind(2, 1, [{ symbol: 'A', fromUs: 20 * S }], { recvUs: 28 * S, frame: 3 }, sink);
    expect(breaks).toEqual([]);
    expect(intervals.get('A 2.1.2')).toEqual({ fromUs: 10 * S, toUs: 20 * S });
    expect(intervals.get('B 2.1.2')).toEqual({ fromUs: 10 * S, toUs: null });
    // The line that stood breaks: what the silent one claimed to cover counts no more.
    tracker.closed(1, 1, 27 * S, 'disconnect', { recvUs: 29 * S, frame: 4 }, sink);
    expect(breaks).toEqual([{ symbol: 'A', cause: 'disconnect', fromUs: 26 * S, toUs: null }]);
  });

  test('a break of the standing line in that time is a gap after all, cause silent', () => {
    const { sink, breaks } = collect();
    const tracker = new MarketCoverage();
    tracker.acknowledged(one, ['A'], { recvUs: 10 * S, frame: 1 }, sink);
    tracker.acknowledged(other, ['A'], { recvUs: 10 * S, frame: 2 }, sink);
    tracker.closed(1, 1, 21 * S, 'disconnect', { recvUs: 22 * S, frame: 3 }, sink);
    tracker.acknowledged({ ...one, connection: 2 }, ['A'], { recvUs: 23 * S, frame: 4 }, sink);
    expect(breaks).toEqual([]);
    tracker.behind(2, 1, [{ symbol: 'A', fromUs: 20 * S }], { recvUs: 30 * S, frame: 5 }, sink);
    expect(breaks).toEqual([{ symbol: 'A', cause: 'silent', fromUs: 20 * S, toUs: 24 * S }]);
  });

  test('the renewed connection covers again; the old one’s end changes nothing', () => {
    const { sink, breaks, intervals } = collect();
    const tracker = new MarketCoverage();
    tracker.acknowledged(one, ['A'], { recvUs: 10 * S, frame: 1 }, sink);
    tracker.acknowledged(other, ['A'], { recvUs: 10 * S, frame: 2 }, sink);
    tracker.behind(2, 1, [{ symbol: 'A', fromUs: 20 * S }], { recvUs: 28 * S, frame: 3 }, sink);
    tracker.acknowledged({ ...other, connection: 2 }, ['A'], { recvUs: 30 * S, frame: 4 }, sink);
    tracker.closed(2, 1, 31 * S, 'process-down', { recvUs: 31 * S, frame: 5 }, sink);
    tracker.closed(1, 1, 40 * S, 'disconnect', { recvUs: 41 * S, frame: 6 }, sink);
    expect(breaks).toEqual([]);
    expect([...intervals.values()]).toEqual([
      { fromUs: 10 * S, toUs: 40 * S },
      { fromUs: 10 * S, toUs: 20 * S },
      { fromUs: 30 * S, toUs: null },
    ]);
  });

  test('both lines behind, and acknowledged anew at once: what neither brought is a gap that has an end', () => {
    const { sink, breaks, mends } = collect();
    const tracker = new MarketCoverage();
    tracker.acknowledged(one, ['A'], { recvUs: 10 * S, frame: 1 }, sink);
    tracker.acknowledged(other, ['A'], { recvUs: 11 * S, frame: 2 }, sink);
    tracker.behind(1, 1, [{ symbol: 'A', fromUs: 25 * S }], { recvUs: 40 * S, frame: 3 }, sink);
    tracker.acknowledged(one, ['A'], { recvUs: 40 * S, frame: 4 }, sink);
    expect([breaks, mends]).toEqual([[], []]);
    tracker.behind(2, 1, [{ symbol: 'A', fromUs: 26 * S }], { recvUs: 41 * S, frame: 5 }, sink);
    tracker.acknowledged(other, ['A'], { recvUs: 41 * S, frame: 6 }, sink);
    expect(breaks).toEqual([{ symbol: 'A', cause: 'silent', fromUs: 25 * S, toUs: 41 * S }]);
  });

  test('is a gap of the stream when no other line covers it, under the number that the record has', () => {
    const warehouse = new MemoryWarehouse([plainFeed('unique')]);
    const pipeline = warehouse.start();
    const T0 = 1_790_000_000_000_000;
    const first = { no: 1, venue: 'binance', market: 'spot', line: 0, role: 'live' } as const;
    const twin = { ...first, no: 2, twinOf: 1 };
    const at = (frame: number) => {
      const recvUs = T0 + frame * S;
      pipeline.control(frame, recvUs);
      return { recvUs, frame };
    };
    pipeline.lines.wanted(first, ['BTC'], at(1));
    pipeline.lines.acknowledged(twin, 2, ['BTC'], at(2));
    pipeline.lines.behind(twin, 2, [{ symbol: 'BTC', fromUs: T0 + 5 * S }], at(20));
    warehouse.commit(20, true);
    expect([...warehouse.gaps.values()]).toMatchObject([{ cause: 'silent', fromUs: T0 + 4 * S, toUs: null }]);
  });
});

describe('two numbers of one slot', () => {
  const odd = { lineNo: 1, line: 0, connection: 1 };
  const even = { lineNo: 2, line: 0, connection: 2, wantedNo: 1 };

  test('what the slot no longer wants ends on both without a break, also after a restart of the store', () => {
    const { sink, breaks, mends, intervals } = collect();
    let tracker = new MarketCoverage();
    tracker.wanted(1, ['A', 'B'], { recvUs: S, frame: 1 }, sink);
    tracker.acknowledged(odd, ['A', 'B'], { recvUs: 2 * S, frame: 2 }, sink);
    tracker.acknowledged(even, ['A', 'B'], { recvUs: 10 * S, frame: 3 }, sink);
    tracker.closed(1, 1, 11 * S, 'process-down', { recvUs: 11 * S, frame: 4 }, sink);
    const text = tracker.dump();
    tracker = new MarketCoverage();
    tracker.load(text);
    tracker.wanted(1, ['A'], { recvUs: 20 * S, frame: 5 }, sink);
    tracker.closed(2, 2, 30 * S, 'disconnect', { recvUs: 30 * S, frame: 6 }, sink);
    expect(intervals.get('B 2.2.3')).toEqual({ fromUs: 10 * S, toUs: 20 * S });
    expect(breaks.map(({ symbol }) => symbol)).toEqual(['A']);
    expect(mends).toEqual([]);
  });
});
