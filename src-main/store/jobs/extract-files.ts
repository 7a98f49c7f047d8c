// Writing one extract: rows, manifest and report in a folder beside, synced, then renamed: an extract is whole or not there.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fail, ok, type Result, reasonOf } from '../../../src-shared/base/result.ts';
import { formatFileTime, type Us, type Window } from '../../../src-shared/base/time.ts';
import type { Settings } from '../../../src-shared/contract/settings.ts';
import type { Gap } from '../../../src-shared/market/gap.ts';
import type { Listing, Manifest, StreamVerdict } from '../../../src-shared/market/listing.ts';
import type { DuckConnection } from '../../base/duck.ts';
import { makeFolderSync, syncDirectory } from '../../base/files.ts';
import type { OpenArchive } from '../warehouse/archive.ts';
import { abnormalTicks, withClocks } from '../warehouse/clocks.ts';
import { type CoinStreams, evidenceOf, isUnheard, judgeStreams, streamsOfCoin, weakest } from '../warehouse/coin.ts';
import { hasCountedIds, sidesWithoutId, withFarIds } from '../warehouse/far-ids.ts';
import { type Bucket, pictureSql, readPicture } from '../warehouse/picture.ts';
import { leadsOf, pastOf, pumpSql, readPump } from '../warehouse/pump.ts';
import { countSql, readCounts, relation, steady, streamName, withNeighbours } from '../warehouse/queries.ts';
import { exportColumns, quote, tickOrder } from '../warehouse/rows-sql.ts';
import { noRows, type WindowCount } from '../warehouse/verdict.ts';
import { reportHtml } from './report.ts';
import type { Language } from './report-words.ts';

export type Format = 'parquet' | 'csv' | 'jsonl';

const COPY_AS: Readonly<Record<Format, string>> = {
  parquet: 'FORMAT parquet, COMPRESSION zstd',
  csv: "FORMAT csv, HEADER, QUOTE '\"', FORCE_QUOTE *",
  jsonl: 'FORMAT json',
};

export interface ExtractOrder {
  readonly coin: string;
  readonly atUs: Us;
  readonly window: Window;
  readonly format: Format;
  /** The language that the report opens in; it holds both. */
  readonly language: Language;
  /** Absolute. */
  readonly outDir: string;
  readonly jobId: string;
  /** Name and version of this program. */
  readonly writer: string;
  /** What is known of the announcement; null: nothing. */
  readonly listing: Listing | null;
  /** What happened before the writing that a reader should know (repairs that did not end in time). */
  readonly notes: readonly string[];
  readonly readUntilUs: Us;
  /** The store is behind the window. */
  readonly unread: boolean;
  readonly nowUs: Us;
  readonly signal: AbortSignal;
  progress(part: number, note: string): void;
}

export interface Extracted {
  readonly folder: string;
  readonly manifest: Manifest;
}

const PICTURE_BUCKETS = 240;
const VERSIONS_AT_MOST = 1000;

/** A coin as part of a folder name: letters and digits of any script, everything else an underscore. Never a path. */
export function folderCoin(coin: string): string {
  const safe = coin
    .normalize('NFC')
    .replaceAll(/[^\p{L}\p{N}]/gu, '_')
    .slice(0, 40);
  return safe === '' ? '_' : safe;
}

/** The folder that receives extracts, created when it is not there. */
export async function openOutDir(dataDir: string, wanted: string | undefined): Promise<Result<string>> {
  if (wanted !== undefined && !isAbsolute(wanted)) {
    return fail('extract.out-dir', `the folder "${wanted}" is not a full path; give one that begins at the root`);
  }
  const folder = resolve(wanted ?? join(dataDir, 'exports'));
  try {
    makeFolderSync(folder);
    return ok(folder);
  } catch (error) {
    return fail(
      'extract.out-dir',
      `the folder ${folder} cannot be created (${reasonOf(error)}); choose another folder or mend its permissions`,
    );
  }
}

/** Writes the extract. Fails with `extract.*`; then nothing of it is left behind. */
export async function writeExtract(
  archive: OpenArchive,
  settings: Settings,
  order: ExtractOrder,
): Promise<Result<Extracted>> {
  const name = `${folderCoin(order.coin)}-${formatFileTime(order.atUs)}`;
  const beside = join(order.outDir, `.${name}.${order.jobId}.partial`);
  try {
    await rm(beside, { recursive: true, force: true });
    await mkdir(beside);
  } catch (error) {
    return fail(
      'extract.out-dir',
      `nothing can be written in ${order.outDir} (${reasonOf(error)}); choose another folder or mend its permissions`,
    );
  }
  try {
    const filled = await archive.duck.with((connection) => fill(archive, settings, order, connection, beside, name));
    if (!filled.ok) await rm(beside, { recursive: true, force: true });
    return filled;
  } catch (error) {
    await rm(beside, { recursive: true, force: true });
    if (order.signal.aborted)
      return fail('extract.cancelled', `the extract of ${order.coin} was cancelled; nothing was left behind`);
    return fail(
      'extract.failed',
      `the extract of ${order.coin} could not be written to ${order.outDir}: ${reasonOf(error)}`,
      { retry: true },
    );
  }
}

