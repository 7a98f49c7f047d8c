// The button that the whole product is for: the window, the progress with a way out, and where the files are.
import type { ExtractJob } from '../../../src-shared/contract/listings.ts';
import { usePreferences } from '../../i18n/preferences.ts';
import { useText } from '../../i18n/text.ts';
import { useCommand, useEvent } from '../../link/hooks.tsx';
import { copyText } from '../../parts/clipboard.ts';
import { Button, Choice, FailureWords, NumberInput } from '../../parts/controls.tsx';
import { formatCount } from '../../parts/format.ts';
import { Mark } from '../../parts/mark.tsx';
import { showFailure } from '../../parts/toasts.tsx';
import { useCommands } from '../../state/commands.ts';
import { goTo } from '../../state/place.ts';
import { AutomaticLine } from './automatic-line.tsx';
import { changeForm, type ExportFormat, noteStarted, useExtractFormState, windowOf } from './extract-form.ts';
import { fileAddress, filesOf } from './files.ts';
import { countVerdicts, isRunning, type ListedListing, worstVerdict } from './jobs.ts';
import { VerdictMark } from './verdict-words.tsx';
import { windowItem } from './window/window-item.ts';

const formats: readonly { value: ExportFormat; label: string }[] = [
  { value: 'parquet', label: 'Parquet' },
  { value: 'csv', label: 'CSV' },
  { value: 'jsonl', label: 'JSONL' },
];

export function ExtractCard({ listing, job }: { listing: ListedListing; job: ExtractJob | null }) {
  const text = useText();
  const words = text.listings.extract;
  const form = useExtractFormState();
  const range = windowOf(form);
  const running = job && isRunning(job) ? job : null;
  const language = usePreferences((preferences) => preferences.language);
  const extract = useCommand('listings.extract', ({ jobId }) => noteStarted(listing.id, jobId));
  const cancel = useCommand('listings.extract-cancel');
  // An automatic one that still waits for its own window must not keep the reader from another window now.
  const ownRuns = running !== null && form.started.get(listing.id) === running.jobId;
  const ready = range !== null && !ownRuns && !extract.isPending;

  const start = (): void => {
    if (!ready || !range) return;
    extract.mutate({
      coin: listing.coin,
      atUs: listing.publishedUs,
      ...range,
      format: form.format,
      language,
      listingId: listing.id,
    });
  };
  const stop = (): void => {
    if (running) cancel.mutate({ jobId: running.jobId }, { onError: (error) => showFailure(error.failure) });
  };
  useCommands('extract', [
    {
      id: 'extract',
      section: text.commands.listings,
      title: text.commands.extract,
      keys: 'E',
      enabled: ready,
      run: start,
    },
    {
      id: 'cancel-extract',
      section: text.commands.listings,
      title: text.commands.cancelExtract,
      keys: 'X',
      enabled: running !== null,
      run: stop,
    },
    {
      id: 'open-window',
      section: text.commands.listings,
      title: text.window.commands.open,
      keys: 'W',
      enabled: job?.state === 'done' && job.manifest !== null,
      run: () => {
        if (job) goTo('listings', windowItem(job.jobId));
      },
    },
  ]);

  return (
    <section className="extract card" aria-label={words.title} data-testid="extract-card">
      <div className="extract-form">
        <NumberInput
          label={words.before}
          unit={text.common.seconds}
          value={form.before}
          min={0}
          max={3600}
          testId="extract-before"
          onChange={(before) => changeForm({ before })}
        />
        <NumberInput
          label={words.after}
          unit={text.common.seconds}
          value={form.after}
          min={0}
          max={3600}
          testId="extract-after"
          onChange={(after) => changeForm({ after })}
        />
        <div className="field">
          <span className="field-label">{words.format}</span>
          <Choice<ExportFormat>
            label={words.format}
            value={form.format}
            options={formats}
            testId="extract-format"
            onChange={(format) => changeForm({ format })}
          />
        </div>
        <div className="extract-buttons">
          {running && (
            <Button keys="X" testId="extract-cancel" onClick={stop} disabled={cancel.isPending}>
              {words.cancel}
            </Button>
          )}
          <Button kind="primary" keys="E" testId="extract-button" aria-disabled={!ready} onClick={start}>
            {job?.state === 'done' ? words.again : words.go}
          </Button>
        </div>
      </div>
      <div className="extract-result" aria-live="polite">
        {range === null && <p className="field-error">{words.range}</p>}
        {extract.error && (
          <p className="field-error" role="alert" data-testid="extract-error">
            <FailureWords failure={extract.error.failure} />
          </p>
        )}
        {running ? <Progress job={running} /> : job ? <Ended job={job} /> : null}
      </div>
      <AutomaticLine />
    </section>
  );
}

