// Tails the journal from a position: batches of whole, checked, durable records across segments, plain or compressed.
// Whatever the files look like, it goes on: damage and missing segments are reported in the batch and copied to quarantine.
import { closeSync, createReadStream, openSync } from 'node:fs';
import { type FileHandle, mkdir, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createZstdDecompress } from 'node:zlib';
import { reasonOf } from '../../src-shared/base/result.ts';
import { Columns, type Damage, type JournalBatch } from './batch.ts';
import type { JournalLine } from './control.ts';
import { DURABLE_BYTES, DURABLE_NAME, type Durable, readDurable } from './durable.ts';
import { LINES_NAME, readLines } from './lines.ts';
import { livingWriter } from './lock.ts';
import { QUARANTINE, scanTail } from './recover.ts';
import {
  chooseSalt,
  decodeSegmentHeader,
  listSegments,
  type Position,
  RECORD_HEADER,
  SEGMENT_HEADER,
  type SegmentFile,
} from './segment.ts';

export type { Damage, JournalBatch } from './batch.ts';
export type { Position } from './segment.ts';

export interface ReaderOptions {
  /** With no writer alive, read to the validated end of the files instead of the published durable end. For tools that look at a folder at rest. */
  readonly standalone?: boolean;
  /** Copy damaged bytes to the journal's quarantine folder (default). */
  readonly quarantine?: boolean;
}

export interface JournalReader {
  /**
   * The next records; null: nothing durable is waiting. A batch may hold damage and no record. maxBytes: most bytes of
   * records in one batch (default 2 MB; a single larger record still comes whole).
   */
  read(maxBytes?: number): Promise<JournalBatch | null>;
  /** Lines by number; complete for every record of the batch last read. */
  readonly lines: ReadonlyMap<number, JournalLine>;
  /** How far the writer has published the journal as synced; null when it has published nothing readable. */
  durable(): Position | null;
  /** The newest sync: all frames up to this one are durable since this time, µs. */
  synced(): { readonly frame: number; readonly atUs: number } | null;
  readonly position: Position | null;
  close(): Promise<void>;
}

interface Source {
  readonly file: SegmentFile;
  readonly salts: readonly number[];
  salt: number | null;
  /** null: the whole segment lies in memory. */
  readonly handle: FileHandle | null;
  readonly memory: Buffer | null;
  /** Size when the segment is known to be final, else null. */
  finalSize: number | null;
}

const READ_BYTES = 2 * 1024 ** 2;

/** from null: the oldest record kept. Opening never fails: an empty or missing folder simply has nothing to read yet. */
export function openReader(dir: string, from: Position | null, options: ReaderOptions = {}): JournalReader {
  return new Reader(dir, from, options);
}

async function sizeNow(source: Source): Promise<number> {
  return source.memory?.length ?? (await source.handle?.stat())?.size ?? 0;
}

class Reader implements JournalReader {
  readonly #dir: string;
  readonly #standalone: boolean;
  readonly #quarantine: boolean;
  readonly #columns = new Columns();
  readonly #sidecar = Buffer.alloc(DURABLE_BYTES);
  #sidecarFd: number | null = null;
  #lines: Map<number, JournalLine> = new Map();
  #position: Position | null;
  #source: Source | null = null;
  #buffer = Buffer.alloc(0);
  #damage: Damage[] = [];
  #atRest: { limit: Durable | null; checkedMs: number } | null = null;

  constructor(dir: string, from: Position | null, options: ReaderOptions) {
    this.#dir = dir;
    this.#position = from;
    this.#standalone = options.standalone ?? false;
    this.#quarantine = options.quarantine ?? true;
  }

  get lines(): ReadonlyMap<number, JournalLine> {
    return this.#lines;
  }

  get position(): Position | null {
    return this.#position;
  }

  durable(): Position | null {
    const found = this.#published();
    return found ? { segment: found.segment, offset: found.offset, frame: found.frame } : null;
  }

  synced(): { readonly frame: number; readonly atUs: number } | null {
    const found = this.#published();
    return found?.atUs === undefined ? null : { frame: found.frame, atUs: found.atUs };
  }

