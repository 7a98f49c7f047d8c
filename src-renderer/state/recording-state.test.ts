// The word in the status bar must never be better than what is known.
import { describe, expect, it } from 'vitest';
import type { CollectorMeter, LineState } from '../../src-shared/contract/recording.ts';
import { type Known, recordingState, type SystemState } from './recording-state.ts';

const system: SystemState = {
  version: '1',
  mode: 'live',
  host: 'headless',
  dataDir: '/data',
  startedUs: 0,
  nowUs: 0,
  children: [{ process: 'collector', pid: 1, state: 'ready', restarts: 0, note: null }],
};

const line = (state: LineState['state']): LineState => ({
  id: 'upbit:spot:0',
  venue: 'upbit',
  market: 'spot',
  line: 0,
  state,
  wanted: 1,
  acknowledged: 1,
  lastFrameAgeMs: 1,
  lastDataAgeMs: 1,
  connectedUs: 1,
  maxAgeMs: null,
  renewals: 0,
  reconnects: 0,
  frames: 1,
  bytes: 1,
  url: 'wss://x',
  address: null,
  note: null,
});

const meter = (states: LineState['state'][], more: Partial<CollectorMeter> = {}): CollectorMeter => ({
  atUs: 0,
  recording: true,
  halt: null,
  headFrame: 1,
  durableFrame: 1,
  journalBytes: 1,
  bufferedBytes: 0,
  bufferLimitBytes: 1,
  lostFrames: 0,
  durableDelayMs: { p50: 1, p99: 1, max: 1 },
  loopDelayMs: { p99: 1, max: 1 },
  framesPerSecond: 1,
  bytesPerSecond: 1,
  rssBytes: 1,
  lines: states.map(line),
  refusals: [],
  ...more,
});

const known = (more: Partial<Known>): Known => ({
  linked: true,
  system,
  collector: meter(['live']),
  ageMs: 100,
  ...more,
});
const child = (state: SystemState['children'][number]['state'], note: string | null = null): SystemState => ({
  ...system,
  children: [{ process: 'collector', pid: null, state, restarts: 1, note }],
});

describe('the recording state', () => {
  it('says recording only when every line is live and the meter is fresh', () => {
    expect(recordingState(known({}))).toEqual({ word: 'recording' });
    expect(recordingState(known({ collector: meter(['live', 'renewing']) }))).toEqual({ word: 'recording' });
    expect(recordingState(known({ collector: meter(['live', 'waiting']) }))).toEqual({
      word: 'partly',
      live: 1,
      all: 2,
    });
    expect(recordingState(known({ collector: meter(['connecting']) }))).toEqual({ word: 'waiting' });
  });

  it('does not speak for a recorder that it cannot see or hear', () => {
    expect(recordingState(known({ linked: false }))).toEqual({ word: 'unseen' });
    expect(recordingState(known({ system: undefined }))).toEqual({ word: 'unseen' });
    expect(recordingState(known({ ageMs: 3001 }))).toEqual({ word: 'silent', ageMs: 3001 });
    expect(recordingState(known({ collector: null }))).toEqual({ word: 'starting' });
    expect(recordingState(known({ system: { ...system, mode: 'none' } }))).toEqual({ word: 'unset' });
  });

  it('names halts and dead recorders even while the last meter still looks well', () => {
    expect(recordingState(known({ collector: meter([], { recording: false, halt: 'disk full' }) }))).toEqual({
      word: 'halted',
      note: 'disk full',
    });
    expect(recordingState(known({ system: child('restarting') }))).toEqual({ word: 'restarting' });
    expect(recordingState(known({ system: child('held', 'exit 1') }))).toEqual({ word: 'held', note: 'exit 1' });
  });
});
