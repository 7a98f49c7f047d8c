// The texts in the reader's language.
import { usePreferences } from '../state/preferences.ts';
import { en, type Text } from './en.ts';
import { ko } from './ko.ts';

const texts = { en, ko };

export type { Text } from './en.ts';

export function useText(): Text {
  const language = usePreferences((preferences) => preferences.language);
  return texts[language];
}
