// What the recorder says of its lines, its work, its troubles and of requests that failed, in Korean. It writes English, which stays on disk: here its sentences are known by
// their form. What a venue or the system said inside of one, and a sentence that is not known, stay as they came.
import { koreanReason } from '../../src-shared/market/korean-reasons.ts';
import { alertForms } from './korean-alerts.ts';
import { failureForms, lastForms } from './korean-failures.ts';
import { lineForms } from './korean-lines.ts';
import { settingsForms } from './korean-settings.ts';
import { workForms } from './korean-work.ts';

export type Say = (text: string) => string;
export type Form = readonly [english: RegExp, korean: (...found: string[]) => string];

const forms: readonly Form[] = [
  ...workForms(koreanNote),
  ...lineForms(koreanNote),
  // Before the alerts: "stopped: …" is also what a line says.
  ...failureForms(koreanNote),
  ...alertForms(koreanNote),
  ...settingsForms(koreanNote),
  ...lastForms(koreanNote),
];

/** One sentence; undefined when it is not known. */
function known(text: string): string | undefined {
  for (const [english, korean] of forms) {
    const found = english.exec(text);
    if (found) return korean(...found.slice(1).map((part) => part ?? ''));
  }
  const said = koreanReason(text);
  return said === text ? undefined : said;
}

/** What was said lately: tables ask for the same sentences each time that they are drawn. */
const lately = new Map<string, string>();
const LATELY_MOST = 1000;

/** A note in Korean; as it came where it is not known. */
export function koreanNote(text: string): string {
  const before = lately.get(text);
  if (before !== undefined) return before;
  // Several may be told, one after another; a sentence that has the sign inside of itself is one.
  const parts = text.split('; ').map(known);
  const korean =
    parts.length > 1 && parts.every((part) => part !== undefined) ? parts.join('; ') : (known(text) ?? text);
  if (lately.size >= LATELY_MOST) lately.clear();
  lately.set(text, korean);
  return korean;
}
