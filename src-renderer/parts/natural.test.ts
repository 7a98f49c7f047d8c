// The order of text in tables: by word, and numbers by value.
import { expect, it } from 'vitest';
import { naturalKey } from './natural.ts';

it('orders numbers by value and words without regard to case', () => {
  const names = ['spot:10', 'spot:9', 'Perp:1', 'perp:2', '복구됨', '미복구'];
  const ordered = [...names].sort((a, b) => (naturalKey(a) < naturalKey(b) ? -1 : 1));
  expect(ordered).toEqual(['Perp:1', 'perp:2', 'spot:9', 'spot:10', '미복구', '복구됨']);
});
