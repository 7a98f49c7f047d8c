// An empty list of gaps: what may be said of it.
import { renderToString } from 'react-dom/server';
import { expect, it, vi } from 'vitest';
import { en } from '../../i18n/en.ts';
import type { Completeness } from '../../state/completeness.ts';
import type { Scope } from './gap-filter.ts';
import { NoGaps } from './no-gaps.tsx';

const told = (word: Completeness['word'] | null, scope: Scope = 'unrepaired', filtered = false): string => {
  const counts = { open: 0, lost: 0, partial: 0, unrecoverable: 0, acknowledged: 1, lines: 2 };
  const known = word && { ...counts, word };
  return renderToString(<NoGaps known={known} filtered={filtered} scope={scope} onClear={vi.fn()} />);
};

it('says that nothing is missing only while the recorder says so', () => {
  expect(told('whole')).toContain(en.gaps.noneWhat);
  expect(told('partly')).toContain('1 of 2 lines are acknowledged');
  for (const word of ['unknown', null] as const) {
    expect(told(word)).not.toContain(en.gaps.none);
    expect(told(word)).toContain(en.common.noAnswer);
  }
});

it('says of another kind or of a search only that nothing is in it', () => {
  expect(told(null, 'repaired')).toContain(en.gaps.noneYet);
  expect(told('whole', 'unrepaired', true)).toContain(en.gaps.noMatch);
});
