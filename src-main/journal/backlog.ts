// Records in memory that are not yet synced: a chain of preallocated chunks, filled by append, written and then released.
// Bounded; nothing is allocated per record. Counts are bytes of records since the writer was opened.
import { type Origin, RecordKind } from '../../src-shared/market/frame.ts';
import { checksum } from './checksum.ts';
import { MAX_PAYLOAD, RECORD_HEADER, RECORD_MAGIC } from './segment.ts';

const CHUNK = 256 * 1024;
/** Free chunks that are kept for the next burst; the rest goes back to the system. */
const SPARE = 32;
/** Above the bound, for control records only: a full memory must still be able to say so. */
const CONTROL_RESERVE = 1024 ** 2;

interface Chunk {
  readonly bytes: Buffer;
  readonly view: DataView;
  used: number;
  /** Count of the stream at the chunk's first byte. */
  base: number;
}

export interface Part {
  readonly buffers: Buffer[];
  readonly from: number;
  readonly to: number;
  readonly frame: number;
}

/** What a sync that starts now will make durable. */
export interface Mark {
  readonly count: number;
  readonly frame: number;
  readonly oldestMs: number;
  readonly newestMs: number;
  readonly records: number;
}

export class Backlog {
  readonly limitBytes: number;
  headFrame: number;
  /** Bytes appended, bytes handed to the file. */
  appended = 0;
  written = 0;
  writtenFrame: number;
  refused = 0;
  readonly #salt: number;
  readonly #chunks: Chunk[] = [];
  readonly #spare: Chunk[] = [];
  #active: Chunk;
  #heldBytes = CHUNK;
  #released = 0;
  #markedFrame: number;
  /** Arrival of the oldest record that no sync has taken up; 0: there is none. */
  #oldestMs = 0;
  #writtenNewestMs = 0;

  constructor(limitBytes: number, lastFrame: number, salt: number) {
    this.limitBytes = Math.max(limitBytes, 2 * CHUNK);
    this.headFrame = lastFrame;
    this.writtenFrame = lastFrame;
    this.#markedFrame = lastFrame;
    this.#salt = salt;
    this.#active = makeChunk(CHUNK);
    this.#chunks.push(this.#active);
  }

  /** The record's frame number, or -1 when it cannot be held. */
  append(
    lineNo: number,
    kind: RecordKind,
    origin: Origin,
    recvUs: number,
    monoUs: number,
    payload: Uint8Array,
  ): number {
    const length = payload.length;
    const size = RECORD_HEADER + length;
    let chunk = this.#active;
    // Above the bound what is held is the reserve, and data does not fill it up either.
    const barred = this.#heldBytes > this.limitBytes && kind !== RecordKind.control;
    if (barred || chunk.used + size > chunk.bytes.length) {
      const next = this.#extend(size, kind === RecordKind.control);
      if (!next) {
        this.refused += 1;
        return -1;
      }
      chunk = next;
    }
    const at = chunk.used;
    const { bytes, view } = chunk;
    const frame = this.headFrame + 1;
    view.setUint32(at, RECORD_MAGIC, true);
    view.setUint32(at + 4, length, true);
    view.setUint16(at + 12, lineNo, true);
    view.setUint8(at + 14, origin);
    view.setUint8(at + 15, kind);
    view.setFloat64(at + 16, recvUs, true);
    view.setFloat64(at + 24, monoUs, true);
    view.setFloat64(at + 32, frame, true);
    bytes.set(payload, at + RECORD_HEADER);
    view.setUint32(at + 8, checksum(bytes, view, at + 12, at + size, this.#salt), true);
    chunk.used = at + size;
    this.headFrame = frame;
    this.appended += size;
    if (this.#oldestMs === 0) this.#oldestMs = performance.now();
    return frame;
  }

  get waitingBytes(): number {
    return this.appended - this.#released;
  }

  get roomBytes(): number {
    return Math.max(0, this.limitBytes - this.#heldBytes);
  }

  get isStrained(): boolean {
    return this.#heldBytes * 2 >= this.limitBytes * 2 + CONTROL_RESERVE;
  }

  get unwrittenBytes(): number {
    return this.appended - this.written;
  }

  /** performance.now() when the oldest record without a sync arrived. */
  get oldestMs(): number {
    return this.#oldestMs === 0 ? performance.now() : this.#oldestMs;
  }

  /** All that is not yet written. */
  gather(): Part {
    const buffers: Buffer[] = [];
    for (const chunk of this.#chunks) {
      const from = Math.max(0, this.written - chunk.base);
      if (from < chunk.used) buffers.push(chunk.bytes.subarray(from, chunk.used));
    }
    this.#writtenNewestMs = performance.now();
    return { buffers, from: this.written, to: this.appended, frame: this.headFrame };
  }

  wrote(part: Part): void {
    this.written = part.to;
    this.writtenFrame = part.frame;
  }

  mark(): Mark {
    const records = this.writtenFrame - this.#markedFrame;
    const mark = {
      count: this.written,
      frame: this.writtenFrame,
      oldestMs: this.oldestMs,
      newestMs: this.#writtenNewestMs,
      records,
    };
    this.#markedFrame = this.writtenFrame;
    // What is appended but not written belongs to the next sync; it came no earlier than the last write.
    this.#oldestMs = this.written < this.appended ? this.#writtenNewestMs : 0;
    return mark;
  }

  /** Forgets what is synced. */
  release(count: number): void {
    this.#released = count;
    while (this.#chunks.length > 1 && (this.#chunks[0] as Chunk).base + (this.#chunks[0] as Chunk).used <= count) {
      this.#recycle(this.#chunks.shift() as Chunk);
    }
    if (this.#chunks.length > 1 || count !== this.appended) return;
    if (this.#active.bytes.length > CHUNK) {
      // Made for one large record; not kept.
      this.#heldBytes += CHUNK - this.#active.bytes.length;
      this.#active = this.#spare.pop() ?? makeChunk(CHUNK);
      this.#chunks[0] = this.#active;
    }
    this.#active.used = 0;
    this.#active.base = count;
  }

  /** Everything after this count must be written again. */
  rewind(count: number, frame: number): void {
    this.written = count;
    this.writtenFrame = frame;
    this.#markedFrame = Math.min(this.#markedFrame, frame);
  }

  #extend(size: number, control: boolean): Chunk | null {
    const capacity = Math.max(CHUNK, size);
    const limit = this.limitBytes + (control ? CONTROL_RESERVE : 0);
    if (size > RECORD_HEADER + MAX_PAYLOAD || this.#heldBytes + capacity > limit) return null;
    const chunk = (capacity === CHUNK ? this.#spare.pop() : undefined) ?? makeChunk(capacity);
    chunk.used = 0;
    chunk.base = this.appended;
    this.#heldBytes += capacity;
    this.#chunks.push(chunk);
    this.#active = chunk;
    return chunk;
  }

  #recycle(chunk: Chunk): void {
    this.#heldBytes -= chunk.bytes.length;
    if (chunk.bytes.length === CHUNK && this.#spare.length < SPARE) this.#spare.push(chunk);
  }
}

function makeChunk(capacity: number): Chunk {
  const bytes = Buffer.allocUnsafeSlow(capacity);
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, capacity), used: 0, base: 0 };
}
