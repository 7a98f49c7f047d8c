// Recording that was stopped for want of space goes on by itself when there is space again, whoever was restarted meanwhile.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fail, ok } from '../../../src-shared/base/result.ts';
import { openDisk } from './disk.ts';
import type { JobContext } from './job.ts';
import type { Retention } from './retention.ts';

const PLENTY = 2 ** 62;
let dir: string;
let asked: string[];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'disk-'));
  asked = [];
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** One life of the store, until it has looked at the disk. */
async function lives(haltBytes: number, answers = true): Promise<void> {
  const context = {
    archive: { dataDir: dir },
    settings: { disk: { haltBytes, warnBytes: PLENTY } },
    warehouse: { note: () => undefined },
    nowUs: () => Date.now() * 1000,
    ask: async (name: string, input: unknown) => {
      asked.push(`${name} ${JSON.stringify(input).replace(/"reason":"[^"]*",/, '')}`);
      return answers ? ok({}) : fail('process.gone', 'collector is starting', { retry: true });
    },
  } as unknown as JobContext;
  const disk = openDisk(context, { prune: async () => 0 } as unknown as Retention);
  await disk.start();
  await expect.poll(() => disk.state().state).not.toBe('ok');
  await disk.stop();
}

test('a store that was restarted while recording was halted has it go on', async () => {
  await lives(PLENTY);
  expect(asked).toEqual(['recording.halt {"by":"store"}']);
  await lives(1, false);
  await lives(1);
  expect(asked.slice(1)).toEqual(['recording.resume {"by":"store"}', 'recording.resume {"by":"store"}']);
});

test('what is too little to go on with is not taken for enough by a new store', async () => {
  const { diskSpace } = await import('../../base/files.ts');
  const { freeBytes } = await diskSpace(dir);
  await lives(Math.floor(freeBytes * 0.9));
  expect(asked).toEqual([]);
});
