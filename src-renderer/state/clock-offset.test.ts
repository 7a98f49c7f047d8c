// The offset of two clocks: the quickest message of the last minute tells, a slow one does not.
import { expect, it } from 'vitest';
import { createOffsetWindow } from './clock-offset.ts';

it('is the least difference in the window, and forgets what is old', () => {
  const window = createOffsetWindow(3);
  expect(window.least()).toBeNull();
  window.add(1000, 1450);
  window.add(2000, 2402);
  window.add(3000, 3900);
  expect(window.least()).toBe(402);
  window.add(4000, 4900);
  window.add(5000, 5900);
  expect(window.least()).toBe(900);
  window.clear();
  expect(window.least()).toBeNull();
});
