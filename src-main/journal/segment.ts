// The journal's files: segment header, record layout, names. Readers and the writer agree here and nowhere else.
// Checksums begin with a random salt of the writer's session, so bytes that a venue sends can never pass for a record.
import { readdir } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { checksum } from './checksum.ts';

export const SEGMENT_HEADER = 64;
export const RECORD_HEADER = 40;
/** Largest payload that a record may hold: above every WebSocket frame we take (16 MB) and every symbol list. */
export const MAX_PAYLOAD = 48 * 1024 ** 2;
/** "TDKR" read as little-endian. */
export const RECORD_MAGIC = 0x524b4454;
export const RECORD_MAGIC_BYTES = Buffer.from('TDKR', 'latin1');

const SEGMENT_MAGIC = Buffer.from('TDKJRNL1', 'latin1');
const VERSION = 1;
/** The salt lies four times in the header, so that one damaged header does not cost a whole segment. */
const SALT_AT = [12, 32, 40, 48] as const;

/** Where a reader stands. segment: first frame of its file; offset: next unread byte in it (uncompressed); frame: last frame read. */
export interface Position {
  readonly segment: number;
  readonly offset: number;
  readonly frame: number;
}

export interface SegmentHeader {
  readonly firstFrame: number;
  readonly createdUs: number;
  /** One when the header is whole; otherwise every candidate that its damaged copies leave. */
  readonly salts: readonly number[];
  readonly whole: boolean;
}

export function encodeSegmentHeader(firstFrame: number, createdUs: number, salt: number): Buffer {
  const bytes = Buffer.alloc(SEGMENT_HEADER);
  SEGMENT_MAGIC.copy(bytes, 0);
  bytes.writeUInt32LE(VERSION, 8);
  bytes.writeDoubleLE(firstFrame, 16);
  bytes.writeDoubleLE(createdUs, 24);
  for (const at of SALT_AT) bytes.writeUInt32LE(salt, at);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 60)), 60);
  return bytes;
}

/** Never fails: a damaged header still yields the salts worth trying. */
export function decodeSegmentHeader(bytes: Buffer): SegmentHeader {
  if (bytes.length < SEGMENT_HEADER) return { firstFrame: 0, createdUs: 0, salts: [], whole: false };
  const whole =
    bytes.subarray(0, 8).equals(SEGMENT_MAGIC) &&
    bytes.readUInt32LE(8) === VERSION &&
    bytes.readUInt32LE(60) === crc32(bytes.subarray(0, 60));
  const salts = [...new Set(SALT_AT.map((at) => bytes.readUInt32LE(at)))];
  return {
    firstFrame: bytes.readDoubleLE(16),
    createdUs: bytes.readDoubleLE(24),
    salts: whole ? salts.slice(0, 1) : salts,
    whole,
  };
}

/** The record runs past the end of the bytes given. */
export const INCOMPLETE = 0;
export const DAMAGED = -1;

/**
 * Checks the record at offset. Gives its whole length, INCOMPLETE when it would end after `end`, or DAMAGED.
 * A record is good when its checksum is and its frame number lies in (afterFrame, toFrame].
 */
export function checkRecord(
  bytes: Uint8Array,
  view: DataView,
  offset: number,
  end: number,
  salt: number,
  afterFrame: number,
  toFrame: number,
): number {
  if (end - offset < RECORD_HEADER) return headBegins(bytes, offset, end) ? INCOMPLETE : DAMAGED;
  if (view.getUint32(offset, true) !== RECORD_MAGIC) return DAMAGED;
  const length = view.getUint32(offset + 4, true);
  if (length > MAX_PAYLOAD) return DAMAGED;
  if ((view.getUint16(offset + 14, true) & 0xfefe) !== 0) return DAMAGED;
  const frame = view.getFloat64(offset + 32, true);
  if (!(frame > afterFrame && frame <= toFrame)) return DAMAGED;
  const stop = offset + RECORD_HEADER + length;
  if (stop > end) return INCOMPLETE;
  if (checksum(bytes, view, offset + 12, stop, salt) !== view.getUint32(offset + 8, true)) return DAMAGED;
  return RECORD_HEADER + length;
}

function headBegins(bytes: Uint8Array, offset: number, end: number): boolean {
  for (let i = offset; i < end && i < offset + 4; i += 1) {
    if (bytes[i] !== RECORD_MAGIC_BYTES[i - offset]) return false;
  }
  return true;
}

/**
 * The next good record at or after `from`: its offset; -1 when there is none up to `end`; -2 when a candidate runs past
 * `end`, so that more bytes must be read to tell.
 */
export function findRecord(
  bytes: Buffer,
  view: DataView,
  from: number,
  end: number,
  salt: number,
  afterFrame: number,
  toFrame: number,
): number {
  let undecided = false;
  for (let at = bytes.indexOf(RECORD_MAGIC_BYTES, from); at >= 0 && at < end; ) {
    const found = checkRecord(bytes, view, at, end, salt, afterFrame, toFrame);
    // Good records do not overlap, so a candidate that would reach over this one was none.
    if (found > 0) return at;
    if (found === INCOMPLETE) undecided = true;
    at = bytes.indexOf(RECORD_MAGIC_BYTES, at + 1);
  }
  // A magic may itself be cut by the end of the bytes.
  for (let at = Math.max(from, end - 3); at < end; at += 1) undecided ||= headBegins(bytes, at, end);
  return undecided ? -2 : -1;
}

/** The salt under which these bytes hold a record; null when several are possible and none of them shows one. */
export function chooseSalt(salts: readonly number[], bytes: Buffer): number | null {
  if (salts.length <= 1) return salts[0] ?? 0;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (const salt of salts) {
    if (findRecord(bytes, view, 0, bytes.length, salt, -1, Number.MAX_SAFE_INTEGER) >= 0) return salt;
  }
  return null;
}

export interface SegmentFile {
  readonly first: number;
  readonly name: string;
  readonly compressed: boolean;
}

const NAME = /^(\d{20})\.journal(\.zst)?$/;

export function segmentName(first: number): string {
  return `${String(first).padStart(20, '0')}.journal`;
}

/** The segments among these file names, in order. Where a compressed and a plain file stand side by side (a crash between writing one and deleting the other), the plain one counts. */
export function sortSegments(names: readonly string[]): SegmentFile[] {
  const found = new Map<number, SegmentFile>();
  for (const name of names) {
    const match = NAME.exec(name);
    if (!match) continue;
    const first = Number(match[1]);
    const compressed = match[2] !== undefined;
    if (!compressed || !found.has(first)) found.set(first, { first, name, compressed });
  }
  return [...found.values()].sort((a, b) => a.first - b.first);
}

/** All segments of a journal, in order; none when the folder is not there. */
export async function listSegments(dir: string): Promise<SegmentFile[]> {
  try {
    return sortSegments(await readdir(dir));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
