// Enter for React inputs, safe while Hangul is being composed.
import { type KeyboardEvent, useMemo } from 'react';
import { createEnterGuard } from './keys.ts';

/** Props for an input: `act` runs on an Enter that is not part of a composition. */
export function useEnter(act: () => void): {
  onCompositionStart(): void;
  onCompositionEnd(): void;
  onKeyDown(event: KeyboardEvent): void;
} {
  const guard = useMemo(() => createEnterGuard((run) => setTimeout(run, 0)), []);
  return {
    onCompositionStart: guard.compositionStart,
    onCompositionEnd: guard.compositionEnd,
    onKeyDown: (event) => {
      if (!guard.accepts(event.nativeEvent)) {
        // The Enter that ends a composition must not submit a surrounding form either.
        if (event.key === 'Enter') event.preventDefault();
        return;
      }
      event.preventDefault();
      act();
    },
  };
}
