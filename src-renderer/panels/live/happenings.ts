// What an entry of the stream of happenings looks like, leads to, and is found by.
import type { Happening } from '../../../src-shared/contract/live.ts';
import type { Tone } from '../../parts/mark.tsx';
import type { Place } from '../../state/address.ts';

const tones: Record<Happening['what'], Tone> = {
  'line-lost': 'bad',
  'line-back': 'ok',
  'line-renewed': 'idle',
  'line-stopped': 'warn',
  'line-started': 'ok',
  'line-behind': 'warn',
  'line-refused': 'warn',
  'frames-lost': 'bad',
  'gap-opened': 'warn',
  'gap-repaired': 'ok',
  'gap-partial': 'warn',
  'gap-unrecoverable': 'bad',
  'gap-venue-hole': 'idle',
  'listing-seen': 'busy',
  'extract-done': 'ok',
  'extract-failed': 'bad',
  'extract-cancelled': 'idle',
  disk: 'warn',
  'recorder-started': 'idle',
  'recorder-stopped': 'idle',
  'recorder-halted': 'bad',
  'recorder-resumed': 'ok',
  'computer-slept': 'warn',
  'computer-woke': 'idle',
  'store-started': 'idle',
  note: 'idle',
};

export function happeningTone({ what }: Happening): Tone {
  return tones[what];
}

/** Where its evidence is; null: it has no place of its own. */
export function happeningPlace({ kind, ref, count, subject }: Happening): Place | null {
  if (ref === null) return null;
  switch (kind) {
    case 'line':
      return { panel: 'lines', item: ref };
    case 'gap':
      // Several gaps of a market are found by its name, one by its own.
      return { panel: 'gaps', item: `find:${count > 1 ? subject.replaceAll(':', ' ') : ref}` };
    case 'listing':
    case 'extract':
      return { panel: 'listings', item: ref };
    default:
      return null;
  }
}

export function matchingHappenings(
  entries: readonly Happening[],
  search: string,
  wordsOf: (entry: Happening) => string,
): readonly Happening[] {
  const wanted = search.trim().toLowerCase().split(/\s+/).filter(Boolean);
  if (wanted.length === 0) return entries;
  return entries.filter((entry) => {
    const text = `${entry.subject} ${entry.note} ${wordsOf(entry)}`.toLowerCase();
    return wanted.every((word) => text.includes(word));
  });
}
