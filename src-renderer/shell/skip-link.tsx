// The first stop of the Tab key: over the rail, into the panel.
import { useText } from '../i18n/text.ts';

/** Gives the focus to the panel itself; Tab goes on inside it. */
export function focusPanel(): void {
  document.getElementById('panel')?.focus();
}

export function SkipLink() {
  const text = useText();
  return (
    <button type="button" className="skip" data-testid="skip" onClick={focusPanel}>
      {text.shell.skip}
    </button>
  );
}
