// Analysis: SQL over everything that is stored, in tabs whose text is never lost, with results of any length and exports.
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { Failure } from '../../../src-shared/base/result.ts';
import type { Analysis } from '../../../src-shared/contract/analysis.ts';
import { failureWords } from '../../i18n/failures.ts';
import { usePreferences } from '../../i18n/preferences.ts';
import { useText } from '../../i18n/text.ts';
import { useLink, useLinkState, useRequest } from '../../link/hooks.tsx';
import { EmptyState, FailedState } from '../../parts/controls.tsx';
import { SqlEditor } from '../../parts/sql-editor.tsx';
import type { EditorSchema, SqlEditorHandle } from '../../parts/sql-editor-port.ts';
import { showFailure, showToast } from '../../parts/toasts.tsx';
import { useCommands } from '../../state/commands.ts';
import { takePreparedQuery, usePreparedQuery } from '../../state/prepared-query.ts';
import './analysis.css';
import { type QueryDraft, RANGE_FIELD } from './drafts.ts';
import { ExportStrip } from './export-strip.tsx';
import { LibraryCard, titleOf } from './library-card.tsx';
import { formOf, type Trouble } from './parameters.ts';
import { QueryBar } from './query-bar.tsx';
import { askedOf, isGoing, markOf, placeOf, release, useRun } from './query-runs.ts';
import { activateTab, changeTab, closeTab, loadTabs, noteRun, openTab, reopenTab, useQueryTabs } from './query-tabs.ts';
import { ResultCard } from './result-card.tsx';
import { SaveDialog } from './save-dialog.tsx';
import { TabStrip } from './tab-strip.tsx';

const noSchema: EditorSchema = { tables: [], functions: [] };
const noAnalyses: readonly Analysis[] = [];

/** A statement that was not taken, and where in the tab's text it went wrong. */
interface Refusal {
  readonly failure: Failure;
  readonly place: { readonly line: number; readonly column: number } | null;
}

/** A query that has been asked for and not yet been taken. */
interface Beginning {
  cancelled: boolean;
}

/** An analyst that answers within this time is not seen to be waited for. */
const SEEN_MS = 300;

export function AnalysisPanel() {
  const text = useText();
  const link = useLink();
  const phase = useLinkState().phase;
  const { phase: loaded, failure, tabs, active } = useQueryTabs();
  const prepared = usePreparedQuery((state) => state.query);

  useEffect(() => {
    // Once for each time that the link is there: a host that refuses is not asked without end.
    if (phase === 'open') void loadTabs(link);
  }, [phase, link]);
  useEffect(() => {
    if (loaded !== 'ready' || !prepared) return;
    const query = takePreparedQuery();
    if (query) {
      openTab({
        title: query.title,
        sql: query.sql,
        parameters: { [RANGE_FIELD]: `${query.fromUs}-${query.toUs}` },
        analysisId: null,
      });
    }
  }, [loaded, prepared]);

  const tab = tabs.find((one) => one.id === active);
  if (loaded !== 'ready' || !tab) {
    return failure ? (
      <FailedState title={text.analysis.tabs.failed} failure={failure} onRetry={() => void loadTabs(link)} />
    ) : (
      <EmptyState title={text.common.loading} />
    );
  }
  return <Workbench tab={tab} />;
}

