// A moment that no connection carried must be inside a break, and nothing else may be: breaks are what people are told is missing.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { GapCause } from '../../../src-shared/market/gap.ts';
import { type CoverageSink, MARGIN_US, MarketCoverage } from './coverage.ts';
import type { Interval } from './coverage-form.ts';
import { MemoryWarehouse } from './memory-warehouse.fixture.ts';
import { plainFeed } from './plain-feed.fixture.ts';

const S = 1_000_000;

interface Break {
  readonly cause: GapCause;
  readonly fromUs: number;
  toUs: number | null;
}

function collect(): CoverageSink & { breaks: Break[]; intervals: Interval[] } {
  const breaks: Break[] = [];
  const intervals: Interval[] = [];
  return {
    breaks,
    intervals,
    interval: (_, interval) => {
      if (!intervals.includes(interval)) intervals.push(interval);
    },
    broke: (_, cause, fromUs, toUs) => breaks.push({ cause, fromUs, toUs }),
    mended: (_, toUs) => {
      const open = breaks.findLast((one) => one.toUs === null);
      if (open) open.toUs = toUs;
    },
  };
}

interface Life {
  readonly line: number;
  readonly connection: number;
  readonly ackS: number;
  /** Its last message; the close is noticed later. */
  readonly diedS: number;
  readonly closedS: number;
}

/** Connections of one line one after the other, each noticed as dead some time after its last message. */
const lives = (line: number) =>
  fc
    .array(
      fc.tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 30 })),
      { maxLength: 6 },
    )
    .map((steps) => {
      let at = 0;
      return steps.map(([wait, alive, unnoticed], connection): Life => {
        const ackS = at + wait;
        const diedS = ackS + alive;
        const closedS = diedS + unnoticed;
        at = closedS;
        return { line, connection: connection + 1, ackS, diedS, closedS };
      });
    });

