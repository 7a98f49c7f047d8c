// How the state of a gap is marked, the same wherever gaps are shown.
import type { GapState } from '../../src-shared/market/gap.ts';
import type { Tone } from './mark.tsx';

export const gapTones: Record<GapState, Tone> = {
  open: 'warn',
  repairing: 'busy',
  repaired: 'ok',
  partial: 'warn',
  unrecoverable: 'bad',
  'venue-hole': 'idle',
};
