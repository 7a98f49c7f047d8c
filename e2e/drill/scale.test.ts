// The scale drill, short: thousands of streams, what panels ask, and memory that can be read. Two hours of it: npm run drill -- scale
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { scaleDrill, trend } from './scale.ts';

describe('scale', () => {
  it('five thousand streams on two lines are subscribed, panels are answered, memory is told', async () => {
    const recipe = fileURLToPath(new URL('../../resources/recipes/scale.json', import.meta.url));
    const report = await scaleDrill({ minutes: 0.3, recipe, collectEveryMs: 5000 });
    console.log(JSON.stringify(report));
    expect(report.streams).toBeGreaterThan(5000);
    expect(report.lines).toBeGreaterThanOrEqual(20);
    expect(report.stored).toBeGreaterThan(5000);
    expect(Object.keys(report.memory).sort()).toEqual(['collector', 'host', 'store']);
    for (const { lastMb, collectedMb, heldMb } of Object.values(report.memory)) {
      expect(lastMb).toBeLessThan(1000);
      expect(Math.min(...collectedMb)).toBeGreaterThan(30);
      expect(Math.min(...heldMb)).toBeGreaterThan(5);
      expect(Math.max(...heldMb)).toBeLessThan(Math.max(...collectedMb));
    }
    expect(report.unanswered).toBe(0);
    expect(report.storeBackMs).toBeGreaterThan(0);
    for (const { p50 } of Object.values(report.queriesMs)) expect(p50).toBeLessThan(1000);
  });

  it('a trend is that of the smallest of each minute, in MB an hour, with its error', () => {
    const samples = Array.from({ length: 240 }, (_, index) => ({
      atMs: index * 15_000,
      mb: (index < 120 ? 500 - index : 100 + index / 240) + (index % 4 === 0 ? 0 : 50),
    }));
    const { whole, secondHalf } = trend(samples);
    expect(secondHalf).toEqual({ mbPerHour: 1, errorMbPerHour: 0 });
    expect(whole.mbPerHour).toBeLessThan(-500);
    expect(whole.errorMbPerHour).toBeGreaterThan(10);
    // Four points by hand: 0, 2, 0, 2 MB a minute apart rise by 0.4 MB a minute, and leave 3.2 MB² beside the line.
    const four = [0, 2, 0, 2].map((mb, minute) => ({ atMs: minute * 60_000, mb }));
    expect(trend(four).whole).toEqual({ mbPerHour: 24, errorMbPerHour: 33.94 });
  });
});
