// The list in pages: every gap once, in the order of the store, and an end even where the store never stops giving.
import { expect, it } from 'vitest';
import type { RequestInput } from '../../../src-shared/contract/index.ts';
import type { Gap } from '../../../src-shared/market/gap.ts';
import { LIST_LIMIT, PAGE } from './gap-filter.ts';
import { loadGaps } from './gap-list.ts';

const gap = (n: number): Gap => ({
  id: `g${n}`,
  venue: 'upbit',
  market: 'spot',
  symbol: 'KRW-BTC',
  channel: 'trade',
  state: 'open',
  cause: 'disconnect',
  fromUs: n,
  toUs: n + 1,
  fromId: null,
  toId: null,
  deadlineUs: null,
  attempts: 0,
  evidence: [],
  openedUs: n,
  closedUs: null,
});

/** A store with so many gaps; its pages overlap by `again`, as they do when a deadline is told anew between two of them. */
function storeOf(count: number, again = 0) {
  const asked: (number | undefined)[] = [];
  const ask = async (page: RequestInput<'gaps.list'>): Promise<readonly Gap[]> => {
    asked.push(page.after?.fromUs);
    const from = page.after ? page.after.fromUs + 1 - again : 0;
    return Array.from({ length: Math.min(PAGE, Math.max(0, count - from)) }, (_, n) => gap(from + n));
  };
  return { ask, asked };
}
const everything = { scope: 'all', venue: 'all' } as const;

it('asks page after page until one is not full', async () => {
  const { ask, asked } = storeOf(2 * PAGE + 7);
  expect(await loadGaps(ask, everything)).toHaveLength(2 * PAGE + 7);
  expect(asked).toEqual([undefined, PAGE - 1, 2 * PAGE - 1]);
});

it('shows a gap once that two pages hold, and stops at the limit', async () => {
  const gaps = await loadGaps(storeOf(PAGE + 5, 1).ask, everything);
  expect(gaps.map(({ id }) => id)).toEqual(Array.from({ length: PAGE + 5 }, (_, n) => `g${n}`));
  expect(await loadGaps(storeOf(10 * LIST_LIMIT).ask, everything)).toHaveLength(LIST_LIMIT);
});
