// What is copied must be what was there, and every cell must be reachable by keys.
import { describe, expect, it } from 'vitest';
import {
  columnKeys,
  copiedRows,
  fittingWidth,
  longestNumbers,
  movedCell,
  numberWidth,
  oneLine,
  shownKind,
} from './grid-rows.ts';

describe('cells', () => {
  it('are copied digit by digit, quoted only where they would tear', () => {
    const rows = [
      ['61837.63000000', null, 'a\tb'],
      ['23715934308417536', 'say "it"', '솔라나'],
    ];
    expect(copiedRows(null, rows)).toBe('61837.63000000\t\t"a\tb"\n23715934308417536\t"say ""it"""\t솔라나');
    expect(copiedRows(['price', 'n', 'x'], [['1', '2', '3']])).toBe('price\tn\tx\n1\t2\t3');
  });

  it('keep an identity where names repeat', () => {
    const column = (name: string) => ({ name, type: 'BIGINT', kind: 'number' }) as const;
    expect(columnKeys([column('a'), column('b'), column('a')])).toEqual(['a', 'b', 'a 1']);
  });

  it('are shown on one line', () => {
    expect(oneLine('a\r\n\tb')).toBe('a b');
  });

  it('that are exact decimals in text stand where figures stand', () => {
    const column = { name: 'price', type: 'VARCHAR', kind: 'text' } as const;
    expect(shownKind(column, ['61837.63000000', null, '-5'])).toBe('number');
    expect(shownKind(column, ['61837.63', 'n/a'])).toBe('text');
    expect(shownKind(column, [null])).toBe('text');
  });

  it('get the room that their values need, within bounds', () => {
    const column = { name: 'price', type: 'VARCHAR', kind: 'text' } as const;
    expect(fittingWidth(column, ['1'])).toBeLessThan(fittingWidth(column, ['61837.63000000']));
    expect(fittingWidth(column, ['솔라나 신규 거래지원'])).toBeGreaterThan(fittingWidth(column, ['abcdefghijk']));
    expect(fittingWidth(column, ['x'.repeat(5000)])).toBe(360);
  });

  it('of times leave room for their zone beside the type', () => {
    const column = { name: 'at', type: 'TIMESTAMP', kind: 'time' } as const;
    expect(fittingWidth(column, [])).toBeGreaterThan(fittingWidth({ ...column, kind: 'text' }, []));
  });

  it('that are numbers make room when longer ones come, and never give it back', () => {
    const first = longestNumbers(
      [],
      [
        [0, 'x', null],
        [49, '-1.5', true],
      ],
    );
    expect(first).toEqual([2, 4, 0]);
    const later = longestNumbers(first, [['1999998', 'a long text is not a number', 7]]);
    expect(later).toEqual([7, 4, 1]);
    expect(longestNumbers(later, [['3', '2', null]])).toBe(later);
    const column = { name: 'n', type: 'INT', kind: 'number' } as const;
    expect(numberWidth(7)).toBeGreaterThanOrEqual(fittingWidth(column, ['1999998']));
    expect(numberWidth(40)).toBeGreaterThan(300);
  });
});

describe('keys in a grid', () => {
  const size = { rows: 1_000_000, columns: 4, page: 20 };

  it('move by cells, pages and to the ends, never beyond', () => {
    const at = { row: 5, column: 1 };
    expect(movedCell('ArrowDown', false, at, size)).toEqual({ row: 6, column: 1 });
    expect(movedCell('PageUp', false, at, size)).toEqual({ row: 0, column: 1 });
    expect(movedCell('End', true, at, size)).toEqual({ row: 999_999, column: 3 });
    expect(movedCell('Home', false, at, size)).toEqual({ row: 5, column: 0 });
    expect(movedCell('ArrowRight', false, { row: 0, column: 3 }, size)).toEqual({ row: 0, column: 3 });
    expect(movedCell('x', false, at, size)).toBeUndefined();
  });
});
