// What a command prints: one JSON document, lines of ticks, or plain words; and errors as one clear line.
import { type Failure, FailureError, reasonOf } from '../../src-shared/base/result.ts';
import { formatIso, type Us } from '../../src-shared/base/time.ts';
import type { Tick } from '../../src-shared/market/tick.ts';

export const tickColumns = [
  'venue',
  'market',
  'symbol',
  'channel',
  'id',
  'price',
  'qty',
  'baseQty',
  'side',
  'eventUs',
  'recvUs',
  'origin',
  'lines',
] as const;

/** One row of CSV (RFC 4180). lines are separated by blanks; a missing baseQty is an empty field. */
export function csvRow(tick: Tick): string {
  return `${tickColumns.map((column) => csvField(column === 'lines' ? tick.lines.join(' ') : (tick[column] ?? ''))).join(',')}\n`;
}

function csvField(value: string | number): string {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Thrown when whoever reads our output has read enough (a closed pipe): no error, nothing more to do. */
export class EnoughRead extends Error {}

let closed = false;

/** Writes and waits while the reader is slow. */
export async function write(text: string): Promise<void> {
  if (closed) throw new EnoughRead();
  const { stdout } = process;
  if (!stdout.write(text)) {
    await new Promise<void>((resolve) => {
      const go = (): void => {
        for (const name of ['drain', 'close', 'error']) stdout.off(name, go);
        resolve();
      };
      for (const name of ['drain', 'close', 'error']) stdout.on(name, go);
    });
  }
  if (closed) throw new EnoughRead();
}

export async function writeJson(value: unknown): Promise<void> {
  await write(`${JSON.stringify(value)}\n`);
}

/** Runs a command: its failure becomes one line on stderr (JSON when JSON was asked for) and exit code 1. */
export async function run(work: () => Promise<void>, json: boolean): Promise<void> {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    closed = true;
    if (error.code !== 'EPIPE')
      complain(
        { code: 'output.failed', message: `the output cannot be written: ${reasonOf(error)}`, retry: false },
        json,
      );
  });
  try {
    await work();
  } catch (error) {
    if (error instanceof EnoughRead) return;
    if (!(error instanceof FailureError)) throw error;
    complain(error.failure, json);
  }
}

function complain(failure: Failure, json: boolean): void {
  const line = json ? JSON.stringify({ error: failure }) : `tapedeck: ${failure.message.replaceAll(/\s*\n\s*/g, ' ')}`;
  process.stderr.write(`${line}\n`);
  process.exitCode = 1;
}

/** A moment to the second, with its zone: 2026-11-20T09:00:00Z. */
export function secondText(us: Us): string {
  return `${formatIso(us).slice(0, 19)}Z`;
}

/** What was left out is said, whoever reads the rest. */
export function tellCut(rows: number, limit: number, how: string): void {
  if (rows >= limit) process.stderr.write(`tapedeck: cut after ${limit}; ${how}\n`);
}

/** Rows of words under each other, columns aligned. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}
