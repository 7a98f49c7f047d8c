// A comparison that rounds hides a missing trade; one that is too strict cries wolf every minute.
import { expect, test } from 'vitest';
import { addSums, type MinuteSum } from '../warehouse/minutes.ts';
import { compareMinute } from './reconcile-minute.ts';

const stored = (mantissa: bigint, scale: number, count: number, unsummed = 0): MinuteSum => ({
  mantissa,
  scale,
  count,
  unsummed,
});

test('equal by value, whatever the zeros and scales', () => {
  expect(compareMinute(stored(150n, 2, 3), { volume: '1.5000', count: null })).toMatchObject({ result: 'equal' });
  expect(compareMinute(stored(150n, 2, 3), { volume: '1.5', count: 3 })).toMatchObject({ result: 'equal' });
  expect(compareMinute(undefined, undefined)).toMatchObject({ result: 'equal' });
  expect(compareMinute(undefined, { volume: '0', count: 0 })).toMatchObject({ result: 'equal' });
});

test('the last digit counts, also where floats would be equal', () => {
  const found = compareMinute(stored(9007199254740993000000001n, 9, 2), {
    volume: '9007199254740993.000000002',
    count: null,
  });
  expect(found).toEqual({
    result: 'differing',
    more: false,
    note: 'candle says 9007199254740993.000000002, stored 9007199254740993.000000001 in 2 trades',
  });
});

test('more than the venue says is told as such; a count that differs is a difference', () => {
  expect(compareMinute(stored(2n, 0, 2), { volume: '1', count: null })).toMatchObject({
    result: 'differing',
    more: true,
  });
  expect(compareMinute(stored(2n, 0, 2), undefined)).toMatchObject({ result: 'differing', more: true });
  expect(compareMinute(stored(2n, 0, 2), { volume: '2', count: 3 })).toMatchObject({
    result: 'differing',
    more: false,
  });
  expect(compareMinute(stored(2n, 0, 4), { volume: '2.0', count: 3 })).toMatchObject({
    result: 'differing',
    more: true,
  });
  expect(compareMinute(undefined, { volume: '0.1', count: null })).toMatchObject({ result: 'differing', more: false });
});

test('what is no plain decimal is not judged', () => {
  expect(compareMinute(stored(2n, 0, 2), { volume: '2e0', count: null })).toMatchObject({ result: 'unsure' });
  expect(compareMinute(stored(2n, 0, 3, 1), { volume: '2', count: null })).toMatchObject({ result: 'unsure' });
});

test('sums of several scales add up exactly', () => {
  expect(addSums(stored(5n, 1, 1), stored(25n, 3, 2))).toEqual(stored(525n, 3, 3));
  expect(addSums(undefined, stored(1n, 0, 1))).toEqual(stored(1n, 0, 1));
});
