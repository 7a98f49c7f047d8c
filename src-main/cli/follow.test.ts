// A command that waits for a job must neither give up nor call it ended while the process that does it is started again.
import { expect, test, vi } from 'vitest';
import { FailureError } from '../../src-shared/base/result.ts';
import { follow, tellGivenUp } from './repair-commands.ts';
import type { Session } from './session.ts';

const away = () => {
  throw new FailureError({ code: 'process.gone', message: 'store does not run', retry: true });
};
const job = (state: string) => ({ state, done: 1, total: 1, perSecond: 0, etaMs: 0 });

test('a process that is away for a moment is asked again; any other refusal ends the command', async () => {
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const answers = [() => job('running'), away, away, () => job('done')];
  const status = async () => (answers.shift() ?? away)();
  const none = async (): Promise<void> => undefined;
  expect(await follow(status, none, () => '')).toEqual({ job: job('done'), cancelled: false });
  const refused = async () => {
    throw new FailureError({ code: 'reconcile.unknown-job', message: 'there is no comparison', retry: false });
  };
  await expect(follow(refused, none, () => '')).rejects.toThrow('there is no comparison');
  vi.restoreAllMocks();
});

test('what was given up before a back-fill is told as missing, and is no exit code 0', async () => {
  const said: string[] = [];
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => said.push(String(text)) > 0);
  const codeBefore = process.exitCode;
  try {
    const asked: unknown[] = [];
    const ask = (async (name: string, input: unknown) => {
      asked.push([name, input]);
      return { gaps: [{}, {}, {}] };
    }) as unknown as Session['ask'];
    await tellGivenUp({ ask }, { venue: 'upbit', fromUs: 5 }, { unrecoverable: 3 });
    expect([said, process.exitCode]).toEqual([[], codeBefore]);
    await tellGivenUp({ ask }, { venue: 'upbit', fromUs: 5 }, { unrecoverable: 1 });
    expect(said.join('')).toMatch(/^tapedeck: 2 more beyond the reach of their venues since earlier are missing, too;/);
    expect(process.exitCode).toBe(1);
    expect(asked[0]).toEqual([
      'gaps.list',
      { venue: 'upbit', fromUs: 5, states: ['unrecoverable'], limit: expect.any(Number) },
    ]);
  } finally {
    process.exitCode = codeBefore;
    vi.restoreAllMocks();
  }
});
