// What a frame that cannot be read may have held is never vouched for: from the frame, over coverage and ids, to the verdict on its window.
import { describe, expect, test } from 'vitest';
import type { Gap } from '../../src-shared/market/gap.ts';
import { MemoryWarehouse } from './pipeline/memory-warehouse.fixture.ts';
import { plainFeed } from './pipeline/plain-feed.fixture.ts';
import { type Judgement, judge, noRows } from './warehouse/verdict.ts';

const T0 = 1_790_000_040_000_000;
const S = 1_000_000;
const [A, B] = [0, 1].map((line) => ({
  no: line + 1,
  venue: 'binance' as const,
  market: 'spot' as const,
  line,
  role: 'live' as const,
})) as [Line, Line];
type Line = Parameters<ReturnType<MemoryWarehouse['start']>['lines']['wanted']>[0];

/** Lines that carry one symbol whose ids count, and what is said of the ten seconds around a moment of it. */
function record(lines: readonly Line[]) {
  const warehouse = new MemoryWarehouse([plainFeed('contiguous')]);
  const pipeline = warehouse.start();
  const intervals = new Map<string, { line: number; fromUs: number; toUs: number | null }>();
  let frame = 0;
  const data = (line: Line, seconds: number, text: string): void => {
    frame += 1;
    const bytes = Buffer.from(text);
    pipeline.data(line, line.no, 0, frame, T0 + seconds * S, bytes, 0, bytes.length);
  };
  for (const line of lines) {
    frame += 1;
    pipeline.control(frame, T0);
    pipeline.lines.acknowledged(line, 1, ['BTC'], { recvUs: T0, frame });
  }
  return {
    bad: (line: Line, seconds: number) => data(line, seconds, '!garbage'),
    tick: (line: Line, seconds: number, id: number, lagS = 0) =>
      data(line, seconds, `BTC ${id} 1 1 ${T0 + (seconds - lagS) * S}`),
    verdictAround: (seconds: number, reconciled = false): Judgement => {
      const window = { fromUs: T0 + (seconds - 5) * S, toUs: T0 + (seconds + 5) * S };
      for (const { interval, line, fromUs, toUs } of warehouse.commit(frame, true).coverage)
        intervals.set(interval, { line, fromUs, toUs });
      const rows = [...warehouse.rows.values()];
      const inside = rows.filter(({ eventUs }) => eventUs >= window.fromUs && eventUs < window.toUs);
      const ids = rows.map(({ id }) => Number(id));
      return judge({
        window,
        idRule: 'contiguous',
        count: {
          ...noRows,
          rows: inside.length,
          firstUs: inside.length > 0 ? Math.min(...inside.map(({ eventUs }) => eventUs)) : null,
          lastUs: inside.length > 0 ? Math.max(...inside.map(({ eventUs }) => eventUs)) : null,
          before: rows.filter(({ eventUs }) => eventUs < window.fromUs).length,
          after: rows.filter(({ eventUs }) => eventUs >= window.toUs).length,
          missingIds: Math.max(...ids) - Math.min(...ids) + 1 - ids.length,
        },
        gaps: [...warehouse.gaps.values()].map((gap): Gap => {
          const ids = { fromId: gap.fromId < 0 ? null : `${gap.fromId}`, toId: gap.toId < 0 ? null : `${gap.toId}` };
          const key = { venue: 'binance', market: 'spot', symbol: 'BTC', channel: 'trade' } as const;
          return { ...gap, ...key, ...ids, state: gap.state ?? 'open', deadlineUs: null, attempts: 0, evidence: [] };
        }),
        coverage: [...intervals.values()].map((one) => ({ ...one, venue: 'binance', market: 'spot', symbol: 'BTC' })),
        listedUs: null,
        readUntilUs: window.toUs + 60 * S,
        latenessUs: 0,
        reconciled: reconciled ? [{ fromUs: T0 - 60 * S, toUs: T0 + 120 * S }] : null,
      });
    },
  };
}

describe('a window with a frame that hides its symbol', () => {
  test.each([false, true])('is not vouched for by its line while no later id is known (minutes equal: %s)', (equal) => {
    const { bad, tick, verdictAround } = record([A]);
    tick(A, 1, 1);
    expect(verdictAround(10, equal).verdict).toBe(equal ? 'covered' : 'unproved');
    bad(A, 10);
    expect(verdictAround(10, equal).verdict).toBe('incomplete');
    tick(A, 30, 2);
    expect(verdictAround(10, equal).verdict).toBe('proven');
  });

  test('is incomplete with a gap when a later id says that a trade was in it', () => {
    const { bad, tick, verdictAround } = record([A]);
    tick(A, 1, 1);
    bad(A, 10);
    tick(A, 30, 3);
    expect(verdictAround(10)).toMatchObject({ verdict: 'incomplete', gaps: ['1-1'] });
  });

  test('is worth what the other line says, as long as that one has no such frame', () => {
    const { bad, tick, verdictAround } = record([A, B]);
    tick(A, 1, 1);
    expect(verdictAround(10).verdict).toBe('covered');
    bad(A, 10);
    expect(verdictAround(10)).toMatchObject({
      verdict: 'unproved',
      reasons: expect.arrayContaining([expect.stringContaining('line 1 alone')]),
    });
    bad(B, 10.5);
    expect(verdictAround(10).verdict).toBe('incomplete');
  });

  test('is not vouched for where the venue lags: what it held was printed as much earlier', () => {
    const { bad, tick, verdictAround } = record([A]);
    for (let n = 1; n <= 3; n += 1) tick(A, 30 + n, n, 15);
    bad(A, 35);
    expect(verdictAround(20).verdict).toBe('incomplete');
  });
});
