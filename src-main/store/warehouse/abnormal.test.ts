// An abnormal tick that is none sends a trader after nothing; one that is found late hides how long the news was known.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { firstAbnormal, type Moment, type PastSecond } from './abnormal.ts';

const S = 1_000_000;
const T = 1_790_000_000 * S;
const window = { fromUs: T, toUs: T + 40 * S };

/** A reproducible scatter in [-1, 1]. */
function scatter(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return (state / 2_147_483_648) * 2 - 1;
  };
}

function walk(seed: number, sigma: number, moments: number): PastSecond[] {
  const next = scatter(seed);
  let price = 100;
  return Array.from({ length: 300 }, (_, second): PastSecond => {
    price *= Math.exp(sigma * next());
    return { us: T - (300 - second) * S, price, moments: Math.max(1, Math.round(moments + 2 * next())) };
  });
}

function flat(past: readonly PastSecond[], perSecond = 5): Moment[] {
  const price = past.at(-1)?.price ?? 100;
  return Array.from({ length: 40 * perSecond }, (_, n) => ({ us: T + (n * S) / perSecond, low: price, high: price }));
}

const jumpAt = (moments: readonly Moment[], us: number, factor: number): Moment[] =>
  moments.map((one) => (one.us < us ? one : { ...one, low: one.low * factor, high: one.high * factor }));

describe('price', () => {
  const past = walk(7, 5e-4, 5);

  test.each([1.03, 0.97])('a jump by %s is abnormal at its first tick', (factor) => {
    const found = firstAbnormal(past, jumpAt(flat(past), T + 12 * S, factor), window);
    expect(found).toMatchObject({ us: T + 12 * S, why: 'price' });
    expect(found?.reason).toMatch(factor > 1 ? /\+3\.00 %/ : /-3\.00 %/);
  });

  test('a move that the minutes before had as well is none', () => {
    expect(firstAbnormal(past, jumpAt(flat(past), T + 12 * S, 1.002), window)).toBeNull();
  });

  test('the same jump is none in a wild market', () => {
    const wild = walk(7, 2e-2, 5);
    expect(firstAbnormal(wild, jumpAt(flat(wild), T + 12 * S, 1.03), window)).toBeNull();
  });

  test('one wild print in the past does not hide a jump', () => {
    const struck = past.map((one, index) => (index === 150 ? { ...one, price: one.price * 2 } : one));
    expect(firstAbnormal(struck, jumpAt(flat(past), T + 12 * S, 1.03), window)?.us).toBe(T + 12 * S);
  });

  test('a coarse price step is no news: the last digit of a cheap coin moves it by a percent', () => {
    const coarse = past.map((one, index) => ({ ...one, price: index % 60 === 0 ? 0.0101 : 0.01 }));
    const moments = flat(coarse).map((one, index) => (index % 50 === 3 ? { ...one, high: 0.0101 } : one));
    expect(firstAbnormal(coarse, moments, window)).toBeNull();
  });

  test('what lies outside the window is not looked at', () => {
    const early = { us: T - 1, low: 500, high: 500 };
    const late = { us: T + 40 * S, low: 500, high: 500 };
    expect(firstAbnormal(past, [early, ...flat(past), late], window)).toBeNull();
  });
});

describe('rate', () => {
  const past = walk(3, 1e-4, 5);

  test('many more trades than in any second before are abnormal from the trade on that is too many', () => {
    const quiet = flat(past);
    const price = past.at(-1)?.price ?? 0;
    const burst = Array.from({ length: 100 }, (_, n) => ({ us: T + 20 * S + n * 5000, low: price, high: price }));
    const found = firstAbnormal(
      past,
      [...quiet, ...burst].toSorted((a, b) => a.us - b.us),
      window,
    );
    expect(found?.why).toBe('rate');
    expect(found?.us).toBeGreaterThan(T + 20 * S);
    expect(found?.us).toBeLessThan(T + 20.3 * S);
  });

  test('a busy market may be busy', () => {
    const busy = walk(3, 1e-4, 200);
    expect(firstAbnormal(busy, flat(busy, 200), window)).toBeNull();
  });
});

test('a market without a past has no abnormal tick, whatever it does', () => {
  const few = walk(3, 1e-4, 5).slice(-15);
  expect(firstAbnormal([], jumpAt(flat(few), T + S, 2), window)).toBeNull();
  expect(firstAbnormal(few, jumpAt(flat(few), T + S, 2), window)).toBeNull();
});

test('a stream that goes on as before has none, whatever its scatter', () => {
  fc.assert(
    fc.property(fc.nat({ max: 100_000 }), fc.constantFrom(1e-5, 1e-4, 1e-3, 1e-2), (seed, sigma) => {
      const past = walk(seed, sigma, 5);
      const next = scatter(seed + 1);
      let price = past.at(-1)?.price ?? 0;
      const moments = Array.from({ length: 200 }, (_, n) => {
        if (n % 5 === 0) price *= Math.exp(sigma * next());
        return { us: T + (n * S) / 5, low: price, high: price };
      });
      expect(firstAbnormal(past, moments, window)).toBeNull();
    }),
    { numRuns: 200 },
  );
});

test('a recorder that began a minute ago does not take its own silence before for a quiet market', () => {
  const past = walk(7, 5e-4, 12).slice(-60);
  // As many trades in a second as the minute before had, and a few more by chance.
  expect(firstAbnormal(past, flat(past, 18), window)).toBeNull();
  expect(firstAbnormal(past, flat(past, 200), window)).toMatchObject({ why: 'rate' });
});
