// A venue's words are evidence: not a letter of them changes, whatever language and zone are chosen.
import { expect, it } from 'vitest';
import { textsOf } from '../i18n/text.ts';
import { listingTitle } from './listing-title.ts';

it('is translated where the recorder wrote it', () => {
  const title = "okx:spot:SOL-USDT appeared in the venue's list";
  expect(listingTitle(title, textsOf('ko', 'KST'))).toBe('okx:spot:SOL-USDT 종목이 거래소 목록에 나타남');
  expect(listingTitle(title, textsOf('en', 'KST'))).toBe(title);
});

it('stays as it came where a venue or an operator wrote it', () => {
  for (const title of ['Trading opens 2026-11-20 09:00:00 UTC', '솔라나(SOL) 신규 거래지원 안내', 'asked for', '']) {
    expect(listingTitle(title, textsOf('ko', 'KST'))).toBe(title);
  }
});
