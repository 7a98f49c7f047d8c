// Structured logs: one JSON record a line, written synchronously so that the last words before a crash are on disk.
// Files roll by size; the newest keeps the plain name.
import { closeSync, existsSync, fstatSync, mkdirSync, openSync, renameSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import pino, { type Logger } from 'pino';

export type Log = Logger;

const ROLL_BYTES = 16 * 1024 ** 2;
const KEPT = 5;

/** A pino destination that rolls `name.log` to `name.1.log` ... when it passes 16 MB, keeping five. */
class RollingFile {
  readonly #path: string;
  readonly #numbered: (n: number) => string;
  #fd: number;
  #bytes: number;

  constructor(directory: string, name: string) {
    mkdirSync(directory, { recursive: true });
    this.#path = join(directory, `${name}.log`);
    this.#numbered = (n) => join(directory, `${name}.${n}.log`);
    this.#fd = openSync(this.#path, 'a');
    this.#bytes = fstatSync(this.#fd).size;
  }

  write(line: string): void {
    try {
      this.#bytes += writeSync(this.#fd, line);
    } catch (error) {
      // A full disk must not end the recorder through its log: the record goes to stderr instead.
      process.stderr.write(`log not written (${String(error)}): ${line}`);
      return;
    }
    if (this.#bytes > ROLL_BYTES) this.#roll();
  }

  #roll(): void {
    // Counted anew in either case: where nothing can be renamed the file grows on, and is tried again 16 MB later.
    this.#bytes = 0;
    try {
      if (existsSync(this.#numbered(KEPT))) unlinkSync(this.#numbered(KEPT));
      for (let n = KEPT - 1; n >= 1; n -= 1) {
        if (existsSync(this.#numbered(n))) renameSync(this.#numbered(n), this.#numbered(n + 1));
      }
      renameSync(this.#path, this.#numbered(1));
      const before = this.#fd;
      this.#fd = openSync(this.#path, 'a');
      closeSync(before);
    } catch (error) {
      process.stderr.write(`log not rolled (${String(error)}): ${this.#path}\n`);
    }
  }
}

/** The log of one process, in `<dataDir>/logs/<process>.log`. Level from TAPEDECK_LOG; info where it names none. */
export function openLog(dataDir: string, processName: string): Log {
  const wished = process.env.TAPEDECK_LOG || 'info';
  const known = wished === 'silent' || wished in pino.levels.values;
  const log = pino(
    {
      level: known ? wished : 'info',
      base: { process: processName, pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
    },
    new RollingFile(join(dataDir, 'logs'), processName),
  );
  if (!known)
    log.warn(`TAPEDECK_LOG=${wished} is none of ${Object.keys(pino.levels.values).join(', ')}, silent: info is taken`);
  return log;
}

/** A log that keeps nothing; for tests and one-shot commands. */
export function silentLog(): Log {
  return pino({ level: 'silent' });
}
