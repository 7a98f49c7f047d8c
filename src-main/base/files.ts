// Files that survive a power cut: written beside, synced, renamed, and the folder synced.

import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { open, rename, rm, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Makes a rename or a new file durable. Windows cannot open folders and needs no such call. */
export async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

export function syncDirectorySync(path: string): void {
  if (process.platform === 'win32') return;
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Replaces a file so that a reader, or the next start after a power cut, sees the old content or the new, never a part. */
export async function replaceFile(path: string, content: string | Uint8Array, mode = 0o644): Promise<void> {
  const beside = `${path}.new-${process.pid}`;
  try {
    const handle = await open(beside, 'w', mode);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
  await syncDirectory(dirname(path));
}

export function replaceFileSync(path: string, content: string, mode = 0o644): void {
  const beside = `${path}.new-${process.pid}`;
  const fd = openSync(beside, 'w', mode);
  try {
    writeSync(fd, content);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(beside, path);
  syncDirectorySync(dirname(path));
}

/** Bytes that this user may still write on the disk of a folder, and the size of that disk. */
export async function diskSpace(path: string): Promise<{ freeBytes: number; sizeBytes: number }> {
  const found = await statfs(path);
  return { freeBytes: found.bavail * found.bsize, sizeBytes: found.blocks * found.bsize };
}

/**
 * Makes a folder that a person named, with its missing parents, level by level: Node's recursive mkdir blames a missing folder on a
 * read-only disk, and never returns where a file system refuses with ENOENT (/proc). Throws as mkdir does.
 */
export function makeFolderSync(path: string, mode = 0o755): void {
  const missing: string[] = [];
  for (let at = path; !existsSync(at) && dirname(at) !== at; at = dirname(at)) missing.unshift(at);
  accessSync(missing[0] === undefined ? path : dirname(missing[0]), constants.W_OK);
  for (const folder of missing) mkdirSync(folder, { mode });
}
