// Records of one stretch of a segment as columns. Parses what is good, steps over what is damaged to the next good
// record, and says exactly which bytes those were: never a crash, never an invented record.
import { checkRecord, DAMAGED, findRecord, INCOMPLETE, type Position, RECORD_HEADER } from './segment.ts';

/** Bytes, or whole frames, that the journal should hold and does not. */
export interface Damage {
  readonly segment: number;
  readonly offset: number;
  /** 0: nothing unreadable lies there, frames are simply missing. */
  readonly bytes: number;
  readonly reason: string;
  /** Frames known to be lost by it, by their numbers; 0 where that shows only later. */
  readonly frames: number;
  /** Index in the batch of the first record after it; count when there is none. Its neighbours bound it in time. */
  readonly index: number;
}

/** Columns of a stretch of records. Buffers are reused by the next read of the same reader. */
export interface JournalBatch {
  readonly bytes: Buffer;
  readonly count: number;
  readonly payloadOffset: Int32Array;
  readonly payloadLength: Int32Array;
  readonly frame: Float64Array;
  readonly recvUs: Float64Array;
  readonly monoUs: Float64Array;
  readonly lineNo: Uint16Array;
  readonly origin: Uint8Array;
  readonly kind: Uint8Array;
  readonly start: Position;
  readonly end: Position;
  readonly damage: readonly Damage[];
}

/** Records in one batch at most. */
export const BATCH_RECORDS = 65_536;

export class Columns {
  bytes: Buffer = Buffer.alloc(0);
  #view: DataView = new DataView(new ArrayBuffer(0));
  count = 0;
  readonly payloadOffset = new Int32Array(BATCH_RECORDS);
  readonly payloadLength = new Int32Array(BATCH_RECORDS);
  readonly frame = new Float64Array(BATCH_RECORDS);
  readonly recvUs = new Float64Array(BATCH_RECORDS);
  readonly monoUs = new Float64Array(BATCH_RECORDS);
  readonly lineNo = new Uint16Array(BATCH_RECORDS);
  readonly origin = new Uint8Array(BATCH_RECORDS);
  readonly kind = new Uint8Array(BATCH_RECORDS);
  damage: Damage[] = [];

  /** A record column is clear of line numbers not in `known`; the reader looks the register up again when it is not. */
  unknownLine = false;
  readonly known = new Uint8Array(65_536);

  constructor() {
    this.known[0] = 1;
  }

  /** The bytes to parse next; they must stay as they are while the batch is used. */
  load(bytes: Buffer): void {
    if (
      bytes.buffer !== this.#view.buffer ||
      bytes.byteOffset !== this.#view.byteOffset ||
      bytes.length !== this.#view.byteLength
    ) {
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    }
    this.bytes = bytes;
    this.count = 0;
    this.unknownLine = false;
  }

  /**
   * Parses the first `length` loaded bytes, which lie at `from.offset` of its segment. final: nothing follows them, so an
   * unfinished record is damage. Gives the position reached; the same position means that more bytes are needed to go on.
   */
  parse(from: Position, length: number, final: boolean, salt: number, toFrame: number): Position {
    const { bytes, payloadOffset, payloadLength, frame, recvUs, monoUs, lineNo, origin, kind, known } = this;
    const view = this.#view;
    let at = 0;
    let last = from.frame;
    let count = 0;
    while (at < length && count < BATCH_RECORDS) {
      const size = checkRecord(bytes, view, at, length, salt, last, toFrame);
      if (size > 0) {
        const number = view.getFloat64(at + 32, true);
        if (number !== last + 1) this.#missing(from, at, last, number, count);
        last = number;
        payloadOffset[count] = at + RECORD_HEADER;
        payloadLength[count] = size - RECORD_HEADER;
        frame[count] = number;
        recvUs[count] = view.getFloat64(at + 16, true);
        monoUs[count] = view.getFloat64(at + 24, true);
        const line = view.getUint16(at + 12, true);
        lineNo[count] = line;
        if (known[line] === 0) this.unknownLine = true;
        origin[count] = bytes[at + 14] as number;
        kind[count] = bytes[at + 15] as number;
        count += 1;
        at += size;
        continue;
      }
      if (size === INCOMPLETE && !final) break;
      const next = findRecord(bytes, view, at + 1, length, salt, last, toFrame);
      if (next < 0 && !final) break;
      const stop = next < 0 ? length : next;
      this.damage.push({
        segment: from.segment,
        offset: from.offset + at,
        bytes: stop - at,
        reason: size === DAMAGED ? 'checksum or header damaged' : 'record without its end',
        frames: 0,
        index: count,
      });
      at = stop;
    }
    this.count = count;
    return { segment: from.segment, offset: from.offset + at, frame: last };
  }

  #missing(from: Position, at: number, last: number, number: number, index: number): void {
    const frames = number - last - 1;
    const before = this.damage.at(-1);
    const offset = from.offset + at;
    if (before && before.segment === from.segment && before.bytes > 0 && before.offset + before.bytes === offset) {
      this.damage[this.damage.length - 1] = { ...before, frames: before.frames + frames };
      return;
    }
    const reason = `frames ${last + 1} to ${number - 1} are not there`;
    this.damage.push({ segment: from.segment, offset, bytes: 0, reason, frames, index });
  }
}
