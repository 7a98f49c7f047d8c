// A command that reads a folder by itself waits for what the journal still holds, and not for ever.
import { expect, test } from 'vitest';
import { caughtUp, type Session } from './session.ts';

/** A session whose store is behind by these frames, one after another, the last for ever. */
function behindBy(lags: readonly number[]): { session: Pick<Session, 'ask' | 'dataDir'>; asked: () => number } {
  let asked = 0;
  const ask = (async () => {
    asked += 1;
    return { store: { lagFrames: lags[Math.min(asked, lags.length) - 1] } };
  }) as unknown as Session['ask'];
  return { session: { ask, dataDir: '/data' }, asked: () => asked };
}

test('waits as long as frames come in', async () => {
  const { session, asked } = behindBy([5, 4, 4, 4, 2, 2, 1, 0]);
  await caughtUp(session, 20_000);
  expect(asked()).toBe(8);
});

test('gives up with the folder and what it lacks when none does', async () => {
  const { session } = behindBy([5, 3]);
  await expect(caughtUp(session, 100)).rejects.toMatchObject({
    failure: {
      code: 'store.stuck',
      message: expect.stringMatching(/^3 frames of the journal of \/data are not stored/),
    },
  });
});
