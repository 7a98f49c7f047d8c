// How the state of a line is marked, the same wherever lines are shown.
import type { LineState } from '../../src-shared/contract/recording.ts';
import type { Tone } from './mark.tsx';

export const lineTones: Record<LineState['state'], Tone> = {
  waiting: 'warn',
  connecting: 'busy',
  subscribing: 'busy',
  live: 'ok',
  renewing: 'fair',
  closing: 'idle',
  closed: 'idle',
  halted: 'bad',
  stopped: 'warn',
};
