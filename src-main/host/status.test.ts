// Tests of the one sentence about the whole: what somebody reads who looks at nothing but the state.
import { expect, it } from 'vitest';
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

it('never calls a recorder well that was told to record nothing', () => {
  expect(statusOf(recording)).toMatchObject({ status: 'ok', reasons: [] });
  expect(statusOf({ ...recording, markets: 0 })).toMatchObject({
    status: 'degraded',
    reasons: ['no venue is switched on in the settings: no trade is recorded'],
  });
  // The settings of a rehearsal come with its venues, a moment later.
  expect(statusOf({ ...recording, mode: 'rehearsal', markets: 0 }).status).toBe('ok');
});