  async read(maxBytes = READ_BYTES): Promise<JournalBatch | null> {
    this.#columns.count = 0;
    const limit = await this.#limit();
    if (!limit) return null;
    for (;;) {
      if (!(await this.#settle(limit))) return this.#nothing();
      const position = this.#position as Position;
      const source = this.#source as Source;
      if (source.file.first > limit.segment) return this.#nothing();
      const end = source.file.first === limit.segment ? limit.offset : await this.#sizeOf(source);
      if (position.offset < end) {
        const batch = await this.#take(source, position, end, limit, Math.max(maxBytes, RECORD_HEADER));
        if (batch) return batch;
        continue;
      }
      if (source.file.first >= limit.segment) {
        // The sidecar is written in place and not synced each time: after a power cut it may be older than what was read, and nobody has mended
        // it yet. The bytes are there, so this is no damage: the next writer publishes the true end.
        if (position.offset > end && source.file.first === limit.segment && position.offset > (await sizeNow(source))) {
          this.#report(position.segment, end, 0, `position ${position.offset} lies behind the synced end ${end}`);
          this.#position = { segment: limit.segment, offset: end, frame: limit.frame };
        }
        return this.#nothing();
      }
      if (position.offset > end) {
        this.#report(
          position.segment,
          end,
          0,
          `position ${position.offset} lies behind the end of its segment, ${end}`,
        );
      }
      if (!(await this.#advance(limit))) return this.#nothing();
    }
  }

  async close(): Promise<void> {
    await this.#release();
    if (this.#sidecarFd !== null) closeSync(this.#sidecarFd);
    this.#sidecarFd = null;
  }

  #published(): Durable | null {
    if (this.#sidecarFd === null) {
      try {
        this.#sidecarFd = openSync(join(this.#dir, DURABLE_NAME), 'r');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
        return null;
      }
    }
    return readDurable(this.#sidecarFd, this.#sidecar);
  }

  /** How far this reader may go. */
  async #limit(): Promise<Durable | null> {
    if (!this.#standalone) return this.#published();
    const now = performance.now();
    if (this.#atRest && now - this.#atRest.checkedMs < 1000) return this.#atRest.limit;
    if ((await livingWriter(this.#dir)) !== null) return this.#published();
    const segments = await listSegments(this.#dir);
    const last = segments.at(-1);
    let limit: Durable | null = null;
    if (last && !last.compressed) {
      const from = { segment: last.first, offset: SEGMENT_HEADER, frame: last.first - 1 };
      const tail = await scanTail(join(this.#dir, last.name), from);
      limit = { ...tail.end, bytes: 0, closed: false };
    } else if (last) {
      limit = { segment: last.first + 1, offset: 0, frame: Number.MAX_SAFE_INTEGER, bytes: 0, closed: false };
    }
    this.#atRest = { limit, checkedMs: now };
    return limit;
  }

  /** Opens the segment of the position. False: nothing there to read yet. */
  async #settle(limit: Durable): Promise<boolean> {
    if (this.#source) return true;
    const segments = await listSegments(this.#dir);
    const position = this.#position;
    if (!position) {
      const first = segments[0];
      if (!first || first.first > limit.segment) return false;
      return this.#enter(first, null);
    }
    const here = segments.find((segment) => segment.first === position.segment);
    if (here) return here.first <= limit.segment && this.#enter(here, position);
    const next = segments.find((segment) => segment.first > position.segment);
    if (next) {
      if (next.first > limit.segment) return false;
      const frames = Math.max(0, next.first - position.frame - 1);
      const reason =
        frames > 0
          ? `segment ${position.segment} is not there: frames ${position.frame + 1} to ${next.first - 1} are missing`
          : '';
      if (reason) this.#report(position.segment, position.offset, 0, reason, frames);
      return this.#enter(next, null);
    }
    // Everything that is there is older than the position: the journal lost what was already read. The newest segment is
    // read again from its start; what it repeats is known by its keys.
    const newest = segments.at(-1);
    if (!newest || newest.first > limit.segment) return false;
    this.#report(
      position.segment,
      position.offset,
      0,
      `segment ${position.segment} is not there and the journal ends before it`,
    );
    return this.#enter(newest, null);
  }

  async #advance(limit: Durable): Promise<boolean> {
    const { segment, offset, frame } = this.#position as Position;
    const next = (await listSegments(this.#dir)).find((file) => file.first > segment);
    if (!next || next.first > limit.segment) return false;
    await this.#release();
    const frames = next.first - frame - 1;
    if (frames > 0) this.#report(segment, offset, 0, `frames ${frame + 1} to ${next.first - 1} are not there`, frames);
    else if (frames < 0)
      this.#report(segment, offset, 0, `the journal goes on at frame ${next.first}, ${frame} was read before`);
    return this.#enter(next, null);
  }

  /** position null: from the segment's start. */
  async #enter(file: SegmentFile, position: Position | null): Promise<boolean> {
    const path = join(this.#dir, file.name);
    let handle: FileHandle | null = null;
    let memory: Buffer | null = null;
    try {
      if (file.compressed) memory = await this.#decompress(path, file);
      else handle = await open(path, 'r');
    } catch (error) {
      // Compressed or removed between listing and opening: look again at the next read.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
      throw error;
    }
    const head = Buffer.alloc(SEGMENT_HEADER);
    if (memory) memory.copy(head, 0, 0, SEGMENT_HEADER);
    else await handle?.read(head, 0, SEGMENT_HEADER, 0);
    const { salts, whole } = decodeSegmentHeader(head);
    if (!whole && position === null) this.#report(file.first, 0, SEGMENT_HEADER, 'segment header damaged', 0, head);
    this.#source = {
      file,
      salts,
      salt: null,
      handle,
      memory,
      finalSize: memory?.length ?? null,
    };
    this.#position = position
      ? { ...position, offset: Math.max(position.offset, SEGMENT_HEADER) }
      : { segment: file.first, offset: SEGMENT_HEADER, frame: file.first - 1 };
    return true;
  }

  /** All that can be decompressed; a damaged file gives its good beginning. */
  async #decompress(path: string, file: SegmentFile): Promise<Buffer> {
    const parts: Buffer[] = [];
    const input = createReadStream(path);
    const output = createZstdDecompress();
    input.on('error', (error) => output.destroy(error));
    try {
      for await (const part of input.pipe(output)) parts.push(part as Buffer);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw error;
      this.#report(file.first, Buffer.concat(parts).length, 0, `compressed segment damaged: ${reasonOf(error)}`);
    }
    return Buffer.concat(parts);
  }

  /** Size of a segment that the writer has left. */
  async #sizeOf(source: Source): Promise<number> {
    source.finalSize ??= await sizeNow(source);
    return source.finalSize;
  }

  async #take(
    source: Source,
    position: Position,
    end: number,
    limit: Durable,
    maxBytes: number,
  ): Promise<JournalBatch | null> {
    const columns = this.#columns;
    let want = Math.min(maxBytes, end - position.offset);
    for (;;) {
      const bytes = await this.#bytes(source, position.offset, want);
      if (bytes.length < want) {
        // The file is shorter than what was published: only a lost disk page or a file cut by hand does that.
        end = position.offset + bytes.length;
        if (bytes.length === 0) {
          this.#report(source.file.first, end, 0, `segment ends at ${end}, before its synced end`);
          source.finalSize = end;
          if (source.file.first === limit.segment)
            this.#position = { segment: limit.segment, offset: limit.offset, frame: limit.frame };
          return null;
        }
      }
      columns.load(bytes);
      source.salt ??= chooseSalt(source.salts, bytes);
      columns.damage = [];
      const final = position.offset + bytes.length >= end;
      const { salt } = source;
      const reached =
        salt === null && !final ? position : columns.parse(position, bytes.length, final, salt ?? 0, limit.frame);
      if (reached.offset === position.offset) {
        want = Math.min(want * 4, end - position.offset);
        continue;
      }
      if (columns.unknownLine) await this.#learnLines();
      for (const damage of columns.damage) {
        const at = damage.offset - position.offset;
        this.#damage.push(damage);
        if (damage.bytes > 0) await this.#keep(damage, bytes.subarray(at, at + damage.bytes));
      }
      this.#position = reached;
      return this.#batch(position, reached);
    }
  }

  async #bytes(source: Source, offset: number, length: number): Promise<Buffer> {
    if (source.memory) return source.memory.subarray(offset, offset + length);
    if (this.#buffer.length < length) this.#buffer = Buffer.allocUnsafeSlow(Math.max(length, READ_BYTES));
    let done = 0;
    while (done < length) {
      const { bytesRead } = (await source.handle?.read(this.#buffer, done, length - done, offset + done)) ?? {
        bytesRead: 0,
      };
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    return this.#buffer.subarray(0, done);
  }

  #batch(start: Position, end: Position): JournalBatch {
    const { bytes, count, payloadOffset, payloadLength, frame, recvUs, monoUs, lineNo, origin, kind } = this.#columns;
    const damage = this.#damage;
    this.#damage = [];
    return {
      bytes,
      count,
      payloadOffset,
      payloadLength,
      frame,
      recvUs,
      monoUs,
      lineNo,
      origin,
      kind,
      start,
      end,
      damage,
    };
  }

  /** No record to give; damage found on the way still wants to be told. */
  #nothing(): JournalBatch | null {
    const position = this.#position;
    if (this.#damage.length === 0 || !position) return null;
    this.#columns.count = 0;
    return this.#batch(position, position);
  }

  #report(segment: number, offset: number, bytes: number, reason: string, frames = 0, copy?: Buffer): void {
    const damage: Damage = { segment, offset, bytes, reason, frames, index: 0 };
    this.#damage.push(damage);
    if (copy) void this.#keep(damage, copy);
  }

  async #keep(damage: Damage, bytes: Buffer): Promise<void> {
    if (!this.#quarantine) return;
    const folder = join(this.#dir, QUARANTINE);
    const name = `${String(damage.segment).padStart(20, '0')}-${damage.offset}.damaged`;
    const copy = Buffer.from(bytes);
    try {
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, name), copy);
    } catch (error) {
      // The damage stays where it is and is reported all the same; only its copy is missing.
      this.#damage.push({ ...damage, bytes: 0, reason: `not copied to quarantine: ${reasonOf(error)}` });
    }
  }

  async #learnLines(): Promise<void> {
    const { lines } = await readLines(join(this.#dir, LINES_NAME));
    this.#lines = lines;
    for (const no of lines.keys()) this.#columns.known[no] = 1;
  }

  async #release(): Promise<void> {
    const source = this.#source;
    this.#source = null;
    await source?.handle?.close();
  }
}
