// A test that failed while the machine stood still says so, and is run once more; every other failure stands.
import { afterEach, beforeEach, vi } from 'vitest';
import { stoodStillMs } from './still.ts';

/** A wait ends when what it waits for is there. The second that vitest gives it is no promise of ours, and too short where others use the machine. */
const WITHIN_MS = 60_000;
const { waitFor } = vi;
vi.waitFor = (look, options) => waitFor(look, options ?? { timeout: WITHIN_MS });

let began = 0;
beforeEach(() => {
  began = Date.now();
});
afterEach(async ({ task }) => {
  if (task.result?.state !== 'fail') return;
  const ms = await stoodStillMs(began);
  if (ms > 0) throw new Error(`the machine stood still for ${(ms / 1000).toFixed(1)} s while this test ran`);
});
