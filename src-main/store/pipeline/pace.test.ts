// A deadline that is told too late loses the gap, one that a single burst brings forward makes everything urgent.
import { expect, test } from 'vitest';
import type { History } from '../../feeds/feed.ts';
import { Pace, reachUs } from './pace.ts';

const S = 1_000_000;
const T0 = 1_790_000_000 * S;

function history(reachTrades: number | undefined, reachMs = Number.POSITIVE_INFINITY): History {
  const refuse = () => ({ ok: false as const, failure: { code: 'x', message: '', retry: false } });
  const decode = () => ({ kind: 'other' as const, reason: '' });
  return { reachMs, ...(reachTrades === undefined ? {} : { reachTrades }), first: refuse, next: refuse, decode };
}

function at(pace: Pace, fromS: number, toS: number, perSecond: number): void {
  for (let n = fromS * perSecond; n < toS * perSecond; n += 1) pace.saw(T0 + Math.floor((n * S) / perSecond));
}

test('a steady stream is measured as it is', () => {
  const pace = new Pace();
  at(pace, 0, 60, 20);
  expect(pace.perSecond).toBe(20);
  expect(reachUs(history(60), pace.perSecond)).toBe(3 * S);
});

test('one burst is not believed, one that lasts is within two windows', () => {
  const pace = new Pace();
  at(pace, 0, 60, 2);
  at(pace, 60, 62, 500);
  expect(pace.perSecond).toBe(2);
  at(pace, 62, 70, 500);
  expect(pace.perSecond).toBe(500);
  expect(reachUs(history(60), pace.perSecond)).toBe(S);
});

test('a burst of before is forgotten after a minute, a quiet stream is slow', () => {
  const pace = new Pace();
  at(pace, 0, 20, 500);
  at(pace, 20, 90, 1);
  expect(pace.perSecond).toBe(1);
  expect(new Pace().perSecond).toBeCloseTo(1 / 60);
  expect(reachUs(history(60), new Pace().perSecond)).toBe(3600 * S);
});

test('is told again when it changed by a quarter, and survives a restart', () => {
  const pace = new Pace();
  at(pace, 0, 60, 20);
  expect(pace.news()).toBe(20);
  at(pace, 60, 70, 22);
  expect(pace.news()).toBeNull();
  at(pace, 70, 80, 40);
  const again = new Pace();
  again.load(pace.dump());
  expect(pace.news()).toBe(40);
  expect(again.news()).toBe(40);
});

test('a clock that is set back does not stop the measure', () => {
  const pace = new Pace();
  at(pace, 600, 620, 10);
  at(pace, 0, 5, 10);
  expect(pace.perSecond).toBeGreaterThanOrEqual(10);
});

test.each([
  [undefined, Number.POSITIVE_INFINITY, 5, null],
  [undefined, 7000, 5, 7 * S],
  [100, Number.POSITIVE_INFINITY, 5, 20 * S],
  [100, 7000, 5, 7 * S],
  [100, Number.POSITIVE_INFINITY, undefined, 6000 * S],
])('reach of %s trades and %s ms at %s trades a second', (trades, ms, perSecond, reach) => {
  expect(reachUs(history(trades, ms), perSecond)).toBe(reach);
  expect(reachUs(null, perSecond)).toBeNull();
});
