// The exact record of everything the simulated venues printed, as JSON lines, written off the event loop and whole after close().
import { close as closeFile, openSync, write } from 'node:fs';
import type { SimulatedStream, Trade } from './stream.ts';
import { LEDGER_ROW_BYTES, putLedgerRow } from './wire.ts';

const BLOCK_BYTES = 1024 * 1024;
/** Printing waits when this much is unwritten: the ledger is exact or nothing is printed. */
const PENDING_LIMIT = 128 * 1024 * 1024;

export class Ledger {
  readonly path: string;
  readonly #fd: number;
  readonly #free: Buffer[] = [];
  readonly #queue: { block: Buffer; bytes: number }[] = [];
  readonly #waiting: (() => void)[] = [];
  #block: Buffer;
  #used = 0;
  #writing = false;
  #pendingBytes = 0;
  /** Trades noted so far. */
  rows = 0;
  /** Why it is no longer exact; printing must stop. */
  trouble: string | null = null;

  constructor(path: string) {
    this.path = path;
    this.#fd = openSync(path, 'w');
    this.#block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
  }

  get full(): boolean {
    return this.#pendingBytes > PENDING_LIMIT || this.trouble !== null;
  }

  note(stream: SimulatedStream, trade: Trade): void {
    if (this.#used + LEDGER_ROW_BYTES > BLOCK_BYTES) this.flush();
    this.#used = putLedgerRow(this.#block, this.#used, stream, trade);
    this.rows += 1;
  }

  /** A line that is not a trade: a fault of the timetable, the start, the end. */
  remark(line: Readonly<Record<string, unknown>>): void {
    const bytes = Buffer.from(`${JSON.stringify(line)}\n`, 'utf8');
    if (this.#used + bytes.length > BLOCK_BYTES) this.flush();
    bytes.copy(this.#block, this.#used);
    this.#used += bytes.length;
  }

  /** Sends what is noted towards the file. */
  flush(): void {
    if (this.#used === 0) return;
    this.#queue.push({ block: this.#block, bytes: this.#used });
    this.#pendingBytes += this.#used;
    this.#block = this.#free.pop() ?? Buffer.allocUnsafeSlow(BLOCK_BYTES);
    this.#used = 0;
    this.#writeNext();
  }

  #writeNext(): void {
    const next = this.#queue[0];
    if (this.#writing || !next) {
      if (!next) for (const resolve of this.#waiting.splice(0)) resolve();
      return;
    }
    this.#writing = true;
    this.#writeAll(next.block, 0, next.bytes, () => {
      this.#writing = false;
      this.#queue.shift();
      this.#pendingBytes -= next.bytes;
      if (this.#free.length < 8) this.#free.push(next.block);
      this.#writeNext();
    });
  }

  #writeAll(block: Buffer, from: number, to: number, done: () => void): void {
    write(this.#fd, block, from, to - from, null, (error, written) => {
      if (error) {
        this.trouble = `ledger ${this.path}: ${error.message}`;
        done();
      } else if (from + written < to) this.#writeAll(block, from + written, to, done);
      else done();
    });
  }

  /** Resolves when everything noted so far is in the file. */
  settled(): Promise<void> {
    this.flush();
    if (this.#queue.length === 0) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  async close(): Promise<void> {
    await this.settled();
    await new Promise<void>((resolve, reject) => closeFile(this.#fd, (error) => (error ? reject(error) : resolve())));
  }
}
