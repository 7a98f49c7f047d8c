// A million rows must be reachable to the last one, and the scroll bar and the rows must agree.
import { describe, expect, it } from 'vitest';
import {
  bodyPx,
  type GridBox,
  isScaled,
  rowsAt,
  rowsOfLines,
  scrollOfTop,
  TALLEST_PX,
  topOfScroll,
  topToShow,
} from './grid-window.ts';

const small: GridBox = { rows: 1000, rowPx: 26, viewPx: 400 };
const large: GridBox = { rows: 1_000_000, rowPx: 26, viewPx: 400 };

describe('the window of a grid', () => {
  it('is pixel for pixel while the rows fit a page', () => {
    expect(isScaled(small)).toBe(false);
    expect(bodyPx(small)).toBe(26_000);
    expect(topOfScroll(small, 260)).toBe(260);
    expect(rowsAt(small, 260, 0)).toEqual({ from: 10, to: 27 });
  });

  it('reaches the first and the last of a million rows', () => {
    expect(isScaled(large)).toBe(true);
    expect(bodyPx(large)).toBe(TALLEST_PX);
    expect(rowsAt(large, topOfScroll(large, 0), 0).from).toBe(0);
    expect(rowsAt(large, topOfScroll(large, TALLEST_PX - 400), 0).to).toBe(1_000_000);
  });

  it('comes back to the same rows from the place of the bar, within what one pixel of it stands for', () => {
    const onePixel = (1_000_000 * 26) / TALLEST_PX;
    for (const top of [0, 26, 12_345_678, 25_999_600]) {
      expect(Math.abs(topOfScroll(large, scrollOfTop(large, top)) - top)).toBeLessThanOrEqual(onePixel);
    }
    expect(scrollOfTop(large, Number.MAX_SAFE_INTEGER)).toBe(TALLEST_PX - 400);
    expect(topOfScroll(large, -5)).toBe(0);
  });

  it('moves no further than needed to show a row', () => {
    expect(topToShow(small, 3, 260)).toBe(78);
    expect(topToShow(small, 12, 260)).toBe(260);
    expect(topToShow(small, 40, 260)).toBe(40 * 26 + 26 - 400);
  });

  it('draws what is in sight and always as many lines', () => {
    for (const top of [0, 1, 25, 26, 260, 12_345_678, 25_999_599, 25_999_600]) {
      const { from, to } = rowsAt(large, top);
      expect(to - from).toBe(17 + 12);
      expect(from * 26).toBeLessThanOrEqual(top);
      expect(to * 26).toBeGreaterThanOrEqual(top + 400);
      expect(from).toBeGreaterThanOrEqual(0);
      expect(to).toBeLessThanOrEqual(1_000_000);
    }
    expect(rowsAt({ ...small, rows: 5 }, 0)).toEqual({ from: 0, to: 5 });
  });

  it('leaves each row on its line while it is in sight, and lines in order where the view rests', () => {
    const rows = (from: number, to: number): number[] => rowsOfLines({ from, to }, 40).map(({ row }) => row);
    expect(rows(40, 44)).toEqual([40, 41, 42, 43]);
    expect(rows(41, 45)).toEqual([44, 41, 42, 43]);
    expect(rows(39, 43)).toEqual([40, 41, 42, 39]);
    expect(rows(1002, 1006)).toEqual([1004, 1005, 1002, 1003]);
    expect(rows(7, 7)).toEqual([]);
  });

  it('draws nothing where there is nothing', () => {
    expect(rowsAt({ rows: 0, rowPx: 26, viewPx: 400 }, 0)).toEqual({ from: 0, to: 0 });
    expect(topOfScroll({ rows: 3, rowPx: 26, viewPx: 400 }, 900)).toBe(0);
  });
});
