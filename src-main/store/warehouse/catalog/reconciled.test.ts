// One result per minute, its newest, whatever is put over what: a verdict stands on these intervals.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { MINUTE_US } from '../../../../src-shared/base/time.ts';
import { openCatalog } from '../catalog.ts';
import { type MinuteResult, nothingCompared } from './reconciled.ts';

const dir = mkdtempSync(join(tmpdir(), 'tapedeck-reconciled-'));
const catalog = openCatalog(dir);
afterAll(() => {
  catalog.close();
  rmSync(dir, { recursive: true, force: true });
});

const RESULTS: readonly MinuteResult[] = ['equal', 'differing', 'excluded', 'partial'];

test('any order of results over each other ends as the newest of each minute, in the fewest intervals', () => {
  let stream = 0;
  const step = fc.tuple(fc.nat(20), fc.array(fc.constantFrom(...RESULTS), { minLength: 1, maxLength: 6 }));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      stream += 1;
      const model = new Map<number, MinuteResult>();
      for (const [from, results] of steps) {
        for (const [n, result] of results.entries()) model.set(from + n, result);
        const minutes = results.map((result, n) => ({ minuteUs: (from + n) * MINUTE_US, result }));
        catalog.reconciled.put(stream, minutes, null, null);
      }
      const all = { fromUs: 0, toUs: 100 * MINUTE_US };
      for (const result of RESULTS) {
        const spans = catalog.reconciled.spans(stream, all, result);
        const minutes = spans.flatMap(({ fromUs, toUs }) =>
          Array.from({ length: (toUs - fromUs) / MINUTE_US }, (_, n) => fromUs / MINUTE_US + n),
        );
        expect(minutes).toEqual(
          [...model].flatMap(([minute, found]) => (found === result ? [minute] : [])).sort((a, b) => a - b),
        );
        expect(spans.every((span, n) => n === 0 || (spans[n - 1]?.toUs ?? 0) < span.fromUs)).toBe(true);
      }
      const figure = catalog.reconciled.figure(stream);
      expect(figure.equal + figure.differing + figure.notComparable).toBe(model.size);
      expect(figure.lastUs).toBe(model.size === 0 ? null : (Math.max(...model.keys()) + 1) * MINUTE_US);
      expect(catalog.reconciled.figures().get(stream) ?? nothingCompared).toEqual(figure);
    }),
    { numRuns: 60 },
  );
});

test('what stands in the way of one market does not hide what a gap set free in another', () => {
  const stream = { market: 'spot', symbol: 'ABCUSDT', channel: 'trade' } as const;
  catalog.streams.put(
    [
      { no: 9001, venue: 'bybit', ...stream },
      { no: 9002, venue: 'binance', ...stream },
    ],
    0,
  );
  for (const [no, minute] of [
    [9001, 1],
    [9002, 2],
  ] as const)
    catalog.reconciled.put(no, [{ minuteUs: minute * MINUTE_US, result: 'excluded' }], null, null);
  for (const freed of [catalog.reconciled.freed, catalog.reconciled.ended])
    expect(freed({ venue: 'binance', market: 'spot' }, 1)).toEqual([
      { stream: 9002, fromUs: 2 * MINUTE_US, toUs: 3 * MINUTE_US },
    ]);
});
