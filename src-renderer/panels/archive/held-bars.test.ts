// Bars that are held are one stretch: what was never read must not look like a time without trades.
import { expect, it } from 'vitest';
import type { Bar } from '../../../src-shared/contract/days.ts';
import { BAR_PAGE, type BarPage, type BarQuestion, withEarlier, withNewest, withoutEarlier } from './held-bars.ts';

const S = 1_000_000;
const question = (toUs: number): BarQuestion => ({ key: 'k', fromUs: 0, toUs, stepUs: S });
const bar = (us: number): Bar => ({
  us,
  open: 1,
  high: 1,
  low: 1,
  close: 1,
  volume: 1,
  baseVolume: 1,
  quoteVolume: 1,
  buyVolume: 0,
  trades: 1,
});
/** A full page that ends at a second, as it is answered then. */
const page = (end: number, hotUntilUs: number | null = end * S): BarPage => ({
  bars: Array.from({ length: BAR_PAGE }, (_, nth) => bar((end - BAR_PAGE + nth) * S)),
  earlier: end > BAR_PAGE,
  priceScale: 2,
  volumeScale: 2,
  reach: { hotUntilUs, sealedUntilUs: null, note: '' },
});
const holes = (bars: readonly Bar[]): number =>
  bars.filter(({ us }, nth) => nth > 0 && us - (bars[nth - 1]?.us ?? 0) > S).length;
const failure = { code: 'analysis.bars', message: 'not now', retry: true };

it('grows with a page that touches what is held', () => {
  const held = withNewest(withNewest(null, page(6000), question(6000 * S)), page(9000), question(9000 * S));
  expect([held.bars.length, held.readFromUs, holes(held.bars)]).toEqual([8000, 1000 * S, 0]);
});

it('lets go of bars that a later page does not touch', () => {
  const held = withNewest(withNewest(null, page(5000), question(5000 * S)), page(14_000), question(14_000 * S));
  expect([held.bars.length, held.readFromUs, holes(held.bars)]).toEqual([BAR_PAGE, 9000 * S, 0]);
  // They are read again by going back.
  expect(held.earlier).toBe(true);
});

it('counts as read only what the answer reached', () => {
  const early = withNewest(null, page(5000, 4000 * S), question(5000 * S));
  expect(withNewest(early, page(9500), question(9500 * S)).readFromUs).toBe(4500 * S);
});

it('keeps what was read back where recording ended long before', () => {
  const old = withNewest(null, page(20_000, 100 * S), question(20_000 * S));
  const back = withEarlier(old, page(15_000), question(15_000 * S));
  expect(withNewest(back, page(20_060, 100 * S), question(20_060 * S)).readFromUs).toBe(10_000 * S);
});

it('takes an earlier page only where it ends at the oldest bar', () => {
  const old = withNewest(null, page(6000), question(6000 * S));
  const moved = withNewest(old, page(20_000), question(20_000 * S));
  expect(withEarlier(moved, page(1000), question(1000 * S))).toBe(moved);
  expect(withEarlier(old, page(1000), question(1000 * S))?.readFromUs).toBe(0);
});

it('keeps the failure of an earlier page until one comes', () => {
  const old = withNewest(null, page(6000), question(6000 * S));
  const failed = withoutEarlier(old, failure, question(1000 * S));
  expect([failed?.earlier, failed?.earlierFailure]).toEqual([true, failure]);
  expect(failed && withNewest(failed, page(6001), question(6001 * S)).earlierFailure).toEqual(failure);
  expect(withEarlier(failed, page(1000), question(1000 * S))?.earlierFailure).toBeNull();
});
