// What was spent of the servers' budgets, on disk: a process that is killed and comes back within a second knows what its predecessor asked for,
// and for how long a server wanted to be left alone. Promises: what was noted before a kill is known after it; a disk that cannot keep it costs
// nothing but this knowledge, and is told once.
import { type FileHandle, mkdir, open, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fail, ok, type Result, reasonOf } from '../../src-shared/base/result.ts';

/** Times are performance.now(), negative before process start. */
export interface Past {
  readonly spent: readonly { readonly atMs: number; readonly weight: number }[];
  readonly closedUntilMs: number;
}

const NAME = /^spent-(\d+)\.log$/;
const nameOf = (number: number): string => `spent-${number}.log`;
/** Two files of this size hold more than the longest window (5 min) at 50 requests a second. */
const FILE_BYTES = 1024 ** 2;
/** No server counts over a longer window. */
const LONGEST_MS = 10 * 60_000;
/** A request may reach its server this long after it was noted. */
const UNDER_WAY_MS = 1000;
/** Time in ms since 1970, what was spent by then or for how many ms from then on it is closed, and whose budget. */
const LINE = /^(\d{13}) (\d+|closed-(\d+)) (.+)$/;
const NOTHING: Past = { spent: [], closedUntilMs: 0 };

export class SpentLog {
  readonly #dir: string;
  readonly #trouble: (reason: string) => void;
  readonly #past: ReadonlyMap<string, Past>;
  #number: number;
  #file: FileHandle;
  #bytes: number;
  #waiting = '';
  #writing: Promise<void> | null = null;
  #ended = false;

  private constructor(
    dir: string,
    trouble: (reason: string) => void,
    past: ReadonlyMap<string, Past>,
    number: number,
    file: FileHandle,
    bytes: number,
  ) {
    this.#dir = dir;
    this.#trouble = trouble;
    this.#past = past;
    this.#number = number;
    this.#file = file;
    this.#bytes = bytes;
  }

  /** trouble: called once, when from then on nothing is kept. spent.unreadable: the folder cannot be used. */
  static async open(dir: string, trouble: (reason: string) => void): Promise<Result<SpentLog>> {
    try {
      await mkdir(dir, { recursive: true });
      const numbers = (await readdir(dir))
        .flatMap((name) => NAME.exec(name)?.[1] ?? [])
        .map(Number)
        .sort((a, b) => a - b);
      const texts: string[] = [];
      for (const number of numbers) texts.push(await readFile(join(dir, nameOf(number)), 'utf8'));
      const lines = texts.join('\n').split('\n').filter(isRecent(Date.now()));
      const number = (numbers.at(-1) ?? 0) + 1;
      const file = await open(join(dir, nameOf(number)), 'w');
      const kept = lines.map((line) => `${line}\n`).join('');
      await file.write(kept);
      for (const old of numbers) await rm(join(dir, nameOf(old)), { force: true });
      return ok(new SpentLog(dir, trouble, pastOf(lines), number, file, kept.length));
    } catch (error) {
      return fail('spent.unreadable', `${dir}: what was asked of the venues lately is not known: ${reasonOf(error)}`);
    }
  }

  /** What the processes before this one left of a budget. */
  past(key: string): Past {
    return this.#past.get(key) ?? NOTHING;
  }

  spent(key: string, weight: number, underWay: boolean): void {
    this.#note(`${Date.now() + (underWay ? UNDER_WAY_MS : 0)} ${weight} ${key}\n`);
  }

  /** The server wants to be left alone for this long. */
  closed(key: string, forMs: number): void {
    this.#note(`${Date.now()} closed-${Math.ceil(forMs)} ${key}\n`);
  }

  async close(): Promise<void> {
    this.#ended = true;
    await this.#writing;
    await this.#file.close();
  }

  #note(line: string): void {
    if (this.#ended) return;
    this.#waiting += line;
    this.#writing ??= this.#write().finally(() => {
      this.#writing = null;
    });
  }

  async #write(): Promise<void> {
    try {
      while (this.#waiting !== '') {
        const text = this.#waiting;
        this.#waiting = '';
        if (this.#bytes > FILE_BYTES) await this.#next();
        await this.#file.write(text);
        this.#bytes += text.length;
      }
    } catch (error) {
      this.#ended = true;
      this.#trouble(`${this.#dir}: what is asked of the venues is not kept any more: ${reasonOf(error)}`);
    }
  }

  async #next(): Promise<void> {
    const file = await open(join(this.#dir, nameOf(this.#number + 1)), 'w');
    await this.#file.close();
    this.#file = file;
    this.#bytes = 0;
    this.#number += 1;
    await rm(join(this.#dir, nameOf(this.#number - 2)), { force: true });
  }
}

/**
 * A line that was cut off by the end of its process is none. One of the near future is of now: the clock was set back. So is a closing of any
 * future, and none lasts longer from now than it was to last.
 */
function isRecent(nowMs: number): (line: string) => boolean {
  return (line) => {
    const [, at, , closedMs] = LINE.exec(line) ?? [];
    const ms = Number(at);
    return closedMs === undefined ? Math.abs(ms - nowMs) < LONGEST_MS : ms + Number(closedMs) > nowMs;
  };
}

function pastOf(lines: readonly string[]): ReadonlyMap<string, Past> {
  const found = new Map<string, { spent: Past['spent'][number][]; closedUntilMs: number }>();
  const fromWallMs = performance.now() - Date.now();
  for (const line of lines) {
    const [, at, what, closedMs, key = ''] = LINE.exec(line) ?? [];
    const atMs = Math.min(Number(at) + fromWallMs, performance.now());
    let one = found.get(key);
    if (!one) {
      one = { spent: [], closedUntilMs: 0 };
      found.set(key, one);
    }
    if (closedMs !== undefined) one.closedUntilMs = Math.max(one.closedUntilMs, atMs + Number(closedMs));
    else one.spent.push({ atMs, weight: Number(what) });
  }
  return found;
}
