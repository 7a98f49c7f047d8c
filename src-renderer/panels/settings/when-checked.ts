// An apply that was asked for before the host has said what it makes of the draft: it waits for the answer and is never swallowed.
import { useEffect, useState } from 'react';
import { showFailure } from '../../parts/toasts.tsx';
import { type Json, useDraft } from './draft.ts';
import type { Check } from './use-check.ts';

/** act runs once, when the check is of the draft for which it was asked; writing on or losing the link takes the wish back. */
export function useWhenChecked(check: Check, linked: boolean, act: () => void): { waiting: boolean; ask(): void } {
  const draft = useDraft((state) => state.draft);
  const [wanted, setWanted] = useState<Json | null>(null);
  const { current, failure } = check;
  useEffect(() => {
    if (wanted === null || (linked && wanted === draft && !current && !failure)) return;
    setWanted(null);
    if (failure) showFailure(failure);
    else if (linked && wanted === draft) act();
  });
  return { waiting: wanted !== null, ask: () => setWanted(useDraft.getState().draft) };
}
