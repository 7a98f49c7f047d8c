// Every text exists in both languages, says something, and is really translated.
import { describe, expect, it } from 'vitest';
import { en } from './en.ts';
import { ko } from './ko.ts';
import { parsePreferences, zoneHere } from './preferences.ts';

function flatten(value: unknown, path = ''): Map<string, string> {
  const found = new Map<string, string>();
  if (typeof value === 'string') found.set(path, value);
  else if (typeof value === 'function') found.set(path, String(value('7', '9', '1')));
  else if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) {
      for (const [innerPath, text] of flatten(inner, path ? `${path}.${key}` : key)) found.set(innerPath, text);
    }
  }
  return found;
}

/** Names and symbols that are the same in both, and texts that are meant for the readers of the other language. */
const same =
  /^(units\.ms|otherLanguage|common\.(reason|note)|live\.p50|live\.p99|commands\.language|listings\.verdict\.because|settings\.fields\.disk\..*\.unit)$/;

describe('the texts', () => {
  const english = flatten(en);
  const korean = flatten(ko);

  it('have the same names in both languages and are never empty', () => {
    expect([...korean.keys()]).toEqual([...english.keys()]);
    for (const text of [...english.values(), ...korean.values()]) expect(text.trim()).not.toBe('');
  });

  it('are Korean in Korean and contain no Korean in English', () => {
    const untranslated = [...korean].filter(([path, text]) => !same.test(path) && !/[가-힣]/.test(text));
    expect(untranslated).toEqual([]);
    const foreign = [...english].filter(([path, text]) => !same.test(path) && /[가-힣]/.test(text));
    expect(foreign).toEqual([]);
  });
});

describe('words', () => {
  const english = flatten(en);
  const korean = flatten(ko);
  const koreanOf = (pattern: RegExp): string[] =>
    [...english].flatMap(([path, text]) => (pattern.test(text) ? [korean.get(path) ?? ''] : []));

  it('a gap that is open is not called unrepaired in Korean: so are those that ended without their trades', () => {
    const open = koreanOf(/\bopen gaps?\b|gaps? (is|are) open|^Open$/i);
    expect(open.length).toBeGreaterThan(5);
    expect(open.filter((text) => text.includes('미복구'))).toEqual([]);
  });

  it('a hole of the venue, a renewal and the coverage each have one Korean word', () => {
    expect(new Set(koreanOf(/^holes? (at|of) the venue$/i))).toEqual(new Set(['거래소 자체 공백']));
    expect(koreanOf(/\brenew\b/i).filter((text) => !text.includes('갱신'))).toEqual([]);
    expect([...korean.values()].filter((text) => text.includes('수집 구간'))).toEqual([]);
  });

  it('the token is looked for where it is', () => {
    for (const texts of [en, ko]) expect(texts.link.refused).toContain('host.json');
  });
});

describe('preferences', () => {
  it('fall back piece by piece', () => {
    const english = { language: 'en', zone: 'UTC' } as const;
    // Nothing was chosen yet: the clock on the wall, where all notices are in Korean time.
    const korean = { language: 'ko', zone: zoneHere('Asia/Seoul') } as const;
    expect(parsePreferences(null, korean)).toEqual({ language: 'ko', zone: 'KST' });
    expect(zoneHere('Europe/Berlin')).toBe('UTC');
    expect(parsePreferences('{"language":"ko","zone":"UTC"}', korean)).toEqual({ language: 'ko', zone: 'UTC' });
    expect(parsePreferences('{"language":"en","zone":"KST"}', { language: 'ko', zone: 'UTC' })).toEqual({
      language: 'en',
      zone: 'KST',
    });
    expect(parsePreferences('{"language":"xx","zone":5}', english)).toEqual({ language: 'en', zone: 'UTC' });
    expect(parsePreferences('{broken', english)).toEqual({ language: 'en', zone: 'UTC' });
    expect(parsePreferences('null', english)).toEqual({ language: 'en', zone: 'UTC' });
  });
});
