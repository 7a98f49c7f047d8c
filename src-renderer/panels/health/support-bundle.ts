// Asks the host for the support bundle and hands it to the reader as a file.
import { useCommand } from '../../link/hooks.tsx';
import { formatBytes } from '../../parts/format.ts';
import { bytesOfBase64, saveFile } from '../../parts/save-file.ts';
import { showFailure, showToast } from '../../parts/toasts.tsx';

export interface Bundle {
  readonly busy: boolean;
  make(): void;
}

export function useBundle(): Bundle {
  const ask = useCommand('health.bundle', ({ name, base64 }) => {
    const bytes = bytesOfBase64(base64);
    saveFile(name, bytes, 'application/gzip');
    showToast('ok', ({ health }) => health.bundle.made(name, formatBytes(bytes.length)));
  });
  return {
    busy: ask.isPending,
    make: () => ask.mutate({}, { onError: (error) => showFailure(error.failure) }),
  };
}
