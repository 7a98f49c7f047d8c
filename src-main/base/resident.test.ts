// A process that has no file descriptor left cannot read its memory, and must not end for that.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type ChildEnvelope, childEnvelope } from '../../src-shared/contract/wire.ts';
import { rssBytes } from './resident.ts';

it('says the resident memory of this process', () => {
  expect(rssBytes()).toBeGreaterThan(1024 ** 2);
});

it.runIf(process.platform === 'linux')(
  'a child without descriptors goes on with its beats, and says what it knew',
  async () => {
    const fixture = join(import.meta.dirname, 'resident.fixture.ts');
    const child = spawn('/bin/sh', ['-c', 'ulimit -n 128; exec "$0" "$1"', process.execPath, fixture], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    let words = '';
    child.stderr?.on('data', (bytes: Buffer) => {
      words += bytes.toString();
    });
    const said: ChildEnvelope[] = [];
    child.on('message', (raw) => said.push(childEnvelope.parse(raw)));
    const beats = (): ChildEnvelope[] => {
      const ready = said.findIndex(({ t }) => t === 'ready');
      return ready < 0 ? [] : said.slice(ready).filter(({ t }) => t === 'beat');
    };
    await expect.poll(() => beats().length >= 2 || child.exitCode !== null, { timeout: 60_000 }).toBe(true);
    expect(words).toContain('EMFILE');
    expect(child.exitCode).toBe(null);
    for (const beat of beats())
      expect(beat).toMatchObject({ rssBytes: expect.toSatisfy((bytes) => bytes > 1024 ** 2) });
    child.kill('SIGKILL');
    await once(child, 'exit');
  },
);
