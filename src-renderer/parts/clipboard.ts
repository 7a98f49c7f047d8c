// Copies text and says whether it worked: a refused clipboard is told, not hidden.
import { reasonOf } from '../../src-shared/base/result.ts';
import { showToast } from './toasts.tsx';

export function copyText(value: string): void {
  navigator.clipboard.writeText(value).then(
    () => showToast('ok', (text) => text.common.copied),
    (error: unknown) => showToast('bad', (text) => text.common.note(reasonOf(error))),
  );
}
