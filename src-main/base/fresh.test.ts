// What is given from memory must not grow old unseen, nor outlive a failure.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { fresh } from './fresh.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test('the first waits, those soon after do not, and nothing older than the longest is given', async () => {
  let looks = 0;
  const ask = fresh(async () => ++looks, 1000, 5000);
  expect(await Promise.all([ask(), ask()])).toEqual([1, 1]);
  await vi.advanceTimersByTimeAsync(900);
  expect([await ask(), looks]).toEqual([1, 1]);
  await vi.advanceTimersByTimeAsync(200);
  // Looked at anew, not waited for.
  expect([await ask(), looks]).toEqual([1, 2]);
  expect(await ask()).toBe(2);
  await vi.advanceTimersByTimeAsync(5001);
  expect(await ask()).toBe(3);
});

test('a look that fails leaves what is known as old as it is, and is told when that is too old', async () => {
  let broken = false;
  const ask = fresh(async () => (broken ? await Promise.reject(new Error('no disk')) : 'held'), 1000, 5000);
  expect(await ask()).toBe('held');
  broken = true;
  await vi.advanceTimersByTimeAsync(2000);
  expect(await ask()).toBe('held');
  await vi.advanceTimersByTimeAsync(4000);
  await expect(ask()).rejects.toThrow('no disk');
  broken = false;
  expect(await ask()).toBe('held');
});
