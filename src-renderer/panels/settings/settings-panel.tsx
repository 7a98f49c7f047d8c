// Settings: a form made from their schema, checked by the host while it is written, applied without stopping what it does not touch.
import { useEffect, useRef } from 'react';
import type { SettingsIssue } from '../../../src-shared/contract/configuration.ts';
import { isVenue, type Venue, venues } from '../../../src-shared/market/instrument.ts';
import { useText } from '../../i18n/text.ts';
import { useCommand, useEvent, useLinkState, useRequest } from '../../link/hooks.tsx';
import { Button, Card, EmptyState, FailedState } from '../../parts/controls.tsx';
import { MarkShape } from '../../parts/mark.tsx';
import { showFailure, showToast } from '../../parts/toasts.tsx';
import { venueNames } from '../../parts/venue-style.ts';
import { useCommands } from '../../state/commands.ts';
import { useDesktop } from '../../state/desktop.ts';
import { goTo, settleAt, usePlace } from '../../state/place.ts';
import { ChangesCard } from './changes-card.tsx';
import { type Json, sameJson, settle, undoAll, useDraft, valueAt } from './draft.ts';
import { FieldRow, fieldId } from './field.tsx';
import { fieldsUnder } from './form-model.ts';
import { LeaveDialog } from './leave-dialog.tsx';
import { RecorderSection } from './recorder-section.tsx';
import './settings.css';
import { useSettingsFile } from './settings-file.ts';
import { useCheck } from './use-check.ts';
import { VenueForm } from './venue-form.tsx';
import { VersionsSection } from './versions-section.tsx';
import { useWhenChecked } from './when-checked.ts';
import { fieldAt, type Section, sectionOf } from './words.ts';

/** The recorder's page is of the desktop, whichever settings are shown. */
type Page = Venue | Exclude<Section, 'venues'> | 'recorder';

const parts: readonly Exclude<Section, 'venues'>[] = ['notices', 'extract', 'storage', 'alerts', 'versions'];

function pageOf(item: string | null): Page {
  if (item === 'recorder') return item;
  return parts.find((part) => part === item) ?? (item !== null && isVenue(item) ? item : venues[0]);
}

function pageOfPath(path: SettingsIssue['path']): Page {
  const section = sectionOf(path);
  const name = path[1];
  if (section !== 'venues') return section;
  return typeof name === 'string' && isVenue(name) ? name : venues[0];
}

const under: Record<Exclude<Section, 'venues' | 'versions'>, readonly string[]> = {
  notices: ['notices'],
  extract: ['extract'],
  storage: ['retention', 'disk'],
  alerts: ['alerts'],
};

