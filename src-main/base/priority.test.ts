// Tests of the niceness of processes.
import { expect, it } from 'vitest';
import { behind } from './priority.ts';

it('is never more than was given: a recorder under nice whose store asks for more is ended by the system, unless it is root', () => {
  for (let niceness = -20; niceness <= 19; niceness += 1) {
    expect(behind(niceness)).toBeGreaterThanOrEqual(niceness);
    expect(behind(niceness)).toBeLessThanOrEqual(19);
  }
  // Behind the collector, which has what the recorder was started with.
  expect([behind(0), behind(5)]).toEqual([10, 15]);
});
