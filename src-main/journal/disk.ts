// The writer's open files: the segment that grows and the sidecar that says how far it is synced. Every call may fail with
// what the disk says; after reopen the same call can be made again, because all writes name their place.
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { reasonOf } from '../../src-shared/base/result.ts';
import { syncDirectory } from '../base/files.ts';
import type { Log } from '../base/log.ts';
import { DURABLE_BYTES, DURABLE_NAME, type Durable, encodeDurable } from './durable.ts';
import { encodeSegmentHeader, SEGMENT_HEADER, segmentName } from './segment.ts';

export interface OpenSegment {
  /** Its first frame. */
  readonly first: number;
  /** Count of the backlog at its first record. */
  readonly base: number;
  readonly openedMs: number;
  readonly handle: FileHandle;
}

export class JournalDisk {
  readonly #dir: string;
  readonly #log: Log | undefined;
  readonly #salt: number;
  readonly #sidecarBytes = Buffer.alloc(DURABLE_BYTES);
  #sidecar: FileHandle;
  #segment: OpenSegment | null = null;

  private constructor(dir: string, log: Log | undefined, salt: number, sidecar: FileHandle) {
    this.#dir = dir;
    this.#log = log;
    this.#salt = salt;
    this.#sidecar = sidecar;
  }

  static async open(dir: string, log: Log | undefined, salt: number): Promise<JournalDisk> {
    return new JournalDisk(dir, log, salt, await openSidecar(dir));
  }

  get segment(): OpenSegment | null {
    return this.#segment;
  }

  /** Leaves the segment (all of it must be synced) and begins the next; its header and name are durable when this resolves. */
  async roll(first: number, base: number, nowUs: number): Promise<void> {
    const old = this.#segment;
    if (old) await cutBehind(old.handle, SEGMENT_HEADER + base - old.base);
    this.#segment = null;
    if (old) await this.#close(old.handle);
    const path = join(this.#dir, segmentName(first));
    const handle = await open(path, constants.O_CREAT | constants.O_RDWR);
    try {
      const { size } = await handle.stat();
      if (size > SEGMENT_HEADER) throw new Error(`${path} exists and holds ${size} bytes`);
      await writeAll(handle, [encodeSegmentHeader(first, nowUs, this.#salt)], 0);
      await handle.datasync();
      await syncDirectory(this.#dir);
    } catch (error) {
      await this.#close(handle);
      throw error;
    }
    this.#segment = { first, base, handle, openedMs: performance.now() };
  }

  /** Writes at the place that belongs to this count of the backlog. */
  async write(buffers: readonly Buffer[], count: number): Promise<void> {
    const { handle, base } = this.#segment as OpenSegment;
    await writeAll(handle, buffers, SEGMENT_HEADER + count - base);
  }

  async publish(durable: Durable, nowUs: number): Promise<void> {
    encodeDurable(this.#sidecarBytes, durable, nowUs);
    await writeAll(this.#sidecar, [this.#sidecarBytes], 0);
  }

  async syncSidecar(): Promise<void> {
    await this.#sidecar.sync();
  }

  /** After trouble the files are opened anew: a handle may belong to a disk that was unmounted and is back. */
  async reopen(): Promise<void> {
    const sidecar = await openSidecar(this.#dir);
    await this.#close(this.#sidecar);
    this.#sidecar = sidecar;
    const segment = this.#segment;
    if (!segment) return;
    try {
      const handle = await open(join(this.#dir, segmentName(segment.first)), 'r+');
      await this.#close(segment.handle);
      this.#segment = { ...segment, handle };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      // The segment itself is gone: what is not yet synced begins a new one.
      await this.#close(segment.handle);
      this.#segment = null;
    }
  }

  async close(): Promise<void> {
    if (this.#segment) await this.#close(this.#segment.handle);
    this.#segment = null;
    await this.#close(this.#sidecar);
  }

  async #close(handle: FileHandle): Promise<void> {
    try {
      await handle.close();
    } catch (error) {
      this.#log?.warn({ error: reasonOf(error) }, 'file handle did not close cleanly');
    }
  }
}

/** What was written and never synced goes into the next segment, and must not be found in this one too. */
async function cutBehind(handle: FileHandle, end: number): Promise<void> {
  const { size } = await handle.stat();
  if (size <= end) return;
  await handle.truncate(end);
  await handle.sync();
}

async function openSidecar(dir: string): Promise<FileHandle> {
  return open(join(dir, DURABLE_NAME), constants.O_CREAT | constants.O_RDWR);
}

/** Writes all of it at a place in the file, whatever single calls take. */
async function writeAll(handle: FileHandle, buffers: readonly Buffer[], position: number): Promise<void> {
  let rest = [...buffers];
  let at = position;
  while (rest.length > 0) {
    const { bytesWritten } = await handle.writev(rest.slice(0, 512), at);
    if (bytesWritten === 0) throw Object.assign(new Error('the disk took no bytes'), { code: 'EIO' });
    at += bytesWritten;
    let done = bytesWritten;
    while (rest[0] && done >= rest[0].length) {
      done -= rest[0].length;
      rest = rest.slice(1);
    }
    if (done > 0 && rest[0]) rest[0] = rest[0].subarray(done);
  }
}
