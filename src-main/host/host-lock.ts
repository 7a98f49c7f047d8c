// One host per data folder: host.lock names the process that holds it and its children; a lock whose holder is dead is taken over.
// Promises: two hosts never hold one folder; children that a killed host left behind are gone before the new host starts its own.
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { uptime } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { fail, ok, type Result, reasonOf } from '../../src-shared/base/result.ts';

/**
 * A process, told apart from a later one with the same number by its start (Linux: the boot and the clock ticks since then, from /proc;
 * in locks of before the ticks alone). sinceMs: wall clock, which may have been set since.
 */
const holderSchema = z.object({ pid: z.number().int().positive(), start: z.string().nullable(), sinceMs: z.number() });
type Holder = z.infer<typeof holderSchema>;
const lockSchema = holderSchema.extend({ children: z.array(holderSchema).default([]) });
type Lock = z.infer<typeof lockSchema>;

const AGAIN_MS = 1000;
/** How long release() waits for a disk that hangs. */
const RELEASE_MS = 2000;

export interface HostLock {
  /**
   * Notes which children run, for the host that may come after a kill; the newest are noted last, however often they change meanwhile.
   * Resolves with null when all that was to be noted is, or with why it could not be (a full disk): it is tried again each second.
   */
  children(pids: readonly number[]): Promise<string | null>;
  /** Why the lock is still there: it names a process that will be seen to be gone. */
  release(): Promise<string | null>;
}

/** When a process began, in the system's own words; null where it does not tell. */
function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // Field 22; the second field is a name in brackets that may hold blanks and brackets.
    return `${bootId()}:${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''}`;
  } catch {
    // No such process, or a system without /proc: the caller asks the system whether the pid exists.
    return null;
  }
}

/** Tells one run of the machine from another; empty on a system that does not tell. */
function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}

function holderOf(pid: number): Holder {
  return { pid, start: startOf(pid), sinceMs: Date.now() };
}

/** True while this very process still runs. */
function alive(holder: Holder): boolean {
  if (holder.pid === process.pid) return false;
  // Older than the machine's start: whoever has the number now is someone else. A clock that was set says so too, hence only where nothing else tells.
  if (holder.start === null && holder.sinceMs < Date.now() - uptime() * 1000 - 5000) return false;
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  if (holder.start === null) return true;
  const now = startOf(holder.pid);
  if (now === null) return process.platform !== 'linux';
  return (now === holder.start || now.endsWith(`:${holder.start}`)) && !isZombie(holder.pid);
}

function isZombie(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3) === 'Z';
  } catch {
    // Gone between two looks.
    return true;
  }
}

function readLock(path: string): Lock | undefined {
  try {
    const read = lockSchema.safeParse(JSON.parse(readFileSync(path, 'utf8')));
    return read.success ? read.data : undefined;
  } catch {
    // Missing, or not written by us: there is no holder to respect.
    return undefined;
  }
}

/** The pid that holds a data folder now; undefined when nobody does. */
export function hostOf(dataDir: string): number | undefined {
  const lock = readLock(join(dataDir, 'host.lock'));
  return lock && alive(lock) ? lock.pid : undefined;
}

/** Takes the folder. Failure `host.busy` names the pid that has it. Waits up to `orphanMs` for a dead host's children to leave, then ends them. */
export async function takeHostLock(dataDir: string, orphanMs = 5000): Promise<Result<HostLock>> {
  const path = join(dataDir, 'host.lock');
  const mine = `${path}.${process.pid}`;
  const self = holderOf(process.pid);
  const content = (children: readonly Holder[]): string => `${JSON.stringify({ ...self, children })}\n`;
  let orphans: readonly Holder[] = [];
  try {
    writeFileSync(mine, content([]), { mode: 0o600 });
    for (let tries = 0; ; tries += 1) {
      try {
        // A link appears whole or not at all, so nobody ever reads half a lock.
        linkSync(mine, path);
        break;
      } catch (error) {
        const code = (error as NodeJS.ErrnoException).code;
        if (code === 'EPERM' || code === 'ENOTSUP' || code === 'ENOSYS' || code === 'EOPNOTSUPP') {
          // A file system without links.
          if (!readLock(path)) {
            writeFileSync(path, content([]), { mode: 0o600 });
            break;
          }
        } else if (code !== 'EEXIST') throw error;
      }
      const holder = readLock(path);
      if (holder && alive(holder)) {
        rmSync(mine, { force: true });
        return fail(
          'host.busy',
          `data folder ${dataDir} is in use by the Tapedeck host with pid ${holder.pid}; stop that one or choose another folder with --data`,
        );
      }
      if (tries > 20)
        return fail('host.lock', `${path} cannot be taken over; remove it when no Tapedeck runs on ${dataDir}`);
      orphans = holder?.children ?? orphans;
      const aside = `${path}.stale-${process.pid}`;
      try {
        renameSync(path, aside);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
        continue;
      }
      const moved = readLock(aside);
      // Someone took it over between our look and our move: give it back.
      if (moved && alive(moved)) renameSync(aside, path);
      else rmSync(aside, { force: true });
    }
    rmSync(mine, { force: true });
  } catch (error) {
    return fail('host.lock', `${path} cannot be written: ${reasonOf(error)}`);
  }
  await waitForOrphans(orphans, orphanMs);
  return ok(new HeldLock(path, mine, content));
}

/** Never holds up the host: a disk may hang without an error. */
class HeldLock implements HostLock {
  readonly #path: string;
  readonly #beside: string;
  readonly #content: (children: readonly Holder[]) => string;
  #noted: readonly number[] = [];
  /** What is noted is not what is on disk, or on its way there. */
  #changed = false;
  #writing: Promise<string | null> | null = null;
  #again: NodeJS.Timeout | undefined;
  #released = false;

  constructor(path: string, beside: string, content: (children: readonly Holder[]) => string) {
    this.#path = path;
    this.#beside = beside;
    this.#content = content;
  }

  children(pids: readonly number[]): Promise<string | null> {
    this.#noted = pids;
    this.#changed = true;
    this.#writing ??= this.#write().finally(() => {
      this.#writing = null;
    });
    return this.#writing;
  }

  async release(): Promise<string | null> {
    this.#released = true;
    clearTimeout(this.#again);
    // A write that comes after the removal would take the folder from whoever has it by then.
    const removed = (this.#writing ?? Promise.resolve())
      .then(() => rm(this.#path, { force: true }))
      .then(() => null, reasonOf);
    return Promise.race([removed, delay(RELEASE_MS, `the disk did not answer within ${RELEASE_MS / 1000} s`)]);
  }

  async #write(): Promise<string | null> {
    clearTimeout(this.#again);
    try {
      while (this.#changed && !this.#released) {
        this.#changed = false;
        await writeFile(this.#beside, this.#content(this.#noted.map(holderOf)), { mode: 0o600 });
        await rename(this.#beside, this.#path);
      }
      return null;
    } catch (error) {
      await rm(this.#beside, { force: true, recursive: true }).catch(() => undefined);
      if (!this.#released) this.#again = setTimeout(() => void this.children(this.#noted), AGAIN_MS).unref();
      return reasonOf(error);
    }
  }
}

async function waitForOrphans(orphans: readonly Holder[], limitMs: number): Promise<void> {
  const end = performance.now() + limitMs;
  while (orphans.some(alive) && performance.now() < end) await delay(10);
  for (const orphan of orphans.filter(alive)) {
    try {
      process.kill(orphan.pid, 'SIGKILL');
    } catch (error) {
      // It left between the look and the signal, which is what we want.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
  while (orphans.some(alive) && performance.now() < end + 2000) await delay(10);
}
