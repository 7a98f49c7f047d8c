// An alert in the reader's words: its name, its figures in their unit, how long it lasts.
import { type Alert, alertUnits } from '../../../src-shared/contract/health.ts';
import { isVenue } from '../../../src-shared/market/instrument.ts';
import type { Text } from '../../i18n/text.ts';
import { formatBytes, formatCount, formatDuration, NOTHING } from '../../parts/format.ts';
import type { Tone } from '../../parts/mark.tsx';
import { venueNames } from '../../parts/venue-style.ts';

export function alertTone(alert: Pick<Alert, 'severity' | 'untilUs' | 'acknowledgedUs'>): Tone {
  if (alert.untilUs !== null) return 'idle';
  return alert.severity;
}

/** What an alert is about; a process and a venue by their names. */
export function subjectOf(alert: Pick<Alert, 'subject'>, text: Text): string {
  const { subject } = alert;
  const names: Readonly<Record<string, string>> = text.health.processes.names;
  return names[subject] ?? (isVenue(subject) ? venueNames[subject] : subject);
}

export function alertTitle(alert: Pick<Alert, 'rule' | 'subject'>, text: Text): string {
  const subject = subjectOf(alert, text);
  const rule = text.health.alerts.rules[alert.rule];
  return subject === '' ? rule : `${rule}: ${subject}`;
}

export function alertFigure(rule: Alert['rule'], value: number | null, text: Text): string {
  if (value === null) return NOTHING;
  // Nothing is left of the time: that it is over says more than a zero.
  if (rule === 'gap-deadline' && value <= 0) return text.gaps.jobs.unrecoverable;
  switch (alertUnits[rule]) {
    case 'ms':
      return formatDuration(value, text.units);
    case 'bytes':
      return formatBytes(value);
    case 'count':
      return formatCount(value);
    case 'none':
      return NOTHING;
  }
}

/** How long it lasted, or lasts by now, ms. */
export function lastedMs(alert: Pick<Alert, 'sinceUs' | 'untilUs'>, nowUs: number): number {
  return Math.max(0, ((alert.untilUs ?? nowUs) - alert.sinceUs) / 1000);
}
