// What came of a run: its state in figures, its rows in pages, its failure with the place, and the results before it.
import { useEffect, useMemo, useState } from 'react';
import type { Failure } from '../../../src-shared/base/result.ts';
import { MAX_RESULT_ROWS, type Run } from '../../../src-shared/contract/analysis.ts';
import { usePreferences } from '../../i18n/preferences.ts';
import { useText } from '../../i18n/text.ts';
import { useLink } from '../../link/hooks.tsx';
import { Button, Card, EmptyState, FailedState, FailureWords } from '../../parts/controls.tsx';
import { formatBytes, formatClock, formatCount, formatDuration } from '../../parts/format.ts';
import {
  fittingWidth,
  type GridColumn,
  type GridRow,
  type GridValue,
  longestNumbers,
  numberWidth,
  shownKind,
} from '../../parts/grid-rows.ts';
import { Mark, type Tone } from '../../parts/mark.tsx';
import { ResultGrid } from '../../parts/result-grid.tsx';
import { createRowPages } from '../../parts/row-pages.ts';
import type { EditorMark } from '../../parts/sql-editor-port.ts';
import { isGoing, useRun } from './query-runs.ts';
import { showRun, type TabResults } from './query-tabs.ts';
import { UtcHint } from './utc-hint.tsx';

const tones: Record<Run['state'], Tone> = {
  queued: 'busy',
  running: 'busy',
  done: 'ok',
  failed: 'bad',
  cancelled: 'idle',
  stopped: 'bad',
};

/** What the browser holds of a result, at most: a hundred pages, each small enough to be read between two frames. */
const PAGE_ROWS = 200;
const KEPT_PAGES = 100;

export function ResultCard(props: {
  readonly tabId: string;
  readonly results: TabResults | null;
  /** A refusal that came before there was a run. */
  readonly refusal: Failure | null;
  /** The query waits for the analyst to be there. */
  readonly starting: boolean;
  readonly mark: EditorMark | null;
  onGoTo(mark: EditorMark): void;
  onAgain(): void;
}) {
  const text = useText();
  const words = text.analysis.result;
  const { results, mark, starting } = props;
  const refusal = starting ? null : props.refusal;
  const { run, failure } = useRun(starting ? null : (results?.shown ?? null));
  const shownFailure = refusal ?? run?.failure ?? null;

  return (
    <Card
      title={words.title}
      className="result"
      testId="result"
      end={refusal || !run ? undefined : <Figures run={run} />}
    >
      {results && results.runs.length > 1 && !refusal && <Earlier tabId={props.tabId} results={results} />}
      {shownFailure && run?.state !== 'cancelled' && (
        <div className="result-failure" role="alert" data-testid="result-failure">
          <Mark tone="bad">{words.states[refusal ? 'failed' : (run?.state ?? 'failed')]}</Mark>
          <p className="result-message">
            <FailureWords failure={shownFailure} />
          </p>
          {mark && (
            <Button small testId="result-goto" title={words.goThere} onClick={() => props.onGoTo(mark)}>
              {words.at(mark.line, mark.column)}
            </Button>
          )}
        </div>
      )}
      <div className="card-body result-body">
        {refusal ? null : starting ? (
          <EmptyState title={words.waits} text={words.waitsWhat} testId="result-waits" />
        ) : !results || results.shown === null ? (
          <EmptyState title={words.none} text={words.noneWhat} testId="result-none" />
        ) : failure && !run ? (
          failure.code === 'analysis.unknown-run' ? (
            <Gone onAgain={props.onAgain} />
          ) : (
            <FailedState title={text.common.failed} failure={failure} />
          )
        ) : run ? (
          <Rows key={run.runId} run={run} onAgain={props.onAgain} />
        ) : (
          <EmptyState title={text.common.loading} />
        )}
      </div>
    </Card>
  );
}

function Gone({ onAgain }: { onAgain(): void }) {
  const words = useText().analysis.result;
  return (
    <EmptyState title={words.gone} text={words.goneWhat} testId="result-gone">
      <Button small onClick={onAgain}>
        {words.again}
      </Button>
    </EmptyState>
  );
}

/** State, rows, time, memory and reach of a run, in one line. */
function Figures({ run }: { run: Run }) {
  const text = useText();
  const words = text.analysis.result;
  const zone = usePreferences((preferences) => preferences.zone);
  const going = isGoing(run);
  return (
    <span className="result-figures" aria-live="polite">
      <span data-testid="result-state" data-state={run.state}>
        <Mark tone={tones[run.state]}>{words.states[run.state]}</Mark>
      </span>
      {going && run.progress !== null && (
        <span className="quiet">{words.progress(`${Math.round(run.progress * 100)} %`)}</span>
      )}
      {run.columns && (
        <span className="nowrap" data-testid="result-rows">
          {words.rows(formatCount(run.rows))}
        </span>
      )}
      {run.truncated && (
        <span className="tone-warn cut" data-testid="result-truncated">
          {words.truncated(formatCount(Math.min(run.rows, MAX_RESULT_ROWS)))}
        </span>
      )}
      <UtcHint columns={run.columns} zone={zone} />
      {run.startedUs !== null && (
        <span className="quiet nowrap" data-testid="result-elapsed">
          {(going ? words.going : words.elapsed)(formatDuration(run.elapsedMs, text.units))}
        </span>
      )}
      {going && (
        <span className="quiet nowrap">
          {words.memory(formatBytes(run.memoryBytes), formatBytes(run.memoryLimitBytes))}
        </span>
      )}
      {run.reach && (
        <span className="faint cut" title={text.common.note(run.reach.note)}>
          {run.reach.hotUntilUs === null ? words.sealedOnly : words.reach(formatClock(run.reach.hotUntilUs, zone))}
        </span>
      )}
    </span>
  );
}

