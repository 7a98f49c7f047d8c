// Exports of results: how far each is, a way to end it, and where the file is.
import { useState } from 'react';
import type { Failure } from '../../../src-shared/base/result.ts';
import type { ResultExport } from '../../../src-shared/contract/analysis.ts';
import { failureWords } from '../../i18n/failures.ts';
import { useText } from '../../i18n/text.ts';
import { useCommand, useEvent } from '../../link/hooks.tsx';
import { copyText } from '../../parts/clipboard.ts';
import { Button } from '../../parts/controls.tsx';
import { baseName, formatBytes, formatCount } from '../../parts/format.ts';
import { Mark, type Tone } from '../../parts/mark.tsx';
import { showFailure } from '../../parts/toasts.tsx';

const tones: Record<ResultExport['state'], Tone> = {
  queued: 'busy',
  running: 'busy',
  done: 'ok',
  failed: 'bad',
  cancelled: 'idle',
  stopped: 'bad',
};
/** Those of this page's life; older files are in the folder. */
const MOST_SHOWN = 3;
const none: readonly ResultExport[] = [];

export function ExportStrip() {
  const words = useText().analysis.exports;
  const told = useEvent('analysis.exports')?.exports ?? none;
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const shown = told.filter((one) => !hidden.has(one.exportId)).slice(0, MOST_SHOWN);
  if (shown.length === 0) return null;
  return (
    <ul className="exports card" aria-label={words.title}>
      {shown.map((one) => (
        <ExportLine key={one.exportId} one={one} onHide={() => setHidden((old) => new Set(old).add(one.exportId))} />
      ))}
    </ul>
  );
}

function ExportLine({ one, onHide }: { one: ResultExport; onHide(): void }) {
  const text = useText();
  const words = text.analysis.exports;
  const desktop = useEvent('system.state')?.host === 'desktop';
  const cancel = useCommand('analysis.export-cancel');
  const open = useCommand('system.open-folder');
  const going = one.state === 'queued' || one.state === 'running';
  const told = { onError: (error: { failure: Failure }) => showFailure(error.failure) };
  const percent = one.progress === null ? null : Math.round(one.progress * 100);
  return (
    <li className="export" data-testid="export" data-state={one.state}>
      <Mark tone={tones[one.state]}>{words.states[one.state]}</Mark>
      <span className="cut export-name" title={one.path ?? one.title}>
        {one.path ? baseName(one.path) : one.title} <span className="faint">{one.format.toUpperCase()}</span>
      </span>
      {going && (
        <div
          className="progress export-progress"
          role="progressbar"
          aria-label={words.states.running}
          aria-valuemin={0}
          aria-valuemax={100}
          {...(percent === null ? {} : { 'aria-valuenow': percent })}
        >
          <div
            className={percent === null ? 'progress-done progress-unknown' : 'progress-done'}
            style={{ width: `${percent ?? 30}%` }}
          />
        </div>
      )}
      <span className="quiet nowrap">
        {one.rows !== null && `${text.analysis.result.rows(formatCount(one.rows))} · `}
        {formatBytes(one.bytes)}
      </span>
      {one.failure && one.state !== 'cancelled' && (
        <span className="tone-bad cut" role="alert" title={failureWords(text, one.failure)}>
          {failureWords(text, one.failure)}
        </span>
      )}
      <span className="export-end">
        {going && (
          <Button
            small
            testId="export-cancel"
            disabled={cancel.isPending}
            onClick={() => cancel.mutate({ exportId: one.exportId }, told)}
          >
            {words.cancel}
          </Button>
        )}
        {one.state === 'done' && one.path && (
          <Written path={one.path} desktop={desktop} onOpen={(path) => open.mutate({ path }, told)} />
        )}
        {!going && (
          <Button small kind="quiet" aria-label={words.hide} onClick={onHide}>
            ×
          </Button>
        )}
      </span>
    </li>
  );
}

function Written({ path, desktop, onOpen }: { path: string; desktop: boolean; onOpen(folder: string): void }) {
  const text = useText();
  const words = text.analysis.exports;
  return (
    <>
      {desktop ? (
        <Button small testId="export-open" onClick={() => onOpen(path.split('/').slice(0, -1).join('/'))}>
          {words.open}
        </Button>
      ) : (
        <a
          className="button button-small"
          data-testid="export-download"
          download
          href={`/${path.split('/').map(encodeURIComponent).join('/')}`}
        >
          ↓ {words.download}
        </a>
      )}
      <Button small kind="quiet" onClick={() => copyText(path)}>
        {words.copyPath}
      </Button>
    </>
  );
}
