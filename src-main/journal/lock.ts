// One writer per journal: `writer.lock` names the process that holds it. A lock whose process is gone, or whose process
// id now belongs to another process, is taken over; a living holder is refused by name.
import { execFile } from 'node:child_process';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { fail, ok, type Result, reasonOf } from '../../src-shared/base/result.ts';

export const LOCK_NAME = 'writer.lock';
const holderSchema = z.object({ pid: z.number().int(), started: z.string() });
type Holder = z.infer<typeof holderSchema>;

export interface WriterLock {
  release(): Promise<void>;
}

/** Tells one life of a process id from another; null when no such process lives. */
async function processStart(pid: number): Promise<string | null> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it lives, but is not ours.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return null;
  }
  if (process.platform === 'linux') {
    try {
      const stat = await readFile(`/proc/${pid}/stat`, 'latin1');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      // A zombie holds nothing any more.
      if (fields[0] === 'Z' || fields[0] === 'X') return null;
      const boot = await readFile('/proc/sys/kernel/random/boot_id', 'latin1');
      return `${boot.trim()}:${fields[19] ?? ''}`;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    }
  }
  if (process.platform === 'darwin') {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'lstart=', '-p', String(pid)]);
    return stdout.trim();
  }
  return 'alive';
}

async function readHolder(path: string): Promise<{ text: string; holder: Holder | null } | null> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  let value: unknown = null;
  try {
    value = JSON.parse(text);
  } catch {
    value = null; // a torn lock names nobody: stale
  }
  const parsed = holderSchema.safeParse(value);
  return { text, holder: parsed.success ? parsed.data : null };
}

/** The process that is writing this journal now, or null. */
export async function livingWriter(dir: string): Promise<number | null> {
  const found = await readHolder(join(dir, LOCK_NAME));
  if (!found?.holder) return null;
  return (await processStart(found.holder.pid)) === found.holder.started ? found.holder.pid : null;
}

export async function lockWriter(dir: string): Promise<Result<WriterLock>> {
  const path = join(dir, LOCK_NAME);
  const beside = join(dir, `${LOCK_NAME}.${process.pid}`);
  const mine = JSON.stringify({ pid: process.pid, started: (await processStart(process.pid)) ?? '' } satisfies Holder);
  try {
    await writeFile(beside, mine);
    const result = await contend(dir, path, beside, mine);
    await rm(beside, { force: true });
    return result;
  } catch (error) {
    return fail('journal.lock-failed', `${path}: ${reasonOf(error)}`, { retry: true });
  }
}

async function contend(dir: string, path: string, beside: string, mine: string): Promise<Result<WriterLock>> {
  for (let attempt = 0; attempt < 5; attempt += 1) {
    if (await claim(beside, path, mine)) return ok({ release: () => rm(path, { force: true }) });
    const found = await readHolder(path);
    if (!found) continue;
    const { holder } = found;
    if (holder && (await processStart(holder.pid)) === holder.started) {
      return fail('journal.locked', `${dir} is already being written by process ${holder.pid}`);
    }
    const stale = `${path}.stale-${process.pid}`;
    try {
      await rename(path, stale);
    } catch (error) {
      // Someone else took the stale lock away first: look again.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') continue;
      throw error;
    }
    const taken = await readFile(stale, 'utf8');
    // Between reading and renaming another process may have taken over: give it back its lock.
    if (taken !== found.text) await claim(stale, path, taken);
    await rm(stale, { force: true });
  }
  return fail('journal.locked', `${dir}: several processes want to write this journal`, { retry: true });
}

/** Creates the lock with its content in one step; false when it exists. */
async function claim(from: string, path: string, content: string): Promise<boolean> {
  try {
    await link(from, path);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    // File systems without hard links.
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'EOPNOTSUPP' && code !== 'ENOSYS') throw error;
  }
  try {
    await writeFile(path, content, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}
