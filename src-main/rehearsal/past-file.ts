// One file of what simulated venues printed: a head that says which streams there are and how far each was, then a row per trade.
// A file that was not ended holds whole rows up to where its process died.
import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { z } from 'zod';
import { marketKeys } from './registry.ts';

/** Per row: ms f64, price ticks u32, lots u32, extra u16, stream's place in the head u16, sell u8, three bytes unused. */
export const ROW_BYTES = 24;
/** In the place of a stream: the venues closed here in order, nothing is missing behind. */
const CLOSED = 0xffff;
const LENGTH_BYTES = 8;
const MOST_HEAD_BYTES = 64 * 1024 * 1024;

const headSchema = z.object({
  version: z.literal(1),
  /** Wall time of its begin: every trade from then on is in this file or in a later one. */
  fromMs: z.number(),
  streams: z.array(
    z.object({
      market: z.enum(marketKeys),
      symbol: z.string(),
      base: z.string(),
      quote: z.string(),
      priceInQuote: z.number(),
      ratePerSecond: z.number(),
      /** See measureOf(). */
      measure: z.string(),
      firstId: z.number(),
      /** Trades printed before this file, and the sum of their `extra`. */
      index: z.number(),
      extraSum: z.number(),
    }),
  ),
});
export type PastHead = z.infer<typeof headSchema>;

/** The rows of a file; a view of its bytes. */
export class PastRows {
  readonly count: number;
  /** The venues closed in order behind these rows. */
  readonly closed: boolean;
  readonly #f64: Float64Array;
  readonly #u32: Uint32Array;
  readonly #u16: Uint16Array;
  readonly #u8: Uint8Array;

  constructor(bytes: ArrayBuffer, streams: number) {
    const whole = Math.floor(bytes.byteLength / ROW_BYTES);
    this.#f64 = new Float64Array(bytes, 0, whole * 3);
    this.#u32 = new Uint32Array(bytes, 0, whole * 6);
    this.#u16 = new Uint16Array(bytes, 0, whole * 12);
    this.#u8 = new Uint8Array(bytes);
    let count = 0;
    while (count < whole && this.stream(count) < streams && this.ms(count) > 0) count += 1;
    this.count = count;
    this.closed = count < whole && this.stream(count) === CLOSED;
  }

  ms(at: number): number {
    return this.#f64[at * 3]!;
  }
  priceTicks(at: number): number {
    return this.#u32[at * 6 + 2]!;
  }
  lots(at: number): number {
    return this.#u32[at * 6 + 3]!;
  }
  extra(at: number): number {
    return this.#u16[at * 12 + 8]!;
  }
  /** Place in the head's list. */
  stream(at: number): number {
    return this.#u16[at * 12 + 9]!;
  }
  sell(at: number): boolean {
    return this.#u8[at * ROW_BYTES + 20] === 1;
  }
}

/** Head and rows of a file; null when its head is not whole or is none. Throws when the file cannot be read. */
export function readPastFile(path: string): { readonly head: PastHead; readonly rows: PastRows } | null {
  const fd = openSync(path, 'r');
  try {
    const { size } = fstatSync(fd);
    const length = Buffer.alloc(LENGTH_BYTES);
    if (readSync(fd, length, 0, LENGTH_BYTES, 0) < LENGTH_BYTES) return null;
    const headBytes = Number(length.readBigUInt64LE());
    if (headBytes > MOST_HEAD_BYTES || LENGTH_BYTES + headBytes > size) return null;
    const head = headSchema.safeParse(parsed(bytesAt(fd, LENGTH_BYTES, headBytes)));
    if (!head.success) return null;
    const begin = LENGTH_BYTES + headBytes;
    const bytes = bytesAt(fd, begin, size - begin);
    return { head: head.data, rows: new PastRows(bytes, head.data.streams.length) };
  } finally {
    closeSync(fd);
  }
}

function bytesAt(fd: number, from: number, length: number): ArrayBuffer {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; ) {
    const read = readSync(fd, bytes, at, length - at, from + at);
    if (read === 0) break;
    at += read;
  }
  return bytes.buffer;
}

function parsed(bytes: ArrayBuffer): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    // Not whole: the caller takes the file for none.
    return null;
  }
}

/** Makes a file with this head; throws when it is there already or cannot be written. */
export function beginPastFile(path: string, head: PastHead): number {
  const fd = openSync(path, 'wx', 0o600);
  const text = Buffer.from(JSON.stringify(head), 'utf8');
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeBigUInt64LE(BigInt(text.length));
  writeAll(fd, Buffer.concat([length, text]));
  return fd;
}

export function writeAll(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at, bytes.length - at);
}

/** The row that says that nothing is missing behind. */
export function closingRow(): Buffer {
  const row = Buffer.alloc(ROW_BYTES);
  row.writeUInt16LE(CLOSED, 18);
  return row;
}
