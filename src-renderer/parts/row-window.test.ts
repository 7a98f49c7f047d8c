// Rows in sight are always there, in blocks that move seldom; of many new ones each frame draws a part.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BLOCK_ROWS, inBlocks, rowsAtOnce } from './row-window.ts';

const ids = (from: number, behind: number): string[] => Array.from({ length: behind - from }, (_, n) => `${from + n}`);

test('what is in sight is there, in order, without a hole, and nothing that does not exist', () => {
  fc.assert(
    fc.property(fc.nat(500), fc.nat(60), fc.nat(600), (startIndex, seen, more) => {
      const endIndex = startIndex + seen;
      const count = endIndex + 1 + more;
      const indexes = inBlocks({ startIndex, endIndex, count });
      expect(indexes).toEqual(Array.from(indexes, (_, n) => (indexes[0] ?? 0) + n));
      expect(indexes[0]).toBeLessThanOrEqual(startIndex);
      expect(indexes[0]).toBeGreaterThanOrEqual(0);
      expect(indexes.at(-1)).toBeGreaterThanOrEqual(endIndex);
      expect(indexes.at(-1)).toBeLessThan(count);
      expect(indexes.length).toBeLessThan(seen + 4 * BLOCK_ROWS);
    }),
  );
});

test('a step of one row changes what is drawn once in a block', () => {
  const drawn = Array.from({ length: 80 }, (_, at) => inBlocks({ startIndex: at, endIndex: at + 20, count: 1000 }));
  const changed = drawn.filter((indexes, at) => at > 0 && indexes.join() !== drawn[at - 1]?.join());
  // The upper end and the lower one each move once in eight steps.
  expect(changed.length).toBeLessThanOrEqual(2 * (80 / BLOCK_ROWS));
});

test('an empty list has no rows', () => {
  expect(inBlocks({ startIndex: 0, endIndex: 0, count: 0 })).toEqual([]);
  expect(rowsAtOnce([], new Set())).toBe(0);
});

test('of many new rows a block is drawn, then the next, until all are there', () => {
  const wanted = ids(0, 30);
  let drawn: string[] = [];
  const frames: number[] = [];
  while (drawn.length < wanted.length) {
    drawn = wanted.slice(0, rowsAtOnce(wanted, new Set(drawn)));
    frames.push(drawn.length);
  }
  expect(frames).toEqual([8, 16, 24, 30]);
});

test('rows that were there never go because others came', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(200), { maxLength: 60 }), fc.uniqueArray(fc.nat(200)), (wanted, before) => {
      const names = wanted.map(String);
      const had = new Set(before.map(String));
      const drawn = new Set(names.slice(0, rowsAtOnce(names, had)));
      for (const name of names) if (had.has(name)) expect(drawn).toContain(name);
    }),
  );
});
