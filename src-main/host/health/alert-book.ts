// The life of alerts: raised when a finding lasts, over when it stays away, one alert however often it comes back in between.
// Pure but for the clock that it is given. Promises: nothing flaps, and no more than a bounded number is remembered.
import type { Us } from '../../../src-shared/base/time.ts';
import type { Alert, AlertRule } from '../../../src-shared/contract/health.ts';
import type { Finding, Judgement } from './alert-rules.ts';

/** How long a finding must last before it is told, and stay away before it is over, ms. */
export interface Patience {
  readonly holdMs: number;
  readonly quietMs: number;
}

/** A thing that comes back within this time after it was over is the same alert again. */
const RETURN_MS = 5 * 60_000;
export const ENDED_KEPT = 2000;
const NOTE_CHARS = 600;

const usual: Readonly<Record<AlertRule, Patience>> = {
  halted: { holdMs: 0, quietMs: 3000 },
  disk: { holdMs: 0, quietMs: 10_000 },
  'process-held': { holdMs: 0, quietMs: 0 },
  'process-restart': { holdMs: 0, quietMs: 10_000 },
  'process-silent': { holdMs: 2000, quietMs: 3000 },
  'venue-down': { holdMs: 15_000, quietMs: 5000 },
  'line-down': { holdMs: 15_000, quietMs: 5000 },
  'store-lag': { holdMs: 3000, quietMs: 5000 },
  'durable-delay': { holdMs: 5000, quietMs: 10_000 },
  'clock-offset': { holdMs: 10_000, quietMs: 20_000 },
  'gap-deadline': { holdMs: 5000, quietMs: 5000 },
  'trades-lost': { holdMs: 0, quietMs: 5000 },
  quarantine: { holdMs: 0, quietMs: 60_000 },
};

/** Where a smaller figure is the worse one. */
const lessIsWorse: ReadonlySet<AlertRule> = new Set(['disk', 'gap-deadline']);

interface Active {
  alert: Alert;
  /** Since when it is not found any more, ms; null: it is found. */
  awayMs: number | null;
}

interface Ended {
  alert: Alert;
  /** When it ended, on the monotonic clock; what an earlier host left is never taken up again. */
  readonly endedMs: number;
}

export class AlertBook {
  readonly #active = new Map<string, Active>();
  /** Found, but not long enough yet: since when, ms. */
  readonly #waiting = new Map<string, number>();
  #ended: Ended[];
  #lineMs = usual['line-down'].holdMs;

  /** kept: what an earlier host wrote. What was going on then goes on, until it is seen to be over. */
  constructor(kept: readonly Alert[] = []) {
    const open = kept.filter((alert) => alert.untilUs === null);
    for (const alert of open) this.#active.set(keyOf(alert), { alert, awayMs: null });
    this.#ended = kept
      .filter((alert) => alert.untilUs !== null)
      .sort((a, b) => (b.untilUs ?? 0) - (a.untilUs ?? 0))
      .slice(0, ENDED_KEPT)
      .map((alert) => ({ alert, endedMs: Number.NEGATIVE_INFINITY }));
  }

  /** How long a line or venue may be away before it is told. */
  lineHold(seconds: number): void {
    this.#lineMs = seconds * 1000;
  }

