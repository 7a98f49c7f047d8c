// The files of an extract: the page to read, the trades, the manifest; copied, opened, downloaded, or written once more in another format.
import { useEffect, useState } from 'react';
import type { ExtractJob } from '../../../../src-shared/contract/listings.ts';
import type { Manifest } from '../../../../src-shared/market/listing.ts';
import { failureWords } from '../../../i18n/failures.ts';
import { usePreferences } from '../../../i18n/preferences.ts';
import { useText } from '../../../i18n/text.ts';
import { useCommand, useEvent } from '../../../link/hooks.tsx';
import { copyText } from '../../../parts/clipboard.ts';
import { Button, Choice } from '../../../parts/controls.tsx';
import { formatBytes, formatCount, NOTHING } from '../../../parts/format.ts';
import { showFailure } from '../../../parts/toasts.tsx';
import { useCommands } from '../../../state/commands.ts';
import { goTo } from '../../../state/place.ts';
import { type ExportFormat, useJobs } from '../extract-form.ts';
import { fileAddress, filesOf, REPORT } from '../files.ts';
import { isRunning } from '../jobs.ts';
import { windowItem } from './window-item.ts';

const formats: readonly { readonly value: ExportFormat; readonly label: string }[] = [
  { value: 'parquet', label: 'Parquet' },
  { value: 'csv', label: 'CSV' },
  { value: 'jsonl', label: 'JSONL' },
];

export function FilesTab({ job, manifest }: { job: ExtractJob; manifest: Manifest }) {
  const text = useText();
  const words = text.window.files;
  const desktop = useEvent('system.state')?.host === 'desktop';
  const open = useCommand('system.open-folder');
  const folder = job.folder ?? '';
  const openFolder = (): void => open.mutate({ path: folder }, { onError: (error) => showFailure(error.failure) });
  useCommands('window-files', [
    {
      id: 'window-copy',
      section: text.window.commands.section,
      title: text.window.commands.copyPath,
      run: () => copyText(folder),
    },
  ]);
  return (
    <div className="files">
      <p className="files-folder">
        <code className="cut" title={folder}>
          {folder}
        </code>
        <Button small testId="files-copy" onClick={() => copyText(folder)}>
          {text.listings.extract.copyPath}
        </Button>
        {desktop && (
          <Button small testId="files-open" onClick={openFolder}>
            {text.listings.extract.open}
          </Button>
        )}
        <Again job={job} manifest={manifest} />
      </p>
      <table className="table" data-testid="files-table">
        <thead>
          <tr>
            <th scope="col">{text.window.tabs.files}</th>
            <th scope="col">{words.what}</th>
            <th scope="col" className="number">
              {words.rows}
            </th>
            <th scope="col" className="number">
              {words.size}
            </th>
            <th scope="col">{words.checksum}</th>
            <th scope="col">
              <span className="unseen">{text.listings.extract.download}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {filesOf(manifest).map(({ path, kind, rows, bytes, sha256 }) => (
            <tr key={path} data-testid="file-row" data-file={path}>
              <td className="fits">
                <code>{path}</code>
              </td>
              <td className="cut fills quiet">
                {kind === 'report' ? words.reportWhat : kind === 'trades' ? words.trades : words.manifest}
              </td>
              <td className="number fits">{formatCount(rows)}</td>
              <td className="number fits">{formatBytes(bytes)}</td>
              <td className="fits">
                {sha256 ? (
                  <Button
                    small
                    kind="quiet"
                    title={sha256}
                    aria-label={`${words.copyChecksum} ${path}`}
                    onClick={() => copyText(sha256)}
                  >
                    <code>{sha256.slice(0, 12)}…</code>
                  </Button>
                ) : (
                  NOTHING
                )}
              </td>
              <td className="fits files-act">
                {!desktop && path === REPORT && (
                  <a
                    className="button button-small"
                    href={fileAddress(folder, path)}
                    target="_blank"
                    rel="noopener noreferrer"
                    data-testid="report-open"
                  >
                    {words.report}
                  </a>
                )}
                {!desktop && (
                  <a
                    className="button button-small"
                    href={fileAddress(folder, path)}
                    download={path}
                    data-testid="file-download"
                    aria-label={`${text.listings.extract.download} ${path}`}
                  >
                    ↓ {text.listings.extract.download}
                  </a>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The same window once more, in another format: a version of its own, shown when it is written. */
function Again({ job, manifest }: { job: ExtractJob; manifest: Manifest }) {
  const text = useText();
  const words = text.window.files;
  const language = usePreferences((preferences) => preferences.language);
  const had = manifest.files[0]?.format;
  const [format, setFormat] = useState<ExportFormat>(had === 'csv' ? 'jsonl' : 'csv');
  const [started, setStarted] = useState<string | null>(null);
  const extract = useCommand('listings.extract', ({ jobId }) => setStarted(jobId));
  const made = useJobs().find((one) => one.jobId === started);
  const running = started !== null && (made === undefined || isRunning(made));
  const state = made?.state;
  useEffect(() => {
    if (started === null || state === undefined) return;
    if (state === 'done') goTo('listings', windowItem(started));
    else if (state === 'failed' || state === 'cancelled') setStarted(null);
  }, [started, state]);
  const write = (): void => {
    if (running) return;
    extract.mutate({
      coin: job.coin,
      atUs: job.atUs,
      beforeUs: job.atUs - manifest.window.fromUs,
      afterUs: manifest.window.toUs - job.atUs,
      format,
      language,
      ...(job.listingId === null ? {} : { listingId: job.listingId }),
    });
  };
  return (
    <span className="files-again" title={words.againWhat}>
      <span className="faint">{words.again}</span>
      <Choice<ExportFormat>
        small
        label={words.again}
        testId="files-format"
        value={format}
        options={formats}
        onChange={setFormat}
      />
      <Button small testId="files-write" aria-disabled={running} onClick={write}>
        {running ? words.busy : words.write}
      </Button>
      {extract.error && (
        <span className="field-error" role="alert">
          {failureWords(text, extract.error.failure)}
        </span>
      )}
    </span>
  );
}
