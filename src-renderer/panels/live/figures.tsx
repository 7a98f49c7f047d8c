// The six figures that are read first. A figure whose source has gone silent is shown faint, with its age in the status bar.
import type { ReactNode } from 'react';
import { type Text, useText } from '../../i18n/text.ts';
import { formatBytes, formatCount, formatDuration, formatRate } from '../../parts/format.ts';
import { MarkShape, type Tone } from '../../parts/mark.tsx';
import { useBeat } from '../../parts/now.ts';
import { type Completeness, useCompleteness } from '../../state/completeness.ts';
import { bufferFrames, useLive } from '../../state/live.ts';
import { STALE_MS } from '../../state/recording-state.ts';

/** Above these a delay is worth a look: the bounds that the recorder promises. */
const DURABLE_P99_MS = 50;
const QUERYABLE_P99_MS = 1000;
const LAG_MS = 2000;
const HOUR_MS = 3_600_000;

export function Figures() {
  const text = useText();
  const { collector, collectorMs, store, storeMs } = useLive();
  const now = useBeat(1000);
  const collectorOld = now - collectorMs > STALE_MS;
  const storeOld = now - storeMs > STALE_MS;
  const waiting = bufferFrames(collector, store);
  const known = useCompleteness();
  const disk = store?.disk;
  const diskTone: Tone | null =
    !disk || disk.state === 'ok' ? null : disk.state === 'warn' || disk.state === 'pruning' ? 'warn' : 'bad';

  return (
    <dl className="figures">
      <Figure
        name={text.live.ticks}
        hint={text.live.ticksWhat(formatRate(store?.ticksPerSecond))}
        old={storeOld}
        value={formatRate(store?.tradesPerSecond)}
        testId="figure-ticks"
        below={
          collector
            ? text.live.framesPerSecond(formatRate(collector.framesPerSecond), formatBytes(collector.bytesPerSecond))
            : null
        }
      />
      <Figure
        name={text.live.buffer}
        hint={text.live.bufferWhat}
        old={storeOld}
        value={formatCount(waiting)}
        unit={text.common.frames}
        testId="figure-buffer"
        tone={store && store.lagMs > LAG_MS ? 'warn' : null}
        below={
          <>
            {store && text.live.oldest(formatDuration(store.lagMs, text.units))}
            {collector && collector.lostFrames > 0 && (
              <span className="tone-bad"> · {text.live.lostFrames(formatCount(collector.lostFrames))}</span>
            )}
          </>
        }
      />
      <Figure
        name={`${text.live.durable} ${text.live.p99}`}
        hint={text.live.durableWhat}
        old={collectorOld}
        value={formatDuration(collector?.durableDelayMs.p99, text.units)}
        testId="figure-durable"
        tone={collector && collector.durableDelayMs.p99 > DURABLE_P99_MS ? 'warn' : null}
        below={
          collector
            ? `${text.live.p50} ${formatDuration(collector.durableDelayMs.p50, text.units)} · ${text.live.inMemory(formatBytes(collector.bufferedBytes))}`
            : null
        }
      />
      <Figure
        name={`${text.live.queryable} ${text.live.p99}`}
        hint={text.live.queryableWhat}
        old={storeOld}
        value={formatDuration(store?.queryableDelayMs.p99, text.units)}
        testId="figure-queryable"
        tone={store && store.queryableDelayMs.p99 > QUERYABLE_P99_MS ? 'warn' : null}
        below={store ? `${text.live.p50} ${formatDuration(store.queryableDelayMs.p50, text.units)}` : null}
      />
      <Figure
        name={text.live.gaps}
        old={storeOld}
        value={formatCount(known?.open)}
        testId="figure-gaps"
        tone={known && gapTones[known.word]}
        below={known && gapWords(known, store?.gaps.repairing ?? 0, text)}
      />
      <Figure
        name={text.live.disk}
        old={storeOld}
        value={formatBytes(disk?.freeBytes)}
        testId="figure-disk"
        tone={diskTone}
        below={
          disk &&
          (disk.fullInHours === null
            ? text.live.diskStates[disk.state]
            : text.status.fullIn(formatDuration(disk.fullInHours * HOUR_MS, text.units)))
        }
      />
    </dl>
  );
}

const gapTones: Readonly<Record<Completeness['word'], Tone>> = {
  unheard: 'idle',
  open: 'warn',
  lost: 'warn',
  unknown: 'idle',
  partly: 'idle',
  whole: 'ok',
};

function gapWords(known: Completeness, repairing: number, { common, live }: Text): string {
  switch (known.word) {
    case 'whole':
      return live.gapsNone;
    case 'unheard':
      return live.noLine;
    case 'unknown':
      return common.noAnswer;
    case 'partly':
      return live.acknowledgedLines(formatCount(known.acknowledged), formatCount(known.lines));
    default:
      return [
        known.lost > 0 ? live.lostGaps(formatCount(known.lost)) : '',
        repairing > 0 ? live.repairing(formatCount(repairing)) : '',
      ]
        .filter(Boolean)
        .join(' · ');
  }
}

function Figure(props: {
  readonly name: string;
  readonly value: string;
  readonly testId: string;
  readonly unit?: string;
  readonly hint?: string;
  readonly old?: boolean;
  readonly tone?: Tone | null;
  readonly below?: ReactNode;
}) {
  return (
    <div className="figure card" data-old={props.old || undefined} title={props.hint}>
      <dt className="figure-name cut">{props.name}</dt>
      <dd className="figure-value" data-testid={props.testId}>
        {props.tone && <MarkShape tone={props.tone} />}
        <span>{props.value}</span>
        {props.unit && <span className="figure-unit">{props.unit}</span>}
      </dd>
      <dd className="figure-below cut">{props.below}</dd>
    </div>
  );
}
