// What is wrong now and what was: a row each, and for the open one what it means and what to do.
import { useMemo, useState } from 'react';
import type { Alert } from '../../../src-shared/contract/health.ts';
import { usePreferences } from '../../i18n/preferences.ts';
import { useText } from '../../i18n/text.ts';
import { useCommand, useEvent, useRequest } from '../../link/hooks.tsx';
import { Button, Card, Choice, EmptyState, FailedState } from '../../parts/controls.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { formatAge, formatCount, formatTime } from '../../parts/format.ts';
import { Mark } from '../../parts/mark.tsx';
import { useBeat } from '../../parts/now.ts';
import { showFailure, showToast } from '../../parts/toasts.tsx';
import { formatPlace } from '../../state/address.ts';
import { useCommands } from '../../state/commands.ts';
import { settleAt, usePlace } from '../../state/place.ts';
import { alertColumns } from './alert-columns.tsx';
import { alertFigure, alertTitle, alertTone, lastedMs } from './alert-words.ts';

type View = 'now' | 'history';

const HISTORY_LIMIT = 1000;
const nothing: readonly Alert[] = [];

export function AlertsCard() {
  const text = useText();
  const words = text.health.alerts;
  const zone = usePreferences((preferences) => preferences.zone);
  const item = usePlace((place) => place.item);
  const [view, setView] = useState<View>('now');
  const told = useEvent('health.alerts');
  const active = told?.active ?? nothing;
  // Asked again when something ended: the event carries only the newest.
  const newest = told?.ended[0]?.id ?? '';
  const history = useRequest(
    'health.history',
    { limit: HISTORY_LIMIT },
    { enabled: view === 'history', keep: true, everyMs: newest === '' ? false : 10_000 },
  );
  const ended = useMemo(() => {
    const kept = new Map((history.data?.alerts ?? nothing).map((alert) => [alert.id, alert]));
    const fresh = (told?.ended ?? nothing).filter((alert) => !kept.has(alert.id));
    const on = new Set(active.map((alert) => alert.id));
    return [...fresh, ...kept.values()].filter((alert) => !on.has(alert.id));
  }, [history.data, told, active]);
  const shown = view === 'now' ? active : ended;
  const chosen = shown.find((alert) => alert.id === item) ?? null;
  const columns = useMemo(() => alertColumns(text, zone, view === 'history'), [text, zone, view]);
  const fresh = active.filter((alert) => alert.acknowledgedUs === null);

  const acknowledge = useCommand('health.acknowledge', ({ acknowledged }) =>
    showToast('ok', ({ health }) => health.alerts.acknowledged(formatCount(acknowledged))),
  );
  const ask = (ids?: string[]): void =>
    acknowledge.mutate(ids ? { ids } : {}, { onError: (error) => showFailure(error.failure) });
  const canAcknowledge = chosen !== null && chosen.untilUs === null && chosen.acknowledgedUs === null;

  useCommands('alerts', [
    {
      id: 'acknowledge-all',
      section: text.health.title,
      title: text.health.commands.acknowledgeAll,
      enabled: fresh.length > 0,
      run: () => ask(),
    },
    {
      id: 'acknowledge-one',
      section: text.health.title,
      title: text.health.commands.acknowledge,
      keys: 'A',
      enabled: canAcknowledge,
      run: () => chosen && ask([chosen.id]),
    },
    {
      id: 'alert-history',
      section: text.health.title,
      title: text.health.commands.history,
      keys: 'H',
      run: () => setView((now) => (now === 'now' ? 'history' : 'now')),
    },
  ]);

  return (
    <Card
      title={words.title}
      className="alerts"
      testId="alerts"
      end={
        <>
          <Choice<View>
            small
            label={words.which}
            value={view}
            options={[
              { value: 'now', label: words.now(formatCount(active.length)) },
              { value: 'history', label: words.history },
            ]}
            testId="alerts-view"
            onChange={setView}
          />
          <Button
            small
            testId="acknowledge-all"
            disabled={fresh.length === 0 || acknowledge.isPending}
            onClick={() => ask()}
          >
            {words.acknowledgeAll}
          </Button>
        </>
      }
    >
      <div className="card-body" data-testid={`alerts-${view}`}>
        {view === 'history' && history.error && !history.data ? (
          <FailedState
            title={text.common.failed}
            failure={history.error.failure}
            onRetry={() => void history.refetch()}
          />
        ) : shown.length > 0 ? (
          <DataTable
            rows={shown}
            columns={columns}
            rowId={(alert) => alert.id}
            label={words.list}
            testId="alert-rows"
            rowTestId="alert-row"
            chosen={chosen?.id ?? null}
            onChoose={(id) => settleAt('health', id)}
          />
        ) : told === undefined || (view === 'history' && history.isPending) ? (
          <EmptyState title={text.common.loading} />
        ) : view === 'now' ? (
          <EmptyState title={words.well} text={words.wellWhat} testId="alerts-none" />
        ) : (
          <EmptyState title={words.noHistory} text={words.noHistoryWhat} testId="alerts-none" />
        )}
      </div>
      {shown.length > 0 && (
        <div className="alert-detail" data-testid="alert-detail">
          {chosen ? (
            <AlertDetail
              alert={chosen}
              onAcknowledge={canAcknowledge && !acknowledge.isPending ? () => ask([chosen.id]) : null}
            />
          ) : (
            <p className="faint">{words.choose}</p>
          )}
        </div>
      )}
    </Card>
  );
}

function AlertDetail({ alert, onAcknowledge }: { alert: Alert; onAcknowledge: (() => void) | null }) {
  const text = useText();
  const words = text.health.alerts;
  const zone = usePreferences((preferences) => preferences.zone);
  useBeat(1000);
  const figures = [
    alertFigure(alert.rule, alert.value, text),
    ...(alert.worst === null ? [] : [words.worst(alertFigure(alert.rule, alert.worst, text))]),
    ...(alert.limit === null ? [] : [words.limit(alertFigure(alert.rule, alert.limit, text))]),
  ];
  return (
    <>
      <div className="alert-detail-head">
        <Mark tone={alertTone(alert)}>
          <b>{alertTitle(alert, text)}</b>
        </Mark>
        <span className="faint">
          {formatTime(alert.sinceUs, zone)}
          {alert.untilUs !== null && ` – ${formatTime(alert.untilUs, zone)}`} ·{' '}
          {formatAge(lastedMs(alert, Date.now() * 1000), text.units)}
          {alert.value !== null && ` · ${figures.join(' · ')}`}
          {alert.acknowledgedUs !== null && ` · ${words.acknowledgedAt} ${formatTime(alert.acknowledgedUs, zone)}`}
        </span>
        {alert.untilUs === null && (
          <Button
            small
            keys="A"
            testId="acknowledge-one"
            aria-disabled={onAcknowledge === null}
            onClick={() => onAcknowledge?.()}
          >
            {words.acknowledge}
          </Button>
        )}
      </div>
      <p className="alert-note mono">{text.common.note(alert.note)}</p>
      <p>
        <span className="faint">{words.todo}: </span>
        {words.todos[alert.rule]}{' '}
        {alert.rule === 'trades-lost' && (
          <a
            className="evidence-link"
            href={formatPlace({ panel: 'gaps', item: 'missing' })}
            data-testid="alert-missing"
          >
            {words.showMissing}
          </a>
        )}
      </p>
    </>
  );
}
