// How far it can be said that nothing is missing: what is open, what ended without its trades, and whether anybody listens at all.
import type { StoreMeter } from '../../src-shared/contract/archive.ts';
import type { CollectorMeter } from '../../src-shared/contract/recording.ts';
import { useEvent } from '../link/hooks.tsx';
import { usePresent } from './live.ts';

export interface Completeness {
  /** Gaps that are still asked for. */
  readonly open: number;
  /** Gaps that ended, and trades of them are missing: filled in part, or beyond the venue's reach. */
  readonly lost: number;
  readonly partial: number;
  readonly unrecoverable: number;
  /** Lines for trades that are acknowledged now, of how many. */
  readonly acknowledged: number;
  readonly lines: number;
  /**
   * unheard: nobody has ever listened, so no gap says nothing. unknown: nobody says whether the lines deliver. partly: some lines do not
   * deliver, and what they miss is a gap only later. whole: every trade is there, as far as ids and coverage show.
   */
  readonly word: 'unheard' | 'open' | 'lost' | 'unknown' | 'partly' | 'whole';
}

/** null: the store does not say. onlyRead: the folder is only read, so there are no lines to hear of. */
export function completenessOf(
  collector: CollectorMeter | null,
  store: StoreMeter | null,
  onlyRead = false,
): Completeness | null {
  if (!store) return null;
  const open = store.gaps.open + store.gaps.repairing;
  const { partial, unrecoverable } = store.gaps;
  const lost = partial + unrecoverable;
  const trading = collector?.lines.filter((line) => line.market !== null && line.wanted > 0) ?? [];
  const acknowledged = trading.filter((line) => line.acknowledged > 0).length;
  const counts = { open, lost, partial, unrecoverable, acknowledged, lines: trading.length };
  if (open > 0) return { ...counts, word: 'open' };
  if (lost > 0) return { ...counts, word: 'lost' };
  if (acknowledged === 0 && store.totals.ticks === 0) return { ...counts, word: 'unheard' };
  if (!collector && !onlyRead) return { ...counts, word: 'unknown' };
  return { ...counts, word: acknowledged < trading.length ? 'partly' : 'whole' };
}

/** What can be said at this moment: a recorder that has gone silent says nothing. */
export function useCompleteness(): Completeness | null {
  const onlyRead = useEvent('system.state')?.mode === 'offline';
  return usePresent(({ collector, store }) => completenessOf(collector, store, onlyRead));
}
