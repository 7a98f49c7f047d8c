// What a killed process had asked for is known to the one after it.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type BudgetMemory, RateBudget } from './net.ts';
import { SpentLog } from './spent-log.ts';

let dir = '';
const told: string[] = [];
const opened: SpentLog[] = [];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tapedeck-spent-'));
  told.length = 0;
});

afterEach(async () => {
  for (const log of opened.splice(0)) await log.close();
  rmSync(dir, { recursive: true });
});

async function openLog(): Promise<SpentLog> {
  const log = await SpentLog.open(join(dir, 'spent'), (reason) => told.push(reason));
  if (!log.ok) throw new Error(log.failure.message);
  opened.push(log.value);
  return log.value;
}

const memoryIn = (log: SpentLog, key: string): BudgetMemory => ({
  past: log.past(key),
  spent: (weight, underWay) => log.spent(key, weight, underWay),
  closed: (forMs) => log.closed(key, forMs),
});

/** As a kill leaves it: nothing is closed, what was noted is written a moment later. */
const killed = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 50));

test('what was spent, and how long a venue wants to be left alone, outlives a process that is killed', async () => {
  const rate = { weight: 18, perMs: 2000 };
  const before = new RateBudget(rate, memoryIn(await openLog(), 'rest a b'));
  for (let n = 0; n < 6; n += 1) expect(before.take(1)).toBe(0);
  for (let n = 0; n < 6; n += 1) expect(before.hold(1)).toBeTypeOf('function');
  await killed();
  const log = await openLog();
  const after = new RateBudget(rate, memoryIn(log, 'rest a b'));
  for (let n = 0; n < 6; n += 1) expect(after.take(1)).toBe(0);
  const wait = after.take(1);
  expect(wait).toBeGreaterThan(1500);
  expect(wait).toBeLessThanOrEqual(2000);
  expect(new RateBudget(rate, memoryIn(log, 'rest a')).take(18)).toBe(0);
  after.close(60_000);
  await killed();
  expect(new RateBudget(rate, memoryIn(await openLog(), 'rest a b')).closedMs).toBeGreaterThan(50_000);
  expect(told).toEqual([]);
});

test('a line that was cut off, one too old and one of the far future count for nothing; the files never grow over two', async () => {
  const now = Date.now();
  const log = await openLog();
  await log.close();
  const name = readdirSync(join(dir, 'spent'))[0] ?? '';
  const lines = [
    `${now - 700_000} 5 k`,
    `${now + 700_000} 5 k`,
    `${now - 100} 3 k`,
    `${now - 50_000} closed-40000 k`,
    '17',
  ];
  writeFileSync(join(dir, 'spent', name), lines.join('\n'));
  const next = await openLog();
  expect(next.past('k').spent.map(({ weight }) => weight)).toEqual([3]);
  expect(next.past('k').closedUntilMs).toBeLessThanOrEqual(performance.now());
  const key = 'x'.repeat(1000);
  for (let n = 0; n < 4000; n += 1) {
    next.spent(key, 1, true);
    if (n % 100 === 0) await new Promise((resolve) => setTimeout(resolve, 2));
  }
  await next.close();
  const files = readdirSync(join(dir, 'spent'));
  expect(files.length).toBe(2);
  const bytes = files.reduce((sum, file) => sum + readFileSync(join(dir, 'spent', file)).length, 0);
  expect(bytes).toBeGreaterThan(1024 ** 2);
  expect(bytes).toBeLessThan(3 * 1024 ** 2);
  expect(told).toEqual([]);
});

test('a ban lasts no longer for a clock that was set back, and is no shorter for the end of a process', async () => {
  const log = await openLog();
  await log.close();
  const name = readdirSync(join(dir, 'spent'))[0] ?? '';
  const now = Date.now();
  const lines = [`${now + 3_600_000} closed-60000 back`, `${now - 20_000} closed-60000 on`];
  writeFileSync(join(dir, 'spent', name), lines.join('\n'));
  for (let start = 0; start < 2; start += 1) {
    const next = await openLog();
    const leftMs = (key: string): number => next.past(key).closedUntilMs - performance.now();
    expect([leftMs('back') > 50_000, leftMs('back') <= 60_000]).toEqual([true, true]);
    expect([leftMs('on') > 30_000, leftMs('on') <= 40_000]).toEqual([true, true]);
  }
});

test('a folder that cannot be used is told by its name', async () => {
  writeFileSync(join(dir, 'spent'), 'a file');
  const log = await SpentLog.open(join(dir, 'spent'), (reason) => told.push(reason));
  expect(log.ok || log.failure.code).toBe('spent.unreadable');
});
