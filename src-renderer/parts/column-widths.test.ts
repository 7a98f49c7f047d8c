// Chosen widths of an earlier visit: bounded, and nothing but numbers.
import { expect, it } from 'vitest';
import { parseWidths, stepOf } from './column-widths.tsx';

it('keeps numbers within bounds and leaves the rest out', () => {
  expect(parseWidths({ a: 120.4, b: 'wide', c: -5, d: 1e9 })).toEqual({ a: 120, c: 40, d: 900 });
  expect(parseWidths(null)).toBeNull();
});

it('takes Shift and an arrow as a step, nothing else', () => {
  expect(stepOf({ key: 'ArrowRight', shiftKey: true })).toBeGreaterThan(0);
  expect(stepOf({ key: 'ArrowLeft', shiftKey: true })).toBeLessThan(0);
  expect(stepOf({ key: 'ArrowLeft', shiftKey: false })).toBeNull();
  expect(stepOf({ key: 'ArrowUp', shiftKey: true })).toBeNull();
});
