// Asking no more often than allowed, and coming back from every kind of answer with a value.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Backoff, httpFetch, pause, RateBudget, retryAfterMs, sharedBudget } from './net.ts';

describe('budget', () => {
  test('no window ever holds more than its weight, and the wait that it names is enough', () => {
    const asks = fc.array(fc.record({ weight: fc.integer({ min: 1, max: 12 }), afterMs: fc.nat(400) }), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(asks, fc.integer({ min: 1, max: 10 }), (list, weight) => {
        const perMs = 1000;
        const budget = new RateBudget({ weight, perMs });
        const taken: { at: number; cost: number }[] = [];
        let now = 1000;
        for (const ask of list) {
          now += ask.afterMs;
          for (let wait = budget.take(ask.weight, now); wait > 0; wait = budget.take(ask.weight, now)) now += wait;
          taken.push({ at: now, cost: Math.min(ask.weight, weight) });
          const inWindow = taken.filter(({ at }) => at > now - perMs).reduce((sum, { cost }) => sum + cost, 0);
          expect(inWindow).toBeLessThanOrEqual(weight);
        }
      }),
    );
  });

  test('stays away as long as the server says, for everyone who shares it', () => {
    const one = sharedBudget('test endpoint', { weight: 5, perMs: 1000 });
    const two = sharedBudget('test endpoint', { weight: 5, perMs: 1000 });
    one.close(60_000, 1000);
    expect(two.take(1, 2000)).toBe(59_000);
    expect(two.take(1, 61_000)).toBe(0);
  });

  test('a wait can be cancelled', async () => {
    const budget = new RateBudget({ weight: 1, perMs: 60_000 });
    const stop = new AbortController();
    expect(await budget.acquire(1)).toBe(true);
    const waiting = budget.acquire(1, stop.signal);
    stop.abort();
    expect(await waiting).toBe(false);
    expect(await pause(60_000, stop.signal)).toBe(false);
  });
});

test('backoff: at once, then doubling within its jitter, never above the limit', () => {
  const backoff = new Backoff(100, 30_000);
  const waits = Array.from({ length: 30 }, () => backoff.next());
  expect(waits[0]).toBe(0);
  for (let i = 1; i < waits.length; i += 1) {
    const full = Math.min(30_000, 100 * 2 ** (i - 1));
    expect(waits[i]).toBeGreaterThanOrEqual(full / 2);
    expect(waits[i]).toBeLessThanOrEqual(full);
  }
  backoff.reset();
  expect(backoff.next()).toBe(0);
});

test('Retry-After is read as seconds or as a date', () => {
  expect(retryAfterMs({ 'retry-after': '3' }, 0)).toBe(3000);
  expect(retryAfterMs({ 'retry-after': 'Thu, 01 Jan 1970 00:00:10 GMT' }, 4000)).toBe(6000);
  expect(retryAfterMs({ 'retry-after': 'soon' }, 0)).toBeNull();
  expect(retryAfterMs({}, 0)).toBeNull();
});

test('a request counts until a whole window after its answer', () => {
  const budget = new RateBudget({ weight: 2, perMs: 1000 });
  const first = budget.hold(1, 0);
  const second = budget.hold(1, 0);
  expect(budget.take(1, 5000)).toBeGreaterThan(0);
  if (typeof first === 'number' || typeof second === 'number') throw new Error('the budget was free');
  first(4500);
  expect(budget.take(1, 5000)).toBe(500);
  expect(budget.take(1, 5499)).toBe(1);
  expect(budget.take(1, 5500)).toBe(0);
  expect(budget.take(1, 5500)).toBeGreaterThan(0);
  second(5600);
  expect(budget.take(1, 6600)).toBe(0);
});

describe('fetch', () => {
  const server = createServer((request, response) => {
    if (request.url === '/long') response.end(Buffer.alloc(1000));
    else if (request.url === '/never') return;
    else response.writeHead(418, { 'X-Name': 'v' }).end('teapot');
  });
  let base = '';
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  test('any status is a reply; what is no reply is a failure that says which', async () => {
    const teapot = await httpFetch(`${base}/`);
    expect(teapot.ok && [teapot.value.status, teapot.value.headers['x-name'], teapot.value.body.toString()]).toEqual([
      418,
      'v',
      'teapot',
    ]);
    const code = async (reply: ReturnType<typeof httpFetch>): Promise<string> => {
      const result = await reply;
      return result.ok ? 'ok' : `${result.failure.code} ${result.failure.retry}`;
    };
    expect(await code(httpFetch(`${base}/long`, { maxBytes: 999 }))).toBe('http.too-large false');
    expect(await code(httpFetch(`${base}/never`, { timeoutMs: 30 }))).toBe('http.timeout true');
    expect(await code(httpFetch('http://127.0.0.1:1/'))).toBe('http.unreachable true');
    expect(await code(httpFetch('not an address'))).toBe('http.unreachable true');
    expect(await code(httpFetch(`${base}/never`, { signal: AbortSignal.abort() }))).toBe('http.cancelled false');
  });
});
