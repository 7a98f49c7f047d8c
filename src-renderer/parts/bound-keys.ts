// Which key a command answers to on this screen, where the reader has changed it. The shell tells, controls print it.
import { create } from 'zustand';

/** The key as written in the code -> the key that is bound now; '' where it was taken away. */
export const useBoundKeys = create<{ readonly changed: ReadonlyMap<string, string> }>(() => ({ changed: new Map() }));

export function useBoundKey(keys: string | undefined): string | undefined {
  const now = useBoundKeys((state) => (keys === undefined ? undefined : (state.changed.get(keys) ?? keys)));
  return now === '' ? undefined : now;
}
