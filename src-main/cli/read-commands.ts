// The commands that read a data folder: status, ticks, extract, listings, instruments, gaps, coverage. Each is one request or a few, printed.
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { reasonOf } from '../../src-shared/base/result.ts';
import { formatIso } from '../../src-shared/base/time.ts';
import type { Status } from '../../src-shared/contract/system.ts';
import { type Gap, type GapState, gapStates } from '../../src-shared/market/gap.ts';
import type { Instrument } from '../../src-shared/market/instrument.ts';
import type { Tick } from '../../src-shared/market/tick.ts';
import { makeFolderSync } from '../base/files.ts';
import { csvRow, secondText, table, tellCut, tickColumns, write, writeJson } from './output.ts';
import { failure, openSession, type Session } from './session.ts';
import { boundsOf, choiceOf, coinOf, marketOf, pastOf, secondsOf, timeOf, venueOf, windowOf } from './values.ts';

export async function within(dataDir: string, work: (session: Session) => Promise<void>): Promise<void> {
  const session = await openSession(dataDir);
  try {
    await work(session);
  } finally {
    await session.close();
  }
}

export interface StreamOptions {
  readonly venue?: string;
  readonly market?: string;
  readonly symbol?: string;
}

export function streamFilter(options: StreamOptions) {
  return {
    ...(options.venue === undefined ? {} : { venue: venueOf(options.venue) }),
    ...(options.market === undefined ? {} : { market: marketOf(options.market) }),
    ...(options.symbol === undefined ? {} : { symbol: options.symbol }),
  };
}

/** A mistyped symbol is an error of its own: it must never look as if nothing were missing, or nothing had been traded. */
export async function checkStreams(session: Session, filter: ReturnType<typeof streamFilter>): Promise<void> {
  if (filter.symbol === undefined) return;
  const { changes } = await session.ask('instruments.history', { ...filter, limit: 1 });
  if (changes.length > 0) return;
  const { gaps } = await session.ask('gaps.list', { ...filter, limit: 1 });
  if (gaps.length > 0) return;
  const name = [filter.venue, filter.market, filter.symbol].filter((part) => part !== undefined).join(' ');
  throw failure('arguments.symbol', `no symbol ${name} is known to this recorder; \`instruments\` lists them`);
}

/** So is a mistyped coin. `wayOut`: what to do when it is meant as it is written. */
export async function checkCoin(session: Session, coin: string, wayOut = ''): Promise<void> {
  const { listed, near } = await session.ask('listings.coin', { coin });
  if (listed !== false) return;
  throw failure(
    'arguments.coin',
    `no recorded venue lists ${coin}${near.length > 0 ? `; did you mean ${near.join(', ')}?` : ''}${wayOut}`,
  );
}

export async function status(options: { data: string; json?: boolean }): Promise<void> {
  await within(options.data, async (session) => {
    const found = await session.ask('system.status', {});
    // Nobody records: the process that answered lives for this one command.
    const told = session.offline
      ? { ...found, pid: null, children: Object.fromEntries(Object.keys(found.children).map((name) => [name, null])) }
      : found;
    if (options.json) await writeJson(told);
    else await write(statusWords(found, session.offline));
  });
}

function statusWords(status: Status, offline: boolean): string {
  const { totals, gaps, disk } = status;
  const hours = disk.fullInHours === null ? '' : `, full in ${disk.fullInHours} h`;
  const rows = [
    ['status', `${status.status}${status.reasons.length > 0 ? `: ${status.reasons.join('; ')}` : ''}`],
    ['recording', status.recording ? 'yes' : 'no'],
    [
      'host',
      offline
        ? 'none'
        : `pid ${status.pid}, ${Object.entries(status.children)
            .map(([name, pid]) => `${name} ${pid ?? 'away'}`)
            .join(', ')}`,
    ],
    [
      'journal',
      `frame ${status.journal.headFrame}, durable ${status.journal.durableFrame}, ${size(status.journal.bytes)}`,
    ],
    [
      'store',
      `frame ${status.store.frame}, ${status.store.lagFrames} frames (${Math.round(status.store.lagMs)} ms) behind`,
    ],
    [
      'frames',
      `${totals.frames} = ${totals.control} control + ${totals.data} data + ${totals.other} other + ${totals.rejected} rejected`,
    ],
    ['ticks', `${totals.ticks} = ${totals.stored} stored + ${totals.duplicates} duplicates`],
    [
      'gaps',
      Object.entries(gaps)
        .map(([state, count]) => `${count} ${state === 'venueHole' ? 'venue-hole' : state}`)
        .join(', '),
    ],
    ['disk', `${disk.state}, ${size(disk.freeBytes)} free${hours}`],
  ];
  const lines = status.lines.map((line) => [
    'line',
    `${line.id}: ${line.state}, ${line.acknowledged} of ${line.wanted}, ${line.reconnects} reconnects${line.note ? ` (${line.note})` : ''}`,
  ]);
  return table([...rows, ...lines]);
}

