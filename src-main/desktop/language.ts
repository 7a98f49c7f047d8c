// The language of the native menu and questions: what the screen was last shown in, else the system's. Kept, so that the next start asks in it too.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { reasonOf } from '../../src-shared/base/result.ts';
import type { ScreenLanguage } from '../../src-shared/contract/desktop.ts';
import { replaceFileSync } from '../base/files.ts';
import type { Log } from '../base/log.ts';
import { type Words, wordsOf } from './menu.ts';

export class NativeLanguage {
  readonly #path: string;
  readonly #locale: () => string;
  #chosen: ScreenLanguage | null;

  /** locale: the system's, e.g. "ko-KR", known only once the app is ready. */
  constructor(profile: string, locale: () => string) {
    this.#path = join(profile, 'language');
    this.#locale = locale;
    const kept = existsSync(this.#path) ? readFileSync(this.#path, 'utf8').trim() : '';
    this.#chosen = kept === 'en' || kept === 'ko' ? kept : null;
  }

  get words(): Words {
    return wordsOf(this.#chosen ?? this.#locale());
  }

  /** The screen speaks this language from now on. True: that is another one than before. */
  choose(language: ScreenLanguage, log: Log): boolean {
    const before = this.words;
    if (language === this.#chosen) return false;
    this.#chosen = language;
    try {
      replaceFileSync(this.#path, `${language}\n`);
    } catch (error) {
      log.warn({ path: this.#path }, `the language of the menu is not kept: ${reasonOf(error)}`);
    }
    return this.words !== before;
  }
}
