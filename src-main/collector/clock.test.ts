// What a receive time is told by, and when the computer counts as having slept: all coverage ends there, so a clock that is set must not do it.
import { beforeEach, expect, test } from 'vitest';
import { WallClock } from './clock.ts';

const now = { mono: 0, wall: 0, sinceBoot: 0 };
let clock: WallClock;

/** So much time passes, ms: for the processor, and beside it asleep; then somebody sets the clock. */
function pass(awake: number, asleep = 0, set = 0): void {
  now.mono += awake;
  now.wall += awake + asleep + set;
  now.sinceBoot += awake + asleep;
}

beforeEach(() => {
  Object.assign(now, { mono: 5_000, wall: 1_790_000_000_000, sinceBoot: 900_000 });
  const origin = now.wall - now.mono;
  clock = new WallClock({ mono: () => now.mono, wall: () => now.wall, sinceBoot: () => now.sinceBoot, origin });
});

test.each([-3_600_000, -700, 700, 30_000, 3_600_000])('a clock set by %i ms is followed, and is no sleep', (set) => {
  pass(250);
  expect(clock.check()).toBeNull();
  pass(250, 0, set);
  expect(clock.check()).toBeNull();
  expect(Math.abs(clock.nowUs() / 1000 - now.wall)).toBeLessThan(2);
  pass(250);
  expect(clock.check()).toBeNull();
});

test('a step back is told once, with what the clock said before; smaller ones and steps forward are not', () => {
  for (const set of [-5000, -500, 60_000, -60_000]) {
    pass(250, 0, set);
    const beforeUs = clock.nowUs();
    clock.check();
    expect(clock.setBackFromUs).toBe(set <= -1000 ? beforeUs : null);
    pass(250);
    clock.check();
    expect(clock.setBackFromUs).toBeNull();
  }
});

test('a step forward may be a virtual computer that stood still; a sleep and small steps are not', () => {
  for (const [set, asleep] of [
    [60_000, 0],
    [4000, 0],
    [-60_000, 0],
    [60_000, 60_000],
  ] as const) {
    pass(250, asleep, set);
    clock.check();
    expect(clock.setForward).toBe(set === 60_000 && asleep === 0);
    pass(250);
    clock.check();
    expect(clock.setForward).toBe(false);
  }
});

test.each([
  ['set back: as it says now', [-3_600_000], -3_600_000],
  ['set forward: as it said then', [3_600_000], 0],
  ['set forward and back again: as it said at its earliest', [3_600_000, -3_700_000], -100_000],
])('a time of before the clock was %s', (_, sets, byMs) => {
  const [atMs, thenUs] = [now.mono, clock.nowUs()];
  for (const set of sets) {
    pass(250, 0, set);
    clock.check();
  }
  expect(Math.abs(clock.earliestUs(atMs) - thenUs - byMs * 1000)).toBeLessThan(3000);
  pass(1);
  expect(clock.earliestUs(now.mono)).toBe(clock.nowUs());
});

test('a sleep is told with when it began, also when the clock was set meanwhile', () => {
  for (const set of [0, -3_600_000, 3_600_000]) {
    pass(250);
    clock.check();
    const beganUs = clock.nowUs();
    pass(40, 60_000, set);
    expect(Math.abs((clock.check() ?? 0) - beganUs)).toBeLessThan(2000);
    expect(Math.abs(clock.nowUs() / 1000 - now.wall)).toBeLessThan(2);
  }
});

test('a process that was stopped for a while has slept too', () => {
  pass(6000);
  expect(clock.check()).not.toBeNull();
});

test('the grain of the system’s clock is no step: receive times run evenly', () => {
  const { offsetUs } = clock;
  for (let i = 0; i < 10; i += 1) {
    now.mono += 250.9;
    now.sinceBoot += 250.9;
    now.wall = 1_790_000_000_000 + Math.floor(now.mono - 5_000);
    clock.check();
  }
  expect(clock.offsetUs).toBe(offsetUs);
});
