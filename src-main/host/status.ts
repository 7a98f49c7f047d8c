// One honest sentence about the whole: what the meters of both halves and the children's states add up to.
import type { StoreMeter } from '../../src-shared/contract/archive.ts';
import type { Alert } from '../../src-shared/contract/health.ts';
import type { CollectorMeter } from '../../src-shared/contract/recording.ts';
import type { Status } from '../../src-shared/contract/system.ts';
import type { ChildState } from './supervised-child.ts';

export type Mode = 'none' | 'live' | 'rehearsal' | 'offline';

export interface Observed {
  readonly mode: Mode;
  readonly pid: number;
  /** Venue markets that the settings ask for. */
  readonly markets: number;
  readonly children: readonly ChildState[];
  /** undefined while the process is away: what it said before no longer holds. */
  readonly collector: CollectorMeter | undefined;
  readonly store: StoreMeter | undefined;
  /** The last ever seen of what only grows. */
  readonly headFrame: number;
  readonly durableFrame: number;
  readonly journalBytes: number;
  readonly lastStore: StoreMeter | undefined;
  /** Free space of the data folder, for as long as no store has told. */
  readonly freeBytes: number;
}

const LAG_MS = 10_000;
/** A venue that has not answered for less, and is asked again sooner, is no trouble. */
const REFUSES_US = 10_000_000;
const NO_TOTALS = {
  frames: 0,
  control: 0,
  data: 0,
  other: 0,
  rejected: 0,
  ticks: 0,
  stored: 0,
  duplicates: 0,
  rejectedRows: 0,
};
const NO_GAPS = { open: 0, repairing: 0, repaired: 0, partial: 0, unrecoverable: 0, venueHole: 0 };

function seconds(us: number): string {
  return `${Math.round(us / 1e6)} s`;
}

export function statusOf(seen: Observed): Status {
  const store = seen.store ?? seen.lastStore;
  const halts = haltsOf(seen);
  const troubles = troublesOf(seen);
  const frame = store?.frame ?? 0;
  // What is stored was durable, and what is durable was appended, whichever meter spoke last.
  const durableFrame = Math.max(seen.durableFrame, frame);
  return {
    status: halts.length > 0 ? 'halted' : troubles.length > 0 ? 'degraded' : 'ok',
    recording: seen.collector?.recording ?? false,
    pid: seen.pid,
    children: Object.fromEntries(seen.children.map((child) => [child.process, child.pid])),
    journal: { headFrame: Math.max(seen.headFrame, durableFrame), durableFrame, bytes: seen.journalBytes },
    store: { frame, lagFrames: store?.lagFrames ?? 0, lagMs: store?.lagMs ?? 0 },
    totals: store?.totals ?? NO_TOTALS,
    lines: [...(seen.collector?.lines ?? [])],
    gaps: store?.gaps ?? NO_GAPS,
    disk: store?.disk ?? { freeBytes: seen.freeBytes, usedBytes: 0, fullInHours: null, state: 'ok', note: null },
    reasons: [...halts, ...troubles],
  };
}

/** With an alert that is not over the whole is not well, whatever this moment looks like. */
export function withAlerts(status: Status, alerts: readonly Alert[]): Status {
  if (alerts.length === 0) return status;
  const words = alerts.map(
    ({ rule, subject, note }) => `alert ${subject === '' ? rule : `${rule} ${subject}`}: ${note}`,
  );
  return {
    ...status,
    status: status.status === 'ok' ? 'degraded' : status.status,
    reasons: [...status.reasons, ...words.slice(0, 10)],
  };
}

function haltsOf(seen: Observed): string[] {
  const halts: string[] = [];
  if (seen.collector?.halt) halts.push(`recording is halted: ${seen.collector.halt}`);
  for (const child of seen.children) {
    if (child.state === 'held') halts.push(`${child.process} is held: ${child.note ?? 'it does not start'}`);
  }
  const disk = seen.store?.disk;
  if (disk && (disk.state === 'halted' || disk.state === 'failed'))
    halts.push(`disk ${disk.state}${disk.note ? `: ${disk.note}` : ''}`);
  return halts;
}

function troublesOf(seen: Observed): string[] {
  if (seen.mode === 'none') return ['nothing is recorded yet: choose live venues or a rehearsal'];
  if (seen.mode === 'offline') return ['no host records into this folder'];
  const troubles: string[] = [];
  // Without a line there is nothing that could look wrong.
  if (seen.mode === 'live' && seen.markets === 0)
    troubles.push('no venue is switched on in the settings: no trade is recorded');
  for (const child of seen.children) {
    if (child.state === 'held') continue;
    if (child.state !== 'ready')
      troubles.push(`${child.process} is ${child.state}${child.note ? ` (${child.note})` : ''}`);
    else if (child.note) troubles.push(`${child.process}: ${child.note}`);
  }
  if (seen.collector) {
    const waiting = seen.collector.lines.filter((line) => line.state !== 'live' && line.state !== 'renewing');
    for (const line of waiting.slice(0, 3))
      troubles.push(`line ${line.id} is ${line.state}${line.note ? `: ${line.note}` : ''}`);
    if (waiting.length > 3) troubles.push(`and ${waiting.length - 3} more lines are not live`);
    const short = seen.collector.lines.filter((line) => line.state === 'live' && line.acknowledged < line.wanted);
    for (const line of short.slice(0, 3))
      troubles.push(`line ${line.id} has ${line.acknowledged} of ${line.wanted} streams`);
    const { atUs, refusals } = seen.collector;
    const silent = refusals.filter((one) => Math.max(atUs - one.sinceUs, one.untilUs - atUs) > REFUSES_US);
    for (const { venue, market, sinceUs, untilUs, note } of silent.slice(0, 3))
      troubles.push(
        `${venue} ${market} has answered no question for ${seconds(atUs - sinceUs)}, and is asked again in ${seconds(Math.max(0, untilUs - atUs))}${note === null ? '' : `: ${note}`}`,
      );
    if (silent.length > 3) troubles.push(`and ${silent.length - 3} more venues answer no question`);
  }
  if (seen.store) {
    if (seen.store.lagMs > LAG_MS)
      troubles.push(`the store is ${Math.round(seen.store.lagMs / 1000)} s behind the journal`);
    if (seen.store.disk.state === 'warn' || seen.store.disk.state === 'pruning')
      troubles.push(`disk ${seen.store.disk.state}${seen.store.disk.note ? `: ${seen.store.disk.note}` : ''}`);
  }
  return troubles;
}
