// What is wrong at this moment, out of what the processes say of themselves. Pure: the same facts give the same findings;
// how long something must last before anyone is told, and when it is over, is the alert book's to decide.
import { SECOND_US, type Us } from '../../../src-shared/base/time.ts';
import type { StoreMeter } from '../../../src-shared/contract/archive.ts';
import type { AlertRule } from '../../../src-shared/contract/health.ts';
import type { CollectorMeter, LineState } from '../../../src-shared/contract/recording.ts';
import type { Settings } from '../../../src-shared/contract/settings.ts';
import type { ChildState } from '../supervised-child.ts';

/** An unrepaired gap that its venue can soon no longer be asked for. */
export interface DueGaps {
  readonly count: number;
  /** The soonest of them. */
  readonly deadlineUs: Us;
  readonly name: string;
}

export interface Facts {
  readonly nowUs: Us;
  /** False where nothing is meant to be recorded: then nothing is wrong. */
  readonly recording: boolean;
  readonly children: readonly (ChildState & {
    /** It ended since the last look, and nobody had asked it to. */
    readonly died: boolean;
    readonly words: string;
  })[];
  readonly collector: CollectorMeter | undefined;
  readonly store: StoreMeter | undefined;
  /** How far this computer's clock is off, ms, ahead positive; null: not known. */
  readonly clockOffsetMs: number | null;
  /** undefined: not known. */
  readonly dueGaps: DueGaps | null | undefined;
  /** Frames that went to quarantine lately; null: not known. */
  readonly quarantineGrowth: number | null;
  /** Gaps that ended lately without all of their trades; null: not known. */
  readonly lostGrowth: number | null;
  readonly limits: Settings['alerts'];
  readonly haltBytes: number;
  readonly warnBytes: number;
}

export interface Finding {
  readonly rule: AlertRule;
  readonly subject: string;
  readonly severity: 'warn' | 'bad';
  readonly value: number | null;
  readonly limit: number | null;
  readonly note: string;
  /** keep: no longer bad enough to be raised, not yet good enough to be over. */
  readonly strength: 'raise' | 'keep';
  /** It happened anew, even where it had not ended. */
  readonly again?: boolean;
}

export interface Judgement {
  readonly findings: readonly Finding[];
  /** Rules that could not be judged: what they found before neither ends nor begins. */
  readonly unknown: ReadonlySet<AlertRule>;
}

/** A figure must fall to this share of its limit before it is well again. */
const WELL = 0.8;
/** A process that is up speaks four times a second. */
const SILENT_US = 5 * SECOND_US;
const FAR_BEHIND = 10;

const ofCollector: readonly AlertRule[] = ['halted', 'venue-down', 'line-down', 'durable-delay'];
const ofStore: readonly AlertRule[] = ['disk', 'store-lag'];

export function judge(facts: Facts): Judgement {
  if (!facts.recording) return { findings: [], unknown: new Set() };
  const unknown = new Set<AlertRule>();
  if (!facts.collector) for (const rule of ofCollector) unknown.add(rule);
  if (!facts.store) for (const rule of ofStore) unknown.add(rule);
  if (facts.dueGaps === undefined) unknown.add('gap-deadline');
  if (facts.quarantineGrowth === null) unknown.add('quarantine');
  if (facts.lostGrowth === null) unknown.add('trades-lost');
  if (facts.clockOffsetMs === null) unknown.add('clock-offset');
  return {
    findings: [
      ...processFindings(facts),
      ...(facts.collector ? collectorFindings(facts.collector, facts) : []),
      ...(facts.store ? storeFindings(facts.store, facts) : []),
      ...figure('clock-offset', Math.abs(facts.clockOffsetMs ?? 0), facts.limits.clockMs, () => {
        const offset = Math.round(facts.clockOffsetMs ?? 0);
        return `this computer's clock is ${Math.abs(offset)} ms ${offset > 0 ? 'ahead of' : 'behind'} the venues'`;
      }),
      ...gapFindings(facts),
      ...lostFindings(facts),
      ...figure('quarantine', facts.quarantineGrowth ?? 0, facts.limits.quarantineFrames, (value) => {
        return `${value} frames that no decoder could read went to quarantine within ten minutes`;
      }),
    ],
    unknown,
  };
}

