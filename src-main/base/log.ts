// Structured logs: one JSON record a line, written off the event loop, one write at a time: a disk that hangs without an error holds up
// nothing else. What waits when the process ends, also by an error, is written before it is gone; only a kill takes it along.
// Files roll by size; the newest keeps the plain name.
import { close, fstatSync, mkdirSync, open, openSync, readSync, write, writeSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pino, { type Logger } from 'pino';
import { printAside } from './readers.ts';

export type Log = Logger;

const ROLL_BYTES = 16 * 1024 ** 2;
const KEPT = 5;
/** Lines for which a disk that takes nothing leaves no room are counted. */
const WAITING_BYTES = 1024 ** 2;
const WRITE_BYTES = 64 * 1024;
const OPEN_AGAIN_MS = 5000;
/** Appended, and read only at the end of the process. */
const FLAGS = 'a+';
const LINE_END = 0x0a;

const openFile = promisify(open);
const closeFile = promisify(close);
const writeFile = promisify(write);

/** The files that have lines which are not written yet. */
const unwritten = new Set<RollingFile>();
let listens = false;
let ending = false;

function listenForTheEnd(): void {
  if (listens) return;
  listens = true;
  const flushAll = (): void => {
    for (const file of [...unwritten]) file.flushSync();
  };
  process.on('uncaughtExceptionMonitor', flushAll);
  process.on('exit', () => {
    ending = true;
    flushAll();
  });
}

/** A pino destination that rolls `name.log` to `name.1.log` ... when it passes 16 MB, keeping five. */
class RollingFile {
  readonly #directory: string;
  readonly #path: string;
  readonly #numbered: (n: number) => string;
  /** Called with the number of lines that found no room, when there is room again. */
  readonly #tellLost: (lines: number) => void;
  /** -1: it could not be opened. */
  #fd = -1;
  #bytes = 0;
  #openAgainMs = 0;
  #lines: Buffer[] = [];
  /** Of the lines and of what is being written. */
  #waitingBytes = 0;
  #lost = 0;
  #underWay: Buffer | null = null;
  /** The file ends within a line, after an error. */
  #torn = false;
  #draining = false;
  #waiters: (() => void)[] = [];

  constructor(directory: string, name: string, tellLost: (lines: number) => void) {
    this.#directory = directory;
    this.#path = join(directory, `${name}.log`);
    this.#numbered = (n) => join(directory, `${name}.${n}.log`);
    this.#tellLost = tellLost;
    listenForTheEnd();
    try {
      mkdirSync(directory, { recursive: true });
      this.#opened(openSync(this.#path, FLAGS));
    } catch (error) {
      this.#notOpened(error);
    }
  }

  write(text: string): void {
    const line = Buffer.from(text);
    if (this.#waitingBytes > 0 && this.#waitingBytes + line.length > WAITING_BYTES) {
      this.#lost += 1;
      return;
    }
    this.#lines.push(line);
    this.#waitingBytes += line.length;
    unwritten.add(this);
    if (ending) this.flushSync();
    else if (!this.#draining) void this.#drain();
  }

  /** Calls back when nothing waits any more. */
  flush(done: () => void): void {
    if (this.#draining) this.#waiters.push(done);
    else done();
  }

  /**
   * For the end of the process: writes what waits now. What a write under way has brought into the file is not written again; one that comes
   * only after that look brings its lines twice, for a line that is there twice is better than a last word that is lost.
   */
  flushSync(): void {
    const underWay = this.#underWay;
    this.#underWay = null;
    const before = underWay === null ? this.#lineEnd() : this.#arrived(underWay) ? [] : [underWay];
    let rest = Buffer.concat([...before, ...this.#lines.splice(0)]);
    this.#waitingBytes = 0;
    unwritten.delete(this);
    try {
      while (rest.length > 0) rest = rest.subarray(some(writeSync(this.#fd, rest)));
    } catch (error) {
      this.#print(rest, error);
    }
    this.#sayLost();
  }

  async #drain(): Promise<void> {
    this.#draining = true;
    while (this.#lines.length > 0) {
      if (this.#fd < 0) await this.#openAgain();
      await this.#writeSome();
      if (this.#bytes > ROLL_BYTES) await this.#roll();
      if (this.#waitingBytes < WAITING_BYTES / 2) this.#sayLost();
    }
    this.#draining = false;
    unwritten.delete(this);
    for (const done of this.#waiters.splice(0)) done();
  }

  /** Writes the oldest lines: up to where the file is to be rolled, and not too many at a time. */
  async #writeSome(): Promise<void> {
    let count = 0;
    let bytes = 0;
    while (count < this.#lines.length && (count === 0 || bytes < WRITE_BYTES) && this.#bytes + bytes <= ROLL_BYTES) {
      bytes += this.#lines[count]?.length ?? 0;
      count += 1;
    }
    const lines = this.#lines.splice(0, count);
    let rest = Buffer.concat([...this.#lineEnd(), ...lines]);
    try {
      while (rest.length > 0) {
        this.#underWay = rest;
        const { bytesWritten } = await writeFile(this.#fd, rest);
        // The process was taken for ending meanwhile: all of it is written.
        if (this.#underWay === null) return;
        this.#bytes += bytesWritten;
        this.#torn = rest[bytesWritten - 1] !== LINE_END;
        rest = rest.subarray(some(bytesWritten));
      }
    } catch (error) {
      if (this.#underWay === null) return;
      this.#print(rest, error);
    }
    this.#underWay = null;
    this.#waitingBytes -= bytes;
  }

  #lineEnd(): Buffer[] {
    return this.#torn ? [Buffer.of(LINE_END)] : [];
  }

  /** A full disk must not end the recorder through its log: the lines go to stderr instead. */
  #print(lines: Buffer, error: unknown): void {
    printAside(this.#fd < 0 ? lines : `log not written (${String(error)}): ${lines.toString()}`);
  }

  #sayLost(): void {
    const lost = this.#lost;
    this.#lost = 0;
    if (lost > 0) this.#tellLost(lost);
  }

  /** Whether the file ends with this, or with this and a little more that others wrote. */
  #arrived(bytes: Buffer): boolean {
    try {
      const { size } = fstatSync(this.#fd);
      const end = Buffer.alloc(Math.min(size, bytes.length + WRITE_BYTES));
      readSync(this.#fd, end, 0, end.length, size - end.length);
      return end.includes(bytes);
    } catch {
      // No file, or none that can be read: written once more.
      return false;
    }
  }

  #opened(fd: number): void {
    this.#fd = fd;
    this.#bytes = fstatSync(fd).size;
  }

  #notOpened(error: unknown): void {
    if (this.#openAgainMs === 0)
      printAside(`log not opened (${String(error)}), its lines are printed until it can be: ${this.#path}\n`);
    this.#openAgainMs = performance.now() + OPEN_AGAIN_MS;
  }

  async #openAgain(): Promise<void> {
    if (performance.now() < this.#openAgainMs) return;
    try {
      await mkdir(this.#directory, { recursive: true });
      this.#opened(await openFile(this.#path, FLAGS));
    } catch (error) {
      this.#notOpened(error);
    }
  }

  async #roll(): Promise<void> {
    // Counted anew in either case: where nothing can be renamed the file grows on, and is tried again 16 MB later.
    this.#bytes = 0;
    try {
      await rm(this.#numbered(KEPT), { force: true });
      for (let n = KEPT - 1; n >= 1; n -= 1) await move(this.#numbered(n), this.#numbered(n + 1));
      await move(this.#path, this.#numbered(1));
      const before = this.#fd;
      this.#fd = await openFile(this.#path, FLAGS);
      await closeFile(before);
    } catch (error) {
      printAside(`log not rolled (${String(error)}): ${this.#path}\n`);
    }
  }
}

/** What a write took; a disk that takes nothing and names no error has one all the same. */
function some(bytes: number): number {
  if (bytes === 0) throw new Error('the disk took no bytes');
  return bytes;
}

async function move(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

/** The log of one process, in `<dataDir>/logs/<process>.log`. Level from TAPEDECK_LOG; info where it names none. */
export function openLog(dataDir: string, processName: string): Log {
  const wished = process.env.TAPEDECK_LOG || 'info';
  const known = wished === 'silent' || wished in pino.levels.values;
  const log: Log = pino(
    {
      level: known ? wished : 'info',
      base: { process: processName, pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
    },
    new RollingFile(join(dataDir, 'logs'), processName, (lines) =>
      log.error({ lines }, `${lines} lines are missing before this one: the disk took none for too long`),
    ),
  );
  if (!known)
    log.warn(`TAPEDECK_LOG=${wished} is none of ${Object.keys(pino.levels.values).join(', ')}, silent: info is taken`);
  return log;
}

/** Resolves when nothing waits any more of what a log was given. */
export function flushed(log: Log): Promise<void> {
  return new Promise((resolve) => log.flush(() => resolve()));
}

/** A log that keeps nothing; for tests and one-shot commands. */
export function silentLog(): Log {
  return pino({ level: 'silent' });
}