function Workbench({ tab }: { tab: QueryDraft }) {
  const text = useText();
  const words = text.analysis;
  const link = useLink();
  const zone = usePreferences((preferences) => preferences.zone);
  const language = usePreferences((preferences) => preferences.language);
  const tabs = useQueryTabs((state) => state.tabs);
  const results = useQueryTabs((state) => state.results[tab.id]) ?? null;
  const editor = useRef<SqlEditorHandle | null>(null);
  const analyses = useRequest('analyses.list', {}, { staleMs: 60_000, keep: true }).data?.analyses ?? noAnalyses;
  const schema = useRequest('analysis.schema', {}, { staleMs: Number.POSITIVE_INFINITY }).data ?? noSchema;
  const [saving, setSaving] = useState(false);
  const [trouble, setTrouble] = useState<{ tabId: string; text: string } | null>(null);
  const [refusals, setRefusals] = useState<ReadonlyMap<string, Refusal>>(new Map());

  const origin = analyses.find((analysis) => analysis.id === tab.analysisId) ?? null;
  const form = useMemo(() => formOf(tab.sql, origin?.parameters ?? []), [tab.sql, origin]);
  const { run } = useRun(results?.shown ?? null);
  const going = isGoing(run);
  const started = results?.runs.find((one) => one.runId === results.shown) ?? null;
  const refused = refusals.get(tab.id) ?? null;
  const runMark = useMemo(() => markOf(run, started, text), [run, started, text]);
  const refusedMark = useMemo(
    () => refused?.place && { ...refused.place, message: failureWords(text, refused.failure) },
    [refused, text],
  );
  const mark = refused ? (refusedMark ?? null) : runMark;

  const tell = (failed: Trouble): string => words.bar[failed.kind](failed.name);
  const setRefusal = (tabId: string, refusal: Refusal | null): void =>
    setRefusals((old) => {
      const next = new Map(old);
      if (refusal) next.set(tabId, refusal);
      else next.delete(tabId);
      return next;
    });
  const bad = (failure: Failure): void => showFailure(failure);

  /** A statement that was not taken: why, and where, from the place where its text begins in the tab. */
  const refuse = (failure: Failure, base: { line: number; column: number }): void => {
    const place = placeOf(failure);
    setRefusal(tab.id, {
      failure,
      place: place && {
        line: place.line + base.line - 1,
        column: place.line === 1 ? place.column + base.column - 1 : place.column,
      },
    });
  };

  const beginning = useRef(new Map<string, Beginning>());
  /** Tabs whose query waits for the analyst so long that it is seen. */
  const [awaited, setAwaited] = useState<ReadonlySet<string>>(new Set());
  const starting = awaited.has(tab.id);
  const busy = going || starting;
  const runIt = async (): Promise<void> => {
    if (going || beginning.current.has(tab.id)) return;
    const marked = editor.current?.selected() ?? null;
    const sql = marked && marked.text.trim() !== '' ? marked.text : tab.sql;
    if (sql.trim() === '') {
      setTrouble({ tabId: tab.id, text: words.bar.empty });
      return;
    }
    const asked = askedOf(tab, sql, origin?.parameters ?? [], zone);
    if ('trouble' in asked) {
      setTrouble({ tabId: tab.id, text: tell(asked.trouble) });
      return;
    }
    setTrouble(null);
    const begin: Beginning = { cancelled: false };
    beginning.current.set(tab.id, begin);
    const seen = setTimeout(() => setAwaited((old) => new Set(old).add(tab.id)), SEEN_MS);
    const base = sql === tab.sql || !marked ? { line: 1, column: 1 } : { line: marked.line, column: marked.column };
    const begun = await link.request('analysis.run', asked.asked);
    clearTimeout(seen);
    if (beginning.current.get(tab.id) === begin) {
      beginning.current.delete(tab.id);
      setAwaited((old) => new Set([...old].filter((id) => id !== tab.id)));
    }
    if (begin.cancelled) {
      // It was taken all the same: nobody waits for it.
      if (begun.ok) {
        const { runId } = begun.value;
        void link.request('analysis.cancel', { runId }).then(() => link.request('analysis.release', { runId }));
      }
      return;
    }
    if (begun.ok) {
      setRefusal(tab.id, null);
      release(link, noteRun(tab.id, { runId: begun.value.runId, ...base }));
      return;
    }
    refuse(begun.failure, base);
  };

  const cancelIt = (): void => {
    const begin = beginning.current.get(tab.id);
    if (begin) {
      begin.cancelled = true;
      beginning.current.delete(tab.id);
      setAwaited((old) => new Set([...old].filter((id) => id !== tab.id)));
      return;
    }
    if (!run || !going) return;
    void link.request('analysis.cancel', { runId: run.runId }).then((result) => {
      if (!result.ok) bad(result.failure);
    });
  };

  const exportIt = async (format: 'csv' | 'parquet'): Promise<void> => {
    const asked = askedOf(tab, tab.sql, origin?.parameters ?? [], zone);
    if ('trouble' in asked) {
      setTrouble({ tabId: tab.id, text: tell(asked.trouble) });
      return;
    }
    setTrouble(null);
    const begun = await link.request('analysis.export', { ...asked.asked, format });
    if (!begun.ok) refuse(begun.failure, { line: 1, column: 1 });
  };

  const close = (id: string): void => {
    editor.current?.forget(id);
    release(link, closeTab(id));
  };
  const reopen = async (): Promise<void> => {
    const result = await reopenTab(link);
    if (!result.ok) bad(result.failure);
    else
      showToast(result.value ? 'ok' : 'idle', ({ analysis: { tabs } }) =>
        result.value ? tabs.reopened : tabs.nothingToReopen,
      );
  };
  const open = (analysis: Analysis): void => {
    openTab({ title: titleOf(analysis, language), sql: analysis.sql, parameters: {}, analysisId: analysis.id });
  };
  const written = tab.sql.trim() !== '';

  useCommands('analysis', [
    {
      id: 'query-run',
      section: words.section,
      title: words.commands.run,
      keys: 'Mod+Enter',
      enabled: written && !busy,
      run: () => void runIt(),
    },
    {
      id: 'query-cancel',
      section: words.section,
      title: words.commands.cancel,
      keys: 'Mod+.',
      enabled: busy,
      run: cancelIt,
    },
    {
      id: 'query-escape',
      section: words.section,
      title: words.commands.cancel,
      keys: 'Escape',
      hidden: true,
      enabled: busy,
      run: cancelIt,
    },
    {
      id: 'query-save',
      section: words.section,
      title: words.commands.save,
      keys: 'Mod+S',
      enabled: written,
      run: () => setSaving(true),
    },
    { id: 'query-add', section: words.section, title: words.commands.add, keys: 'N', run: () => openTab({}) },
    { id: 'query-close', section: words.section, title: words.commands.close, run: () => close(tab.id) },
    { id: 'query-reopen', section: words.section, title: words.commands.reopen, run: () => void reopen() },
    {
      id: 'query-next',
      section: words.section,
      title: words.commands.next,
      enabled: tabs.length > 1,
      run: () => {
        const next = tabs[(tabs.findIndex((one) => one.id === tab.id) + 1) % tabs.length];
        if (next) activateTab(next.id);
      },
    },
    {
      id: 'query-csv',
      section: words.section,
      title: words.commands.csv,
      enabled: written,
      run: () => void exportIt('csv'),
    },
    {
      id: 'query-parquet',
      section: words.section,
      title: words.commands.parquet,
      enabled: written,
      run: () => void exportIt('parquet'),
    },
    {
      id: 'query-editor',
      section: words.section,
      title: words.commands.editor,
      keys: 'E',
      run: () => editor.current?.focus(),
    },
    {
      id: 'query-result',
      section: words.section,
      title: words.commands.result,
      keys: 'R',
      run: () => document.querySelector<HTMLElement>('[data-testid="result-grid"]')?.focus(),
    },
    ...analyses.map((analysis) => ({
      id: `open-${analysis.kind}-${analysis.id}`,
      section: words.section,
      title: words.commands.open(titleOf(analysis, language)),
      run: () => open(analysis),
    })),
  ]);

  const onChange = useCallback((id: string, sql: string): void => {
    changeTab(id, { sql });
    setTrouble(null);
  }, []);

  return (
    <div className="analysis">
      <LibraryCard
        analyses={analyses}
        schema={schema}
        onOpen={open}
        onOpenRun={(past) =>
          openTab({ title: past.title, sql: past.sql, parameters: textsOf(past.parameters), analysisId: null })
        }
        onInsert={(name) => editor.current?.insert(name)}
      />
      <div className="analysis-main">
        <section className="card query" aria-label={words.tabs.label}>
          <TabStrip onClose={close} />
          <QueryBar
            tab={tab}
            form={form}
            going={busy}
            trouble={trouble?.tabId === tab.id ? trouble.text : ''}
            onRun={() => void runIt()}
            onCancel={cancelIt}
            onSave={() => setSaving(true)}
            onExport={(format) => void exportIt(format)}
            onParameter={(name, value) => changeTab(tab.id, { parameters: { ...tab.parameters, [name]: value } })}
          />
          <div id="query-editor" role="tabpanel" aria-labelledby={`query-tab-${tab.id}`} className="query-room">
            <SqlEditor
              id={tab.id}
              text={tab.sql}
              label={words.editor.label}
              phrases={words.phrases}
              schema={schema}
              mark={mark}
              handle={editor}
              failed={words.editor.failed}
              onChange={onChange}
              onRun={() => void runIt()}
              onCancel={cancelIt}
              onSave={() => setSaving(true)}
              onEscape={() => {
                if (busy) cancelIt();
                return busy;
              }}
            />
          </div>
        </section>
        <ExportStrip />
        <ResultCard
          tabId={tab.id}
          results={results}
          refusal={refused?.failure ?? null}
          starting={starting}
          mark={mark}
          onGoTo={(place) => editor.current?.goTo(place)}
          onAgain={() => void runIt()}
        />
      </div>
      {saving && <SaveDialog tab={tab} form={form} origin={origin} onClose={() => setSaving(false)} />}
    </div>
  );
}

/** The values of an earlier run as texts of the form. */
function textsOf(values: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value === null ? '' : String(value)]));
}
