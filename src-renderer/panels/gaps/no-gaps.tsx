// An empty list of gaps. That nothing is missing is said only while the recorder itself says so.
import { useText } from '../../i18n/text.ts';
import { Button, EmptyState, NoAnswer } from '../../parts/controls.tsx';
import { formatCount } from '../../parts/format.ts';
import type { Completeness } from '../../state/completeness.ts';
import type { Scope } from './gap-filter.ts';

export function NoGaps(props: {
  /** What the recorder says at this moment; null: nothing. */
  readonly known: Completeness | null;
  readonly filtered: boolean;
  readonly scope: Scope;
  onClear(): void;
}) {
  const { known, filtered, scope } = props;
  const text = useText();
  const words = text.gaps;
  if (filtered) {
    return (
      <EmptyState title={words.noMatch} text={words.noMatchWhat} testId="gaps-no-match">
        <Button small onClick={props.onClear}>
          {words.allVenues}
        </Button>
      </EmptyState>
    );
  }
  // Where nothing was heard there is nothing to be missing, and nothing to be glad of.
  if (known?.word === 'unheard')
    return <EmptyState title={text.live.gapTable.unheard} text={text.live.gapTable.unheardWhat} testId="gaps-empty" />;
  if (scope !== 'unrepaired') return <EmptyState title={words.noneYet} text={words.noneYetWhat} testId="gaps-empty" />;
  if (known === null || known.word === 'unknown') return <NoAnswer />;
  return (
    <EmptyState
      title={words.none}
      text={
        known.word === 'partly'
          ? text.live.gapTable.partlyWhat(formatCount(known.acknowledged), formatCount(known.lines))
          : words.noneWhat
      }
      testId="gaps-empty"
    />
  );
}