function Progress({ job }: { job: ExtractJob }) {
  const text = useText();
  const percent = Math.round(job.progress * 100);
  return (
    <div className="extract-progress">
      <p>
        <Mark tone="busy">{text.listings.extract.jobStates[job.state]}</Mark>{' '}
        <span className="quiet">
          {percent} % {job.note && `· ${text.common.note(job.note)}`}
        </span>
      </p>
      <div
        className="progress"
        role="progressbar"
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={percent}
        aria-label={text.listings.extract.running}
        data-testid="extract-progress"
      >
        <div className="progress-done" style={{ width: `${percent}%` }} />
      </div>
    </div>
  );
}

function Ended({ job }: { job: ExtractJob }) {
  const text = useText();
  const words = text.listings.extract;
  if (job.state === 'cancelled') {
    return (
      <p data-testid="extract-cancelled">
        <Mark tone="idle">{words.cancelled}</Mark>
      </p>
    );
  }
  if (job.state === 'failed' || !job.manifest) {
    return (
      <p role="alert" data-testid="extract-failed">
        <Mark tone="bad">{words.failed}</Mark> <span className="quiet">{text.common.note(job.note)}</span>
      </p>
    );
  }
  return <Written job={job} manifest={job.manifest} />;
}

function Written({ job, manifest }: { job: ExtractJob; manifest: NonNullable<ExtractJob['manifest']> }) {
  const text = useText();
  const words = text.listings.extract;
  const desktop = useEvent('system.state')?.host === 'desktop';
  const open = useCommand('system.open-folder');
  const folder = job.folder ?? '';
  const worst = worstVerdict(manifest.streams);
  const rows = manifest.streams.reduce((sum, stream) => sum + stream.rows, 0);
  return (
    <div className="written" data-testid="extract-done">
      <p className="written-line" data-testid="extract-verdict" data-verdict={worst}>
        <Mark tone={worst === 'incomplete' ? 'warn' : 'ok'}>{words.done}</Mark>
        <span className="quiet">{words.rows(formatCount(rows))}</span>
        {countVerdicts(manifest.streams).map((entry) => (
          <VerdictMark key={entry.verdict} verdict={entry.verdict} count={entry.count} />
        ))}
        <Button
          small
          kind="primary"
          keys="W"
          className="written-open"
          testId="window-open"
          onClick={() => goTo('listings', windowItem(job.jobId))}
        >
          {text.window.open}
        </Button>
      </p>
      <p className="written-line">
        <code className="cut written-folder" title={folder} data-testid="extract-folder">
          {folder}
        </code>
        {desktop ? (
          <Button
            small
            testId="extract-open"
            onClick={() => open.mutate({ path: folder }, { onError: (error) => showFailure(error.failure) })}
          >
            {words.open}
          </Button>
        ) : (
          filesOf(manifest).map(({ path }) => (
            <a
              key={path}
              className="button button-small"
              data-testid="extract-download"
              download={path}
              href={fileAddress(folder, path)}
              aria-label={`${words.download} ${path}`}
            >
              ↓ {path}
            </a>
          ))
        )}
        <Button small kind="quiet" onClick={() => copyText(folder)}>
          {words.copyPath}
        </Button>
      </p>
    </div>
  );
}