async function fill(
  archive: OpenArchive,
  settings: Settings,
  order: ExtractOrder,
  connection: DuckConnection,
  beside: string,
  name: string,
): Promise<Result<Extracted>> {
  const { window, signal } = order;
  const streams = streamsOfCoin(archive, settings, order.coin, window);
  order.progress(0.1, `reading ${streams.recorded.length} streams`);
  const evidence = await evidenceOf(archive, streams.recorded, window, order.readUntilUs);
  const ticking = abnormalTicks(archive, streams.recorded, window);
  const passing = pastOf(archive, streams.recorded, window);
  const read = await steady(archive, async () => {
    const rows = relation(archive, streams.recorded, withNeighbours(window));
    await connection.rows(`CREATE OR REPLACE TEMP TABLE extracted AS ${rows}`, [], signal);
  });
  if (!read.ok) return read;
  const near = readCounts(await connection.rows(countSql('SELECT * FROM extracted', window, order.atUs), [], signal));
  const far = await steady(archive, () => withFarIds(archive, streams.recorded, window, order.readUntilUs, near));
  if (!far.ok) return far;
  const counts = far.value;
  const abnormal = await ticking;
  if (!abnormal.ok) return abnormal;
  const past = await passing;
  if (!past.ok) return past;
  const pumped = readPump(
    await connection.rows(pumpSql('SELECT * FROM extracted', window, order.atUs, abnormal.value), [], signal),
    window,
    order.atUs,
    past.value,
  );
  const judged = judgeStreams(streams, window, counts, evidence);
  const verdicts = withClocks(judged, counts, abnormal.value).map((verdict) => {
    const figures = pumped.get(streamName({ ...verdict, channel: verdict.channel ?? '' }));
    return figures ? { ...verdict, figures } : verdict;
  });
  order.progress(0.4, 'writing the trades');

  const file = `trades.${order.format}`;
  const inside = `event_us >= ${window.fromUs} AND event_us < ${window.toUs}`;
  const [copied] = await connection.rows(
    `COPY (SELECT ${exportColumns} FROM extracted WHERE ${inside} ORDER BY ${tickOrder}) TO ${quote(join(beside, file))} (${COPY_AS[order.format]})`,
    [],
    signal,
  );
  const rows = Number(copied?.Count ?? 0);
  const told = verdicts.reduce((sum, stream) => sum + stream.rows, 0);
  if (rows !== told) {
    return fail('extract.count', `${rows} trades were written, ${told} counted; nothing was kept`, { retry: true });
  }
  order.progress(0.7, 'checking and drawing');
  const pictures = readPicture(
    await connection.rows(pictureSql('SELECT * FROM extracted', window, PICTURE_BUCKETS), [], signal),
    window,
    PICTURE_BUCKETS,
  );
  const firstTradeUs: Record<string, Us> = {};
  const firstAbnormalUs: Record<string, Us> = {};
  const drawn: { instrument: string; quote: string; buckets: readonly Bucket[] }[] = [];
  for (const stream of streams.recorded) {
    const first = counts.get(streamName(stream))?.firstTradeUs ?? null;
    if (first !== null) firstTradeUs[stream.instrument] = Math.min(first, firstTradeUs[stream.instrument] ?? first);
    const tick = abnormal.value.get(streamName(stream))?.us;
    if (tick !== undefined) {
      firstAbnormalUs[stream.instrument] = Math.min(tick, firstAbnormalUs[stream.instrument] ?? tick);
    }
    const buckets = pictures.get(streamName(stream)) ?? [];
    if (buckets.length > 0) drawn.push({ instrument: stream.instrument, quote: stream.quote, buckets });
  }

  await syncFile(join(beside, file));
  const sha256 = await sha256Of(join(beside, file));
  const { size: bytes } = await stat(join(beside, file));
  const whole = weakest(verdicts, order.coin);
  const named = new Set(verdicts.flatMap((stream) => stream.gaps));
  const gaps = [...evidence.streams.values()].flatMap((stream) => stream.gaps.filter(({ id }) => named.has(id)));
  const manifest: Manifest = {
    version: 1,
    writer: order.writer,
    coin: order.coin,
    window: { fromUs: window.fromUs, toUs: window.toUs },
    clocks: {
      publishedUs: order.listing?.publishedUs ?? null,
      detectedUs: order.listing?.detectedUs ?? null,
      atUs: order.atUs,
      firstTradeUs,
      firstAbnormalUs,
    },
    leads: leadsOf(verdicts),
    verdict: whole.verdict,
    reasons: [...whole.reasons, ...order.notes],
    streams: verdicts,
    gapStates: Object.fromEntries(gaps.map(({ id, state }) => [id, state])),
    gaps: gaps.map(placeOf),
    ...(order.unread || evidence.unsettled ? { unread: true } : {}),
    ...(awaitsProof(archive, streams, window, counts, verdicts) ? { provisional: true } : {}),
    instruments: archive.catalog.instruments
      .list({ coin: order.coin })
      .map(({ firstSeenUs: _, absentUs: __, endedUs: ___, ...instrument }) => instrument),
    ...(order.listing ? { listing: { id: order.listing.id, sources: order.listing.sources ?? [] } } : {}),
    notRecorded: streams.unwanted.map((one) => `${one.venue}:${one.market}:${one.symbol}`),
    files: [{ path: file, format: order.format, rows, sha256, bytes }],
    createdUs: order.nowUs,
  };
  signal.throwIfAborted();
  order.progress(0.9, 'publishing the folder');
  return await publish(order.outDir, beside, name, manifest, (numbered) =>
    reportHtml(numbered, drawn, gaps, order.listing?.title ?? '', order.language),
  );
}