  /** Worst first, then the newest. */
  get active(): Alert[] {
    return [...this.#active.values()]
      .map(({ alert }) => alert)
      .sort((a, b) => Number(b.severity === 'bad') - Number(a.severity === 'bad') || b.sinceUs - a.sinceUs);
  }

  /** Newest end first. */
  get ended(): Alert[] {
    return this.#ended.map(({ alert }) => alert);
  }

  /** One look; the alerts that began, changed in more than their figures, or ended. */
  look({ findings, unknown }: Judgement, nowUs: Us, nowMs: number): Alert[] {
    const told: Alert[] = [];
    const found = new Map(findings.map((finding) => [keyOf(finding), finding]));
    for (const [key, finding] of found) {
      const active = this.#active.get(key);
      if (active) {
        const next = this.#goOn(active, finding);
        if (next) told.push(next);
      } else if (finding.strength === 'raise') {
        const raised = this.#raise(key, finding, nowUs, nowMs);
        if (raised) told.push(raised);
      }
    }
    for (const key of this.#waiting.keys()) if (!found.has(key)) this.#waiting.delete(key);
    for (const [key, active] of this.#active) {
      if (found.has(key) || unknown.has(active.alert.rule)) {
        if (!found.has(key)) active.awayMs = null;
        continue;
      }
      active.awayMs ??= nowMs;
      if (nowMs - active.awayMs < usual[active.alert.rule].quietMs) continue;
      this.#active.delete(key);
      const alert = { ...active.alert, untilUs: Math.round(nowUs - (nowMs - active.awayMs) * 1000) };
      this.#ended = [{ alert, endedMs: nowMs }, ...this.#ended].slice(0, ENDED_KEPT);
      told.push(alert);
    }
    return told;
  }

  /** Those that had not been acknowledged before. */
  acknowledge(ids: readonly string[] | undefined, nowUs: Us): Alert[] {
    const told: Alert[] = [];
    for (const active of this.#active.values()) {
      if (active.alert.acknowledgedUs !== null || (ids && !ids.includes(active.alert.id))) continue;
      active.alert = { ...active.alert, acknowledgedUs: nowUs };
      told.push(active.alert);
    }
    return told;
  }

  #raise(key: string, finding: Finding, nowUs: Us, nowMs: number): Alert | null {
    const sinceMs = this.#waiting.get(key) ?? nowMs;
    this.#waiting.set(key, sinceMs);
    const { rule } = finding;
    const holdMs = rule === 'line-down' || rule === 'venue-down' ? this.#lineMs : usual[rule].holdMs;
    if (nowMs - sinceMs < holdMs) return null;
    this.#waiting.delete(key);
    const before = this.#ended.find(({ alert, endedMs }) => keyOf(alert) === key && nowMs - endedMs < RETURN_MS);
    if (before) this.#ended = this.#ended.filter((one) => one !== before);
    const sinceUs = Math.round(nowUs - (nowMs - sinceMs) * 1000);
    const alert: Alert = before
      ? { ...updated(before.alert, finding), untilUs: null, times: before.alert.times + 1 }
      : {
          id: `${rule}:${finding.subject}:${sinceUs}`,
          rule,
          subject: finding.subject,
          severity: finding.severity,
          sinceUs,
          untilUs: null,
          acknowledgedUs: null,
          value: finding.value,
          worst: finding.value,
          limit: finding.limit,
          note: finding.note.slice(0, NOTE_CHARS),
          times: 1,
        };
    this.#active.set(key, { alert, awayMs: null });
    return alert;
  }

  /** The alert when it changed in more than its figures. */
  #goOn(active: Active, finding: Finding): Alert | null {
    active.awayMs = null;
    const before = active.alert;
    // What can only be seen to go on is told as it was when it was raised.
    const next = finding.strength === 'keep' ? { ...before, value: finding.value } : updated(before, finding);
    active.alert = finding.again ? { ...next, times: next.times + 1 } : next;
    return finding.again || next.severity !== before.severity ? active.alert : null;
  }
}

function keyOf({ rule, subject }: Pick<Alert, 'rule' | 'subject'>): string {
  return `${rule} ${subject}`;
}

function updated(alert: Alert, finding: Finding): Alert {
  const { value } = finding;
  const worse = lessIsWorse.has(alert.rule) ? Math.min : Math.max;
  return {
    ...alert,
    severity: finding.severity,
    value,
    limit: finding.limit,
    note: finding.note.slice(0, NOTE_CHARS),
    worst: value === null ? alert.worst : alert.worst === null ? value : worse(alert.worst, value),
    // What got worse than what was acknowledged is news again.
    acknowledgedUs: finding.severity === 'bad' && alert.severity === 'warn' ? null : alert.acknowledgedUs,
  };
}