describe('breaks', () => {
  test('exactly the moments without a living connection, with the margin, over any lives of two lines and restarts', () => {
    fc.assert(
      fc.property(lives(0), lives(1), fc.nat({ max: 10 }), (first, second, restartAt) => {
        const all = [...first, ...second];
        const happenings = all
          .flatMap((life) => [
            { at: life.ackS, life, closed: false },
            { at: life.closedS, life, closed: true },
          ])
          .toSorted((a, b) => a.at - b.at || Number(a.closed) - Number(b.closed));
        const sink = collect();
        let tracker = new MarketCoverage();
        tracker.wanted(1, ['A'], { recvUs: 0, frame: 0 }, sink);
        tracker.wanted(2, ['A'], { recvUs: 0, frame: 0 }, sink);
        for (const [index, { at, life, closed }] of happenings.entries()) {
          if (index === restartAt) {
            const text = tracker.dump();
            tracker = new MarketCoverage();
            tracker.load(text);
          }
          const moment = { recvUs: at * S, frame: index + 1 };
          const lineNo = life.line + 1;
          if (closed) tracker.closed(lineNo, life.connection, life.diedS * S, 'disconnect', moment, sink);
          else tracker.acknowledged({ lineNo, line: life.line, connection: life.connection }, ['A'], moment, sink);
        }
        const start = Math.min(...all.map((life) => life.ackS));
        const end = Math.max(...happenings.map((one) => one.at));
        for (let at = start; at <= end; at += 0.5) {
          const carried = all.some((life) => life.ackS <= at && at <= life.diedS);
          const inside = sink.breaks.some(
            (one) => one.fromUs <= at * S && at * S <= (one.toUs ?? Number.POSITIVE_INFINITY),
          );
          if (!carried) expect(inside, `${at} s is not covered`).toBe(true);
          const near = all.some((life) => life.ackS < at - 1 && at + 1 < life.diedS);
          if (near) expect(inside, `${at} s is covered`).toBe(false);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('a renewal by overlap is none, and coverage runs on', () => {
    const sink = collect();
    const tracker = new MarketCoverage();
    tracker.acknowledged({ lineNo: 1, line: 0, connection: 1 }, ['A'], { recvUs: 10 * S, frame: 1 }, sink);
    tracker.acknowledged({ lineNo: 1, line: 0, connection: 2 }, ['A'], { recvUs: 20 * S, frame: 2 }, sink);
    tracker.closed(1, 1, 21 * S, 'process-down', { recvUs: 21 * S, frame: 3 }, sink);
    expect(sink.breaks).toEqual([]);
    expect(sink.intervals.map((one) => [one.fromUs, one.toUs])).toEqual([
      [10 * S, 21 * S],
      [20 * S, null],
    ]);
  });

  test('frames lost on one line are a break only where the other line does not carry the symbol', () => {
    const sink = collect();
    const tracker = new MarketCoverage();
    tracker.acknowledged({ lineNo: 1, line: 0, connection: 1 }, ['A', 'B'], { recvUs: 0, frame: 1 }, sink);
    tracker.acknowledged({ lineNo: 2, line: 1, connection: 1 }, ['B'], { recvUs: 0, frame: 2 }, sink);
    tracker.lost(1, 5 * S, 6 * S, 'overflow', { recvUs: 7 * S, frame: 3 }, sink);
    expect(sink.breaks).toEqual([{ cause: 'overflow', fromUs: 5 * S - 1 - MARGIN_US, toUs: 6 * S + 1 + MARGIN_US }]);
  });

  test('a symbol that is refused, or never acknowledged, is missing from when it was wanted', () => {
    const sink = collect();
    const tracker = new MarketCoverage();
    tracker.wanted(1, ['A', 'B', 'C'], { recvUs: S, frame: 1 }, sink);
    tracker.refused(['A'], { recvUs: 2 * S, frame: 2 }, sink);
    tracker.acknowledged({ lineNo: 1, line: 0, connection: 1 }, ['C'], { recvUs: 3 * S, frame: 3 }, sink);
    tracker.overdue({ recvUs: 12 * S, frame: 4 }, sink);
    expect(sink.breaks).toEqual([
      { cause: 'unacknowledged', fromUs: S, toUs: null },
      { cause: 'unacknowledged', fromUs: S, toUs: null },
    ]);
  });

  test('symbols that a restart carries in other slots are missing until those acknowledge them', () => {
    const sink = collect();
    let tracker = new MarketCoverage();
    tracker.wanted(1, ['A', 'B'], { recvUs: 0, frame: 1 }, sink);
    tracker.wanted(2, ['C'], { recvUs: 0, frame: 2 }, sink);
    tracker.acknowledged({ lineNo: 1, line: 0, connection: 1 }, ['A', 'B'], { recvUs: S, frame: 3 }, sink);
    tracker.acknowledged({ lineNo: 2, line: 0, connection: 1 }, ['C'], { recvUs: S, frame: 4 }, sink);
    tracker.allEnded(() => 10 * S, 'process-down', { recvUs: 20 * S, frame: 5 }, sink);
    tracker.wanted(1, ['A', 'C'], { recvUs: 20 * S, frame: 6 }, sink);
    const text = tracker.dump();
    tracker = new MarketCoverage();
    tracker.load(text);
    sink.breaks.length = 0;
    tracker.wanted(2, ['B'], { recvUs: 20 * S, frame: 7 }, sink);
    tracker.acknowledged({ lineNo: 2, line: 0, connection: 1 }, ['B'], { recvUs: 27 * S, frame: 8 }, sink);
    expect(sink.breaks).toEqual([{ cause: 'unacknowledged', fromUs: 20 * S, toUs: 27 * S + MARGIN_US }]);
  });

  test('a symbol that is no longer wanted ends without a break', () => {
    const sink = collect();
    const tracker = new MarketCoverage();
    tracker.wanted(1, ['A', 'B'], { recvUs: 0, frame: 1 }, sink);
    tracker.acknowledged({ lineNo: 1, line: 0, connection: 1 }, ['A', 'B'], { recvUs: S, frame: 2 }, sink);
    tracker.wanted(1, ['A'], { recvUs: 5 * S, frame: 3 }, sink);
    tracker.closed(1, 1, 6 * S, 'disconnect', { recvUs: 6 * S, frame: 4 }, sink);
    expect(sink.breaks).toMatchObject([{ fromUs: 5 * S, toUs: null }]);
  });
});

describe('breaks and ids', () => {
  const LINE = { no: 1, venue: 'binance' as const, market: 'spot' as const, line: 0, role: 'live' as const };
  const T0 = 1_790_000_000_000_000;

  function record(rule: 'contiguous' | 'unique', after: number) {
    const warehouse = new MemoryWarehouse([plainFeed(rule)]);
    const pipeline = warehouse.start();
    const at = (seconds: number, frame: number) => ({ recvUs: T0 + seconds * S, frame });
    const tick = (seconds: number, frame: number, id: number): void => {
      const bytes = Buffer.from(`BTC ${id} 1 1 ${T0 + seconds * S}`);
      pipeline.data(LINE, 1, 0, frame, T0 + seconds * S, bytes, 0, bytes.length);
    };
    pipeline.control(1, T0);
    pipeline.lines.wanted(LINE, ['BTC'], at(0, 1));
    pipeline.control(2, T0);
    pipeline.lines.acknowledged(LINE, 1, ['BTC'], at(0, 2));
    tick(10, 3, 100);
    pipeline.control(4, T0 + 20 * S);
    pipeline.lines.started(at(20, 4));
    warehouse.commit(4, true);
    const during = [...warehouse.gaps.values()].map((gap) => ({ ...gap }));
    pipeline.control(5, T0 + 22 * S);
    pipeline.lines.acknowledged(LINE, 1, ['BTC'], at(22, 5));
    tick(30, 6, after);
    warehouse.commit(6, true);
    return { during, gaps: [...warehouse.gaps.values()] };
  }

  test('while nothing is known, the break is a gap that grows', () => {
    expect(record('contiguous', 101).during).toMatchObject([
      { id: `1-${T0 + 9 * S}`, cause: 'process-down', fromUs: T0 + 9 * S, toUs: null, state: 'open' },
    ]);
  });

  test('ids that run on prove that nothing was lost', () => {
    expect(record('contiguous', 101).gaps).toMatchObject([{ state: 'repaired', toUs: T0 + 23 * S }]);
  });

  test('a jump makes the break one gap, with ids and the neighbours’ times', () => {
    expect(record('contiguous', 105).gaps).toMatchObject([
      { id: `1-${T0 + 9 * S}`, cause: 'process-down', fromId: 100, toId: 105, fromUs: T0 + 10 * S, toUs: T0 + 30 * S },
    ]);
  });

  test('where ids prove nothing the break stays, with its margins', () => {
    const { gaps } = record('unique', 101);
    expect(gaps).toMatchObject([{ fromUs: T0 + 9 * S, toUs: T0 + 23 * S, fromId: -1 }]);
    expect(gaps[0]?.state).not.toBe('repaired');
  });
});
