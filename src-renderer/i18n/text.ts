// The texts in the reader's language.

import { en, type Text } from './en.ts';
import { ko } from './ko.ts';
import { usePreferences } from './preferences.ts';

const texts = { en, ko };

export type { Text } from './en.ts';

export function useText(): Text {
  const language = usePreferences((preferences) => preferences.language);
  return texts[language];
}
