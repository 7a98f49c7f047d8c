// Short notes about the results of the reader's own actions. State belongs in the status bar and banners, not here.
import { create } from 'zustand';
import { useText } from '../i18n/text.ts';
import { Button } from './controls.tsx';
import { MarkShape, type Tone } from './mark.tsx';

interface Toast {
  readonly id: number;
  readonly tone: Tone;
  readonly text: string;
}

const SHOWN_MS = 6000;
const MOST = 4;

const useToasts = create<{ readonly toasts: readonly Toast[] }>(() => ({ toasts: [] }));
let nextId = 1;

export function dismissToast(id: number): void {
  useToasts.setState((state) => ({ toasts: state.toasts.filter((toast) => toast.id !== id) }));
}

export function showToast(tone: Tone, text: string): void {
  const id = nextId++;
  useToasts.setState((state) => ({ toasts: [...state.toasts, { id, tone, text }].slice(-MOST) }));
  // What went wrong stays until it is read.
  if (tone !== 'bad') setTimeout(() => dismissToast(id), SHOWN_MS);
}

export function Toasts() {
  const text = useText();
  const toasts = useToasts((state) => state.toasts);
  return (
    <div className="toasts" role="status" aria-live="polite" data-testid="toasts">
      {toasts.map((toast) => (
        <div key={toast.id} className={toast.tone === 'bad' ? 'toast toast-bad' : 'toast'}>
          <MarkShape tone={toast.tone} />
          <span className="toast-text">{toast.text}</span>
          <Button small kind="quiet" onClick={() => dismissToast(toast.id)} aria-label={text.common.close}>
            ×
          </Button>
        </div>
      ))}
    </div>
  );
}
