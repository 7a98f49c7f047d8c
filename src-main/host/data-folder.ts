// The data folder: found or made, proved writable before anything starts, and kept for one use (real or simulated trades, never both).
import { randomUUID } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { fail, ok, type Result, reasonOf } from '../../src-shared/base/result.ts';
import { makeFolderSync, replaceFileSync } from '../base/files.ts';

const WAY_OUT = 'choose another folder with --data';
const PROBE = Buffer.alloc(64 * 1024, 0x54);

/**
 * The absolute path of a data folder that can be written to; made when it is missing and `create` says so.
 * Failures name the path and the way out: `data.missing`, `data.not-a-folder`, `data.not-writable`, `data.read-only`, `data.full`, `data.unusable`.
 */
export function prepareDataFolder(path: string, options: { create: boolean }): Result<string> {
  const folder = resolve(path);
  try {
    if (!existsSync(folder)) {
      if (!options.create)
        return fail('data.missing', `data folder ${folder} does not exist; record into it first, or ${WAY_OUT}`);
      makeFolderSync(folder, 0o700);
    }
    if (!statSync(folder).isDirectory())
      return fail('data.not-a-folder', `data folder ${folder} is a file, not a folder; ${WAY_OUT}`);
    const probe = join(folder, `.probe-${process.pid}-${randomUUID().slice(0, 8)}`);
    const fd = openSync(probe, 'wx', 0o600);
    try {
      if (writeSync(fd, PROBE) < PROBE.length) throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
      fsyncSync(fd);
    } finally {
      closeSync(fd);
      rmSync(probe, { force: true });
    }
    return ok(folder);
  } catch (error) {
    return explain(folder, error);
  }
}

function explain(folder: string, error: unknown): Result<never> {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return fail(
        'data.not-writable',
        `data folder ${folder} is not writable for this user (${code}); change its permissions or ${WAY_OUT}`,
      );
    case 'EROFS':
      return fail('data.read-only', `data folder ${folder} lies on a read-only disk; mount it writable or ${WAY_OUT}`);
    case 'ENOSPC':
    case 'EDQUOT':
      return fail('data.full', `data folder ${folder} lies on a full disk (${code}); free some space or ${WAY_OUT}`);
    case 'ENOTDIR':
    case 'EEXIST':
      return fail(
        'data.not-a-folder',
        `data folder ${folder} cannot be made: a part of the path is a file; ${WAY_OUT}`,
      );
    default:
      return fail('data.unusable', `data folder ${folder} cannot be used: ${reasonOf(error)}; ${WAY_OUT}`);
  }
}

const purposeSchema = z.object({ purpose: z.enum(['live', 'rehearsal']) });
export type Purpose = z.infer<typeof purposeSchema>['purpose'];

/** Whether anything was ever recorded into this folder: a start that failed (a port that is taken) leaves it marked and empty. */
function holdsTrades(folder: string): boolean {
  return [join(folder, 'journal'), join(folder, 'market-data', 'trade')].some(
    (path) => existsSync(path) && readdirSync(path).length > 0,
  );
}

/** Marks what a folder is for at its first recording; refuses the other use afterwards: `data.purpose`. */
export function claimPurpose(folder: string, purpose: Purpose): Result<void> {
  const path = join(folder, 'purpose.json');
  try {
    if (existsSync(path)) {
      const held = purposeSchema.safeParse(JSON.parse(readFileSync(path, 'utf8')));
      if (held.success && held.data.purpose !== purpose && holdsTrades(folder)) {
        const [has, wants] = purpose === 'live' ? ['simulated', 'real'] : ['real', 'simulated'];
        return fail(
          'data.purpose',
          `data folder ${folder} holds ${has} trades; ${wants} ones must not be mixed in: ${WAY_OUT}`,
        );
      }
      if (held.success && held.data.purpose === purpose) return ok(undefined);
    }
    replaceFileSync(path, `${JSON.stringify({ purpose })}\n`);
    return ok(undefined);
  } catch (error) {
    return explain(folder, error);
  }
}
