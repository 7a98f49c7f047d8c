// The first minutes advance with what happened, never ahead of it.
import { expect, it } from 'vitest';
import { stepsDone } from './guide-steps.ts';

it('counts what has happened', () => {
  expect(stepsDone({ recording: false, announced: null, extracted: false })).toBe(0);
  expect(stepsDone({ recording: true, announced: null, extracted: false })).toBe(1);
  expect(stepsDone({ recording: false, announced: null, extracted: true })).toBe(0);
  expect(stepsDone({ recording: true, announced: '#/listings/a', extracted: false })).toBe(2);
  expect(stepsDone({ recording: false, announced: '#/listings/a', extracted: true })).toBe(3);
});