function processFindings(facts: Facts): Finding[] {
  return facts.children.flatMap((child): Finding[] => {
    const about = { subject: child.process, value: null, limit: null, strength: 'raise' } as const;
    if (child.state === 'held')
      return [{ ...about, rule: 'process-held', severity: 'bad', note: child.note ?? 'it does not start' }];
    const found: Finding[] = [];
    if (child.died || child.state === 'restarting') {
      found.push({
        ...about,
        rule: 'process-restart',
        severity: 'warn',
        note: child.words || child.note || 'it ended',
        again: child.died,
      });
    }
    const meter = child.process === 'collector' ? facts.collector : child.process === 'store' ? facts.store : undefined;
    const silentUs = meter ? facts.nowUs - meter.atUs : 0;
    if (child.state === 'ready' && (silentUs > SILENT_US || child.note?.startsWith('unresponsive'))) {
      const note = child.note ?? `no word from ${child.process} for ${Math.round(silentUs / SECOND_US)} s`;
      found.push({ ...about, rule: 'process-silent', severity: 'warn', note });
    }
    return found;
  });
}

function delivers(line: LineState): boolean {
  return line.state === 'live' || line.state === 'renewing';
}

function collectorFindings(collector: CollectorMeter, { limits }: Facts): Finding[] {
  const found: Finding[] = figure('durable-delay', collector.durableDelayMs.p99, limits.durableMs, (value) => {
    return `what is received is safe on disk only after ${Math.round(value)} ms (p99)`;
  });
  const plain = { value: null, limit: null, strength: 'raise' } as const;
  if (collector.halt !== null) {
    found.push({ ...plain, rule: 'halted', subject: '', severity: 'bad', note: collector.halt });
    // Every line is closed then, and that is why.
    return found;
  }
  const venues = Map.groupBy(
    collector.lines.filter((line) => line.market !== null),
    (line) => line.venue,
  );
  for (const [venue, lines] of venues) {
    const away = lines.filter((line) => !delivers(line));
    if (away.length === lines.length) {
      const why = away.find((line) => line.note !== null)?.note ?? `every line is ${away[0]?.state}`;
      found.push({ ...plain, rule: 'venue-down', subject: venue, severity: 'bad', note: why });
    } else for (const line of away) found.push(lineFinding(line));
  }
  for (const line of collector.lines) if (line.market === null && !delivers(line)) found.push(lineFinding(line));
  return found;
}

function lineFinding(line: LineState): Finding {
  const note = line.note ? `${line.state}: ${line.note}` : line.state;
  return { rule: 'line-down', subject: line.id, severity: 'warn', value: null, limit: null, note, strength: 'raise' };
}

function storeFindings(store: StoreMeter, { limits, haltBytes, warnBytes }: Facts): Finding[] {
  const found = figure('store-lag', store.lagMs, limits.lagSeconds * 1000, (value) => {
    return `the store is ${Math.round(value / 1000)} s behind the journal; what was received is safe, but not to be queried yet`;
  });
  const { disk } = store;
  if (disk.state !== 'ok') {
    const worse = disk.state === 'halted' || disk.state === 'failed';
    found.push({
      rule: 'disk',
      subject: '',
      severity: worse ? 'bad' : 'warn',
      value: disk.freeBytes,
      limit: worse ? haltBytes : warnBytes,
      note: disk.note ?? disk.state,
      strength: 'raise',
    });
  }
  return found;
}

function gapFindings({ dueGaps, nowUs, limits }: Facts): Finding[] {
  if (!dueGaps) return [];
  const leftMs = Math.max(0, Math.round((dueGaps.deadlineUs - nowUs) / 1000));
  return [
    {
      rule: 'gap-deadline',
      subject: '',
      severity: 'warn',
      value: leftMs,
      limit: limits.gapMinutes * 60_000,
      note: `${dueGaps.count} unrepaired; the first that can soon not be asked for any more: ${dueGaps.name}`,
      strength: 'raise',
    },
  ];
}

/** One for all of them: each by itself is in the list of gaps. */
function lostFindings({ lostGrowth, store }: Facts): Finding[] {
  if (!lostGrowth || !store) return [];
  const { partial, unrecoverable } = store.gaps;
  return [
    {
      rule: 'trades-lost',
      subject: '',
      severity: 'bad',
      value: lostGrowth,
      limit: null,
      note: `${lostGrowth === 1 ? '1 gap' : `${lostGrowth} gaps`} ended within ten minutes without all of ${lostGrowth === 1 ? 'its' : 'their'} trades; in all ${partial} filled in part and ${unrecoverable} out of the venue's reach: see the missing ones under Gaps`,
      strength: 'raise',
    },
  ];
}

function figure(rule: AlertRule, value: number, limit: number, say: (value: number) => string): Finding[] {
  if (value < limit * WELL) return [];
  const severity = rule === 'store-lag' && value >= limit * FAR_BEHIND ? 'bad' : 'warn';
  const strength = value >= limit ? 'raise' : 'keep';
  return [{ rule, subject: '', severity, value, limit, note: say(value), strength }];
}
