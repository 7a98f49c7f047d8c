// The two equations: any difference must be seen.
import { expect, it } from 'vitest';
import { balanceOf } from './balance.ts';

const totals = {
  frames: 10,
  control: 1,
  data: 6,
  other: 2,
  rejected: 1,
  ticks: 9,
  stored: 5,
  duplicates: 4,
  rejectedRows: 0,
};

it('adds up, or says by how much it does not', () => {
  expect(balanceOf(totals)).toEqual({ frames: 0, ticks: 0 });
  expect(balanceOf({ ...totals, frames: 12, duplicates: 5 })).toEqual({ frames: 2, ticks: -1 });
});
