// A test that failed while the machine stood still says so, and is run once more; every other failure stands.
import { afterEach, beforeEach } from 'vitest';
import { stoodStillMs } from './still.ts';

let began = 0;
beforeEach(() => {
  began = Date.now();
});
afterEach(async ({ task }) => {
  if (task.result?.state !== 'fail') return;
  const ms = await stoodStillMs(began);
  if (ms > 0) throw new Error(`the machine stood still for ${(ms / 1000).toFixed(1)} s while this test ran`);
});
