// A figure of the bar leads to what it counted, however the panel was left.
import { expect, it, vi } from 'vitest';
import { askedFilter } from '../panels/gaps/gap-filter.ts';

it('the count of gaps leads to all that is missing, on every venue and without words', async () => {
  vi.stubGlobal('location', { hash: '' });
  vi.stubGlobal('localStorage', { getItem: () => null });
  const { evidenceOf } = await import('./evidence.ts');
  for (const { item } of evidenceOf.gaps) expect(askedFilter(item)).toEqual({ scope: 'unrepaired', words: '' });
  vi.unstubAllGlobals();
});
