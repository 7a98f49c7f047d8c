// What is not known is not called complete.
import { renderToString } from 'react-dom/server';
import { expect, it } from 'vitest';
import { en } from '../../i18n/en.ts';
import type { Completeness } from '../../state/completeness.ts';
import { NoOpenGap } from './gap-card.tsx';

const told = (word: Completeness['word']): string =>
  renderToString(
    <NoOpenGap known={{ open: 0, lost: 0, partial: 0, unrecoverable: 0, acknowledged: 2, lines: 2, word }} />,
  );

it('says that every trade is stored only while somebody says so', () => {
  expect(told('whole')).toContain(en.live.gapTable.noneWhat);
  expect(told('unknown')).not.toContain(en.live.gapTable.none);
  expect(told('unknown')).toContain(en.common.noAnswer);
});
