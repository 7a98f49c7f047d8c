// The register of line numbers: `lines.jsonl`, one line a number, appended and synced before the number's first record.
// A number means the same for the life of the data folder and is never given twice, even when the register was damaged.
import { open, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncDirectory } from '../base/files.ts';
import { type JournalLine, journalLineSchema } from './control.ts';

export const LINES_NAME = 'lines.jsonl';

export interface LineList {
  readonly lines: Map<number, JournalLine>;
  /** The next number never given. */
  readonly next: number;
  /** Bytes up to the end of the last whole line. */
  readonly bytes: number;
  readonly unreadable: number;
}

function keyOf(line: Omit<JournalLine, 'no'>): string {
  return `${line.venue}:${line.market ?? ''}:${line.role}:${line.line}:${line.slot}`;
}

/** Reads the register; a last line without its end was never used and does not count. */
export async function readLines(path: string): Promise<LineList> {
  let text: Buffer;
  try {
    text = await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return { lines: new Map(), next: 1, bytes: 0, unreadable: 0 };
  }
  const bytes = text.lastIndexOf(0x0a) + 1;
  const lines = new Map<number, JournalLine>();
  let row = 0;
  let next = 1;
  let unreadable = 0;
  for (const entry of text.toString('utf8', 0, bytes).split('\n').slice(0, -1)) {
    row += 1;
    const line = parseLine(entry);
    if (line) {
      lines.set(line.no, line);
      next = Math.max(next, line.no + 1);
    } else {
      unreadable += 1;
    }
  }
  // Row n holds number n, so an unreadable row keeps its number taken.
  return { lines, next: Math.max(next, row + 1), bytes, unreadable };
}

function parseLine(text: string): JournalLine | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null; // counted by the caller as unreadable
  }
  const parsed = journalLineSchema.safeParse(value);
  return parsed.success ? parsed.data : null;
}

/** The writer's side: gives numbers at once, writes them down before the records that use them. */
export class LineRegister {
  readonly #path: string;
  readonly #numbers = new Map<string, number>();
  readonly #lines: JournalLine[] = [];
  #next: number;
  #bytes: number;
  #pending = '';

  constructor(path: string, list: LineList) {
    this.#path = path;
    this.#next = list.next;
    this.#bytes = list.bytes;
    for (const line of list.lines.values()) {
      this.#numbers.set(keyOf(line), line.no);
      this.#lines.push(line);
    }
  }

  /** Every line that ever had a number, of earlier processes too. */
  get lines(): readonly JournalLine[] {
    return this.#lines;
  }

  number(line: Omit<JournalLine, 'no'>): number {
    const key = keyOf(line);
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const no = this.#next++;
    if (no > 0xffff) throw new Error(`journal: more than 65535 lines over the life of this data folder (${key})`);
    this.#numbers.set(key, no);
    const entry: JournalLine = { no, ...line };
    this.#lines.push(entry);
    this.#pending += `${JSON.stringify(entry)}\n`;
    return no;
  }

  get dirty(): boolean {
    return this.#pending !== '';
  }

  /** Writes and syncs what was given since the last call. Positional, so a failed attempt is simply repeated. */
  async save(): Promise<void> {
    const text = this.#pending;
    const bytes = Buffer.from(text, 'utf8');
    const handle = await open(this.#path, this.#bytes === 0 ? 'w' : 'r+');
    try {
      await handle.truncate(this.#bytes);
      for (let done = 0; done < bytes.length; ) {
        done += (await handle.write(bytes, done, bytes.length - done, this.#bytes + done)).bytesWritten;
      }
      await handle.sync();
    } finally {
      await handle.close();
    }
    if (this.#bytes === 0) await syncDirectory(dirname(this.#path));
    this.#bytes += bytes.length;
    this.#pending = this.#pending.slice(text.length);
  }
}
