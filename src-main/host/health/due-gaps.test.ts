// Gaps that are about to go out of reach are found, however many went out of it before.
import { expect, test } from 'vitest';
import type { Gap } from '../../../src-shared/market/gap.ts';
import { dueGaps } from './due-gaps.ts';

const NOW = 1_790_000_000_000_000;
const MINUTE = 60_000_000;

const gap = (id: string, deadlineUs: number | null, state: Gap['state'] = 'open'): Gap =>
  ({ id, venue: 'bybit', market: 'spot', symbol: id, state, deadlineUs, fromUs: NOW - 5 * MINUTE }) as Gap;

/** Answers as the store does: by deadline, those without one last, behind the one named. */
function listOf(gaps: readonly Gap[]): Parameters<typeof dueGaps>[0] {
  const place = (one: Pick<Gap, 'deadlineUs'>): number => one.deadlineUs ?? Number.POSITIVE_INFINITY;
  return async ({ states, after, limit }) =>
    gaps
      .filter(({ state }) => states.includes(state))
      .toSorted((a, b) => place(a) - place(b))
      .filter((one) => place(one) >= place(after))
      .slice(0, limit);
}

test('the soonest is told with their number, after any number that can no longer be asked for', async () => {
  const past = Array.from({ length: 700 }, (_, n) => gap(`past-${n}`, NOW - n * MINUTE, 'partial'));
  const list = listOf([
    ...past,
    gap('far', NOW + 60 * MINUTE),
    gap('later', NOW + 7 * MINUTE),
    gap('soon', NOW + 5 * MINUTE),
    gap('any', null),
    gap('done', NOW + MINUTE, 'repaired'),
  ]);
  expect(await dueGaps(list, NOW, 10 * MINUTE)).toEqual({
    count: 2,
    deadlineUs: NOW + 5 * MINUTE,
    name: 'bybit spot soon',
  });
  expect(await dueGaps(list, NOW, MINUTE)).toBeNull();
  expect(await dueGaps(async () => undefined, NOW, MINUTE)).toBeUndefined();
});
