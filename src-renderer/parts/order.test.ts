// Ordered rows: what has no value comes last either way, equal rows keep their places, numbers in names count by value.
import { describe, expect, it } from 'vitest';
import { orderRows } from './order.ts';

interface Row {
  readonly id: string;
  readonly rate: number | null;
}
const rows: readonly Row[] = [
  { id: 'line 10', rate: 5 },
  { id: 'line 9', rate: null },
  { id: 'Line 2', rate: 5 },
  { id: 'line 1', rate: -1 },
];
const ids = (ordered: readonly Row[]): string[] => ordered.map((row) => row.id);

describe('ordered rows', () => {
  it('by number, with the unknown last both ways and equal ones in their places', () => {
    expect(ids(orderRows(rows, (row) => row.rate, false))).toEqual(['line 1', 'line 10', 'Line 2', 'line 9']);
    expect(ids(orderRows(rows, (row) => row.rate, true))).toEqual(['line 10', 'Line 2', 'line 1', 'line 9']);
  });

  it('by text as people count', () => {
    expect(ids(orderRows(rows, (row) => row.id, false))).toEqual(['line 1', 'Line 2', 'line 9', 'line 10']);
  });

  it('leaves the given rows alone', () => {
    const before = ids(rows);
    orderRows(rows, (row) => row.id, true);
    expect(ids(rows)).toEqual(before);
  });
});
