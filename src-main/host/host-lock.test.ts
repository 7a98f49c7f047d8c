// Whether the holder of a folder still lives is told by the process itself, not by a clock that somebody may set.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir, uptime } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { unwrap } from '../../src-shared/base/result.ts';
import { takeHostLock } from './host-lock.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'host-lock-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const lockFile = (): string => join(dir, 'host.lock');
/** As a clock says that was set forward by that much and more after the holder had begun. */
const beforeBootMs = Date.now() - uptime() * 1000 - 3_600_000;

/** Ticks of the machine at which a process began. */
function ticksOf(pid: number): string {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

/** What a host of today writes about a process that began at these ticks of this boot. */
async function startOf(ticks: string): Promise<string> {
  const lock = unwrap(await takeHostLock(dir));
  const { start } = JSON.parse(readFileSync(lockFile(), 'utf8')) as { start: string };
  await lock.release();
  expect(start.endsWith(ticksOf(process.pid))).toBe(true);
  return `${start.slice(0, -ticksOf(process.pid).length)}${ticks}`;
}

describe.runIf(process.platform === 'linux')('a lock whose time lies before the machine began', () => {
  const pid = process.ppid;
  const take = async (start: string | null): Promise<string> => {
    writeFileSync(lockFile(), JSON.stringify({ pid, start, sinceMs: beforeBootMs }));
    const taken = await takeHostLock(dir);
    return taken.ok ? 'taken' : taken.failure.code;
  };

  it('is respected while its holder lives, also one in the words of before', async () => {
    expect(await take(await startOf(ticksOf(pid)))).toBe('host.busy');
    rmSync(lockFile());
    expect(await take(ticksOf(pid))).toBe('host.busy');
  });

  it('is that of another process when the same number began at another time, or as late after another boot', async () => {
    expect(await take(await startOf('1'))).toBe('taken');
    expect(await take(`00000000-0000-4000-8000-000000000000:${ticksOf(pid)}`)).toBe('taken');
  });

  it('is one of before the boot where nothing but the time can tell', async () => {
    expect(await take(null)).toBe('taken');
  });
});

const noted = (): unknown => JSON.parse(readFileSync(lockFile(), 'utf8'));

it('children that cannot be noted, as on a full disk, end nothing, and are noted as soon as they can be', async () => {
  const lock = unwrap(await takeHostLock(dir));
  mkdirSync(`${lockFile()}.${process.pid}`);
  expect(await lock.children([process.pid])).toContain('EISDIR');
  expect(noted()).toMatchObject({ children: [] });
  await vi.waitFor(() => expect(noted()).toMatchObject({ children: [{ pid: process.pid }] }), 60_000);
  expect(await lock.children([])).toBeNull();
  expect(noted()).toMatchObject({ children: [] });
  expect(await lock.release()).toBeNull();
  expect(existsSync(lockFile())).toBe(false);
});

it.runIf(process.platform === 'linux')(
  'a disk that hangs holds up nobody who notes children, and the newest are noted last',
  async () => {
    const lock = unwrap(await takeHostLock(dir));
    // Opening a pipe that nobody reads hangs as such a disk does.
    const beside = `${lockFile()}.${process.pid}`;
    execFileSync('mkfifo', [beside]);
    const read = join(dir, 'read');
    const fixture = join(import.meta.dirname, '../base/late-reader.fixture.ts');
    const reader = spawn(process.execPath, [fixture, beside, read], { stdio: ['pipe', 'inherit', 'inherit'] });
    const ended = new Promise((resolve) => reader.once('exit', resolve));
    const first = lock.children([1]);
    const second = lock.children([process.ppid]);
    const third = lock.children([process.pid]);
    // Nobody has read anything yet.
    expect(existsSync(read)).toBe(false);
    reader.stdin.write('now\n');
    expect(await Promise.all([first, second, third])).toEqual([null, null, null]);
    await ended;
    // What hung was one write, and the one after it had the newest.
    expect(JSON.parse(readFileSync(read, 'utf8'))).toMatchObject({ children: [{ pid: 1 }] });
    expect(statSync(lockFile()).isFile()).toBe(true);
    expect(noted()).toMatchObject({ children: [{ pid: process.pid }] });
    expect(await lock.release()).toBeNull();
  },
);

it('a lock that cannot be removed, as on a disk that became read-only, is told and ends nothing', async () => {
  const lock = unwrap(await takeHostLock(dir));
  // A folder stands in the way also for a user who may do everything.
  rmSync(lockFile());
  mkdirSync(lockFile());
  expect(await lock.release()).toContain('EISDIR');
});
