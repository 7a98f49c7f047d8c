// What a writer does before its first record: finds the true end of the journal, cuts a torn tail, and makes what is left
// durable. It never cuts below what was synced; damage there is left for the reader to report.
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { zstdDecompress } from 'node:zlib';
import { syncDirectory } from '../base/files.ts';
import { Columns } from './batch.ts';
import { DURABLE_NAME, type Durable, decodeDurable } from './durable.ts';
import {
  chooseSalt,
  decodeSegmentHeader,
  listSegments,
  type Position,
  RECORD_HEADER,
  SEGMENT_HEADER,
  type SegmentFile,
} from './segment.ts';

export interface Recovery {
  /** Last frame of the journal, or the last one ever synced if that is higher: the next frame is one more. */
  readonly lastFrame: number;
  /** Bytes of the torn tail that were thrown away. */
  readonly cutBytes: number;
  /** Unreadable bytes that were found on the way and left in place. */
  readonly damaged: number;
  /** The writer before had closed on purpose, and nothing was cut. */
  readonly clean: boolean;
}

export interface Recovered extends Recovery {
  readonly durable: Durable;
}

/** Folder in the journal that keeps a copy of every damaged stretch. */
export const QUARANTINE = 'quarantine';

const WINDOW = 4 * 1024 ** 2;

export async function readSidecar(dir: string): Promise<Durable | null> {
  try {
    return decodeDurable(await readFile(join(dir, DURABLE_NAME)));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Ends of good data in one segment, read from a position on. */
export interface Tail {
  /** End of the last good record (or of the position, when none follows). */
  readonly end: Position;
  readonly size: number;
  /** Unreadable bytes before that end. */
  readonly damaged: number;
  readonly records: number;
}

/** Reads a plain segment from `from` to the end of the file; memory stays at a few MB unless one record is larger. */
export async function scanTail(path: string, from: Position): Promise<Tail> {
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    const head = Buffer.alloc(SEGMENT_HEADER);
    await handle.read(head, 0, SEGMENT_HEADER, 0);
    const { salts } = decodeSegmentHeader(head);
    const columns = new Columns();
    let buffer = Buffer.allocUnsafeSlow(Math.min(WINDOW, Math.max(size - from.offset, RECORD_HEADER)));
    let salt: number | null = null;
    let at = from;
    let end = from;
    let damaged = 0;
    let records = 0;
    while (at.offset < size) {
      const want = Math.min(buffer.length, size - at.offset);
      const { bytesRead } = await handle.read(buffer, 0, want, at.offset);
      if (bytesRead === 0) break;
      columns.load(buffer);
      salt ??= chooseSalt(salts, buffer.subarray(0, bytesRead));
      columns.damage = [];
      const final = bytesRead < want || at.offset + bytesRead >= size;
      const reached =
        salt === null && !final ? at : columns.parse(at, bytesRead, final, salt ?? 0, Number.MAX_SAFE_INTEGER);
      if (reached.offset === at.offset) {
        buffer = Buffer.allocUnsafeSlow(Math.min(buffer.length * 4, Math.max(size - at.offset, RECORD_HEADER)));
        continue;
      }
      records += columns.count;
      for (const found of columns.damage) if (found.offset + found.bytes < size) damaged += found.bytes;
      const torn = columns.damage.findLast((found) => found.bytes > 0 && found.offset + found.bytes >= size);
      if (torn) end = { ...reached, offset: torn.offset };
      else end = reached;
      at = reached;
    }
    return { end, size, damaged, records };
  } finally {
    await handle.close();
  }
}

/** Last frame of a compressed segment that nothing follows (its successors were removed by hand). */
async function lastOfCompressed(path: string, first: number): Promise<number> {
  const bytes = await promisify(zstdDecompress)(await readFile(path));
  const { salts } = decodeSegmentHeader(bytes);
  const columns = new Columns();
  let at: Position = { segment: first, offset: SEGMENT_HEADER, frame: first - 1 };
  while (at.offset < bytes.length) {
    const rest = bytes.subarray(at.offset);
    columns.load(rest);
    at = columns.parse(at, rest.length, true, salts[0] ?? 0, Number.MAX_SAFE_INTEGER);
  }
  return at.frame;
}

/** A segment in which not one record can be read is kept for people to look at, out of the readers' way. */
async function setAside(dir: string, name: string): Promise<void> {
  const folder = join(dir, QUARANTINE);
  await mkdir(folder, { recursive: true });
  await rename(join(dir, name), join(folder, `${name}.unreadable-${Date.now()}`));
}

/** Leaves the journal in a state in which a new segment can follow. Throws file system errors. */
export async function recover(dir: string): Promise<Recovered> {
  const sidecar = await readSidecar(dir);
  const segments = await listSegments(dir);
  let cutBytes = 0;
  let damaged = 0;
  let last: SegmentFile | undefined = segments.at(-1);
  let end: Position | null = null;
  while (last && !end) {
    const path = join(dir, last.name);
    const floor = sidecar?.segment === last.first ? sidecar : null;
    if (last.compressed) {
      const frame = await lastOfCompressed(path, last.first);
      end = { segment: last.first, offset: floor?.offset ?? SEGMENT_HEADER, frame };
      break;
    }
    let set = false;
    const handle = await open(path, 'r+');
    try {
      const { size } = await handle.stat();
      const known = floor !== null && floor.offset <= size;
      const from: Position = known
        ? { segment: last.first, offset: floor.offset, frame: floor.frame }
        : { segment: last.first, offset: Math.min(SEGMENT_HEADER, size), frame: last.first - 1 };
      const tail = await scanTail(path, from);
      damaged += tail.damaged;
      if (tail.records === 0 && !known && (floor === null || size <= SEGMENT_HEADER)) {
        // Created, then nothing whole was written: its name is needed again.
        cutBytes += Math.max(0, size - SEGMENT_HEADER);
        set = size > SEGMENT_HEADER;
      } else {
        if (tail.end.offset < tail.size && tail.end.offset >= (floor?.offset ?? 0)) {
          cutBytes += tail.size - tail.end.offset;
          await handle.truncate(tail.end.offset);
        }
        await handle.sync();
        end = tail.end;
      }
    } finally {
      await handle.close();
    }
    if (!end) {
      if (set) await setAside(dir, last.name);
      else await rm(path);
      segments.pop();
      last = segments.at(-1);
    }
  }
  await syncDirectory(dir);
  const lastFrame = Math.max(end?.frame ?? 0, sidecar?.frame ?? 0);
  const after = end && sidecar && end.segment === sidecar.segment ? Math.max(0, end.offset - sidecar.offset) : 0;
  return {
    lastFrame,
    cutBytes,
    damaged,
    clean: (sidecar?.closed ?? segments.length === 0) && cutBytes === 0 && after === 0,
    durable: {
      segment: end?.segment ?? 0,
      offset: end?.offset ?? 0,
      frame: end?.frame ?? 0,
      bytes: (sidecar?.bytes ?? 0) + after,
      closed: false,
    },
  };
}
