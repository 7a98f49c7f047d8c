// A failure in one line, where the rest of the card still holds: what could not be read, why, and a way to ask again.
import type { Failure } from '../../../src-shared/base/result.ts';
import { failureWords } from '../../i18n/failures.ts';
import { useText } from '../../i18n/text.ts';
import { Button } from '../../parts/controls.tsx';

export function ShortFailure(props: {
  readonly title: string;
  readonly failure: Failure;
  readonly testId: string;
  onRetry(): void;
}) {
  const text = useText();
  return (
    <span className="short-failure" role="alert" title={`${props.failure.code} ${failureWords(text, props.failure)}`}>
      <span className="tone-bad nowrap">{props.title}</span>{' '}
      <Button small testId={props.testId} onClick={props.onRetry}>
        {text.common.retry}
      </Button>
    </span>
  );
}
