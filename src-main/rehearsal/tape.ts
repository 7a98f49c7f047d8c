// What a simulated stream has printed, for REST: recent trades in memory, older ones in a file, none forgotten.
import { closeSync, mkdtempSync, openSync, readSync, rmSync, write } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type MinuteSum, MinuteSums } from './minutes.ts';

const CHUNK_TRADES = 512;
/** Per trade: price ticks u32, lots u32, ms f64, extra u16, sell u8; padded so that every column is aligned. */
const CHUNK_BYTES = CHUNK_TRADES * (8 + 4 + 4 + 2 + 1);

/** One printed trade as the tape gives it back. */
export interface TapeRow {
  /** Place on the tape, from 0 at the instrument's first trade; Binance's id is firstId + index. */
  readonly index: number;
  readonly ms: number;
  readonly priceTicks: number;
  readonly lots: number;
  /** What the venue's mark() gave: Upbit's counter behind the ms, raw trades merged in a USDⓈ-M aggregate, a jump of ids, ... */
  readonly extra: number;
  /** Running sum of `extra` before this row. */
  readonly extraBefore: number;
  readonly sell: boolean;
}

const MOVED = { ms: new Float64Array(0), u32: new Uint32Array(0), u16: new Uint16Array(0), u8: new Uint8Array(0) };

class Chunk {
  readonly first: number;
  readonly extraBefore: number;
  count = 0;
  fromMs = Number.POSITIVE_INFINITY;
  toMs = Number.NEGATIVE_INFINITY;
  /** Null once the file holds it. */
  columns: ArrayBuffer | null = new ArrayBuffer(CHUNK_BYTES);
  fileAt = -1;
  ms: Float64Array;
  ticks: Uint32Array;
  lots: Uint32Array;
  extra: Uint16Array;
  sell: Uint8Array;

  constructor(first: number, extraBefore: number, columns = new ArrayBuffer(CHUNK_BYTES)) {
    this.first = first;
    this.extraBefore = extraBefore;
    this.columns = columns;
    this.ms = new Float64Array(columns, 0, CHUNK_TRADES);
    this.ticks = new Uint32Array(columns, CHUNK_TRADES * 8, CHUNK_TRADES);
    this.lots = new Uint32Array(columns, CHUNK_TRADES * 12, CHUNK_TRADES);
    this.extra = new Uint16Array(columns, CHUNK_TRADES * 16, CHUNK_TRADES);
    this.sell = new Uint8Array(columns, CHUNK_TRADES * 18, CHUNK_TRADES);
  }
}

/** Where chunks go when memory is full: one nameless file for all streams of a rehearsal, gone with the process. */
export class TapeStore {
  readonly #limitChunks: number;
  readonly #inMemory: Chunk[] = [];
  #oldest = 0;
  #directory: string | null = null;
  #fd = -1;
  #fileBytes = 0;
  #failed: string | null = null;

  /** Keeps about `trades` in memory. */
  constructor(trades: number) {
    this.#limitChunks = Math.max(16, Math.ceil(trades / CHUNK_TRADES));
  }

  /** Why older trades can no longer be kept, when the file could not be written; they then stay in memory. */
  get trouble(): string | null {
    return this.#failed;
  }

