// The title of a listing: a venue's notice and an operator's words as they were written, what the recorder itself found in the reader's language.
import type { Text } from '../i18n/text.ts';

const OWN = /^\S+ appeared in the venue's list$/;

export function listingTitle(title: string, text: Text): string {
  return OWN.test(title) ? text.common.note(title) : title;
}
