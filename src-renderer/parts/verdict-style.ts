// How a verdict is marked, the same wherever verdicts are shown, from the strongest to the weakest.
import type { Verdict } from '../../src-shared/market/gap.ts';
import type { Tone } from './mark.tsx';

export const verdictTones: Record<Verdict, Tone> = {
  proven: 'ok',
  covered: 'fair',
  unproved: 'warn',
  incomplete: 'bad',
};
