// The columns of the alert list.
import type { Alert } from '../../../src-shared/contract/health.ts';
import type { Zone } from '../../i18n/preferences.ts';
import { type Text, useText } from '../../i18n/text.ts';
import type { TableColumn } from '../../parts/data-table.tsx';
import { formatAge, formatCount, formatTime } from '../../parts/format.ts';
import { Mark } from '../../parts/mark.tsx';
import { useBeat } from '../../parts/now.ts';
import { alertFigure, alertTitle, alertTone, lastedMs } from './alert-words.ts';

export function alertColumns(text: Text, zone: Zone, history: boolean): TableColumn<Alert>[] {
  const words = text.health.alerts;
  const state = (alert: Alert): string => {
    if (alert.untilUs !== null) return words.over;
    return alert.acknowledgedUs === null ? words.severities[alert.severity] : words.known;
  };
  const figure = (alert: Alert): number | null => (history ? alert.worst : alert.value);
  return [
    {
      id: 'state',
      title: words.state,
      fits: true,
      value: state,
      cell: (alert) => (
        <Mark tone={alertTone(alert)}>
          {state(alert)}
          {alert.acknowledgedUs !== null && alert.untilUs === null && ` · ${words.severities[alert.severity]}`}
        </Mark>
      ),
    },
    {
      id: 'what',
      title: words.what,
      value: (alert) => alertTitle(alert, text),
      cell: (alert) => (
        <span title={text.common.note(alert.note)}>
          {alertTitle(alert, text)} <span className="faint">{text.common.note(alert.note)}</span>
        </span>
      ),
    },
    {
      id: 'since',
      title: words.since,
      fits: true,
      value: (alert) => alert.sinceUs,
      cell: (alert) => formatTime(alert.sinceUs, zone),
    },
    ...(history
      ? [
          {
            id: 'until',
            title: words.until,
            fits: true,
            value: (alert: Alert) => alert.untilUs,
            cell: (alert: Alert) => formatTime(alert.untilUs, zone),
          },
        ]
      : []),
    {
      id: 'lasted',
      title: words.lasted,
      number: true,
      fits: true,
      value: (alert) => (alert.untilUs ?? Number.MAX_SAFE_INTEGER) - alert.sinceUs,
      cell: (alert) => <Lasted alert={alert} />,
    },
    {
      id: 'figure',
      title: words.figure,
      hint: words.figureWhat,
      number: true,
      fits: true,
      value: figure,
      cell: (alert) => alertFigure(alert.rule, figure(alert), text),
    },
    {
      id: 'times',
      title: words.times,
      hint: words.timesWhat,
      number: true,
      fits: true,
      value: (alert) => alert.times,
      cell: (alert) => formatCount(alert.times),
    },
  ];
}

function Lasted({ alert }: { alert: Alert }) {
  const { units } = useText();
  // Only what goes on counts up.
  useBeat(alert.untilUs === null ? 1000 : 3_600_000);
  return <>{formatAge(lastedMs(alert, Date.now() * 1000), units)}</>;
}
