// The child's side of its channel: every question gets its answer or is cancelled, and nothing of it stays behind.
import { getEventListeners } from 'node:events';
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
