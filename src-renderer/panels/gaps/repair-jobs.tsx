// Repairs that run or ended lately: how far, how fast, what came of them, and the way to stop them.
import type { RepairJob } from '../../../src-shared/contract/gaps.ts';
import { usePreferences } from '../../i18n/preferences.ts';
import { useText } from '../../i18n/text.ts';
import { useCommand, useEvent } from '../../link/hooks.tsx';
import { Button, Card, EmptyState } from '../../parts/controls.tsx';
import { formatClock, formatCount, formatDuration, formatRate } from '../../parts/format.ts';
import { Mark, type Tone } from '../../parts/mark.tsx';
import { showFailure } from '../../parts/toasts.tsx';
import { Refusals } from './refusals.tsx';

const tones: Record<RepairJob['state'], Tone> = { running: 'busy', done: 'ok', cancelled: 'idle' };
const none: readonly RepairJob[] = [];

export function RepairJobs() {
  const text = useText();
  const told = useEvent('gaps.repairs')?.jobs ?? none;
  // The automatic repair is always there; without work it is nothing to look at.
  const jobs = told.filter((job) => job.total > 0);
  return (
    <Card title={text.gaps.jobs.title} className="repair-jobs" testId="repair-jobs">
      <div className="card-body">
        <Refusals />
        {jobs.length === 0 ? (
          <EmptyState title={text.gaps.jobs.none} text={text.gaps.jobs.noneWhat} />
        ) : (
          <ul>
            {jobs.map((job) => (
              <Job key={job.jobId} job={job} />
            ))}
          </ul>
        )}
      </div>
    </Card>
  );
}

function Job({ job }: { job: RepairJob }) {
  const text = useText();
  const words = text.gaps.jobs;
  const zone = usePreferences((preferences) => preferences.zone);
  const cancel = useCommand('gaps.repair-cancel');
  const share = job.total === 0 ? 1 : job.done / job.total;
  const running = job.state === 'running';
  const title = text.common.note(job.title);
  const parts = [
    [words.repaired, job.repaired],
    [words.partial, job.partial],
    [words.unrecoverable, job.unrecoverable],
    [words.venueHole, job.venueHole],
  ] as const;
  return (
    <li className="job" data-testid="repair-job" data-state={job.state}>
      <div className="job-head">
        <Mark tone={tones[job.state]}>{words.states[job.state]}</Mark>
        <span className="cut" title={title}>
          {title}
        </span>
        <span className="faint">{formatClock(job.startedUs, zone)}</span>
        {running && job.jobId !== 'automatic' && (
          <Button
            small
            testId="repair-cancel"
            disabled={cancel.isPending}
            onClick={() => cancel.mutate({ jobId: job.jobId }, { onError: (error) => showFailure(error.failure) })}
          >
            {text.common.cancel}
          </Button>
        )}
      </div>
      <div
        className="progress"
        role="progressbar"
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(share * 100)}
        aria-label={title}
      >
        <div className="progress-done" style={{ width: `${share * 100}%` }} />
      </div>
      <p className="job-foot quiet">
        {text.common.of(formatCount(job.done), formatCount(job.total))}
        {running && ` · ${words.pace(formatRate(job.perSecond))}`}
        {running && job.etaMs !== null && ` · ${words.left(formatDuration(job.etaMs, text.units))}`}
        {parts.flatMap(([name, count]) => (count > 0 ? [` · ${name} ${formatCount(count)}`] : []))}
      </p>
    </li>
  );
}
