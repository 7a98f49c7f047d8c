// Tests of the log: nothing about it may end the recorder that writes it, or hold it up.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { flushed, openLog } from './log.ts';

const dir = mkdtempSync(join(tmpdir(), 'tapedeck-log-'));
const logs = join(dir, 'logs');
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  rmSync(dir, { recursive: true, force: true });
});

/** A log that is one record away from 16 MB. */
function nearlyFull(): void {
  mkdirSync(logs, { recursive: true });
  writeFileSync(join(logs, 'host.log'), Buffer.alloc(16 * 1024 ** 2, 0x20));
}

it('takes a level that does not exist for info, and says so', async () => {
  vi.stubEnv('TAPEDECK_LOG', 'loud');
  const log = openLog(dir, 'host');
  log.info('recorded');
  log.debug('not recorded');
  await flushed(log);
  const said = readFileSync(join(logs, 'host.log'), 'utf8');
  expect(said).toMatch(/TAPEDECK_LOG=loud is none of .*"\}\n.*"recorded"\}\n$/);
});

it('rolls at 16 MB and keeps five', async () => {
  for (let n = 0; n < 7; n += 1) {
    nearlyFull();
    const log = openLog(dir, 'host');
    log.info(`roll ${n}`);
    await flushed(log);
  }
  expect(readdirSync(logs).sort()).toEqual([
    'host.1.log',
    'host.2.log',
    'host.3.log',
    'host.4.log',
    'host.5.log',
    'host.log',
  ]);
  expect(statSync(join(logs, 'host.log')).size).toBe(0);
  expect(readFileSync(join(logs, 'host.1.log'), 'utf8')).toContain('roll 6');
});

it('writes on in the same file where it cannot be rolled', async () => {
  nearlyFull();
  // A folder stands in the way also for a user who may do everything.
  mkdirSync(join(logs, 'host.5.log'));
  const told = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const log = openLog(dir, 'host');
  log.info('before');
  log.info('after');
  await flushed(log);
  expect(readFileSync(join(logs, 'host.log'), 'utf8')).toMatch(/"before"\}\n.*"after"\}\n$/);
  expect(told.mock.calls.join()).toContain('log not rolled');
});

it('rolls in the middle of what waits, and no line is torn or lost', async () => {
  mkdirSync(logs, { recursive: true });
  writeFileSync(join(logs, 'host.log'), `${' '.repeat(16 * 1024 ** 2 - 100_000)}\n`);
  const log = openLog(dir, 'host');
  for (let n = 0; n < 3000; n += 1) log.info(`line ${n}`);
  await flushed(log);
  const [before = '', after = ''] = ['host.1.log', 'host.log'].map((name) => readFileSync(join(logs, name), 'utf8'));
  expect(before.length).toBeGreaterThan(16 * 1024 ** 2);
  expect(before.length).toBeLessThan(16 * 1024 ** 2 + 1000);
  const numbers = (before.trimStart() + after).trimEnd().split('\n').map(numberOf);
  expect(numbers).toEqual(Array.from({ length: 3000 }, (_, n) => n));
});

function numberOf(line: string): number {
  const { msg } = JSON.parse(line) as { msg: string };
  return Number(msg.split(' ')[1]);
}

it.runIf(process.platform === 'linux')(
  'a disk that hangs holds nobody up: what it does not take is counted, and the rest comes whole and in order',
  async () => {
    mkdirSync(logs, { recursive: true });
    // A pipe that nobody reads takes 64 KB and then hangs as such a disk does.
    execFileSync('mkfifo', [join(logs, 'host.log')]);
    const read = join(dir, 'read');
    const fixture = join(import.meta.dirname, 'late-reader.fixture.ts');
    const reader = spawn(process.execPath, [fixture, join(logs, 'host.log'), read], {
      stdio: ['pipe', 'inherit', 'inherit'],
    });
    const ended = new Promise((resolve) => reader.once('exit', resolve));
    const log = openLog(dir, 'host');
    const text = 'x'.repeat(1000);
    for (let n = 0; n < 3000; n += 1) log.info({ text }, `line ${n}`);
    // Nobody has read anything yet.
    expect(existsSync(read)).toBe(false);
    reader.stdin.write('now\n');
    await flushed(log);
    log.info('the last line');
    await ended;
    const lines = readFileSync(read, 'utf8').trimEnd().split('\n');
    const kept = lines.filter((line) => line.includes('"line '));
    expect(kept.length).toBeGreaterThan(800);
    expect(kept.length).toBeLessThan(1500);
    expect(kept.map(numberOf)).toEqual(kept.map((_, n) => n));
    expect(JSON.parse(lines[kept.length] ?? '')).toMatchObject({ level: 50, lines: 3000 - kept.length });
    expect(lines).toHaveLength(kept.length + 2);
  },
);

it.each(['exit', 'error'])('what waits when a process ends is on disk after it: %s', (end) => {
  const { status } = spawnSync(process.execPath, [join(import.meta.dirname, 'log-end.fixture.ts'), dir, end]);
  expect(status).toBe(end === 'exit' ? 3 : 1);
  const numbers = readFileSync(join(logs, 'host.log'), 'utf8').trimEnd().split('\n').map(numberOf);
  // A write that was under way at the end may have come twice.
  expect([...new Set(numbers)].toSorted((a, b) => a - b)).toEqual(Array.from({ length: 5000 }, (_, n) => n));
});

it('begins without its file where there can be none, prints its lines, and writes them when there can be one', async () => {
  mkdirSync(dir, { recursive: true });
  // A file stands in the way of the folder.
  writeFileSync(logs, '');
  const told = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const log = openLog(dir, 'host');
  log.info('without');
  await flushed(log);
  const text = told.mock.calls.map(([chunk]) => String(chunk)).join('');
  expect(text).toMatch(/log not opened .*host\.log\n.*"without"\}\n$/);
  rmSync(logs);
  await vi.waitFor(
    async () => {
      log.info('with');
      await flushed(log);
      expect(readFileSync(join(logs, 'host.log'), 'utf8')).toMatch(/"with"\}\n$/);
    },
    { timeout: 60_000, interval: 500 },
  );
});

it.runIf(process.platform === 'linux')(
  'a disk that is full costs no memory and no process: lines go to stderr',
  async () => {
    mkdirSync(logs, { recursive: true });
    symlinkSync('/dev/full', join(logs, 'host.log'));
    const told = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const log = openLog(dir, 'host');
    for (let n = 0; n < 3; n += 1) log.info(`line ${n}`);
    await flushed(log);
    const text = told.mock.calls.map(([chunk]) => String(chunk)).join('');
    expect(text).toMatch(/^log not written \(Error: ENOSPC[^{]*\{.*"line 0"[\s\S]*"line 2"\}\n$/);
  },
);

it('listens for the end of its process once, however many logs are opened', () => {
  openLog(dir, 'first');
  const count = (): number[] => ['exit', 'uncaughtExceptionMonitor'].map((name) => process.listenerCount(name));
  const before = count();
  for (const name of ['second', 'third']) openLog(dir, name).info('opened');
  expect(count()).toEqual(before);
  expect(Math.min(...before)).toBeGreaterThan(0);
});
