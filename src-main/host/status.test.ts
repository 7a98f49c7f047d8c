// Tests of the one sentence about the whole: what somebody reads who looks at nothing but the state.
import { expect, it } from 'vitest';
import type { CollectorMeter } from '../../src-shared/contract/recording.ts';
import { type Observed, statusOf } from './status.ts';

const ready = { state: 'ready', pid: 7, restarts: 0, note: null } as const;
const recording: Observed = {
  mode: 'live',
  pid: 1,
  markets: 2,
  children: [
    { process: 'collector', ...ready },
    { process: 'store', ...ready },
  ],
  collector: undefined,
  store: undefined,
  headFrame: 0,
  durableFrame: 0,
  journalBytes: 0,
  lastStore: undefined,
  freeBytes: 1,
};

const meter: CollectorMeter = {
  atUs: 1_800_000_000_000_000,
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
  framesPerSecond: 0,
  bytesPerSecond: 0,
  rssBytes: 1,
  lines: [],
  refusals: [],
};

it('names a venue that takes no questions for long, and what it said', () => {
  const upbit = { venue: 'upbit', market: 'spot', address: null, note: 'upbit REST answered 418' } as const;
  const told = (sinceS: number, forS: number): readonly string[] => {
    const times = { sinceUs: meter.atUs - sinceS * 1e6, untilUs: meter.atUs + forS * 1e6 };
    return statusOf({ ...recording, collector: { ...meter, refusals: [{ ...upbit, ...times }] } }).reasons;
  };
  expect(told(9, 9)).toEqual([]);
  const what = 'upbit spot has answered no question for';
  expect(told(0, 60)).toEqual([`${what} 0 s, and is asked again in 60 s: upbit REST answered 418`]);
  expect(told(45, -1)).toEqual([`${what} 45 s, and is asked again in 0 s: upbit REST answered 418`]);
});

it('never calls a recorder well that was told to record nothing', () => {
  expect(statusOf(recording)).toMatchObject({ status: 'ok', reasons: [] });
  expect(statusOf({ ...recording, markets: 0 })).toMatchObject({
    status: 'degraded',
    reasons: ['no venue is switched on in the settings: no trade is recorded'],
  });
  // The settings of a rehearsal come with its venues, a moment later.
  expect(statusOf({ ...recording, mode: 'rehearsal', markets: 0 }).status).toBe('ok');
});
