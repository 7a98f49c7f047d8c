// Tests of the router with screens and owners that misbehave: late, slow, foreign, silent.
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ok, type Result } from '../../src-shared/base/result.ts';
import type { DownEnvelope } from '../../src-shared/contract/wire.ts';
import { silentLog } from '../base/log.ts';
import { Router } from './router.ts';
import type { Screen, ScreenEvents } from './screen.ts';

class TestScreen implements Screen {
  readonly name = 'test';
  readonly sent: DownEnvelope[] = [];
  slow = false;
  events: ScreenEvents | undefined;
  post(message: DownEnvelope): void {
    this.sent.push(message);
  }
  congested(): boolean {
    return this.slow;
  }
  listen(events: ScreenEvents): void {
    this.events = events;
  }
}

function attached(router: Router): TestScreen {
  const screen = new TestScreen();
  router.attach(screen);
  return screen;
}

const change = (count: number) => ({ count, latest: null });

afterEach(() => {
  vi.useRealTimers();
});

describe('router', () => {
  it('checks input before the owner sees it, and fills in what may be left out', async () => {
    const router = new Router(silentLog());
    const seen: unknown[] = [];
    router.own('store', {
      request: async (_name, input) => {
        seen.push(input);
        return ok({ listings: [] });
      },
    });
    expect(await router.request('listings.list', { limit: 'many' })).toMatchObject({
      ok: false,
      failure: { code: 'request.invalid', message: expect.stringMatching(/listings\.list: limit: /) },
    });
    expect(await router.request('listings.list', undefined)).toEqual({ ok: true, value: { listings: [] } });
    expect(seen).toEqual([{ limit: 500 }]);
    expect(await router.request('toString', {})).toMatchObject({ ok: false, failure: { code: 'request.unknown' } });
    expect(await router.ask('gaps.list', {})).toMatchObject({ ok: false, failure: { code: 'reply.invalid' } });
  });

  it('answers in time when the owner does not, and tells it to stop', async () => {
    vi.useFakeTimers();
    const router = new Router(silentLog());
    let stopped = false;
    router.own('store', {
      request: (_name, _input, signal) =>
        new Promise<Result<unknown>>(() => {
          signal.addEventListener('abort', () => {
            stopped = true;
          });
        }),
    });
    const waiting = router.request('gaps.list', {});
    await vi.advanceTimersByTimeAsync(15_000);
    expect(await waiting).toMatchObject({ ok: false, failure: { code: 'request.timeout', retry: true } });
    expect(stopped).toBe(true);
  });

  it('cancels what a screen no longer wants, and all of a screen that is gone', async () => {
    const router = new Router(silentLog());
    let stopped = 0;
    router.own('store', {
      request: (_name, _input, signal) =>
        new Promise<Result<unknown>>(() => {
          signal.addEventListener('abort', () => {
            stopped += 1;
          });
        }),
    });
    const screen = attached(router);
    for (const id of [1, 2, 3]) screen.events?.message({ t: 'request', id, name: 'gaps.list', input: {} });
    screen.events?.message({ t: 'request', id: 3, name: 'gaps.list', input: {} });
    expect(screen.sent).toMatchObject([{ t: 'reply', id: 3, result: { ok: false, failure: { code: 'screen.busy' } } }]);
    screen.events?.message({ t: 'cancel', id: 1 });
    expect(stopped).toBe(1);
    screen.events?.closed();
    expect(stopped).toBe(3);
    expect(router.screens).toBe(0);
  });

  it('answers for an owner that rejects or throws: screens, children and the host itself, and nothing else ends', async () => {
    const router = new Router(silentLog());
    const failed = { ok: false, failure: { code: 'request.failed', message: 'gaps.list failed: EIO', retry: true } };
    for (const request of [
      async () => Promise.reject(new Error('EIO')),
      () => {
        throw new Error('EIO');
      },
    ]) {
      router.own('store', { request });
      expect(await router.request('gaps.list', {})).toEqual(failed);
      expect(await router.ask('gaps.list', {})).toEqual(failed);
      const screen = attached(router);
      screen.events?.message({ t: 'request', id: 1, name: 'gaps.list', input: {} });
      await vi.waitFor(() => expect(screen.sent).toEqual([{ t: 'reply', id: 1, result: failed }]), 60_000);
    }
  });

  it('gives the latest value first, then changes with running numbers', () => {
    const router = new Router(silentLog());
    router.publish('store', 'listings.changed', change(1));
    const screen = attached(router);
    screen.events?.message({ t: 'subscribe', id: 9, name: 'listings.changed' });
    router.publish('store', 'listings.changed', change(2));
    screen.events?.message({ t: 'unsubscribe', id: 9 });
    router.publish('store', 'listings.changed', change(3));
    expect(screen.sent).toEqual([
      { t: 'event', id: 9, seq: 1, value: change(1) },
      { t: 'event', id: 9, seq: 2, value: change(2) },
    ]);
    router.forget('store');
    expect(router.latest('listings.changed')).toBeUndefined();
  });

  it('keeps only the latest value for a slow screen, and says by its number that others were skipped', () => {
    const router = new Router(silentLog());
    const screen = attached(router);
    screen.events?.message({ t: 'subscribe', id: 1, name: 'listings.changed' });
    router.publish('store', 'listings.changed', change(1));
    screen.slow = true;
    for (let count = 2; count <= 1000; count += 1) router.publish('store', 'listings.changed', change(count));
    expect(screen.sent).toHaveLength(1);
    screen.slow = false;
    screen.events?.drained();
    screen.events?.drained();
    expect(screen.sent.slice(1)).toEqual([{ t: 'event', id: 1, seq: 1000, value: change(1000) }]);
  });

  it('refuses events of others, of another shape and unknown ones; and screens that ask for too much', () => {
    const router = new Router(silentLog());
    const screen = attached(router);
    screen.events?.message({ t: 'subscribe', id: 1, name: 'listings.changed' });
    router.publish('collector', 'listings.changed', change(1));
    router.publish('store', 'listings.changed', { count: 'one' });
    router.publish('store', 'nothing', {});
    screen.events?.message('nonsense');
    expect(screen.sent).toEqual([]);
    screen.events?.message({ t: 'subscribe', id: 2, name: 'constructor' });
    for (let id = 3; id < 300; id += 1) screen.events?.message({ t: 'subscribe', id, name: 'store.meter' });
    expect(screen.sent[0]).toMatchObject({ t: 'reply', id: 2, result: { failure: { code: 'event.refused' } } });
    expect(screen.sent.length).toBeGreaterThan(1);
  });
});
