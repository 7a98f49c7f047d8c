// Time runs evenly on the chart, and its axis says the hour of the chosen zone.
import { describe, expect, it } from 'vitest';
import { axisDate, axisTime, isEven, MOST_SLOTS, slotsOf } from './bars-chart-port.ts';

describe('slots of the chart', () => {
  it('lie at every interval between the first and the last bar', () => {
    expect(slotsOf([{ us: 0 }, { us: 3_000_000 }], 1_000_000)).toEqual([0, 1_000_000, 2_000_000, 3_000_000]);
    expect(slotsOf([], 1_000_000)).toEqual([]);
    expect(isEven([{ us: 0 }, { us: 1_000_000 }], 1_000_000)).toBe(true);
  });

  it('are the bars alone where there would be too many', () => {
    const bars = [{ us: 0 }, { us: MOST_SLOTS * 1_000_000 }];
    expect(slotsOf(bars, 1_000_000)).toEqual([0, MOST_SLOTS * 1_000_000]);
    expect(isEven(bars, 1_000_000)).toBe(false);
  });
});

describe('times on the axis', () => {
  const nine = Date.UTC(2026, 10, 21, 9, 0, 5) / 1000;

  it('are as fine as the bars', () => {
    expect(axisTime(nine, false, true)).toBe('09:00:05');
    expect(axisTime(nine, false, false)).toBe('09:00');
    expect(axisTime(nine, true, false)).toBe('11-21');
    expect(axisDate(nine, 1_000_000, 'KST')).toBe('2026-11-21 09:00:05 KST');
    expect(axisDate(Date.UTC(2026, 10, 21) / 1000, 86_400_000_000, 'UTC')).toBe('2026-11-21 UTC');
    expect(axisDate(Date.UTC(2026, 10, 21, 9) / 1000, 86_400_000_000, 'KST')).toBe('2026-11-21 09:00 KST');
  });
});
