// The sidecar `durable`: up to where the journal is synced. The writer rewrites it in place after each sync; a reader
// that finds it torn reads again, and one that finds none takes nothing as durable.
import { readSync } from 'node:fs';
import { crc32 } from 'node:zlib';

export const DURABLE_NAME = 'durable';
export const DURABLE_BYTES = 64;
const MAGIC = Buffer.from('TDKDURA1', 'latin1');

export interface Durable {
  readonly segment: number;
  /** End of the synced bytes in that segment; always the end of a record. */
  readonly offset: number;
  /** Last synced frame. */
  readonly frame: number;
  /** Record bytes synced over the life of the data folder. */
  readonly bytes: number;
  /** When the sidecar said so, µs; absent where it was not read from there. */
  readonly atUs?: number;
  /** The writer closed on purpose and nothing came after. */
  readonly closed: boolean;
}

export function encodeDurable(into: Buffer, durable: Durable, nowUs: number): void {
  into.fill(0);
  MAGIC.copy(into, 0);
  into.writeDoubleLE(durable.segment, 8);
  into.writeDoubleLE(durable.offset, 16);
  into.writeDoubleLE(durable.frame, 24);
  into.writeDoubleLE(durable.bytes, 32);
  into.writeDoubleLE(nowUs, 40);
  into.writeUInt32LE(durable.closed ? 1 : 0, 48);
  into.writeUInt32LE(crc32(into.subarray(0, 60)), 60);
}

export function decodeDurable(bytes: Buffer): Durable | null {
  if (bytes.length < DURABLE_BYTES || !bytes.subarray(0, 8).equals(MAGIC)) return null;
  if (bytes.readUInt32LE(60) !== crc32(bytes.subarray(0, 60))) return null;
  return {
    segment: bytes.readDoubleLE(8),
    offset: bytes.readDoubleLE(16),
    frame: bytes.readDoubleLE(24),
    bytes: bytes.readDoubleLE(32),
    atUs: bytes.readDoubleLE(40),
    closed: bytes.readUInt32LE(48) === 1,
  };
}

/** Reads an open sidecar; tries again when the writer was seen in the middle of it. */
export function readDurable(fd: number, into: Buffer): Durable | null {
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const length = readSync(fd, into, 0, DURABLE_BYTES, 0);
    const found = decodeDurable(into.subarray(0, length));
    if (found || length === 0) return found;
  }
  return null;
}
