// The gaps as rows: what is missing, since when, how urgent. Thousands of them stay smooth, only those in sight are in the page.
import { useMemo } from 'react';
import type { Gap } from '../../../src-shared/market/gap.ts';
import { usePreferences, type Zone } from '../../i18n/preferences.ts';
import { type Text, useText } from '../../i18n/text.ts';
import { DataTable, type TableColumn } from '../../parts/data-table.tsx';
import { formatClock, formatCount, formatDuration, formatTime } from '../../parts/format.ts';
import { gapTones } from '../../parts/gap-style.ts';
import { Mark } from '../../parts/mark.tsx';
import { useBeat } from '../../parts/now.ts';
import { venueNames } from '../../parts/venue-style.ts';
import { goTo } from '../../state/place.ts';
import { canRepair, lengthMs, missingIds } from './gap-filter.ts';

const LATELY_MS = 43_200_000;

const idOf = (gap: Gap): string => gap.id;
/** So lately that its day is plain. */
const isLately = (us: number): boolean => Date.now() - us / 1000 < LATELY_MS;

export function GapTable(props: {
  readonly gaps: readonly Gap[];
  readonly chosen: string | null;
  readonly ticked: ReadonlySet<string>;
  onTick(ids: readonly string[], on: boolean): void;
}) {
  const text = useText();
  const zone = usePreferences((preferences) => preferences.zone);
  const columns = useMemo(() => gapColumns(text, zone), [text, zone]);
  return (
    <DataTable
      rows={props.gaps}
      columns={columns}
      rowId={idOf}
      label={text.gaps.title}
      testId="gaps-rows"
      rowTestId="gap-line"
      chosen={props.chosen}
      onChoose={(id) => goTo('gaps', id)}
      ticked={props.ticked}
      onTick={props.onTick}
      tickLabel={text.gaps.tick}
      tickAllLabel={text.gaps.tickAll}
    />
  );
}

/** What is left until the venue can no longer be asked; counts down by itself. */
export function Deadline({ gap }: { gap: Pick<Gap, 'deadlineUs' | 'state'> }) {
  const text = useText();
  useBeat(1000);
  if (gap.state === 'unrecoverable') return <span className="faint">{text.gaps.over}</span>;
  if (!canRepair(gap) && gap.state !== 'repairing') return null;
  if (gap.deadlineUs === null) return <span className="faint">{text.gaps.always}</span>;
  const leftMs = gap.deadlineUs / 1000 - Date.now();
  if (leftMs <= 0) return <span className="tone-bad">{text.gaps.over}</span>;
  return <span className={leftMs < 60_000 ? 'tone-warn' : undefined}>{formatDuration(leftMs, text.units)}</span>;
}

function gapColumns(text: Text, zone: Zone): TableColumn<Gap>[] {
  const words = text.gaps;
  return [
    {
      id: 'stream',
      title: words.stream,
      value: (gap) => `${gap.symbol} ${gap.venue} ${gap.market}`,
      cell: (gap) => (
        <span title={`${gap.venue} ${gap.market} ${gap.symbol} ${gap.channel}`}>
          {gap.symbol}{' '}
          <span className="faint">
            {venueNames[gap.venue]} {gap.market}
          </span>
        </span>
      ),
    },
    {
      id: 'state',
      title: words.state,
      fits: true,
      value: (gap) => text.live.gapStates[gap.state],
      cell: (gap) => <Mark tone={gapTones[gap.state]}>{text.live.gapStates[gap.state]}</Mark>,
    },
    {
      id: 'cause',
      title: words.cause,
      fits: true,
      value: (gap) => text.live.gapCauses[gap.cause],
      cell: (gap) => (
        <span className="gap-cause cut" title={text.live.gapCauses[gap.cause]}>
          {text.live.gapCauses[gap.cause]}
        </span>
      ),
    },
    {
      id: 'from',
      title: words.from,
      fits: true,
      value: (gap) => gap.fromUs,
      cell: (gap) => (
        <span title={formatTime(gap.fromUs, zone, 'milli')}>
          {isLately(gap.fromUs) ? formatClock(gap.fromUs, zone) : formatTime(gap.fromUs, zone, 'minute')}
        </span>
      ),
    },
    {
      id: 'length',
      title: words.length,
      number: true,
      fits: true,
      value: (gap) => lengthMs(gap) ?? Number.MAX_VALUE,
      cell: (gap) => (gap.toUs === null ? words.growing : formatDuration(lengthMs(gap), text.units)),
    },
    {
      id: 'ids',
      title: words.ids,
      hint: words.idsWhat,
      number: true,
      fits: true,
      value: missingIds,
      cell: (gap) => formatCount(missingIds(gap)),
    },
    {
      id: 'deadline',
      title: words.left,
      hint: words.deadlineWhat,
      number: true,
      fits: true,
      value: (gap) => gap.deadlineUs,
      cell: (gap) => <Deadline gap={gap} />,
    },
    {
      id: 'attempts',
      title: words.attempts,
      number: true,
      fits: true,
      value: (gap) => gap.attempts,
      cell: (gap) => formatCount(gap.attempts),
    },
  ];
}
