// What a query can begin with: ready-made and saved analyses, everything that was run, and the tables there are.
import { useMemo, useState } from 'react';
import type { Analysis, Run } from '../../../src-shared/contract/analysis.ts';
import { type Language, usePreferences } from '../../i18n/preferences.ts';
import { useText } from '../../i18n/text.ts';
import { useCommand, useEvent, useRequest } from '../../link/hooks.tsx';
import { Button, Card, Choice, EmptyState, FailedState } from '../../parts/controls.tsx';
import { DataTable, type TableColumn } from '../../parts/data-table.tsx';
import { formatCount, formatTime } from '../../parts/format.ts';
import { MarkShape } from '../../parts/mark.tsx';
import { Modal } from '../../parts/modal.tsx';
import type { EditorSchema } from '../../parts/sql-editor-port.ts';
import { showFailure } from '../../parts/toasts.tsx';
import { shortSql } from './drafts.ts';

const views = ['analyses', 'history', 'tables'] as const;
type View = (typeof views)[number];

/** A title in the reader's language; a saved one has the same in both. */
export const titleOf = (analysis: Analysis, language: Language): string =>
  analysis.title[language] || analysis.title.en || analysis.id;

export function LibraryCard(props: {
  readonly analyses: readonly Analysis[];
  readonly schema: EditorSchema;
  onOpen(analysis: Analysis): void;
  onOpenRun(run: Run): void;
  onInsert(name: string): void;
}) {
  const text = useText();
  const words = text.analysis.library;
  const [view, setView] = useState<View>('analyses');
  return (
    <Card
      title={<span className="unseen">{words.label}</span>}
      className="library"
      testId="library"
      end={
        <Choice<View>
          small
          label={words.label}
          value={view}
          options={views.map((name) => ({ value: name, label: words.views[name] }))}
          testId="library-view"
          onChange={setView}
        />
      }
    >
      {view === 'analyses' && <Analyses analyses={props.analyses} onOpen={props.onOpen} />}
      {view === 'history' && <History onOpen={props.onOpenRun} />}
      {view === 'tables' && <Tables schema={props.schema} onInsert={props.onInsert} />}
    </Card>
  );
}

function Analyses({ analyses, onOpen }: { analyses: readonly Analysis[]; onOpen(analysis: Analysis): void }) {
  const words = useText().analysis.library;
  const ready = analyses.filter((analysis) => analysis.kind === 'ready');
  const saved = analyses.filter((analysis) => analysis.kind === 'saved');
  return (
    <div className="card-body library-list">
      <h3 className="library-head">{words.saved}</h3>
      {saved.length === 0 ? (
        <p className="faint library-note">{words.noneSaved}</p>
      ) : (
        <ul>
          {saved.map((analysis) => (
            <AnalysisLine key={analysis.id} analysis={analysis} onOpen={onOpen} />
          ))}
        </ul>
      )}
      <h3 className="library-head">{words.ready}</h3>
      {ready.length === 0 ? (
        <p className="faint library-note">{words.noneReady}</p>
      ) : (
        <ul>
          {ready.map((analysis) => (
            <AnalysisLine key={analysis.id} analysis={analysis} onOpen={onOpen} />
          ))}
        </ul>
      )}
    </div>
  );
}

function AnalysisLine({ analysis, onOpen }: { analysis: Analysis; onOpen(analysis: Analysis): void }) {
  const text = useText();
  const words = text.analysis.library;
  const language = usePreferences((preferences) => preferences.language);
  const [asking, setAsking] = useState(false);
  const remove = useCommand('analyses.remove', (_output, queries) => {
    void queries.invalidateQueries({ queryKey: ['analyses.list'] });
  });
  const title = titleOf(analysis, language);
  const about = analysis.about[language] || analysis.about.en;
  return (
    <li className="library-line">
      <button
        type="button"
        className="library-open"
        data-testid="analysis"
        data-analysis={analysis.id}
        title={words.open(title)}
        onClick={() => onOpen(analysis)}
      >
        <span className="library-title">{title}</span>
        {about && <span className="library-about faint">{about}</span>}
      </button>
      {analysis.kind === 'saved' && (
        <Button
          small
          kind="quiet"
          testId="analysis-remove"
          aria-label={words.remove(title)}
          onClick={() => setAsking(true)}
        >
          ×
        </Button>
      )}
      {asking && (
        <Modal open title={words.removeAsk(title)} text={words.removeWhat} onClose={() => setAsking(false)}>
          <div className="dialog-foot">
            <Button onClick={() => setAsking(false)}>{text.common.cancel}</Button>
            <Button
              kind="primary"
              testId="analysis-remove-go"
              disabled={remove.isPending}
              onClick={() =>
                remove.mutate(
                  { id: analysis.id },
                  {
                    onSuccess: () => setAsking(false),
                    onError: (error) => showFailure(error.failure),
                  },
                )
              }
            >
              {words.removeGo}
            </Button>
          </div>
        </Modal>
      )}
    </li>
  );
}