function size(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const step = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  return `${(bytes / 1024 ** step).toFixed(step === 0 ? 0 : 1)} ${units[step]}`;
}

export async function ticks(
  options: StreamOptions & { data: string; from: string; to: string; format: string },
): Promise<void> {
  const window = windowOf(options.from, options.to);
  const filter = streamFilter(options);
  const format = choiceOf(options.format, ['jsonl', 'csv'] as const, '--format');
  await within(options.data, async (session) => {
    if (format === 'csv') await write(`${tickColumns.join(',')}\n`);
    let cursor: string | null = null;
    let count = 0;
    do {
      const page: { ticks: readonly Tick[]; next: string | null } = await session.ask('archive.ticks', {
        ...window,
        ...filter,
        ...(cursor === null ? {} : { cursor }),
      });
      // A chunk at a time, so that a slow reader holds us back and not the memory.
      for (let at = 0; at < page.ticks.length; at += 1000) {
        const rows = page.ticks.slice(at, at + 1000);
        await write(rows.map((tick) => (format === 'csv' ? csvRow(tick) : `${JSON.stringify(tick)}\n`)).join(''));
      }
      count += page.ticks.length;
      cursor = page.next;
    } while (cursor !== null);
    if (count === 0) await checkStreams(session, filter);
  });
}

export interface ExtractOptions {
  readonly data: string;
  readonly coin: string;
  readonly at: string;
  readonly before: string;
  readonly after: string;
  readonly format: string;
  readonly out?: string;
  readonly unlisted?: boolean;
  readonly json?: boolean;
}

export async function extract(options: ExtractOptions): Promise<void> {
  const input = {
    coin: coinOf(options.coin),
    atUs: timeOf(options.at, '--at'),
    beforeUs: secondsOf(options.before, '--before'),
    afterUs: secondsOf(options.after, '--after'),
    format: choiceOf(options.format, ['parquet', 'csv', 'jsonl'] as const, '--format'),
    ...(options.out === undefined ? {} : { outDir: outFolder(options.out) }),
  };
  if (input.beforeUs + input.afterUs === 0) throw failure('arguments.window', '--before 0 --after 0 leaves no window');
  await within(options.data, async (session) => {
    // A window of nothing looks like a coin that nobody traded: whoever mistyped would believe it.
    if (!options.unlisted) await checkCoin(session, input.coin, '; --unlisted extracts it all the same');
    const { jobId } = await session.ask('listings.extract', input);
    const cancel = (): void => {
      void session
        .ask('listings.extract-cancel', { jobId })
        .catch((error: unknown) => process.stderr.write(`tapedeck: not cancelled: ${reasonOf(error)}\n`));
    };
    process.once('SIGINT', cancel);
    process.once('SIGTERM', cancel);
    const endUs = input.atUs + input.afterUs;
    if (endUs > Date.now() * 1000)
      process.stderr.write(`tapedeck: waiting until the window is over (${secondText(endUs)}); Ctrl-C cancels\n`);
    const job = await session.ask('listings.extract-wait', { jobId });
    process.off('SIGINT', cancel);
    process.off('SIGTERM', cancel);
    if (job.state !== 'done' || !job.manifest || job.folder === null)
      throw failure(`extract.${job.state}`, `extract of ${input.coin} ${job.state}: ${job.note}`);
    if (options.json) await writeJson({ folder: job.folder, ...job.manifest });
    else {
      const rows = job.manifest.streams.map((stream) => [
        stream.instrument,
        `${stream.rows} rows`,
        stream.verdict,
        stream.reasons.join('; '),
      ]);
      const trades = job.manifest.files.reduce((sum, file) => sum + file.rows, 0);
      await write(
        `${job.folder}\n${job.manifest.verdict ?? 'incomplete'}: ${trades} trades of ${rows.length} streams\n${table(rows)}`,
      );
    }
  });
}

function outFolder(path: string): string {
  const folder = resolve(path);
  try {
    makeFolderSync(folder);
    if (statSync(folder).isDirectory()) return folder;
  } catch (error) {
    throw failure('arguments.out', `--out ${folder} cannot be made: ${reasonOf(error)}`);
  }
  throw failure('arguments.out', `--out ${folder} is no folder`);
}

/** The longest list that the store gives at once. */
const LONGEST_LIST = 100_000;

