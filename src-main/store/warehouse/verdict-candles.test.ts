// Where ids prove nothing, minutes that equal the venue's candles make one unbroken line enough; anything less does not.
import { expect, test } from 'vitest';
import { MINUTE_US, SECOND_US } from '../../../src-shared/base/time.ts';
import type { Coverage, Gap } from '../../../src-shared/market/gap.ts';
import { type Evidence, judge, noRows } from './verdict.ts';

const T = 1_763_600_400_000_000;
const at = (second: number): number => T + second * SECOND_US;

function covers(line: number, from: number, to: number | null): Coverage {
  const stream = { venue: 'upbit', market: 'spot', symbol: 'KRW-ABC' } as const;
  return { ...stream, line, fromUs: at(from), toUs: to === null ? null : at(to) };
}

const volume: Gap = {
  id: '1-v1',
  venue: 'upbit',
  market: 'spot',
  symbol: 'KRW-ABC',
  channel: 'trade',
  state: 'unrecoverable',
  cause: 'volume',
  fromUs: T,
  toUs: T + MINUTE_US - 1,
  fromId: null,
  toId: null,
  deadlineUs: null,
  attempts: 1,
  evidence: ['candle says 2, stored 1 in 1 trades'],
  openedUs: T,
  closedUs: T,
};

function evidence(more: Partial<Evidence>): Evidence {
  return {
    window: { fromUs: at(50), toUs: at(90) },
    idRule: 'unique',
    count: { ...noRows, rows: 5, firstUs: at(55), lastUs: at(80), before: 1, after: 1, oneLine: 5 },
    gaps: [],
    coverage: [covers(0, -100, null)],
    listedUs: null,
    readUntilUs: at(300),
    latenessUs: 2 * SECOND_US,
    reconciled: [{ fromUs: T, toUs: T + 2 * MINUTE_US }],
    ...more,
  };
}

test('one line unbroken and both minutes equal: covered', () => {
  const found = judge(evidence({}));
  expect(found.verdict).toBe('covered');
  expect(found.reasons[0]).toBe(
    "line 0 covered the whole window unbroken, and what is stored of its 2 minutes equals the venue's own candles",
  );
});

test('two lines that differ and minutes that are equal: covered', () => {
  const coverage = [covers(0, -9, null), covers(1, -9, null)];
  expect(judge(evidence({ coverage })).verdict).toBe('covered');
});

test.each<[string, Partial<Evidence>, string, RegExp]>([
  [
    'a minute that is not compared yet',
    { reconciled: [{ fromUs: T, toUs: T + MINUTE_US }] },
    'unproved',
    /1 minute of 2 not yet/,
  ],
  ['no minute', { reconciled: [] }, 'unproved', /2 minutes of 2 not yet/],
  ['a venue without candles', { reconciled: null }, 'unproved', /no second line confirms/],
  [
    'two lines in turn',
    { coverage: [covers(0, -9, 70), covers(1, 69, 999)] },
    'unproved',
    /together they left no hole/,
  ],
  ['a hole in coverage', { coverage: [covers(0, -9, 70), covers(0, 71, 999)] }, 'incomplete', /no line covered/],
  ['a minute that differs for good', { gaps: [volume] }, 'incomplete', /volume, unrecoverable/],
])('%s', (_name, more, verdict, reason) => {
  const found = judge(evidence(more));
  expect(found.verdict).toBe(verdict);
  expect(found.reasons.join('\n')).toMatch(reason);
});

test('a minute that was mended is told as such', () => {
  const found = judge(evidence({ gaps: [{ ...volume, state: 'repaired' }] }));
  expect(found.verdict).toBe('covered');
  expect(found.reasons.join('\n')).toMatch(/the sum is right now/);
});

test('ids that follow each other stay proof, and a candle that says otherwise is told', () => {
  const found = judge(evidence({ idRule: 'contiguous', gaps: [volume], reconciled: [] }));
  expect(found.verdict).toBe('proven');
  expect(found.reasons.join('\n')).toMatch(/differs from the venue's candle: candle says 2, stored 1/);
  expect(
    judge(
      evidence({
        idRule: 'contiguous',
        gaps: [volume],
        count: { ...noRows, rows: 4, before: 1, after: 1, missingIds: 1 },
      }),
    ).verdict,
  ).toBe('incomplete');
});
