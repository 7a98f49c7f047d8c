// A recorder that starts after a crash and is stopped before anyone was told what the crash cost.
import { describe, expect, test } from 'vitest';
import { MemoryWarehouse } from './memory-warehouse.fixture.ts';
import type { Pipeline } from './pipeline.ts';
import { plainFeed } from './plain-feed.fixture.ts';

const T0 = 1_790_000_000_000_000;
const S = 1_000_000;
const line = { no: 1, venue: 'binance', market: 'spot', line: 0, role: 'live' } as const;

/** Recording from 0 s, dead at 10 s, up again at 20 s, acknowledged at 20.3 s; what was told by 21 s, when `stop` says so after a stop at 20.9 s. */
function told(
  rule: 'contiguous' | 'unique',
  stop: boolean,
  all: boolean,
): readonly { fromUs: number; toUs: number | null }[] {
  const warehouse = new MemoryWarehouse([plainFeed(rule)]);
  const pipeline = warehouse.start();
  let frame = 0;
  const at = (
    seconds: number,
    tell: (lines: Pipeline['lines'], moment: { recvUs: number; frame: number }) => void,
  ): void => {
    frame += 1;
    const moment = { recvUs: T0 + Math.round(seconds * S), frame };
    pipeline.control(frame, moment.recvUs);
    tell(pipeline.lines, moment);
  };
  at(0, (lines, moment) => lines.wanted(line, ['BTC'], moment));
  at(0, (lines, moment) => lines.acknowledged(line, 1, ['BTC'], moment));
  frame += 1;
  const bytes = Buffer.from(`BTC 1 1 1 ${T0 + 10 * S}`);
  pipeline.data(line, line.no, 0, frame, T0 + 10 * S, bytes, 0, bytes.length);
  at(20, (lines, moment) => lines.started(moment));
  at(20.1, (lines, moment) => lines.wanted(line, ['BTC'], moment));
  at(20.3, (lines, moment) => lines.acknowledged(line, 1, ['BTC'], moment));
  if (stop) {
    at(20.9, (lines, moment) =>
      lines.closed(line, { connection: 1, lastFrameUs: null, planned: true, reason: 'drain' }, moment),
    );
    at(20.9, (lines, moment) => lines.stopped(moment));
  }
  warehouse.commit(frame, all);
  return [...warehouse.gaps.values()];
}

const covers = (gaps: readonly { fromUs: number; toUs: number | null }[], seconds: number): boolean =>
  gaps.some((gap) => gap.fromUs <= T0 + seconds * S && (gap.toUs === null || gap.toUs >= T0 + seconds * S));

describe('what a crash cost', () => {
  test.each(['contiguous', 'unique'] as const)(
    'is told although the recorder was stopped right after (%s ids)',
    (rule) => {
      const gaps = told(rule, true, true);
      for (const seconds of [10.5, 15, 20]) expect(covers(gaps, seconds), `${seconds} s`).toBe(true);
      // The time after the wanted stop is not a gap until recording begins again.
      expect(covers(gaps, 60)).toBe(false);
    },
  );

  test('is told at once where no id can heal it: the store may die before the next commit', () => {
    expect(covers(told('unique', false, false), 15)).toBe(true);
  });
});
