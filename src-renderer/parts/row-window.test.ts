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
  expect(rowsAtOnce([], { first: 0, behind: 0, seen: 0, unseen: 0 }, new Set())).toEqual({ first: 0, behind: 0 });
});

/** What is drawn frame by frame until all is there. */
function framesOf(place: { first: number; behind: number; seen: number }, before: readonly string[]): string[] {
  const sight = { unseen: place.behind, ...place };
  const wanted = ids(sight.first, sight.behind);
  const frames: string[] = [];
  let drawn = new Set(before);
  for (;;) {
    const part = rowsAtOnce(wanted, sight, drawn);
    frames.push(`${part.first}-${part.behind}`);
    if (part.behind - part.first === wanted.length || frames.length > 20) return frames;
    drawn = new Set(ids(part.first, part.behind));
  }
}

test('of many new rows a block is drawn from the first that can be seen, then the next, those out of sight above it last', () => {
  expect(framesOf({ first: 0, behind: 30, seen: 0 }, [])).toEqual(['0-8', '0-16', '0-24', '0-30']);
  expect(framesOf({ first: 40, behind: 64, seen: 47 }, ['x'])).toEqual(['47-55', '47-63', '40-64']);
  // A sight that is not of this list any more.
  expect(framesOf({ first: 0, behind: 10, seen: 99 }, [])).toEqual(['9-10', '0-10']);
});

test('rows of a small table that take the place of as many others come at once, as few new ones do', () => {
  expect(framesOf({ first: 0, behind: 20, seen: 0 }, ids(100, 120))).toEqual(['0-20']);
  expect(framesOf({ first: 0, behind: 32, seen: 0 }, ids(100, 140))[0]).toBe('0-8');
  expect(framesOf({ first: 0, behind: 28, seen: 3 }, ids(8, 20))).toEqual(['3-23', '0-28']);
  expect(framesOf({ first: 8, behind: 28, seen: 12 }, ids(8, 20))).toEqual(['8-28']);
});

test('whatever is in sight, all of it is drawn after some frames', () => {
  const few = fc.nat(70);
  fc.assert(
    fc.property(few, few, few, fc.uniqueArray(fc.nat(150)), (first, more, seen, had) => {
      const frames = framesOf({ first, behind: first + more, seen }, had.map(String));
      expect(frames.at(-1)).toBe(`${first}-${first + more}`);
    }),
  );
});

test('rows that were there and can be seen never go because others came', () => {
  const few = fc.uniqueArray(fc.nat(200), { maxLength: 60 });
  fc.assert(
    fc.property(few, few, fc.nat(70), fc.nat(70), fc.nat(70), (wanted, had, first, seen, unseen) => {
      const names = wanted.map(String);
      const before = new Set(had.map(String));
      const part = rowsAtOnce(names, { first, behind: first + names.length, seen, unseen }, before);
      const drawn = new Set(names.slice(part.first - first, part.behind - first));
      const inView = names.slice(Math.max(0, seen - first), Math.max(0, unseen - first));
      for (const name of inView) if (before.has(name)) expect(drawn).toContain(name);
    }),
  );
});

test('where the browser scrolls a list that became shorter, the last rows of it do not bring all of them at once', () => {
  const sight = { first: 0, behind: 40, seen: 0, unseen: 24 };
  expect(rowsAtOnce(ids(0, 40), sight, new Set(ids(31, 40)))).toEqual({ first: 0, behind: 8 });
});
