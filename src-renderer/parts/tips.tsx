// A short tip in its place. Put away once, it stays away, until somebody wants all of them again.
import { create } from 'zustand';
import { useText } from '../i18n/text.ts';
import { Button } from './controls.tsx';
import { keepNote, readNote } from './notes.ts';

const KEY = 'tips';

interface Tips {
  readonly away: ReadonlySet<string>;
}

export function parseTips(note: unknown): ReadonlySet<string> {
  return new Set(Array.isArray(note) ? note.filter((id) => typeof id === 'string') : []);
}

export const useTips = create<Tips>(() => ({ away: new Set() }));

export function loadTips(): void {
  useTips.setState({ away: parseTips(readNote(KEY)) });
}

export function putTipAway(id: string): void {
  const away = new Set(useTips.getState().away).add(id);
  useTips.setState({ away });
  keepNote(KEY, [...away]);
}

/** Brings back the tips whose id begins so; all of them without a beginning. */
export function bringTipsBack(beginning = ''): void {
  const away = new Set([...useTips.getState().away].filter((id) => !id.startsWith(beginning)));
  useTips.setState({ away });
  keepNote(KEY, [...away]);
}

export function Tip({ id, text }: { id: string; text: string }) {
  const words = useText().shell.tips;
  const away = useTips((tips) => tips.away.has(id));
  if (away) return null;
  return (
    <aside className="tip" aria-label={words.label} data-testid={`tip-${id}`}>
      <span className="tip-mark" aria-hidden="true">
        i
      </span>
      <p className="tip-text">{text}</p>
      <Button small kind="quiet" testId={`tip-${id}-away`} onClick={() => putTipAway(id)}>
        {words.away}
      </Button>
    </aside>
  );
}
