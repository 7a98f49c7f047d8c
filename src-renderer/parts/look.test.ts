// The look: dark until chosen otherwise, the system followed where that was chosen, damaged notes forgotten.
import { expect, it } from 'vitest';
import { nextTheme, parseLook, shownTheme } from './look.ts';

it('is read piece by piece', () => {
  expect(parseLook(undefined)).toEqual({ theme: 'dark', density: 'normal' });
  expect(parseLook({ theme: 'light', density: 'thick' })).toEqual({ theme: 'light', density: 'normal' });
  expect(parseLook({ theme: 7, density: 'compact' })).toEqual({ theme: 'dark', density: 'compact' });
});

it('follows the system only when asked to', () => {
  expect([shownTheme('dark', true), shownTheme('light', false)]).toEqual(['dark', 'light']);
  expect([shownTheme('system', true), shownTheme('system', false)]).toEqual(['light', 'dark']);
  expect([nextTheme('dark'), nextTheme('light'), nextTheme('system')]).toEqual(['light', 'system', 'dark']);
});
