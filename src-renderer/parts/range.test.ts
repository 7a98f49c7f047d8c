// A chart that jumps, turns inside out or leaves its data cannot be trusted with a trade.
import { expect, it } from 'vitest';
import { extentOf } from './dense-draw.ts';
import { moveRange, pointOf, zoomRange } from './range.ts';

const whole = { from: -20, to: 20 };

it('zooms about a point that stays where it is', () => {
  const near = zoomRange(whole, whole, 5, 0.5);
  expect(near.to - near.from).toBeCloseTo(20);
  expect((5 - near.from) / (near.to - near.from)).toBeCloseTo(25 / 40);
  expect(zoomRange(near, whole, 5, 100)).toEqual(whole);
});

it('never leaves the whole, never vanishes', () => {
  expect(moveRange({ from: 10, to: 15 }, whole, 100)).toEqual({ from: 15, to: 20 });
  expect(moveRange({ from: 10, to: 15 }, whole, -100)).toEqual({ from: -20, to: -15 });
  let range: { from: number; to: number } = whole;
  for (let step = 0; step < 200; step += 1) range = zoomRange(range, whole, 0, 0.5);
  expect(range.to - range.from).toBeCloseTo(1e-4, 9);
  expect(zoomRange({ from: 3, to: 3 }, whole, 3, 1).to).toBeGreaterThan(3);
});

it('knows what the pointer is over, also while a drag cannot move the range', () => {
  const dragged = moveRange(whole, whole, 13);
  expect(dragged).toEqual(whole);
  expect(pointOf(dragged, 0.25)).toBe(-10);
  expect(pointOf(dragged, 1.2)).toBe(20);
  // A range that moves takes what was grabbed along: 0.5 of the width stood at 5, and is at 0.25 after a drag to the left.
  expect(pointOf(moveRange({ from: 0, to: 10 }, whole, 2.5), 0.25)).toBe(5);
});

it('finds what is in sight, with what holds from before', () => {
  const seconds = Float64Array.from([-2, 0, 1, 3]);
  const columns = [
    [5, null, 7, 100],
    [null, 1, null, null],
  ];
  expect(extentOf(seconds, columns, 0.5, 2)).toEqual({ low: 1, high: 7 });
  expect(extentOf(seconds, columns, -2, 3)).toEqual({ low: 1, high: 100 });
  expect(extentOf(seconds, columns, -9, -3)).toBeNull();
  expect(extentOf(seconds, columns, 4, 5)).toEqual({ low: 1, high: 100 });
});
