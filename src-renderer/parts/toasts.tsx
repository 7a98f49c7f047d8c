// Short notes about the results of the reader's own actions. State belongs in the status bar and banners, not here; all of it is kept under Messages.
import { failureWords, type Told } from '../i18n/failures.ts';
import { usePreferences } from '../i18n/preferences.ts';
import { useText } from '../i18n/text.ts';
import { Button } from './controls.tsx';
import { MarkShape, type Tone } from './mark.tsx';
import { dismissToast, popNotice, type Say, useNotices } from './notices.ts';

/** `place`: where the result can be seen, as the address after '#'. */
export function showToast(tone: Tone, say: Say, place: string | null = null): void {
  popNotice(tone, say, place);
}

/** What failed of what the reader asked for. `about`: the thing, where several look alike. */
export function showFailure(failure: Told, about = ''): void {
  popNotice('bad', (text) => `${about === '' ? '' : `${about}: `}${failureWords(text, failure)}`, null);
}

export function Toasts() {
  const text = useText();
  const language = usePreferences((preferences) => preferences.language);
  const toasts = useNotices((state) => state.toasts);
  return (
    <div className="toasts" role="status" aria-live="polite" data-testid="toasts">
      {toasts.map((toast) => (
        <div key={toast.id} className={toast.tone === 'bad' ? 'toast toast-bad' : 'toast'}>
          <MarkShape tone={toast.tone} />
          <span className="toast-text">{toast.said[language]}</span>
          {toast.place !== null && (
            <a className="toast-place" href={toast.place} onClick={() => dismissToast(toast.id)}>
              {text.shell.notices.show}
            </a>
          )}
          <Button small kind="quiet" onClick={() => dismissToast(toast.id)} aria-label={text.common.close}>
            ×
          </Button>
        </div>
      ))}
    </div>
  );
}
