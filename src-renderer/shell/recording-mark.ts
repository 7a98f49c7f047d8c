// The recorder's state as the status bar shows it: word and shape.
import type { Text } from '../i18n/text.ts';
import { formatDuration } from '../parts/format.ts';
import type { Tone } from '../parts/mark.tsx';
import type { RecordingState } from '../state/recording-state.ts';

const tones: Record<RecordingState['word'], Tone> = {
  recording: 'ok',
  partly: 'warn',
  waiting: 'warn',
  starting: 'busy',
  restarting: 'busy',
  silent: 'bad',
  halted: 'bad',
  held: 'bad',
  unset: 'idle',
  unseen: 'bad',
};

export function recordingTone(state: RecordingState): Tone {
  return tones[state.word];
}

export function recordingWords(state: RecordingState, text: Text): string {
  switch (state.word) {
    case 'partly':
      return text.recording.partly(state.live, state.all);
    case 'silent':
      return text.recording.silent(formatDuration(state.ageMs, text.units));
    case 'held':
    case 'halted':
      return state.note ? `${text.recording[state.word]}: ${text.common.note(state.note)}` : text.recording[state.word];
    default:
      return text.recording[state.word];
  }
}
