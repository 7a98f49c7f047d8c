// The query tabs: arrows move between them, Delete closes, and nothing that stood in one is lost by it.
import type { KeyboardEvent } from 'react';
import { failureWords } from '../../i18n/failures.ts';
import { useText } from '../../i18n/text.ts';
import { Button } from '../../parts/controls.tsx';
import { Mark } from '../../parts/mark.tsx';
import { type QueryDraft, shortSql } from './drafts.ts';
import { activateTab, openTab, useQueryTabs } from './query-tabs.ts';

/** A tab's own title, else the first words of its text, else a number. */
export function useTabTitle(): (tab: QueryDraft) => string {
  const words = useText().analysis.tabs;
  return (tab) => tab.title || shortSql(tab.sql, 28) || words.untitled(tab.position + 1);
}

export function TabStrip({ onClose }: { onClose(id: string): void }) {
  const words = useText().analysis.tabs;
  const tabs = useQueryTabs((state) => state.tabs);
  const active = useQueryTabs((state) => state.active);
  const titleOf = useTabTitle();
  const at = tabs.findIndex((tab) => tab.id === active);

  const press = (event: KeyboardEvent): void => {
    const steps: Record<string, number> = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: tabs.length - 1 };
    const next = steps[event.key];
    if (next !== undefined) {
      const tab = tabs[(next + tabs.length) % tabs.length];
      if (!tab) return;
      event.preventDefault();
      activateTab(tab.id);
      document.getElementById(`query-tab-${tab.id}`)?.focus();
    } else if (event.key === 'Delete' && active !== null) {
      event.preventDefault();
      onClose(active);
    }
  };

  return (
    <div className="query-tabs">
      <div role="tablist" aria-label={words.label} className="query-tablist" onKeyDown={press}>
        {tabs.map((tab) => (
          <span key={tab.id} role="presentation" className="query-tab" data-active={tab.id === active || undefined}>
            <button
              type="button"
              role="tab"
              id={`query-tab-${tab.id}`}
              tabIndex={tab.id === active ? 0 : -1}
              aria-selected={tab.id === active}
              aria-controls="query-editor"
              className="query-tab-name cut"
              data-testid="query-tab"
              title={titleOf(tab)}
              onClick={() => activateTab(tab.id)}
            >
              {titleOf(tab)}
            </button>
            <button
              type="button"
              tabIndex={-1}
              className="query-tab-close"
              data-testid="query-tab-close"
              // For the pointer: by keyboard Delete closes the tab, and the palette does.
              aria-hidden="true"
              title={words.close(titleOf(tab))}
              onClick={() => onClose(tab.id)}
            >
              ×
            </button>
          </span>
        ))}
      </div>
      <Button small kind="quiet" keys="N" testId="query-add" onClick={() => openTab({})}>
        + {words.add}
      </Button>
      <Kept />
    </div>
  );
}

/** Whether what stands in the tabs is on the host's disk. */
function Kept() {
  const text = useText();
  const words = text.analysis.tabs;
  const keeping = useQueryTabs((state) => state.keeping);
  const { trouble } = keeping;
  const state = trouble ? 'trouble' : keeping.waiting > 0 ? 'waiting' : 'kept';
  return (
    <span className="query-kept" data-testid="query-kept" data-state={state}>
      {trouble ? (
        <Mark tone="warn">{words.notKept(failureWords(text, trouble))}</Mark>
      ) : state === 'waiting' ? (
        <Mark tone="busy">{words.keeping}</Mark>
      ) : (
        <Mark tone="ok">{words.kept}</Mark>
      )}
    </span>
  );
}