const historyTones: Record<Run['state'], 'ok' | 'bad' | 'idle' | 'busy'> = {
  queued: 'busy',
  running: 'busy',
  done: 'ok',
  failed: 'bad',
  cancelled: 'idle',
  stopped: 'bad',
};
const HISTORY = 500;

function History({ onOpen }: { onOpen(run: Run): void }) {
  const text = useText();
  const words = text.analysis.library;
  const zone = usePreferences((preferences) => preferences.zone);
  const [search, setSearch] = useState('');
  const newest = useEvent('analysis.runs')?.runs.filter((run) => run.endedUs !== null).length ?? 0;
  const list = useRequest('analysis.history', { limit: HISTORY, search: search.trim().slice(0, 200) }, { keep: true });
  const { refetch } = list;
  const [seen, setSeen] = useState(newest);
  if (seen !== newest) {
    setSeen(newest);
    void refetch();
  }
  const columns = useMemo<TableColumn<Run>[]>(
    () => [
      {
        id: 'run',
        title: words.history,
        value: (run) => -run.queuedUs,
        cell: (run) => (
          <span className="history-run" title={`${formatTime(run.queuedUs, zone)}\n${run.sql}`}>
            <MarkShape tone={historyTones[run.state]} />
            <span className="unseen">{text.analysis.result.states[run.state]}</span>
            <span className="cut mono">{shortSql(run.sql, 80)}</span>
            <span className="faint nowrap">{formatCount(run.rows)}</span>
          </span>
        ),
      },
    ],
    [words, text, zone],
  );
  const runs = list.data?.runs ?? [];
  return (
    <>
      <div className="library-filter">
        <input
          className="input"
          type="search"
          placeholder={words.historySearch}
          aria-label={words.historySearch}
          data-testid="history-search"
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
      </div>
      <div className="card-body">
        {list.error && !list.data ? (
          <FailedState title={words.failed} failure={list.error.failure} onRetry={() => void refetch()} />
        ) : list.isPending || (list.isPlaceholderData && runs.length === 0) ? (
          <EmptyState title={text.common.loading} />
        ) : runs.length === 0 ? (
          <EmptyState
            title={search ? words.noMatch : words.noHistory}
            {...(search ? {} : { text: words.noHistoryWhat })}
          />
        ) : (
          <DataTable
            rows={runs}
            columns={columns}
            rowId={(run) => run.runId}
            label={words.history}
            testId="history"
            rowTestId="history-run"
            chosen={null}
            onChoose={(id) => {
              const run = runs.find((one) => one.runId === id);
              if (run) onOpen(run);
            }}
          />
        )}
      </div>
    </>
  );
}

function Tables({ schema, onInsert }: { schema: EditorSchema; onInsert(name: string): void }) {
  const words = useText().analysis.library;
  return (
    <div className="card-body library-list" data-testid="tables">
      {schema.tables.map((table) => (
        <details key={table.name} className="library-table" open={table.name === 'trade'}>
          <summary title={table.about}>
            <b className="mono">{table.name}</b> <span className="faint">{table.columns.length}</span>
          </summary>
          <ul>
            {table.columns.map((column) => (
              <li key={column.name}>
                <button
                  type="button"
                  className="library-column"
                  title={[words.insert(column.name), column.about].filter(Boolean).join('\n')}
                  onClick={() => onInsert(column.name)}
                >
                  <span className="mono">{column.name}</span>
                  <span className="faint">{column.type}</span>
                </button>
              </li>
            ))}
          </ul>
        </details>
      ))}
      {schema.functions.length > 0 && <h3 className="library-head">{words.functions}</h3>}
      <ul>
        {schema.functions.map((one) => (
          <li key={one.name}>
            <button
              type="button"
              className="library-column"
              title={[words.insert(one.name), one.about].filter(Boolean).join('\n')}
              onClick={() => onInsert(`${one.name}(`)}
            >
              <span className="mono">{one.name}</span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
