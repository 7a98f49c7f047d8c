// One word for what the recorder does, and never a better one than what is known at this moment.

import type { EventValue } from '../../src-shared/contract/index.ts';
import type { CollectorMeter } from '../../src-shared/contract/recording.ts';

export type SystemState = EventValue<'system.state'>;

export type RecordingState =
  | { readonly word: 'recording' | 'waiting' | 'starting' | 'restarting' | 'unset' | 'unseen' }
  | { readonly word: 'held' | 'halted'; readonly note: string }
  | { readonly word: 'partly'; readonly live: number; readonly all: number }
  | { readonly word: 'silent'; readonly ageMs: number };

/** A meter comes four times a second; after this it no longer speaks for the present. */
export const STALE_MS = 3000;

export interface Known {
  readonly linked: boolean;
  readonly system: SystemState | undefined;
  readonly collector: CollectorMeter | null;
  /** Age of the collector's meter, ms. */
  readonly ageMs: number;
}

export function countLines(collector: CollectorMeter): { live: number; all: number } {
  let live = 0;
  for (const line of collector.lines) if (line.state === 'live' || line.state === 'renewing') live += 1;
  return { live, all: collector.lines.length };
}

export function recordingState({ linked, system, collector, ageMs }: Known): RecordingState {
  if (!linked || !system) return { word: 'unseen' };
  if (system.mode === 'none') return { word: 'unset' };
  const child = system.children.find((entry) => entry.process === 'collector');
  if (child?.state === 'held') return { word: 'held', note: child.note ?? '' };
  if (child?.state === 'restarting') return { word: 'restarting' };
  if (!collector) return { word: 'starting' };
  if (ageMs > STALE_MS) return child?.state === 'starting' ? { word: 'starting' } : { word: 'silent', ageMs };
  if (!collector.recording) return { word: 'halted', note: collector.halt ?? '' };
  const { live, all } = countLines(collector);
  if (live === 0) return { word: 'waiting' };
  return live < all ? { word: 'partly', live, all } : { word: 'recording' };
}
