// A delay that is shown wrong sends an operator to the wrong venue.
import { expect, test } from 'vitest';
import { ArrivalDelays } from './arrival.ts';

test('quantiles lie within an eighth of the true ones, and a stamp ahead of our clock is no delay', () => {
  const delays = new ArrivalDelays();
  for (let us = 1; us <= 100_000; us += 1) delays.saw(us);
  const found = delays.summary(1000);
  expect(found?.p50).toBeGreaterThan(50 * 0.875);
  expect(found?.p50).toBeLessThan(50 * 1.125);
  expect(found?.p99).toBeGreaterThan(99 * 0.875);
  expect(found?.p99).toBeLessThan(99 * 1.125);
  const ahead = new ArrivalDelays();
  ahead.saw(-5000);
  ahead.saw(120_000_000);
  expect(ahead.summary(1000)).toEqual({ p50: 0, p99: 0 });
});

test('what is old is forgotten after two windows', () => {
  const delays = new ArrivalDelays();
  delays.saw(40_000);
  expect(delays.summary(1000)).not.toBeNull();
  expect(delays.summary(7000)).not.toBeNull();
  expect(delays.summary(20_000)).toBeNull();
});