export function SettingsPanel() {
  const text = useText();
  const words = text.settings;
  const item = usePlace((place) => place.item);
  const page = pageOf(item);
  const open = useLinkState().phase === 'open';
  const mode = useEvent('system.state')?.mode;
  const inDesktop = useDesktop((state) => state.recorders !== null);
  const inForce = useRequest('system.settings', {}, { keep: true, everyMs: 10_000 });
  const { draft, dirty, movedOn } = useDraft();
  const settings = inForce.data?.settings;
  useEffect(() => {
    if (settings) settle(settings);
  }, [settings]);
  const check = useCheck();
  const file = useSettingsFile(settings);
  /** What is being applied, and the venues whose lines that touches. By the answer it may be in force and no change any more, and the draft another. */
  const applied = useRef<{ readonly draft: Json | null; readonly touched: ReadonlySet<string> }>({
    draft: null,
    touched: new Set(),
  });
  const apply = useCommand('system.apply-settings', ({ restarted }, queries) => {
    const { draft: base, touched } = applied.current;
    useDraft.setState((state) => ({ base, dirty: !sameJson(state.draft, base), movedOn: false }));
    showToast('ok', ({ settings: { changes }, health }) => {
      const names: Readonly<Record<string, string>> = health.processes.names;
      if (restarted.length > 0)
        return changes.appliedRestarted(restarted.map((name) => names[name] ?? name).join(', '));
      const reopened = [...touched].map((name) => (isVenue(name) ? venueNames[name] : name)).join(', ');
      return reopened === '' ? changes.applied : changes.appliedReopened(reopened);
    });
    void queries.invalidateQueries({ queryKey: ['system.settings'] });
    void queries.invalidateQueries({ queryKey: ['settings.versions'] });
  });
  const fixed = check.fixed !== null;
  const disabled = fixed || !open || apply.isPending;
  const issues = dirty ? check.issues : [];
  const changes = dirty ? check.changes : [];
  const canApply = dirty && !disabled && check.current && issues.length === 0 && changes.length > 0;
  const applyChecked = (): void => {
    const [first] = issues;
    if (canApply && draft !== null) {
      const touched = changes.filter(({ effect }) => effect === 'reopens' || effect === 'closes');
      applied.current = { draft, touched: new Set(touched.map(({ path }) => String(path[1]))) };
      apply.mutate({ settings: draft }, { onError: (error) => showFailure(error.failure) });
    } else if (first) show(first.path);
  };
  const later = useWhenChecked(check, open, applyChecked);
  // Right after the last letter the host has not answered yet.
  const doApply = (): void => (dirty && !disabled && !check.current ? later.ask() : applyChecked());
  const show = (path: SettingsIssue['path']): void => {
    settleAt('settings', pageOfPath(path));
    const field = fieldAt(path);
    // The page of the field is there with the next frame.
    if (field) requestAnimationFrame(() => focusOn(fieldId(field.path)));
  };

  useCommands('settings', [
    {
      id: 'settings-apply',
      section: words.title,
      title: words.commands.apply,
      keys: 'Mod+S',
      run: doApply,
    },
    {
      id: 'settings-undo',
      section: words.title,
      title: words.commands.undo,
      enabled: dirty && !apply.isPending,
      run: undoAll,
    },
    {
      id: 'settings-export',
      section: words.title,
      title: words.commands.export,
      enabled: settings !== undefined,
      run: file.save,
    },
    { id: 'settings-import', section: words.title, title: words.commands.import, enabled: !disabled, run: file.open },
    ...[...venues, ...parts, ...(inDesktop ? (['recorder'] as const) : [])].map((one) => ({
      id: `settings-${one}`,
      section: words.title,
      title: words.commands.section(isVenue(one) ? venueNames[one] : words.sections[one]),
      run: () => goTo('settings', one),
    })),
  ]);

  if (inForce.error && !inForce.data)
    return (
      <FailedState title={text.common.failed} failure={inForce.error.failure} onRetry={() => void inForce.refetch()} />
    );
  if (draft === null) return <EmptyState title={text.common.loading} />;

  return (
    <div className="settings">
      <nav className="settings-nav" aria-label={words.sections.label}>
        <p className="settings-nav-head">{words.sections.venues}</p>
        {venues.map((venue) => (
          <NavItem key={venue} page={venue} current={page === venue} issues={issues} />
        ))}
        <hr />
        {[...parts, ...(inDesktop ? (['recorder'] as const) : [])].map((part) => (
          <NavItem key={part} page={part} current={page === part} issues={issues} />
        ))}
      </nav>
      <Card
        title={isVenue(page) ? venueNames[page] : words.sections[page]}
        className="settings-form"
        testId="settings-form"
        end={
          !isVenue(page) && (
            <span className="faint">{page === 'recorder' ? words.recorder.lead : words.leads[page]}</span>
          )
        }
      >
        <div className="card-body settings-body">
          {fixed && page !== 'recorder' && (
            <p className="settings-fixed" role="note" data-testid="settings-fixed">
              {mode === 'rehearsal'
                ? words.fixed.rehearsal
                : `${words.fixed.other}: ${text.common.note(check.fixed ?? '')}`}
              {mode === 'rehearsal' && <GoLive />}
            </p>
          )}
          {isVenue(page) ? (
            <VenueForm key={page} venue={page} issues={issues} disabled={disabled} />
          ) : page === 'recorder' ? (
            <RecorderSection />
          ) : page === 'versions' ? (
            <VersionsSection
              path={inForce.data?.path ?? ''}
              disabled={disabled}
              onExport={file.save}
              onImport={file.open}
            />
          ) : (
            under[page]
              .flatMap((part) => fieldsUnder(part))
              .map((field) => <FieldRow key={field.path.join('.')} field={field} issues={issues} disabled={disabled} />)
          )}
        </div>
      </Card>
      <ChangesCard
        issues={issues}
        changes={changes}
        checking={dirty && !check.current}
        busy={apply.isPending || later.waiting}
        movedOn={movedOn}
        canApply={canApply}
        onApply={doApply}
        onUndo={undoAll}
        onShow={show}
      />
      <LeaveDialog />
    </div>
  );
}

function NavItem({ page, current, issues }: { page: Page; current: boolean; issues: readonly SettingsIssue[] }) {
  const text = useText();
  const words = text.settings;
  const draft = useDraft((state) => state.draft);
  const base = useDraft((state) => state.base);
  const roots = isVenue(page)
    ? [['venues', page]]
    : page === 'versions' || page === 'recorder'
      ? []
      : under[page].map((part) => [part]);
  const changed = roots.some((path) => !sameJson(valueAt(draft, path), valueAt(base, path)));
  const wrong = page !== 'versions' && page !== 'recorder' && issues.some((issue) => pageOfPath(issue.path) === page);
  const on = isVenue(page) ? valueAt(draft, ['venues', page, 'enabled']) === true : null;
  return (
    <a
      className="settings-nav-item"
      href={`#/settings/${page}`}
      aria-current={current ? 'page' : undefined}
      data-testid={`settings-nav-${page}`}
    >
      {wrong ? <MarkShape tone="bad" /> : on !== null && <MarkShape tone={on ? 'ok' : 'idle'} />}
      <span>{isVenue(page) ? venueNames[page] : words.sections[page]}</span>
      {on === false && <span className="faint">{words.off}</span>}
      {changed && (
        <span className="settings-changed" title={words.changes.title}>
          ●<span className="unseen"> {words.changes.title}</span>
        </span>
      )}
    </a>
  );
}

function focusOn(id: string): void {
  const found = document.getElementById(id);
  const input = found?.querySelector('input, button');
  if (input instanceof HTMLElement) input.focus();
  else found?.focus();
}

/** Out of the rehearsal: a folder that holds simulated trades only refuses, and says so. */
function GoLive() {
  const text = useText();
  const choose = useCommand('system.choose');
  const go = (): void => choose.mutate({ mode: 'live' }, { onError: ({ failure }) => showFailure(failure) });
  return (
    <Button testId="go-live" small disabled={choose.isPending} onClick={go}>
      {text.commands.chooseLive}
    </Button>
  );
}
