// A command that waits for a job must neither give up nor call it ended while the process that does it is started again.
import { expect, test, vi } from 'vitest';
import { FailureError } from '../../src-shared/base/result.ts';
import { follow } from './repair-commands.ts';

const away = () => {
  throw new FailureError({ code: 'process.gone', message: 'store does not run', retry: true });
};
const job = (state: string) => ({ state, done: 1, total: 1, etaMs: 0 });

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
