// The commands that ask the analyst: SQL over everything that is stored, and bars of one instrument.
import { existsSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { dirname, extname, join, resolve } from 'node:path';
import { FailureError, reasonOf } from '../../src-shared/base/result.ts';
import type { ResultCell, Run } from '../../src-shared/contract/analysis.ts';
import { type BarInterval, barIntervals } from '../../src-shared/contract/days.ts';
import { secondText, table, write, writeJson } from './output.ts';
import { checkStreams, within } from './read-commands.ts';
import { failure, type Session } from './session.ts';
import { boundsOf, choiceOf, marketOf, venueOf, windowOf } from './values.ts';

export interface SqlOptions {
  readonly data: string;
  readonly param?: readonly string[];
  readonly from?: string;
  readonly to?: string;
  readonly limit?: string;
  readonly timeout: string;
  readonly csv?: boolean;
  readonly json?: boolean;
  readonly out?: string;
}

const PAGE = 5000;
/** Rows that a terminal gets without asking for more. */
const SHOWN = 1000;

export async function sql(text: string, options: SqlOptions): Promise<void> {
  const statement = text === '-' ? await readInput() : text;
  if (statement.trim() === '') throw failure('arguments.statement', 'there is no statement');
  const input = {
    sql: statement,
    parameters: parametersOf(options.param ?? []),
    ...boundsOf(options),
  };
  const timeLimitMs = Math.round(numberOf(options.timeout, '--timeout', 0.1, 600) * 1000);
  await within(options.data, async (session) => {
    if (options.out !== undefined) return exportTo(session, input, options.out, options.json ?? false);
    const every = options.csv || options.json;
    const maxRows = numberOf(options.limit ?? (every ? '1000000' : String(SHOWN)), '--limit', 1, 1_000_000);
    const { runId } = await session.ask('analysis.run', { ...input, timeLimitMs, maxRows });
    const run = await ended(session, runId);
    if (run.failure) throw failure(run.failure.code, placed(run));
    if (options.json) await asJson(session, run);
    else if (options.csv) await asCsv(session, run);
    else await asTable(session, run);
    if (run.reach?.note) process.stderr.write(`tapedeck: ${run.reach.note}\n`);
    if (run.truncated) process.stderr.write(`tapedeck: cut after ${run.rows} rows; --limit or --out FILE give more\n`);
    await session.ask('analysis.release', { runId });
  });
}

/** Waits for the end; Ctrl-C cancels the query, not only the waiting. */
async function ended(session: Session, runId: string): Promise<Run> {
  const cancel = (): void => {
    void session
      .ask('analysis.cancel', { runId })
      .catch((error: unknown) => process.stderr.write(`tapedeck: not cancelled: ${reasonOf(error)}\n`));
  };
  process.once('SIGINT', cancel);
  process.once('SIGTERM', cancel);
  try {
    return await session.ask('analysis.run-wait', { runId }).catch((error: unknown) => {
      // The query ended the analyst: the one that comes back knows why.
      if (error instanceof FailureError && error.failure.code === 'process.gone')
        return session.ask('analysis.run-wait', { runId });
      throw error;
    });
  } finally {
    process.off('SIGINT', cancel);
    process.off('SIGTERM', cancel);
  }
}

function placed({ failure: found, failureAt }: Run): string {
  const place = failureAt ? ` (line ${failureAt.line}, column ${failureAt.column})` : '';
  return `${found?.message ?? 'no reason given'}${place}`;
}

async function* pages(session: Session, { runId, rows }: Run): AsyncGenerator<ResultCell[][]> {
  for (let offset = 0; offset < rows; offset += PAGE) {
    yield (await session.ask('analysis.rows', { runId, offset, limit: PAGE })).rows;
  }
}

async function asJson(session: Session, run: Run): Promise<void> {
  const columns = run.columns ?? [];
  await write(`{"columns":${JSON.stringify(columns)},"rows":[`);
  let first = true;
  for await (const page of pages(session, run)) {
    for (const row of page) {
      await write(`${first ? '' : ','}${JSON.stringify(row)}`);
      first = false;
    }
  }
  const rest = { truncated: run.truncated, elapsedMs: run.elapsedMs, reach: run.reach };
  await write(`],${JSON.stringify(rest).slice(1)}\n`);
}

async function asCsv(session: Session, run: Run): Promise<void> {
  await write(`${(run.columns ?? []).map(({ name }) => field(name)).join(',')}\n`);
  for await (const page of pages(session, run)) {
    await write(page.map((row) => `${row.map((cell) => field(cell)).join(',')}\n`).join(''));
  }
}

function field(cell: ResultCell): string {
  const text = cell === null ? '' : String(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

async function asTable(session: Session, run: Run): Promise<void> {
  const rows: string[][] = [(run.columns ?? []).map(({ name }) => name)];
  for await (const page of pages(session, run)) {
    for (const row of page) rows.push(row.map((cell) => (cell === null ? '' : String(cell).replaceAll(/\s+/g, ' '))));
  }
  await write(table(rows));
  process.stderr.write(`${run.rows} rows in ${(run.elapsedMs / 1000).toFixed(2)} s\n`);
}

async function exportTo(
  session: Session,
  input: { sql: string; parameters: Record<string, string | number>; fromUs?: number; toUs?: number },
  out: string,
  json: boolean,
): Promise<void> {
  const path = resolve(out);
  const format = choiceOf(extname(path).slice(1), ['csv', 'parquet'] as const, '--out: the ending of the file');
  // Before hours of work, not after them.
  if (!existsSync(dirname(path))) throw failure('arguments.out', `--out ${path}: there is no folder ${dirname(path)}`);
  const { exportId } = await session.ask('analysis.export', { ...input, format });
  const cancel = (): void => {
    void session
      .ask('analysis.export-cancel', { exportId })
      .catch((error: unknown) => process.stderr.write(`tapedeck: not cancelled: ${reasonOf(error)}\n`));
  };
  process.once('SIGINT', cancel);
  process.once('SIGTERM', cancel);
  const done = await session.ask('analysis.export-wait', { exportId });
  if (done.failure || done.path === null)
    throw failure(done.failure?.code ?? 'analysis.export', done.failure?.message ?? 'the export has no file');
  // A rehearsal that was begun from the first screen records into a folder inside.
  const made = [session.dataDir, join(session.dataDir, 'rehearsal')].map((folder) => join(folder, done.path ?? ''));
  const written = made.find((one) => existsSync(one)) ?? join(session.dataDir, done.path);
  try {
    await copyFile(written, path);
  } catch (error) {
    throw failure(
      'arguments.out',
      `--out ${path} cannot be written: ${reasonOf(error)}; the export lies in ${written}`,
    );
  }
  if (json) await writeJson({ path, rows: done.rows, bytes: done.bytes, reach: done.reach });
  else await write(`${path}: ${done.rows ?? 0} rows, ${done.bytes} bytes\n`);
}

/** A number keeps so many digits whatever they are; ids of some venues have more. */
const SAFE_DIGITS = 15;

/** name=value; what reads as a number is one, unless it would lose digits: that stays text, as ids, prices and quantities are in the tables. */
export function parametersOf(given: readonly string[]): Record<string, string | number> {
  return Object.fromEntries(
    given.map((one) => {
      const at = one.indexOf('=');
      if (at < 1) throw failure('arguments.parameter', `--param ${JSON.stringify(one)} is not of the form name=value`);
      const [name, value] = [one.slice(0, at), one.slice(at + 1)];
      const isNumber = /^-?\d+(?:\.\d+)?$/.test(value) && value.replaceAll(/\D/g, '').length <= SAFE_DIGITS;
      return [name, isNumber ? Number(value) : value];
    }),
  );
}

function numberOf(text: string, option: string, least: number, most: number): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= least && value <= most))
    throw failure('arguments.number', `${option} ${JSON.stringify(text)} is no number from ${least} to ${most}`);
  return value;
}

