// A suggestion that is no near name would send the operator to another coin.
import { expect, test } from 'vitest';
import { nearest, nearestOf } from './nearest.ts';

const coins = ['BTC', 'ETH', 'POD', 'POKT', 'PYTH', 'XRP', 'AI'];

test('names near to a mistyped one come first and strangers do not come at all', () => {
  expect(nearestOf('BTX', coins, 1)).toEqual(['BTC']);
  expect(nearestOf('POT', coins, 1)).toEqual(['POD', 'POKT']);
  expect(nearestOf('pokd', coins, 2)).toEqual(['POD', 'POKT']);
  expect(nearestOf('ZZ', coins, 2)).toEqual([]);
  expect(nearest('xpr', coins)).toBe('XRP');
});