  /** A chunk is full: it may now be moved out. */
  filled(chunk: Chunk): void {
    this.#inMemory.push(chunk);
    while (this.#failed === null && this.#inMemory.length - this.#oldest > this.#limitChunks) this.#moveOldest();
    if (this.#oldest > 1024 && this.#oldest * 2 > this.#inMemory.length) {
      this.#inMemory.splice(0, this.#oldest);
      this.#oldest = 0;
    }
  }

  #moveOldest(): void {
    const chunk = this.#inMemory[this.#oldest];
    this.#oldest += 1;
    if (!chunk?.columns) return;
    if (this.#fd < 0) {
      this.#directory = mkdtempSync(join(tmpdir(), 'tapedeck-tape-'));
      this.#fd = openSync(join(this.#directory, 'tape'), 'w+');
      // An open file needs no name: nothing is left behind however this process ends. Windows keeps it until close().
      if (process.platform !== 'win32') this.#removeDirectory();
    }
    const at = this.#fileBytes;
    this.#fileBytes += CHUNK_BYTES;
    const columns = chunk.columns;
    write(this.#fd, new Uint8Array(columns), 0, CHUNK_BYTES, at, (error, written) => {
      if (error || written !== CHUNK_BYTES) {
        this.#failed = error?.message ?? `only ${written} of ${CHUNK_BYTES} bytes written`;
        return;
      }
      chunk.fileAt = at;
      chunk.columns = null;
      chunk.ms = MOVED.ms;
      chunk.ticks = MOVED.u32;
      chunk.lots = MOVED.u32;
      chunk.extra = MOVED.u16;
      chunk.sell = MOVED.u8;
    });
  }

  /** The chunk's columns, read back when they are in the file. */
  load(chunk: Chunk): Chunk {
    if (chunk.columns) return chunk;
    const columns = new ArrayBuffer(CHUNK_BYTES);
    const read = readSync(this.#fd, new Uint8Array(columns), 0, CHUNK_BYTES, chunk.fileAt);
    if (read !== CHUNK_BYTES) throw new Error(`tape file: ${read} of ${CHUNK_BYTES} bytes at ${chunk.fileAt}`);
    const loaded = new Chunk(chunk.first, chunk.extraBefore, columns);
    loaded.count = chunk.count;
    return loaded;
  }

  close(): void {
    if (this.#fd >= 0) closeSync(this.#fd);
    this.#removeDirectory();
    this.#fd = -1;
  }

  #removeDirectory(): void {
    if (this.#directory) rmSync(this.#directory, { recursive: true, force: true });
    this.#directory = null;
  }
}

/** The tape of one stream. */
export class Tape {
  readonly #minutes = new MinuteSums();
  readonly #store: TapeStore;
  readonly #chunks: Chunk[] = [];
  #current: Chunk | null = null;
  /** Place of the oldest row that it still knows; above 0 where an earlier run of the rehearsal printed more than was kept. */
  first = 0;
  /** Running sum of `extra` over all rows so far. */
  extraSum = 0;
  /** Place of the next row. */
  length = 0;

  constructor(store: TapeStore) {
    this.#store = store;
  }

  /** Goes on behind rows that are no longer known. Only while it is empty. */
  continueFrom(first: number, extraSum: number): void {
    if (this.length !== this.first) throw new Error(`the tape has rows ${this.first} to ${this.length} already`);
    this.first = first;
    this.length = first;
    this.extraSum = extraSum;
  }

  append(ms: number, priceTicks: number, lots: number, extra: number, sell: boolean): void {
    let chunk = this.#current;
    if (chunk === null) {
      chunk = new Chunk(this.length, this.extraSum);
      this.#chunks.push(chunk);
      this.#current = chunk;
    }
    const at = chunk.count;
    chunk.ms[at] = ms;
    chunk.ticks[at] = priceTicks;
    chunk.lots[at] = lots;
    chunk.extra[at] = extra;
    chunk.sell[at] = sell ? 1 : 0;
    if (ms < chunk.fromMs) chunk.fromMs = ms;
    if (ms > chunk.toMs) chunk.toMs = ms;
    chunk.count = at + 1;
    this.#minutes.add(ms, priceTicks, lots);
    this.extraSum += extra;
    this.length += 1;
    if (chunk.count === CHUNK_TRADES) {
      this.#store.filled(chunk);
      this.#current = null;
    }
  }

  /** The known rows among the `limit` places from this one on, oldest first. */
  rows(from: number, limit: number): TapeRow[] {
    const found: TapeRow[] = [];
    const end = Math.min(this.length, from + limit);
    for (let index = Math.max(this.first, from); index < end; ) {
      const raw = this.#chunks[Math.floor((index - this.first) / CHUNK_TRADES)];
      if (!raw) break;
      const last = Math.min(end, raw.first + raw.count);
      this.#read(raw, index, last, found);
      index = last;
    }
    return found;
  }

  #read(raw: Chunk, from: number, to: number, into: TapeRow[]): void {
    const chunk = this.#store.load(raw);
    let extraBefore = chunk.extraBefore;
    for (let at = 0; chunk.first + at < to; at += 1) {
      const extra = chunk.extra[at] ?? 0;
      if (chunk.first + at >= from) {
        into.push({
          index: chunk.first + at,
          ms: chunk.ms[at] ?? 0,
          priceTicks: chunk.ticks[at] ?? 0,
          lots: chunk.lots[at] ?? 0,
          extra,
          extraBefore,
          sell: chunk.sell[at] === 1,
        });
      }
      extraBefore += extra;
    }
  }

  /** Sums of the minutes that begin in [fromMs, toMs) and had a trade, oldest first; the running minute is among them while it lasts. */
  minutes(fromMs: number, toMs: number): MinuteSum[] {
    return this.#minutes.between(fromMs, toMs);
  }

  /** The newest rows, at most so many, oldest first. */
  newest(count: number): TapeRow[] {
    return this.rows(this.length - count, count);
  }

  last(): TapeRow | undefined {
    return this.rows(this.length - 1, 1)[0];
  }

  /** Place of the first row in printing order with ms >= this; the length when there is none. */
  firstAt(ms: number): number {
    for (const raw of this.#chunks) {
      if (raw.toMs < ms) continue;
      const chunk = this.#store.load(raw);
      for (let at = 0; at < chunk.count; at += 1) {
        if ((chunk.ms[at] ?? 0) >= ms) return chunk.first + at;
      }
    }
    return this.length;
  }

  /** Rows, newest printed first; groups of rows that are all after this time are left out. */
  *backwards(untilMs = Number.POSITIVE_INFINITY): Generator<TapeRow> {
    for (let at = this.#chunks.length - 1; at >= 0; at -= 1) {
      const raw = this.#chunks[at];
      if (!raw || raw.fromMs > untilMs) continue;
      const rows: TapeRow[] = [];
      this.#read(raw, raw.first, raw.first + raw.count, rows);
      for (let i = rows.length - 1; i >= 0; i -= 1) {
        const row = rows[i];
        if (row) yield row;
      }
    }
  }
}
