// A child that comes when asked: it is started once, waited for, brought back, refused where it cannot be, and ended only when nobody needs it.
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type Failure, ok, type Result } from '../../src-shared/base/result.ts';
import { OnDemand, type Summoned } from './on-demand.ts';
import type { ChildState } from './supervised-child.ts';

const never = new AbortController().signal;
let demand: OnDemand | undefined;
afterEach(() => demand?.close());

function summon(
  options: { idleMs?: number; startMs?: number; refusal?: () => Failure | null; busy?: () => boolean } = {},
) {
  let state: ChildState['state'] = 'stopped';
  const told: string[] = [];
  const become = (next: ChildState['state']): void => {
    state = next;
    demand?.changed();
  };
  const child: Summoned = {
    start: () => {
      told.push('start');
      become('starting');
    },
    drain: async () => {
      told.push('drain');
      become('stopped');
      return true;
    },
    state: () => ({ process: 'analyst', pid: null, state, restarts: 0, note: state === 'held' ? 'it broke' : null }),
    request: async (name): Promise<Result<unknown>> => ok(name),
  };
  demand = new OnDemand(child, { refusal: () => null, busy: () => false, ...options });
  return { demand, told, become };
}

describe('on demand', () => {
  it('starts with the first request, once for many', async () => {
    const { demand: asked, told, become } = summon();
    const all = Promise.all(['a', 'b', 'c'].map((name) => asked.request(name, {}, never)));
    await vi.waitFor(() => expect(told).toEqual(['start']));
    become('ready');
    expect(await all).toEqual([ok('a'), ok('b'), ok('c')]);
    expect(told).toEqual(['start']);
  });

  it('waits for one that is being restarted', async () => {
    const { demand: asked, told, become } = summon();
    become('restarting');
    const answer = asked.request('a', {}, never);
    become('starting');
    become('ready');
    expect(await answer).toEqual(ok('a'));
    expect(told).toEqual([]);
  });

  it('says why it does not come, and tries anew with the next request', async () => {
    const { demand: asked, told, become } = summon();
    const answer = asked.request('a', {}, never);
    await vi.waitFor(() => expect(told).toEqual(['start']));
    become('held');
    expect(await answer).toMatchObject({
      failure: { code: 'process.held', message: expect.stringContaining('it broke') },
    });
    const next = asked.request('b', {}, never);
    await vi.waitFor(() => expect(told).toEqual(['start', 'start']));
    become('ready');
    expect(await next).toEqual(ok('b'));
  });

  it('does not wait for ever, and not for someone who left', async () => {
    const { demand: asked } = summon({ startMs: 20 });
    expect(await asked.request('a', {}, never)).toMatchObject({ failure: { code: 'process.gone', retry: true } });
    expect(await asked.request('a', {}, AbortSignal.abort())).toMatchObject({ ok: false });
  });

  it('is not started where it has nothing to read', async () => {
    const refusal = { code: 'analysis.no-data', message: 'nothing is recorded yet', retry: false };
    const { demand: asked, told } = summon({ refusal: () => refusal });
    expect(await asked.request('a', {}, never)).toEqual({ ok: false, failure: refusal });
    expect(told).toEqual([]);
  });

  it('rests when nobody asks, not while it works, and comes back', async () => {
    let [busy, looks] = [true, 0];
    const {
      demand: asked,
      told,
      become,
    } = summon({
      idleMs: 40,
      busy: () => {
        looks += 1;
        return busy;
      },
    });
    const first = asked.request('a', {}, never);
    await vi.waitFor(() => expect(told).toEqual(['start']));
    become('ready');
    await first;
    await vi.waitFor(() => expect(looks).toBeGreaterThan(5));
    expect(told).toEqual(['start']);
    busy = false;
    await vi.waitFor(() => expect(told).toEqual(['start', 'drain']));
    const again = asked.request('b', {}, never);
    await vi.waitFor(() => expect(told).toEqual(['start', 'drain', 'start']));
    become('ready');
    expect(await again).toEqual(ok('b'));
  });
});
