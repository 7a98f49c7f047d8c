// What a bound of time comes to on a machine that takes its processor away.
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { describe, expect, it } from 'vitest';
import { FixedWork, type Machine, machineOf, QUIET_MS } from './fixed-work.ts';
import { type Bound, Judgement } from './judgement.ts';

const quiet: Machine = { slow: 1, usual: 1, extraMs: 2, clock: 1, pieces: 60 };
const crowded: Machine = { slow: 3, usual: 2, extraMs: 80, clock: 5, pieces: 60 };
const task = (value: number): Bound => ({ name: 'task', value, limit: 50, kind: 'longest' });
const cost = (value: number): Bound => ({ name: 'cost of a frame', value, limit: 18, kind: 'average' });

function judged(turns: readonly (readonly [readonly Bound[], Machine | null])[], strict = false): Judgement {
  const judgement = new Judgement(strict);
  for (const [bounds, machine] of turns) judgement.turn(bounds, machine);
  return judgement;
}

describe('what is above its bound', () => {
  it('is kept by the turn that keeps it, and told with the least that was measured', () => {
    expect(
      judged([
        [[task(70)], null],
        [[task(49)], quiet],
      ]).above(),
    ).toEqual([]);
    expect(
      judged([
        [[task(90)], null],
        [[task(70)], quiet],
        [[task(80)], quiet],
      ]).broken(),
    ).toEqual([task(70)]);
  });

  it('is broken on a machine that had time, whatever the machine did in other turns', () => {
    const broken = judged([
      [[task(60), cost(20)], null],
      [[task(400), cost(60)], crowded],
      [[task(60), cost(20)], quiet],
    ]);
    expect(broken.broken()).toEqual([task(60), cost(20)]);
  });

  it('is excused by as much as the machine added in the same turn, and no more', () => {
    const turn = (ms: number, frame: number): Judgement => judged([[[task(ms), cost(frame)], crowded]]);
    expect(turn(50 * 2 + 80, 18 * 3).broken()).toEqual([]);
    expect(
      turn(50 * 2 + 81, 18 * 3)
        .broken()
        .map(({ name }) => name),
    ).toEqual(['task']);
    expect(
      turn(50 * 2 + 80, 18 * 3 + 0.1)
        .broken()
        .map(({ name }) => name),
    ).toEqual(['cost of a frame']);
    expect(turn(120, 40).excused()).toEqual([
      expect.stringContaining('task is 120.00, of 50.00'),
      expect.stringContaining('60 pieces of fixed work took 3.0, 2.0, 5.0 times their time'),
    ]);
  });

  it('is broken without excuse where it is judged strictly, or where nobody looked at the machine', () => {
    expect(judged([[[task(60)], crowded]], true).broken()).toEqual([task(60)]);
    expect(judged([[[task(60)], null]]).broken()).toEqual([task(60)]);
  });

  it('is no number either: what could not be measured is broken', () => {
    expect(judged([[[task(Number.NaN)], crowded]]).broken()).toEqual([task(Number.NaN)]);
  });
});

describe('fixed work', () => {
  it('says how many times its time the machine took for it', () => {
    const piece = (cpuMs: number, wallMs = cpuMs): { cpuMs: number; wallMs: number } => ({ cpuMs, wallMs });
    expect(machineOf([piece(QUIET_MS), piece(QUIET_MS * 2), piece(QUIET_MS * 6, QUIET_MS * 27)])).toEqual({
      slow: 3,
      usual: 2,
      extraMs: QUIET_MS * 4,
      clock: 10,
      pieces: 3,
    });
    // A machine that is faster than that of the figures is held to the same bounds.
    expect(machineOf([piece(QUIET_MS / 4)])).toMatchObject({ slow: 1, usual: 1, extraMs: 0, clock: 1 });
    expect(machineOf([])).toMatchObject({ slow: 1, usual: 1, extraMs: 0, clock: 1, pieces: 0 });
  });

  it('is done in a process of its own and finds a machine that is full, but no dearer work', async () => {
    const work = await FixedWork.begin();
    // Each waits for its turn behind more of us than there are processors.
    const others = Array.from({ length: availableParallelism() * 3 }, () =>
      spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }),
    );
    try {
      const began = Date.now();
      await expect.poll(() => work.since(began).pieces, { timeout: 60_000 }).toBeGreaterThan(20);
      const machine = work.since(began);
      expect(machine.clock).toBeGreaterThan(1.5);
      expect(machine.clock).toBeGreaterThan(machine.slow);
    } finally {
      for (const other of others) other.kill('SIGKILL');
      await work.end();
    }
  }, 90_000);
});
