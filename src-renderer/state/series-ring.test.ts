// The ring against a plain array: same values, bounded memory.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSeriesRing } from './series-ring.ts';

describe('the series ring', () => {
  it('holds the newest samples in order, whatever comes', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.array(fc.tuple(fc.integer({ min: 0, max: 50 }), fc.option(fc.integer(), { nil: undefined })), {
          maxLength: 200,
        }),
        (capacity, samples) => {
          const ring = createSeriesRing(2, capacity);
          let model: { time: number; values: (number | null)[] }[] = [];
          for (const [time, value] of samples) {
            const fits = model.length === 0 || time > (model.at(-1)?.time ?? 0);
            expect(ring.push(time, value === undefined ? [] : [value, -value])).toBe(fits);
            if (fits) {
              model = [...model, { time, values: value === undefined ? [null, null] : [value, -value] }].slice(
                -capacity,
              );
            }
          }
          const read = ring.read();
          expect(ring.length).toBe(model.length);
          expect(read.times).toEqual(model.map((sample) => sample.time));
          for (const column of [0, 1]) {
            expect(read.columns[column]?.map((value) => value ?? null)).toEqual(
              model.map((sample) => sample.values[column] ?? null),
            );
            expect(ring.last(column)).toBe(model.at(-1)?.values[column] ?? null);
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  it('hands out the same arrays each time, so that drawing four times a second makes no garbage', () => {
    const ring = createSeriesRing(1, 8);
    ring.push(1, [1]);
    const first = ring.read();
    ring.push(2, [2]);
    const second = ring.read();
    expect(second.times).toBe(first.times);
    expect(second.columns[0]).toBe(first.columns[0]);
    expect(second.times).toEqual([1, 2]);
  });
});