/** True when its verdict may become better by itself: an id after the window, or a line's sign of life, was not there yet. */
function awaitsProof(
  archive: OpenArchive,
  streams: CoinStreams,
  window: Window,
  counts: ReadonlyMap<string, WindowCount>,
  verdicts: readonly StreamVerdict[],
): boolean {
  const weak = new Set(
    verdicts
      .filter(({ verdict }) => verdict !== 'proven')
      .map((one) => streamName({ ...one, channel: one.channel ?? '' })),
  );
  const waits = streams.recorded.some((stream) => {
    const name = streamName(stream);
    return weak.has(name) && hasCountedIds(stream) && sidesWithoutId(counts.get(name) ?? noRows).includes('after');
  });
  return waits || isUnheard(archive, streams, window);
}

/** Where a gap lies and what it was when the rows were read; its story is in the catalog. */
function placeOf(gap: Gap): NonNullable<Manifest['gaps']>[number] {
  const { id, venue, market, symbol, channel, state, cause, fromUs, toUs, fromId, toId } = gap;
  return { id, venue, market, symbol, channel, state, cause, fromUs, toUs, fromId, toId };
}

/** Gives the folder its name: the first version that is free. A rename never replaces a folder that holds files. */
async function publish(
  outDir: string,
  beside: string,
  name: string,
  manifest: Manifest,
  report: (manifest: Manifest) => string,
): Promise<Result<Extracted>> {
  const taken = new Set(await readdir(outDir));
  for (let version = 1; version <= VERSIONS_AT_MOST; version += 1) {
    const folderName = version === 1 ? name : `${name}-v${version}`;
    if (taken.has(folderName)) continue;
    const numbered: Manifest = { ...manifest, version };
    await writeSynced(join(beside, 'manifest.json'), `${JSON.stringify(numbered, null, 2)}\n`);
    await writeSynced(join(beside, 'report.html'), report(numbered));
    await syncDirectory(beside);
    const folder = join(outDir, folderName);
    try {
      await rename(beside, folder);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (code === 'ENOTEMPTY' || code === 'EEXIST' || code === 'EPERM') continue;
      throw error;
    }
    await syncDirectory(outDir);
    return ok({ folder, manifest: numbered });
  }
  return fail('extract.versions', `${join(outDir, name)} has ${VERSIONS_AT_MOST} versions; move some of them away`);
}

async function writeSynced(path: string, content: string): Promise<void> {
  const handle = await open(path, 'w');
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function syncFile(path: string): Promise<void> {
  const handle = await open(path, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

/** Removes what an extract that was killed left beside. */
export async function removePartials(outDir: string): Promise<number> {
  const names = (await readdir(outDir)).filter((name) => name.startsWith('.') && name.endsWith('.partial'));
  for (const name of names) await rm(join(outDir, name), { recursive: true, force: true });
  return names.length;
}