async function readInput(): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of process.stdin) parts.push(Buffer.from(part));
  return Buffer.concat(parts).toString();
}

export interface BarsOptions {
  readonly data: string;
  readonly venue: string;
  readonly market: string;
  readonly symbol: string;
  readonly from: string;
  readonly to: string;
  readonly interval: string;
  readonly csv?: boolean;
  readonly json?: boolean;
}

const BAR_HEAD = ['time', 'open', 'high', 'low', 'close', 'volume', 'baseVolume', 'quoteVolume', 'buyVolume', 'trades'];

export async function bars(options: BarsOptions): Promise<void> {
  const interval: BarInterval = choiceOf(options.interval, barIntervals, '--interval');
  const input = {
    venue: venueOf(options.venue),
    market: marketOf(options.market),
    symbol: options.symbol,
    interval,
    ...windowOf(options.from, options.to),
    limit: 20_000,
  };
  await within(options.data, async (session) => {
    const found = await session.ask('analysis.bars', input);
    const { venue, market, symbol } = input;
    if (found.bars.length === 0) await checkStreams(session, { venue, market, symbol });
    if (found.bars.length === 0 && found.earlier)
      throw failure(
        'arguments.window',
        `the window has more than ${input.limit} bars of ${interval}, and the newest ${input.limit} hold no trade; ask for a shorter window or longer bars`,
      );
    if (options.json) return writeJson(found);
    const rows = found.bars.map((bar) => [
      secondText(bar.us),
      ...[bar.open, bar.high, bar.low, bar.close].map((price) => price.toFixed(found.priceScale)),
      ...[bar.volume, bar.baseVolume, bar.quoteVolume, bar.buyVolume].map((value) =>
        value === null ? '' : String(value),
      ),
      String(bar.trades),
    ]);
    if (options.csv) await write([BAR_HEAD, ...rows].map((row) => `${row.join(',')}\n`).join(''));
    else await write(rows.length === 0 ? 'no trade in this window\n' : table([BAR_HEAD, ...rows]));
    if (found.earlier)
      process.stderr.write(
        `tapedeck: only the newest ${found.bars.length} bars; ask for a shorter window or longer bars\n`,
      );
    if (found.reach.note) process.stderr.write(`tapedeck: ${found.reach.note}\n`);
  });
}
