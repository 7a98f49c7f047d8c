// Copies text and says whether it worked: a refused clipboard is told, not hidden.
import { reasonOf } from '../../src-shared/base/result.ts';
import { showToast } from './toasts.tsx';

export function copyText(value: string, done: string): void {
  navigator.clipboard.writeText(value).then(
    () => showToast('ok', done),
    (error: unknown) => showToast('bad', reasonOf(error)),
  );
}
