// The live view: a recorder that has gone silent does not speak for the present, and a clock that is set back does not end the history.
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { StoreMeter } from '../../src-shared/contract/archive.ts';
import type { EventName } from '../../src-shared/contract/index.ts';
import type { CollectorMeter } from '../../src-shared/contract/recording.ts';
import type { LinkClient, LinkState } from '../link/client.ts';
import { followLive, presentOf, useLive } from './live.ts';

const store = { frame: 1, lagFrames: 0, lagMs: 0, tradesPerSecond: 7, venues: [] } as unknown as StoreMeter;
const collector = { headFrame: 1, durableDelayMs: { p50: 1, p99: 1, max: 1 } } as unknown as CollectorMeter;

/** A link whose meters and phase the test gives. */
function standIn() {
  const heard = new Map<EventName, (value: unknown) => void>();
  let phase: LinkState['phase'] = 'open';
  const link = {
    state: () => ({ phase }),
    subscribe: (name: EventName, tell: (value: unknown) => void) => {
      heard.set(name, tell);
      return () => heard.delete(name);
    },
  } as unknown as LinkClient;
  return {
    link,
    say: (name: EventName, value: unknown) => heard.get(name)?.(value),
    phase: (next: LinkState['phase']) => {
      phase = next;
    },
  };
}

let stop: () => void = vi.fn();
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance', 'Date'] });
  vi.stubGlobal('document', { hidden: false, addEventListener: vi.fn(), removeEventListener: vi.fn() });
  useLive.setState(useLive.getInitialState(), true);
});
afterEach(() => {
  stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it('a store that has gone silent over an open link says nothing of the present, until it speaks again', () => {
  const { link, say } = standIn();
  stop = followLive(link);
  say('store.meter', store);
  say('recording.meter', collector);
  vi.advanceTimersByTime(2500);
  expect(presentOf(useLive.getState())).toEqual({ collector, store });
  say('recording.meter', collector);
  vi.advanceTimersByTime(1000);
  expect(useLive.getState().storeSilent).toBe(true);
  expect(presentOf(useLive.getState())).toEqual({ collector, store: null });
  say('store.meter', store);
  vi.advanceTimersByTime(250);
  expect(presentOf(useLive.getState()).store).toEqual(store);
});

it('without a link what was known stays as it was: the banner says how old it is', () => {
  const { link, say, phase } = standIn();
  stop = followLive(link);
  say('store.meter', store);
  vi.advanceTimersByTime(500);
  phase('lost');
  vi.advanceTimersByTime(60_000);
  expect(presentOf(useLive.getState()).store).toEqual(store);
});

it('what was never heard is not silent', () => {
  const { link, say } = standIn();
  stop = followLive(link);
  say('recording.meter', collector);
  vi.advanceTimersByTime(5000);
  expect(useLive.getState()).toMatchObject({ storeSilent: false, collectorSilent: true });
});

it('the history begins anew when the clock of this screen is set back', () => {
  const { link, say } = standIn();
  stop = followLive(link);
  say('store.meter', store);
  vi.advanceTimersByTime(1000);
  expect(useLive.getState().history.length).toBe(4);
  vi.setSystemTime(Date.now() - 3_600_000);
  vi.advanceTimersByTime(500);
  const { times } = useLive.getState().history.read();
  expect(times).toHaveLength(2);
  expect(times.at(-1)).toBeCloseTo(Date.now() / 1000, 3);
});
