// The child's side of its channel: every question gets its answer or is cancelled, and nothing of it stays behind.
import { fork } from 'node:child_process';
import { getEventListeners } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openParentPort } from './parent-port.ts';

interface Posted {
  readonly t: string;
  readonly id?: number;
}

const posted: Posted[] = [];
let receive: (message: unknown) => void = () => undefined;
const channel = {
  postMessage: (message: Posted) => {
    posted.push(message);
  },
  on: (_: 'message', listener: (event: { data: unknown }) => void) => {
    receive = (data) => listener({ data });
  },
};
const before = [...process.listeners('SIGTERM'), ...process.listeners('SIGINT')];
Reflect.set(process, 'parentPort', channel);
const port = openParentPort('store');
Reflect.deleteProperty(process, 'parentPort');

afterAll(() => {
  for (const name of ['SIGTERM', 'SIGINT'] as const)
    for (const listener of process.listeners(name)) if (!before.includes(listener)) process.off(name, listener);
});

const asked = (): number[] => posted.filter(({ t }) => t === 'request').map(({ id }) => id ?? -1);
const gaps = (signal?: AbortSignal) => port.ask('gaps.list', { limit: 1 }, signal);

test('a signal that lives as long as the process keeps nothing of what was answered', async () => {
  const life = new AbortController();
  const answers = Array.from({ length: 100 }, () => gaps(life.signal));
  expect(getEventListeners(life.signal, 'abort')).toHaveLength(100);
  for (const id of asked()) receive({ t: 'reply', id, result: { ok: true, value: { gaps: [] } } });
  expect(await Promise.all(answers)).toEqual(Array(100).fill({ ok: true, value: { gaps: [] } }));
  expect(getEventListeners(life.signal, 'abort')).toHaveLength(0);
});

test('who no longer wants an answer is told so at once, also when the signal had been given before', async () => {
  const stop = new AbortController();
  const waiting = gaps(stop.signal);
  stop.abort();
  expect(await waiting).toMatchObject({ ok: false, failure: { code: 'request.cancelled' } });
  const many = asked().length;
  expect(await gaps(stop.signal)).toMatchObject({ ok: false, failure: { code: 'request.cancelled' } });
  expect(asked()).toHaveLength(many);
  expect(getEventListeners(stop.signal, 'abort')).toHaveLength(0);
});

test('a request whose handler rejects or throws fails, and the process goes on', async () => {
  port.serve({
    'gaps.list': () => Promise.reject(new Error('EIO')),
    'gaps.repair': () => {
      throw new Error('EIO');
    },
  });
  receive({ t: 'request', id: 900, name: 'gaps.list', input: {} });
  receive({ t: 'request', id: 901, name: 'gaps.repair', input: { ids: ['1-1'] } });
  for (const [id, name] of [
    [900, 'gaps.list'],
    [901, 'gaps.repair'],
  ] as const) {
    const failure = { code: 'request.failed', message: `${name} failed: EIO`, retry: true };
    await expect
      .poll(() => posted.find((one) => one.t === 'reply' && one.id === id), { timeout: 60_000 })
      .toMatchObject({ result: { ok: false, failure } });
  }
});

test('a host that is gone before the child noticed is a drain all the same: nobody waits for its answers, and what is printed does no harm', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'gone-'));
  const child = fork(join(import.meta.dirname, 'parent-gone.fixture.ts'), [join(dir, 'drained')], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve(signal ?? code)));
  child.on('message', ({ t }: Posted) => {
    if (t === 'hello') child.send({ t: 'start', dataDir: dir, settings: {}, options: {} });
    if (t !== 'ready') return;
    child.stdout?.destroy();
    child.stderr?.destroy();
    child.disconnect();
  });
  expect(await ended).toBe(0);
  expect(readFileSync(join(dir, 'drained'), 'utf8')).toBe('the host is gone; process.gone; process.gone');
  rmSync(dir, { recursive: true });
});
