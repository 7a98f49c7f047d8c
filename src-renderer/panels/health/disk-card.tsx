// The disk ladder: how much room there is, which step the recorder stands on, and what each step does.
import type { StoreMeter } from '../../../src-shared/contract/archive.ts';
import { useText } from '../../i18n/text.ts';
import { useEvent } from '../../link/hooks.tsx';
import { Card } from '../../parts/controls.tsx';
import { formatBytes, formatDuration } from '../../parts/format.ts';
import { MarkShape, type Tone } from '../../parts/mark.tsx';
import { reached } from '../../parts/reached.ts';
import { useLive } from '../../state/live.ts';

type Step = StoreMeter['disk']['state'];

const tones: Record<Step, Tone> = { ok: 'ok', warn: 'warn', pruning: 'warn', halted: 'bad', failed: 'bad' };
const HOUR_MS = 3_600_000;

export function DiskCard() {
  const text = useText();
  const words = text.health.disk;
  const disk = useLive((view) => view.store?.disk);
  const marks = useEvent('health.processes')?.disk;
  const at: Partial<Record<Step, string>> = marks
    ? {
        ok: words.above(formatBytes(marks.warnBytes)),
        warn: words.below(formatBytes(marks.warnBytes)),
        pruning: words.below(formatBytes(marks.pruneBytes)),
        halted: words.below(formatBytes(marks.haltBytes)),
      }
    : {};
  const steps: readonly Step[] =
    disk?.state === 'failed'
      ? ['ok', 'warn', 'pruning', 'halted', 'failed']
      : // A prune mark above the warning mark is walked first.
        marks && marks.pruneBytes > marks.warnBytes
        ? ['ok', 'pruning', 'warn', 'halted']
        : ['ok', 'warn', 'pruning', 'halted'];
  return (
    <Card title={words.title} className="disk-card" testId="disk-ladder">
      <div className="card-body disk-body" {...reached}>
        {disk ? (
          <dl className="disk-figures">
            <div>
              <dt>{words.free}</dt>
              <dd data-testid="disk-free">{formatBytes(disk.freeBytes)}</dd>
            </div>
            <div>
              <dt>{words.used}</dt>
              <dd>{formatBytes(disk.usedBytes)}</dd>
            </div>
            <div>
              <dt>{words.fullIn}</dt>
              <dd>
                {disk.fullInHours === null ? words.notFilling : formatDuration(disk.fullInHours * HOUR_MS, text.units)}
              </dd>
            </div>
          </dl>
        ) : (
          <p className="faint">{words.unknown}</p>
        )}
        <ol className="ladder">
          {steps.map((step) => {
            const here = disk?.state === step;
            return (
              <li
                key={step}
                className="ladder-step"
                data-here={here || undefined}
                aria-current={here ? 'step' : undefined}
                data-testid={`disk-step-${step}`}
              >
                <MarkShape tone={here ? tones[step] : 'idle'} />
                <div>
                  <p className="ladder-head">
                    <b>{words.steps[step]}</b>
                    {here && <span className="ladder-here">{words.now}</span>}
                    <span className="faint">{at[step]}</span>
                  </p>
                  <p className="quiet">{words.does[step]}</p>
                </div>
              </li>
            );
          })}
        </ol>
        {disk?.note && <p className="tone-warn">{text.common.note(disk.note)}</p>}
        {marks && <p className="faint">{words.resumes(formatBytes(marks.resumeBytes))}</p>}
      </div>
    </Card>
  );
}
