// host.json: where the host of a data folder is and the key to it (32 random bytes, compared in constant time).
// The key outlives a restart, so that a screen finds its way back.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { replaceFile } from '../base/files.ts';

/** What host.json holds; readable for its owner only. */
export const hostFileSchema = z.object({
  pid: z.number().int(),
  url: z.string(),
  token: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  startedUs: z.number().int(),
});
export type HostFile = z.infer<typeof hostFileSchema>;

export function newToken(): string {
  return randomBytes(32).toString('base64url');
}

/** Readable for its owner only. Throws what the file system throws. */
export async function writeHostFile(dataDir: string, file: HostFile): Promise<void> {
  await replaceFile(join(dataDir, 'host.json'), `${JSON.stringify(file)}\n`, 0o600);
}

/** The file that the last host of this folder left; undefined when there is none, or it is damaged. */
export function readHostFile(dataDir: string): HostFile | undefined {
  try {
    const read = hostFileSchema.safeParse(JSON.parse(readFileSync(join(dataDir, 'host.json'), 'utf8')));
    return read.success ? read.data : undefined;
  } catch {
    // No host was here before, or its file is damaged: a new key is made.
    return undefined;
  }
}

/** Equal or not, in a time that tells nothing of where they differ. */
export function sameToken(given: string, token: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(token));
}
