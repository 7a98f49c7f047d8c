// What is known to be missing and can still be fetched, the most urgent first; and what is missing for good.
import { usePreferences } from '../../i18n/preferences.ts';
import { useText } from '../../i18n/text.ts';
import { useCommand, useRequest } from '../../link/hooks.tsx';
import { Button, Card, EmptyState, FailedState, NoAnswer } from '../../parts/controls.tsx';
import { formatClock, formatCount, formatDuration, formatTime } from '../../parts/format.ts';
import { gapTones } from '../../parts/gap-style.ts';
import { Mark } from '../../parts/mark.tsx';
import { showFailure, showToast } from '../../parts/toasts.tsx';
import { formatPlace } from '../../state/address.ts';
import { useCommands } from '../../state/commands.ts';
import { type Completeness, useCompleteness } from '../../state/completeness.ts';
import { useLive } from '../../state/live.ts';

const SHOWN = 50;
export function GapCard() {
  const text = useText();
  const known = useCompleteness();
  const silent = useLive((view) => view.storeSilent);
  const open = known?.open ?? 0;
  const repair = useCommand('gaps.repair', (output) =>
    showToast('ok', ({ live }) => live.gapTable.queued(formatCount(output.queued))),
  );
  const repairAll = (): void => repair.mutate({}, { onError: (error) => showFailure(error.failure) });
  useCommands('gaps', [
    {
      id: 'repair',
      section: text.commands.recorder,
      title: text.commands.repair,
      enabled: open > 0,
      run: repairAll,
    },
  ]);
  return (
    <Card
      title={text.live.gapTable.title}
      className="gap-card"
      testId="gap-card"
      end={
        open > 0 && (
          <Button small onClick={repairAll} disabled={repair.isPending} testId="gaps-repair">
            {text.live.gapTable.repair}
          </Button>
        )
      }
    >
      <div className="card-body">
        {known?.word === 'open' && known.lost > 0 && (
          <p className="gap-more">
            <LostLink count={known.lost} />
          </p>
        )}
        {silent ? <NoAnswer /> : open > 0 ? <OpenGaps count={open} /> : known && <NoOpenGap known={known} />}
      </div>
    </Card>
  );
}

export function NoOpenGap({ known }: { known: Completeness }) {
  const words = useText().live.gapTable;
  switch (known.word) {
    case 'unknown':
      return <NoAnswer />;
    case 'unheard':
      return <EmptyState title={words.unheard} text={words.unheardWhat} testId="gaps-unheard" />;
    case 'lost':
      return (
        <EmptyState
          title={words.lost(formatCount(known.lost))}
          text={words.lostWhat(formatCount(known.partial), formatCount(known.unrecoverable))}
          testId="gaps-lost"
        >
          <a className="evidence-link" href={formatPlace({ panel: 'gaps', item: 'missing' })}>
            {words.lostShow}
          </a>
        </EmptyState>
      );
    case 'partly':
      return (
        <EmptyState
          title={words.none}
          text={words.partlyWhat(formatCount(known.acknowledged), formatCount(known.lines))}
          testId="gaps-none"
        />
      );
    default:
      return <EmptyState title={words.none} text={words.noneWhat} testId="gaps-none" />;
  }
}

function LostLink({ count }: { count: number }) {
  const words = useText().live.gapTable;
  return (
    <a className="evidence-link" href={formatPlace({ panel: 'gaps', item: 'missing' })} title={words.lostShow}>
      <Mark tone="bad">{words.lost(formatCount(count))}</Mark>
    </a>
  );
}

function OpenGaps({ count }: { count: number }) {
  const text = useText();
  const zone = usePreferences((preferences) => preferences.zone);
  const words = text.live.gapTable;
  const list = useRequest('gaps.list', { states: ['open', 'repairing'], limit: SHOWN }, { everyMs: 2000, keep: true });
  if (list.error && !list.data) {
    return <FailedState title={text.common.failed} failure={list.error.failure} onRetry={() => void list.refetch()} />;
  }
  return (
    <>
      <table className="table" data-testid="gaps-table">
        <thead>
          <tr>
            <th scope="col">{words.stream}</th>
            <th scope="col">{words.cause}</th>
            <th scope="col">{words.from}</th>
            <th scope="col" className="number">
              {words.length}
            </th>
          </tr>
        </thead>
        <tbody>
          {list.data?.gaps.map((gap) => (
            <tr key={gap.id} data-testid="gap-row">
              <td
                className="cut fills"
                title={[`${gap.venue} ${gap.market} ${gap.symbol}`, ...gap.evidence.map(text.common.reason)].join('\n')}
              >
                <a className="evidence-link" href={formatPlace({ panel: 'gaps', item: `find:${gap.id}` })}>
                  {gap.symbol} <span className="faint">{gap.venue}</span>
                </a>
              </td>
              <td className="fits">
                <Mark tone={gapTones[gap.state]}>{text.live.gapCauses[gap.cause]}</Mark>
              </td>
              <td className="fits" title={formatTime(gap.fromUs, zone, 'micro')}>
                {formatClock(gap.fromUs, zone)}
              </td>
              <td
                className="number fits"
                title={`${words.deadline}: ${gap.deadlineUs === null ? words.always : formatTime(gap.deadlineUs, zone)}`}
              >
                {gap.toUs === null ? words.growing : formatDuration((gap.toUs - gap.fromUs) / 1000, text.units)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {list.data && count > list.data.gaps.length && list.data.gaps.length >= SHOWN && (
        <p className="gap-more quiet">{words.more(formatCount(count - list.data.gaps.length))}</p>
      )}
    </>
  );
}
