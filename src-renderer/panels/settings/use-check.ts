// What the host says of the draft: asked when the reader pauses, and known to be of exactly this draft.
import { useEffect, useState } from 'react';
import type { Failure } from '../../../src-shared/base/result.ts';
import type { SettingsChange, SettingsIssue } from '../../../src-shared/contract/configuration.ts';
import type { RequestOutput } from '../../../src-shared/contract/index.ts';
import { useLink, useLinkState } from '../../link/hooks.tsx';
import { type Json, useDraft } from './draft.ts';

const PAUSE_MS = 250;

export interface Check {
  readonly issues: readonly SettingsIssue[];
  readonly changes: readonly SettingsChange[];
  readonly fixed: string | null;
  /** Why the present draft could not be checked. */
  readonly failure: Failure | null;
  /** The answer is of the present draft. */
  readonly current: boolean;
}

interface Answer {
  readonly draft: Json;
  readonly base: Json | null;
  readonly value: RequestOutput<'settings.check'> | null;
  readonly failure: Failure | null;
}

export function useCheck(): Check {
  const link = useLink();
  const open = useLinkState().phase === 'open';
  const draft = useDraft((state) => state.draft);
  const base = useDraft((state) => state.base);
  const [answer, setAnswer] = useState<Answer | null>(null);
  useEffect(() => {
    if (draft === null || !open) return;
    const gone = new AbortController();
    const timer = setTimeout(() => {
      link.request('settings.check', { settings: draft }, gone.signal).then((result) => {
        if (gone.signal.aborted) return;
        setAnswer(
          result.ok
            ? { draft, base, value: result.value, failure: null }
            : { draft, base, value: null, failure: result.failure },
        );
      });
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      gone.abort();
    };
  }, [link, open, draft, base]);
  const ofDraft = answer !== null && answer.draft === draft && answer.base === base;
  return {
    issues: answer?.value?.issues ?? [],
    changes: answer?.value?.changes ?? [],
    fixed: answer?.value?.fixed ?? null,
    failure: ofDraft ? answer.failure : null,
    current: ofDraft && answer.value !== null,
  };
}
