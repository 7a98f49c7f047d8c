// The logs of all processes, newest first: filtered by the host, followed, and read backwards a page at a time.
import { useMemo, useRef, useState } from 'react';
import { type LogLevel, logLevels } from '../../../src-shared/contract/health.ts';
import { usePreferences } from '../../i18n/preferences.ts';
import { useText } from '../../i18n/text.ts';
import { copyText } from '../../parts/clipboard.ts';
import { Button, Card, EmptyState, FailedState } from '../../parts/controls.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { formatBytes, formatCount, formatTime } from '../../parts/format.ts';
import { useCommands } from '../../state/commands.ts';
import { logColumns } from './log-columns.tsx';
import { ROWS_LIMIT, useLogPages } from './log-pages.ts';
import type { Bundle } from './support-bundle.ts';

export function LogsCard(props: { follow: boolean; onFollow(on: boolean): void; bundle: Bundle }) {
  const { follow, onFollow, bundle } = props;
  const text = useText();
  const words = text.health.logs;
  const zone = usePreferences((preferences) => preferences.zone);
  const [level, setLevel] = useState<LogLevel>('info');
  const [process, setProcess] = useState('');
  const [search, setSearch] = useState('');
  const [chosenKey, setChosenKey] = useState<string | null>(null);
  const field = useRef<HTMLInputElement>(null);
  const pages = useLogPages({ level, process, search, follow });
  const columns = useMemo(() => logColumns(text, zone), [text, zone]);
  const chosen = pages.lines.find((line) => line.key === chosenKey) ?? null;
  const names: Readonly<Record<string, string>> = text.health.processes.names;

  useCommands('logs', [
    {
      id: 'search-logs',
      section: text.health.title,
      title: text.health.commands.searchLogs,
      keys: '/',
      run: () => field.current?.focus(),
    },
  ]);

  return (
    <Card
      title={words.title}
      className="logs"
      testId="logs"
      end={
        <Button small testId="bundle" title={text.health.bundle.what} disabled={bundle.busy} onClick={bundle.make}>
          {bundle.busy ? text.health.bundle.making : text.health.bundle.make}
        </Button>
      }
    >
      <div className="logs-filter">
        <label>
          <span className="unseen">{words.level}</span>
          <select
            className="input"
            data-testid="logs-level"
            value={level}
            onChange={(event) => setLevel(logLevels.find((one) => one === event.currentTarget.value) ?? 'info')}
          >
            {logLevels.map((one) => (
              <option key={one} value={one}>
                {one === 'fatal' ? words.levels.fatal : words.from(words.levels[one])}
              </option>
            ))}
          </select>
        </label>
        <label>
          <span className="unseen">{words.process}</span>
          <select
            className="input"
            data-testid="logs-process"
            value={process}
            onChange={(event) => setProcess(event.currentTarget.value)}
          >
            <option value="">{words.allProcesses}</option>
            {pages.processes.map((name) => (
              <option key={name} value={name}>
                {names[name] ?? name}
              </option>
            ))}
          </select>
        </label>
        <input
          ref={field}
          className="input logs-search"
          type="search"
          maxLength={200}
          placeholder={words.search}
          aria-label={words.search}
          data-testid="logs-search"
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
        <label className="logs-follow" title={words.followWhat}>
          <input
            type="checkbox"
            data-testid="logs-follow"
            checked={follow}
            onChange={(event) => onFollow(event.currentTarget.checked)}
          />
          {words.follow}
        </label>
        <span className="faint logs-count" data-testid="logs-count">
          {words.count(formatCount(pages.lines.length))}
        </span>
        <Button
          small
          testId="logs-older"
          disabled={!pages.canOlder || pages.readingOlder}
          title={pages.lines.length >= ROWS_LIMIT ? words.full(formatCount(ROWS_LIMIT)) : undefined}
          onClick={() => {
            // What follows would push what is read out of sight.
            onFollow(false);
            pages.older();
          }}
        >
          {pages.readingOlder ? words.readingOlder : words.older}
        </Button>
      </div>
      <div className="card-body">
        {pages.failure && pages.lines.length === 0 ? (
          <FailedState title={text.common.failed} failure={pages.failure} onRetry={pages.again} />
        ) : pages.lines.length > 0 ? (
          <DataTable
            rows={pages.lines}
            columns={columns}
            rowId={(line) => line.key}
            label={words.list}
            testId="log-rows"
            rowTestId="log-row"
            chosen={chosenKey}
            onChoose={setChosenKey}
          />
        ) : pages.pending ? (
          <EmptyState title={text.common.loading} />
        ) : (
          <EmptyState title={words.none} text={pages.canOlder ? words.noneSoFar : words.noneWhat} testId="logs-none" />
        )}
      </div>
      {chosen && (
        <div className="log-detail" data-testid="log-detail">
          <p>
            <span className="faint">
              {formatTime(chosen.atUs, zone, 'milli')} · {names[chosen.process] ?? chosen.process} ·{' '}
              {words.levels[chosen.level]} · {formatBytes(chosen.message.length + chosen.detail.length)}
            </span>{' '}
            <Button small kind="quiet" onClick={() => copyText(`${chosen.message} ${chosen.detail}`.trim())}>
              {words.copy}
            </Button>
          </p>
          <p className="mono">{chosen.message}</p>
          {chosen.detail && <p className="mono quiet">{chosen.detail}</p>}
        </div>
      )}
    </Card>
  );
}
