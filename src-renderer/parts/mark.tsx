// A state as shape and word: colour only repeats what the shape says.
import type { ReactNode } from 'react';

export type Tone = 'ok' | 'fair' | 'busy' | 'warn' | 'bad' | 'idle';

/** Filled circle: fine. Ringed dot: fine by other evidence. Half circle: under way. Triangle: look. Cross in a square: wrong. Ring: at rest. */
export function MarkShape({ tone }: { tone: Tone }) {
  return (
    <svg className={`mark-shape tone-${tone}`} viewBox="0 0 10 10" aria-hidden="true" data-shape={tone}>
      {tone === 'ok' && <circle cx="5" cy="5" r="4.2" fill="currentColor" />}
      {tone === 'fair' && (
        <>
          <circle cx="5" cy="5" r="4.2" fill="none" stroke="currentColor" strokeWidth="1.2" />
          <circle cx="5" cy="5" r="2.2" fill="currentColor" />
        </>
      )}
      {tone === 'busy' && (
        <>
          <circle cx="5" cy="5" r="3.9" fill="none" stroke="currentColor" strokeWidth="1.4" />
          <path d="M5 1.1a3.9 3.9 0 0 1 0 7.8z" fill="currentColor" />
        </>
      )}
      {tone === 'warn' && <path d="M5 0.6 9.6 9.2H0.4z" fill="currentColor" />}
      {tone === 'bad' && (
        <>
          <rect x="0.4" y="0.4" width="9.2" height="9.2" rx="1.4" fill="currentColor" />
          <path d="M3 3l4 4M7 3l-4 4" stroke="var(--surface)" strokeWidth="1.5" />
        </>
      )}
      {tone === 'idle' && <circle cx="5" cy="5" r="3.9" fill="none" stroke="currentColor" strokeWidth="1.4" />}
    </svg>
  );
}

export function Mark({ tone, children, testId }: { tone: Tone; children: ReactNode; testId?: string }) {
  return (
    <span className="mark" data-tone={tone} data-testid={testId}>
      <MarkShape tone={tone} />
      <span>{children}</span>
    </span>
  );
}
