// The text of a chart says what the lines say, holes or not.
import { expect, it } from 'vitest';
import { summarise } from './plot-summary.ts';

it('knows the last, the least and the most, and holes are none of them', () => {
  expect(summarise([3, null, 9, 1, 4, undefined, Number.NaN])).toEqual({ last: 4, least: 1, most: 9 });
  expect(summarise([null, undefined])).toBeNull();
  expect(summarise([])).toBeNull();
});
