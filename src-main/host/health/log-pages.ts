// The logs of all processes as one list, newest first, a page at a time. Promises: a file is read backwards in blocks and never
// whole, a page reads a bounded number of bytes, and a cursor stays good while files roll (a file is known by its inode).
import { type FileHandle, open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { fail, ok, type Result } from '../../../src-shared/base/result.ts';
import { parseIso } from '../../../src-shared/base/time.ts';
import { type LogLevel, type LogLine, logLevels } from '../../../src-shared/contract/health.ts';
import type { RequestOutput } from '../../../src-shared/contract/index.ts';

const BLOCK_BYTES = 64 * 1024;
/** What one page may read of all files together. */
const PAGE_BYTES = 4 * 1024 ** 2;
const MESSAGE_CHARS = 2000;
const FILE_NAME = /^([a-z][a-z-]*)(?:\.(\d+))?\.log$/;

export interface LogQuestion {
  readonly processes?: readonly string[] | undefined;
  readonly level: LogLevel;
  readonly text: string;
  readonly before?: string | undefined;
  readonly limit: number;
}

interface LogFile {
  readonly process: string;
  readonly path: string;
  readonly ino: number;
  readonly bytes: number;
  /** 0 is the newest of its process. */
  readonly age: number;
}

/** Per process: the inode of the file and the byte before which reading goes on. */
const cursorSchema = z.record(z.string(), z.tuple([z.number(), z.number()]));
type Cursor = z.infer<typeof cursorSchema>;

/** Failure `logs.cursor`: the cursor is not one of ours. */
export async function logPage(
  folders: readonly string[],
  question: LogQuestion,
): Promise<Result<RequestOutput<'health.logs'>>> {
  const cursor = readCursor(question.before);
  if (!cursor.ok) return cursor;
  const files = await logFiles(folders);
  const processes = [...new Set(files.map((file) => file.process))].sort();
  const wanted = question.processes ? processes.filter((name) => question.processes?.includes(name)) : processes;
  const budget = { bytes: PAGE_BYTES };
  const readers = wanted.map(
    (name) =>
      new Backwards(
        files.filter((file) => file.process === name),
        cursor.value[name],
        question,
        budget,
      ),
  );
  const lines: LogLine[] = [];
  try {
    for (const reader of readers) await reader.fill();
    while (lines.length < question.limit) {
      const newest = readers.reduce<Backwards | undefined>((best, reader) => {
        if (!reader.head) return best;
        return best?.head && best.head.atUs >= reader.head.atUs ? best : reader;
      }, undefined);
      // One that ran out of its budget may hide newer lines than the others have.
      if (!newest?.head || readers.some((reader) => reader.starved)) break;
      lines.push(newest.head);
      await newest.take();
    }
  } finally {
    for (const reader of readers) await reader.close();
  }
  const next = readers.some((reader) => reader.more)
    ? Buffer.from(JSON.stringify(Object.fromEntries(readers.map((reader) => reader.place())))).toString('base64url')
    : null;
  return ok({ lines, next, processes });
}

function readCursor(text: string | undefined): Result<Cursor> {
  if (text === undefined) return ok({});
  try {
    const read = cursorSchema.safeParse(JSON.parse(Buffer.from(text, 'base64url').toString()));
    if (read.success) return ok(read.data);
  } catch {
    // Not JSON: answered below.
  }
  return fail('logs.cursor', `${JSON.stringify(text.slice(0, 40))} is no place in the logs; read from the newest`);
}

/** The log files of these folders, newest first in each process. */
export async function logFiles(folders: readonly string[]): Promise<LogFile[]> {
  const files: LogFile[] = [];
  for (const folder of new Set(folders)) {
    for (const name of await namesOf(folder)) {
      const found = FILE_NAME.exec(name);
      if (!found) continue;
      const path = join(folder, name);
      const { ino, size, isFile } = await fileOf(path);
      if (isFile) files.push({ process: found[1] ?? '', path, ino, bytes: size, age: Number(found[2] ?? 0) });
    }
  }
  return files.sort((a, b) => a.age - b.age);
}

/** null: it rolled away after the folder was listed. */
export async function openIfThere(path: string): Promise<FileHandle | null> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

async function namesOf(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

/** A file that rolls away between two calls is simply not there. */
async function fileOf(path: string): Promise<{ ino: number; size: number; isFile: boolean }> {
  try {
    const found = await stat(path);
    return { ino: found.ino, size: found.size, isFile: found.isFile() };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return { ino: 0, size: 0, isFile: false };
    throw error;
  }
}

/** One process's lines that pass the question, from the newest to the oldest. */
class Backwards {
  head: LogLine | undefined;
  readonly #files: readonly LogFile[];
  readonly #budget: { bytes: number };
  readonly #needle: string;
  readonly #level: number;
  #index = 0;
  #handle: FileHandle | null = null;
  /** Everything from here on has been looked at, bytes into the present file. */
  #end: number;
  /** Bytes before #end that were read already; they begin at #end - #block.length. */
  #block = Buffer.alloc(0);

  constructor(
    files: readonly LogFile[],
    from: readonly [number, number] | undefined,
    question: LogQuestion,
    budget: { bytes: number },
  ) {
    this.#files = files;
    this.#budget = budget;
    this.#needle = question.text.trim().toLowerCase();
    this.#level = (logLevels.indexOf(question.level) + 1) * 10;
    const at = from ? files.findIndex((file) => file.ino === from[0]) : 0;
    // The file was removed meanwhile: what was older went before it.
    this.#index = at < 0 ? files.length : at;
    this.#end = from && at >= 0 ? Math.min(from[1], files[at]?.bytes ?? 0) : (files[this.#index]?.bytes ?? 0);
  }

  /** Nothing was found within the budget, and there is more to look at. */
  get starved(): boolean {
    return this.head === undefined && this.more;
  }

  get more(): boolean {
    return this.head !== undefined || this.#index < this.#files.length;
  }

  /** Where reading goes on: before the head, which has not been taken. */
  place(): [string, [number, number]] {
    const file = this.#files[this.#index] ?? this.#files.at(-1);
    const before = this.#headEnd ?? [file?.ino ?? 0, this.#index < this.#files.length ? this.#end : 0];
    return [file?.process ?? '', before];
  }

  /** Behind the head, so that it is found again. */
  #headEnd: [number, number] | null = null;

  async take(): Promise<void> {
    this.head = undefined;
    this.#headEnd = null;
    await this.fill();
  }

  async fill(): Promise<void> {
    while (this.head === undefined && this.#index < this.#files.length) {
      const record = await this.#record();
      if (record === 'starved') return;
      if (record === 'next') continue;
      const { text, from, to } = record;
      const file = this.#files[this.#index];
      if (!file || !this.#mayPass(text)) continue;
      const line = readLine(text, `${file.process}:${file.ino}:${from}`, file.process);
      if (!line || !this.#passes(line)) continue;
      this.head = line;
      this.#headEnd = [file.ino, to];
    }
  }

  async close(): Promise<void> {
    await this.#handle?.close();
    this.#handle = null;
  }

  /** The record before #end; #end moves to its begin. */
  async #record(): Promise<{ text: string; from: number; to: number } | 'starved' | 'next'> {
    const file = this.#files[this.#index];
    if (!file || this.#end <= 0) {
      await this.close();
      this.#index += 1;
      this.#end = this.#files[this.#index]?.bytes ?? 0;
      this.#block = Buffer.alloc(0);
      return 'next';
    }
    for (;;) {
      // The last byte is the end of the record itself.
      const begin = this.#block.length > 1 ? this.#block.lastIndexOf(0x0a, this.#block.length - 2) : -1;
      const whole = begin >= 0 || this.#block.length >= this.#end;
      if (whole && this.#block.length > 0) {
        const text = this.#block.toString('utf8', begin + 1).trimEnd();
        const to = this.#end;
        this.#end = to - (this.#block.length - begin - 1);
        this.#block = this.#block.subarray(0, begin + 1);
        return { text, from: this.#end, to };
      }
      if (this.#budget.bytes <= 0) return 'starved';
      const bytes = Math.min(BLOCK_BYTES, this.#end - this.#block.length);
      this.#handle ??= await openIfThere(file.path);
      if (!this.#handle) {
        this.#end = 0;
        return 'next';
      }
      const { buffer, bytesRead } = await this.#handle.read(
        Buffer.alloc(bytes),
        0,
        bytes,
        this.#end - this.#block.length - bytes,
      );
      this.#budget.bytes -= bytes;
      if (bytesRead < bytes) {
        // Cut while it was read; what is left of it is not worth a wrong place.
        this.#end = 0;
        return 'next';
      }
      this.#block = Buffer.concat([buffer, this.#block]);
    }
  }

  /** Cheap, before the record is parsed. */
  #mayPass(text: string): boolean {
    const level = /^\{"level":(\d+)/.exec(text)?.[1];
    if (level !== undefined && Number(level) < this.#level) return false;
    return this.#needle === '' || text.toLowerCase().includes(this.#needle) || text.includes('\\u');
  }

  #passes(line: LogLine): boolean {
    if ((logLevels.indexOf(line.level) + 1) * 10 < this.#level) return false;
    return this.#needle === '' || `${line.message}\n${line.detail}`.toLowerCase().includes(this.#needle);
  }
}

const recordSchema = z.looseObject({ level: z.number(), time: z.string(), msg: z.string().default('') });

/** undefined: blank. What is no record of ours is shown as it stands. */
function readLine(text: string, key: string, process: string): LogLine | undefined {
  if (text === '') return undefined;
  const cut = (words: string): string => (words.length > MESSAGE_CHARS ? `${words.slice(0, MESSAGE_CHARS)}…` : words);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Torn by a crash, or written by something else.
    return { key, atUs: 0, process, level: 'warn', message: cut(text), detail: '' };
  }
  const read = recordSchema.safeParse(value);
  if (!read.success) return { key, atUs: 0, process, level: 'warn', message: cut(text), detail: '' };
  const { level, time, msg, process: _process, ...rest } = read.data;
  const name = logLevels[Math.min(logLevels.length, Math.max(1, Math.floor(level / 10))) - 1] ?? 'info';
  const detail = Object.keys(rest).length > 0 ? cut(JSON.stringify(rest)) : '';
  return { key, atUs: parseIso(time) ?? 0, process, level: name, message: cut(msg), detail };
}
