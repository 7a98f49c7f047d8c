// A menu in another language than the screen leaves its reader alone with the question whether recording may stop.
import { expect, test } from 'vitest';
import { create } from 'zustand';
import type { ScreenLanguage } from '../../src-shared/contract/desktop.ts';
import type { LinkClient, LinkState } from '../link/client.ts';
import { tellLanguage } from './desktop.ts';

test('the desktop is told the language once the pipe is open, at each change, and again over a new pipe', () => {
  const told: unknown[] = [];
  const spoken = create<{ language: ScreenLanguage }>(() => ({ language: 'ko' }));
  let phase: LinkState['phase'] = 'connecting';
  let changed = (): void => undefined;
  const link = {
    state: () => ({ phase }) as LinkState,
    onState: (listener: () => void) => {
      changed = listener;
      return () => undefined;
    },
    request: async (name: string, input: unknown) => {
      told.push([name, input]);
      return { ok: true, value: {} };
    },
  } as unknown as LinkClient;
  const become = (next: LinkState['phase']): void => {
    phase = next;
    changed();
  };
  tellLanguage(link, spoken);
  expect(told).toEqual([]);
  become('open');
  become('open');
  expect(told).toEqual([['desktop.language', { language: 'ko' }]]);
  spoken.setState({ language: 'en' });
  expect(told.at(-1)).toEqual(['desktop.language', { language: 'en' }]);
  become('lost');
  spoken.setState({ language: 'ko' });
  expect(told).toHaveLength(2);
  become('open');
  expect(told).toHaveLength(3);
  expect(told.at(-1)).toEqual(['desktop.language', { language: 'ko' }]);
});
