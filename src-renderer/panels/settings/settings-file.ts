// Settings as a file of the reader's computer: written out, and read back into the form.
import { saveFile } from '../../parts/save-file.ts';
import { showToast } from '../../parts/toasts.tsx';
import { asJson, type Json, replaceDraft } from './draft.ts';

const MOST_BYTES = 1024 ** 2;

/** undefined: not JSON. */
export function parseSettingsFile(text: string): Json | undefined {
  try {
    return asJson(JSON.parse(text.replace(/^\uFEFF/, '')));
  } catch {
    // The caller says so with the file's name.
    return undefined;
  }
}

export function useSettingsFile(inForce: unknown): { save(): void; open(): void } {
  return {
    save: () => {
      saveFile('tapedeck-settings.json', `${JSON.stringify(inForce, null, 2)}\n`, 'application/json');
    },
    open: () => {
      const input = document.createElement('input');
      input.type = 'file';
      input.accept = '.json,application/json';
      input.addEventListener('change', () => {
        const file = input.files?.[0];
        if (!file) return;
        if (file.size > MOST_BYTES) {
          showToast('bad', ({ settings }) => settings.versions.tooLarge(file.name));
          return;
        }
        void file.text().then((text) => {
          const json = parseSettingsFile(text);
          if (json === undefined) showToast('bad', ({ settings }) => settings.versions.notJson(file.name));
          else {
            replaceDraft(json);
            showToast('ok', ({ settings }) => settings.versions.imported(file.name));
          }
        });
      });
      input.click();
    },
  };
}