function Rows({ run, onAgain }: { run: Run; onAgain(): void }) {
  const text = useText();
  const words = text.analysis.result;
  const link = useLink();
  const { runId, columns } = run;
  const [longest, setLongest] = useState<readonly number[]>([]);
  const pages = useMemo(
    () =>
      createRowPages<GridRow>({
        pageRows: PAGE_ROWS,
        keep: KEPT_PAGES,
        fetch: async (offset, limit, signal) => {
          const page = await link.request('analysis.rows', { runId, offset, limit }, signal);
          if (!page.ok) return page;
          const { rows } = page.value;
          setLongest((before) => longestNumbers(before, rows));
          return { ok: true, value: rows };
        },
      }),
    [link, runId],
  );
  useEffect(() => () => pages.close(), [pages]);
  const [set, setSet] = useState<ReadonlyMap<number, number>>(new Map());
  const [fitted, setFitted] = useState<{ widths: readonly number[]; columns: readonly GridColumn[] } | null>(null);
  const [version, setVersion] = useState(0);
  useEffect(() => pages.subscribe(() => setVersion(pages.version())), [pages]);

  // The first rows say how wide a column should be; later ones move what is being read only where a number would be cut.
  useEffect(() => {
    if (fitted || !columns || version === 0) return;
    const first: GridRow[] = [];
    for (let at = 0; at < 50; at += 1) {
      const row = pages.row(at);
      if (row) first.push(row);
    }
    if (first.length === 0) return;
    const valuesOf = (at: number): GridValue[] => first.map((row) => row[at] ?? null);
    setFitted({
      widths: columns.map((column, at) => fittingWidth(column, valuesOf(at))),
      columns: columns.map((column, at) => ({ ...column, kind: shownKind(column, valuesOf(at)) })),
    });
  }, [fitted, columns, version, pages]);

  const widths = useMemo(
    () =>
      (columns ?? []).map(
        (column, at) =>
          set.get(at) ?? Math.max(fitted?.widths[at] ?? fittingWidth(column, []), numberWidth(longest[at] ?? 0)),
      ),
    [columns, set, fitted, longest],
  );
  const gridWords = useMemo(() => ({ label: words.label, utc: words.utc }), [words.label, words.utc]);

  if (!run.held && !isGoing(run) && run.rows > 0) return <Gone onAgain={onAgain} />;
  const failed = pages.failure();
  if (failed?.code === 'analysis.result-gone') return <Gone onAgain={onAgain} />;
  if (failed) return <FailedState title={words.pageFailed} failure={failed} onRetry={pages.retry} />;
  if (!columns) return isGoing(run) ? <EmptyState title={words.waiting} /> : null;
  if (run.rows === 0 && !isGoing(run)) {
    return run.state === 'done' ? (
      <EmptyState title={words.noRows} text={words.noRowsWhat} testId="result-empty" />
    ) : null;
  }
  return (
    <ResultGrid
      columns={fitted?.columns ?? columns}
      rowCount={run.rows}
      pages={pages}
      words={gridWords}
      widths={widths}
      onWidth={(column, width) => setSet((old) => new Map(old).set(column, width))}
      testId="result-grid"
    />
  );
}

/** The last results of the tab: looking at an older one overwrites nothing. */
function Earlier({ tabId, results }: { tabId: string; results: TabResults }) {
  const words = useText().analysis.result;
  return (
    <fieldset className="result-runs">
      <legend className="unseen">{words.earlier}</legend>
      {results.runs.map(({ runId }) => (
        <EarlierRun key={runId} tabId={tabId} runId={runId} shown={results.shown === runId} />
      ))}
    </fieldset>
  );
}

function EarlierRun({ tabId, runId, shown }: { tabId: string; runId: string; shown: boolean }) {
  const words = useText().analysis.result;
  const zone = usePreferences((preferences) => preferences.zone);
  const { run } = useRun(runId);
  const said: string[] = [];
  if (run && run.state !== 'done') said.push(words.states[run.state]);
  // What was cut short may still have rows; without any its state says enough.
  if (run && (run.state === 'done' || run.rows > 0)) said.push(words.rows(formatCount(run.rows)));
  return (
    <button
      type="button"
      className="result-run"
      data-testid="result-run"
      aria-pressed={shown}
      onClick={() => showRun(tabId, runId)}
    >
      {run ? [formatClock(run.queuedUs, zone), ...said].join(' · ') : '–'}
    </button>
  );
}
