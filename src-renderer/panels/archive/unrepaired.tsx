// Gaps of an instrument that are not repaired. No answer is not the same as no gap: while nothing is known nothing is called whole.

import type { Failure } from '../../../src-shared/base/result.ts';
import type { Window } from '../../../src-shared/base/time.ts';
import type { Gap } from '../../../src-shared/market/gap.ts';
import { useText } from '../../i18n/text.ts';
import { useRequest } from '../../link/hooks.tsx';
import { Button } from '../../parts/controls.tsx';
import type { StreamKey } from './day.ts';
import { ShortFailure } from './short-failure.tsx';

const EVERY_MS = 15_000;

export interface Unrepaired {
  /** Null: not known, as long as no answer has come. */
  readonly gaps: readonly Pick<Gap, 'id' | 'fromUs' | 'toUs'>[] | null;
  /** Why they are not known; null: they are, or they are still asked for. */
  readonly failure: Failure | null;
  retry(): void;
}

export function useUnrepaired(stream: StreamKey, window: Window): Unrepaired {
  const asked = useRequest(
    'gaps.list',
    { ...stream, states: ['open', 'repairing', 'partial', 'unrecoverable'], ...window, limit: 1000 },
    { everyMs: EVERY_MS },
  );
  return {
    gaps: asked.data?.gaps ?? null,
    failure: asked.data ? null : (asked.error?.failure ?? null),
    retry: () => void asked.refetch(),
  };
}

/** How many there are, and the way to them. */
export function UnrepairedMark({ unrepaired, onOpen }: { unrepaired: Unrepaired; onOpen(id: string): void }) {
  const text = useText();
  const words = text.archive.instrument;
  const { gaps, failure } = unrepaired;
  if (failure) return <UnknownGaps failure={failure} onRetry={unrepaired.retry} />;
  if (gaps === null) return <span className="faint">{text.common.loading}</span>;
  const first = gaps[0];
  if (!first) return <span className="faint">{words.noGaps}</span>;
  return (
    <Button small testId="instrument-gaps" title={words.toGapsWhat} onClick={() => onOpen(first.id)}>
      <span className="tone-warn">{words.toGaps(String(gaps.length))}</span>
    </Button>
  );
}

/** That gaps could not be read, and a way to ask again. */
export function UnknownGaps({ failure, onRetry }: { failure: Failure; onRetry(): void }) {
  const words = useText().archive.instrument;
  return <ShortFailure title={words.gapsFailed} failure={failure} testId="gaps-retry" onRetry={onRetry} />;
}