export async function gaps(
  options: StreamOptions & { data: string; state?: string; from?: string; to?: string; json?: boolean },
): Promise<void> {
  const streams = streamFilter(options);
  const filter = {
    ...streams,
    ...(options.state === undefined ? {} : { states: statesOf(options.state) }),
    ...boundsOf(options),
  };
  await within(options.data, async (session) => {
    const found = await session.ask('gaps.list', { ...filter, limit: LONGEST_LIST });
    if (found.gaps.length === 0) await checkStreams(session, streams);
    tellCut(found.gaps.length, LONGEST_LIST, '--state, --venue, --from and --to show the rest');
    if (options.json) return writeJson({ gaps: found.gaps });
    await write(
      found.gaps.length === 0
        ? 'no gaps\n'
        : table([['state', 'stream', 'cause', 'from', 'to', 'ids', 'id', 'why'], ...found.gaps.map(gapRow)]),
    );
  });
}

/** One state or several with commas. */
function statesOf(text: string): GapState[] {
  return text.split(',').map((name) => choiceOf(name.trim(), gapStates, '--state'));
}

export async function listings(options: { data: string; json?: boolean }): Promise<void> {
  await within(options.data, async (session) => {
    const found = await session.ask('listings.list', { limit: 10_000 });
    if (options.json) return writeJson(found);
    const rows = found.listings.map(({ extract, ...one }) => [
      one.coin,
      secondText(one.publishedUs),
      secondText(one.detectedUs),
      one.venue ?? one.source,
      extract === null ? '' : (extract.manifest?.verdict ?? extract.state),
      extract?.folder ?? '',
      one.title,
    ]);
    await write(
      rows.length === 0
        ? 'no listing is known\n'
        : table([['coin', 'published', 'detected', 'from', 'extract', 'folder', 'title'], ...rows]),
    );
  });
}

function gapRow(gap: Gap): string[] {
  const ids = gap.fromId === null && gap.toId === null ? '' : `${gap.fromId ?? ''}..${gap.toId ?? ''}`;
  return [
    gap.state,
    `${gap.venue}:${gap.market}:${gap.symbol}`,
    gap.cause,
    formatIso(gap.fromUs),
    gap.toUs === null ? 'still growing' : formatIso(gap.toUs),
    ids,
    gap.id,
    gap.evidence.at(-1) ?? '',
  ];
}

export async function coverage(
  options: StreamOptions & { data: string; from: string; to: string; json?: boolean },
): Promise<void> {
  const streams = streamFilter(options);
  const input = { ...windowOf(options.from, options.to), ...streams };
  pastOf(input.fromUs, '--from', options.from);
  await within(options.data, async (session) => {
    const found = await session.ask('gaps.coverage', input);
    if (found.coverage.length === 0) await checkStreams(session, streams);
    if (options.json) return writeJson({ coverage: found.coverage });
    const rows = found.coverage.map((one) => [
      `${one.venue}:${one.market}:${one.symbol}`,
      `line ${one.line}`,
      formatIso(one.fromUs),
      one.toUs === null ? 'now' : formatIso(one.toUs),
    ]);
    await write(rows.length === 0 ? 'nothing is covered in this window\n' : table(rows));
  });
}

export async function instruments(
  options: StreamOptions & { data: string; coin?: string; history?: boolean; json?: boolean },
): Promise<void> {
  const { symbol, ...wide } = streamFilter(options);
  const coin = options.coin === undefined ? undefined : coinOf(options.coin);
  const filter = { ...wide, ...(coin === undefined ? {} : { coin }) };
  const check = async (session: Session, found: number): Promise<void> => {
    if (found > 0) return;
    if (coin !== undefined) await checkCoin(session, coin);
    await checkStreams(session, { ...wide, ...(symbol === undefined ? {} : { symbol }) });
  };
  await within(options.data, async (session) => {
    if (options.history) {
      const { changes } = await session.ask('instruments.history', {
        ...filter,
        ...(symbol === undefined ? {} : { symbol }),
        limit: LONGEST_LIST,
      });
      await check(session, changes.length);
      tellCut(changes.length, LONGEST_LIST, '--venue, --market and --coin show the rest');
      if (options.json) return writeJson({ changes });
      const rows = changes.map((change) => [secondText(change.seenUs), ...instrumentRow(change)]);
      return write(rows.length === 0 ? 'no such instrument\n' : table([['seen', ...INSTRUMENT_HEAD], ...rows]));
    }
    const found = (await session.ask('archive.instruments', filter)).instruments.filter(
      (one) => (symbol ?? one.symbol) === one.symbol,
    );
    await check(session, found.length);
    if (options.json) return writeJson({ instruments: found });
    const rows = found.map((one) => instrumentRow(one));
    await write(rows.length === 0 ? 'no such instrument\n' : table([INSTRUMENT_HEAD, ...rows]));
  });
}

const INSTRUMENT_HEAD = ['venue', 'market', 'symbol', 'coin', 'quote', 'contract', 'state', 'listed'];

function instrumentRow(one: Instrument): string[] {
  return [
    one.venue,
    one.market,
    one.symbol,
    one.base,
    one.quote,
    one.contractSize ?? 'by price',
    one.state,
    one.listedUs === null ? '' : secondText(one.listedUs),
  ];
}
