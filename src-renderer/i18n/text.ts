// The texts in the reader's language, and what the recorder says in the reader's zone.

import { en, type Text } from './en.ts';
import { ko } from './ko.ts';
import { type Language, usePreferences, type Zone } from './preferences.ts';
import { inZone } from './zoned.ts';

function inZones(text: Text): Readonly<Record<Zone, Text>> {
  const { reason, note } = text.common;
  const said = {
    reason: (sentence: string) => inZone(reason(sentence), 'KST'),
    note: (sentence: string) => inZone(note(sentence), 'KST'),
  };
  return { UTC: text, KST: { ...text, common: { ...text.common, ...said } } };
}

/** Each stays the same object, so that what hangs on a text is not made anew. */
const texts: Readonly<Record<Language, Readonly<Record<Zone, Text>>>> = { en: inZones(en), ko: inZones(ko) };

export type { Text } from './en.ts';

export function textsOf(language: Language, zone: Zone): Text {
  return texts[language][zone];
}

export function useText(): Text {
  return usePreferences(({ language, zone }) => textsOf(language, zone));
}
