// How long an extract of ±20 s takes out of 24 hours and 50 million ticks: node src-main/store/bench/extract.bench.ts [--ticks N] [--rounds N] [--archive DIR] [--drop-caches]
// Builds the archive with the seal writer's own settings (22 sealed hours, 2 hot ones), measures with every database newly opened (--drop-caches:
// and the page cache of the whole machine dropped, which needs root and disturbs everything else that runs), prints one JSON document and removes everything.
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { unwrap } from '../../../src-shared/base/result.ts';
import { HOUR_US, SECOND_US, type Us } from '../../../src-shared/base/time.ts';
import { settingsSchema } from '../../../src-shared/contract/settings.ts';
import type { Instrument, Market, Venue } from '../../../src-shared/market/instrument.ts';
import { openDuck, storeDuckSettings } from '../../base/duck.ts';
import { silentLog } from '../../base/log.ts';
import { writeExtract } from '../jobs/extract-files.ts';
import { openArchive } from '../warehouse/archive.ts';
import type { SealedFile } from '../warehouse/catalog.ts';
import { judgeCoin } from '../warehouse/coin.ts';
import { partitionOf } from '../warehouse/partition.ts';
import { quote, sealedColumns } from '../warehouse/rows-sql.ts';
import { sealedFormat } from '../warehouse/seal.ts';
import { openWarehouse } from '../warehouse/warehouse.ts';

const { values } = parseArgs({
  options: {
    ticks: { type: 'string', default: '50000000' },
    rounds: { type: 'string', default: '40' },
    archive: { type: 'string' },
    'drop-caches': { type: 'boolean', default: false },
  },
});
const TICKS = Number(values.ticks);
const ROUNDS = Number(values.rounds);
const HOURS = 24;
const HOT_HOURS = 2;
const COINS = 400;
const FIRST = 1_763_596_800_000_000;
const END = FIRST + HOURS * HOUR_US;

const kinds: readonly { venue: Venue; market: Market; channel: string; name(coin: string): string }[] = [
  { venue: 'binance', market: 'spot', channel: 'trade', name: (coin) => `${coin}USDT` },
  { venue: 'binance', market: 'perp', channel: 'aggTrade', name: (coin) => `${coin}USDT` },
  { venue: 'upbit', market: 'spot', channel: 'trade', name: (coin) => `KRW-${coin}` },
  { venue: 'okx', market: 'spot', channel: 'trades-all', name: (coin) => `${coin}-USDT` },
  { venue: 'bybit', market: 'spot', channel: 'publicTrade', name: (coin) => `${coin}USDT` },
];
const coins = Array.from({ length: COINS }, (_, n) => `C${String(n).padStart(3, '0')}`);
const settings = settingsSchema.parse({
  version: 1,
  venues: { binance: { markets: ['spot', 'perp'] }, upbit: { markets: ['spot'] } },
});

const dataDir = values.archive ?? mkdtempSync(join(tmpdir(), 'tapedeck-extract-bench-'));
mkdirSync(dataDir, { recursive: true });
const perHour = Math.floor(TICKS / HOURS);
const log = (text: string): void => {
  process.stderr.write(`${text}\n`);
};

/** Rows of one hour: 400 coins of very different activity on five venue markets. */
function hourRows(hourUs: Us): string {
  const step = HOUR_US / perHour;
  return `SELECT i, (hash(i * 7 + ${hourUs}) % ${kinds.length})::INTEGER AS kind, floor(${COINS} * pow(((hash(i * 13 + ${hourUs}) % 1000000) / 1000000.0), 3))::INTEGER AS coin_no,
    ${hourUs} + floor(i * ${step})::BIGINT AS event_us FROM range(${perHour}) r(i)`;
}

async function build(): Promise<void> {
  const started = performance.now();
  const warehouse = await openWarehouse(dataDir, { log: silentLog(), nowUs: () => END });
  const streams = coins.flatMap((coin, coinNo) =>
    kinds.map(({ venue, market, channel, name }, kind) => ({
      no: coinNo * kinds.length + kind + 1,
      venue,
      market,
      symbol: name(coin),
      channel,
    })),
  );
  warehouse.catalog.streams.put(streams, FIRST);
  for (const { venue, market, name } of kinds) {
    const list = coins.map(
      (coin): Instrument => ({
        venue,
        market,
        symbol: name(coin),
        base: coin,
        quote: 'USDT',
        contractSize: '1',
        state: 'trading',
        listedUs: null,
      }),
    );
    warehouse.catalog.instruments.put(list, FIRST);
  }
  warehouse.catalog.coverage.apply(
    streams.flatMap(({ venue, market, symbol }) =>
      [0, 1].map((line) => ({
        key: { venue, market, symbol },
        line,
        connection: String(line),
        fromUs: FIRST - HOUR_US,
        toUs: null,
      })),
    ),
  );
  const names = `CASE kind ${kinds.map((kind, n) => `WHEN ${n} THEN ${kind.name('@').split('@').map(quote).join(' || coin || ')}`).join(' ')} END`;
  const pick = (of: (kind: (typeof kinds)[number]) => string): string =>
    `([${kinds.map((kind) => quote(of(kind))).join(', ')}])[kind + 1]`;
  const files: SealedFile[] = [];
  // One hour is made up and sorted once, with memory to spare; every sealed hour is that hour moved in time, written as the seal writer does.
  const maker = await openDuck(':memory:', { ...storeDuckSettings, memoryLimit: '4GB' });
  await maker.with(async (connection) => {
    await connection.run('SET preserve_insertion_order = true');
    await connection.run(`CREATE TABLE hour AS SELECT ${pick((kind) => kind.venue)} AS venue, ${pick((kind) => kind.market)} AS market, ${names} AS symbol, ${pick((kind) => kind.channel)} AS channel, i,
        (100 + (hash(i) % 1000000) / 100000.0)::DECIMAL(18,8)::VARCHAR AS price, ((hash(i + 1) % 1000000) / 1000.0)::DECIMAL(18,8)::VARCHAR AS qty,
        CASE WHEN i % 2 = 0 THEN 'buy' ELSE 'sell' END AS side, event_us, event_us + 40000 + (hash(i + 2) % 20000)::BIGINT AS recv_us, coin
      FROM (SELECT *, 'C' || lpad(coin_no::VARCHAR, 3, '0') AS coin FROM (${hourRows(0)})) ORDER BY symbol, event_us, i`);
    for (let hour = 0; hour < HOURS - HOT_HOURS; hour += 1) {
      const hourUs = FIRST + hour * HOUR_US;
      mkdirSync(join(dataDir, partitionOf(hourUs)), { recursive: true });
      const path = `${partitionOf(hourUs)}/part-0001.parquet`;
      await connection.run(`COPY (SELECT ${sealedColumns} FROM (SELECT venue, market, symbol, channel, (${hour}::BIGINT * 100000000 + i)::VARCHAR AS id, price, qty, qty AS base_qty, side,
          event_us + ${hourUs} AS event_us, recv_us + ${hourUs} AS recv_us, 'live' AS origin, 3::UINTEGER AS lines, ${hour * perHour} + i AS frame, 0::UINTEGER AS flags, coin FROM hour)) TO ${quote(join(dataDir, path))} (${sealedFormat})`);
      const { size } = statSync(join(dataDir, path));
      files.push({
        path,
        channel: 'trade',
        hourUs,
        rows: perHour,
        bytes: size,
        fromUs: hourUs,
        toUs: hourUs + HOUR_US - 1,
        sha256: null,
        state: 'live',
        createdUs: END,
      });
    }
  });
  maker.close();
  warehouse.catalog.sealed.put(files);
  for (let hour = HOURS - HOT_HOURS; hour < HOURS; hour += 1) {
    await warehouse.writer.run(`INSERT INTO tick SELECT coin_no * ${kinds.length} + kind + 1, ${hour}::BIGINT * 100000000 + i, NULL, 10000000000 + (hash(i) % 1000000) * 1000, 8, NULL, (hash(i + 1) % 1000000) * 100000, 8, NULL,
      1 + (i % 2), event_us, event_us + 50000, 0, 3, ${hour * perHour} + i, 0 FROM (${hourRows(FIRST + hour * HOUR_US)}) ORDER BY i`);
  }
  await warehouse.close();
  log(`archive of ${perHour * HOURS} ticks built in ${Math.round((performance.now() - started) / 1000)} s`);
}

/** True when the page cache could be dropped (Linux, root); else the files may still be in memory and the figures are warm. */
function dropCaches(): boolean {
  try {
    writeFileSync('/proc/sys/vm/drop_caches', '3');
    return true;
  } catch (error) {
    log(`the page cache cannot be dropped here: ${String(error)}`);
    return false;
  }
}

function percentile(sorted: readonly number[], part: number): number {
  return Math.round((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0) * 10) / 10;
}

function sum(files: readonly SealedFile[], of: (file: SealedFile) => number): number {
  return files.reduce((total, file) => total + of(file), 0);
}

function summary(list: readonly number[]): Record<string, number> {
  const sorted = list.toSorted((a, b) => a - b);
  return { p50: percentile(sorted, 0.5), p95: percentile(sorted, 0.95), max: percentile(sorted, 1) };
}

try {
  // A named archive that is there already is used as it is, and stays.
  if (!existsSync(join(dataDir, 'catalog.sqlite'))) await build();
  const openMs: number[] = [];
  const verdictMs: number[] = [];
  const extractMs: number[] = [];
  const rowsOf: number[] = [];
  let cold = true;
  let sealed: readonly SealedFile[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const atUs = FIRST + Math.floor((((round * 37) % 100) / 100) * (END - FIRST)) + 30 * SECOND_US;
    const coin = coins[(round * round * 7) % (round % 2 === 0 ? 10 : COINS)] ?? 'C000';
    const window = { fromUs: atUs - 20 * SECOND_US, toUs: atUs + 20 * SECOND_US };
    for (const what of ['verdict', 'extract'] as const) {
      cold = values['drop-caches'] && dropCaches() && cold;
      const opening = performance.now();
      const warehouse = await openWarehouse(dataDir, { log: silentLog(), nowUs: () => END });
      const archive = openArchive(warehouse, () => END);
      sealed = warehouse.catalog.sealed.live(FIRST, END);
      openMs.push(performance.now() - opening);
      const began = performance.now();
      if (what === 'verdict') {
        unwrap(await judgeCoin(archive, settings, coin, window, atUs, END));
        verdictMs.push(performance.now() - began);
      } else {
        const outDir = join(dataDir, 'out');
        mkdirSync(outDir, { recursive: true });
        const { manifest } = unwrap(
          await writeExtract(archive, settings, {
            coin,
            atUs,
            window,
            format: 'parquet',
            language: 'en',
            outDir,
            jobId: String(round),
            writer: 'Tapedeck',
            listing: null,
            notes: [],
            readUntilUs: END,
            unread: false,
            nowUs: END,
            signal: new AbortController().signal,
            progress: () => undefined,
          }),
        );
        extractMs.push(performance.now() - began);
        rowsOf.push(manifest.files[0]?.rows ?? 0);
      }
      await warehouse.close();
    }
  }
  const result = {
    ticks: perHour * HOURS,
    cold,
    rounds: ROUNDS,
    sealedBytesPerTick: Math.round((sum(sealed, (file) => file.bytes) / sum(sealed, (file) => file.rows)) * 10) / 10,
    verdictMs: summary(verdictMs),
    extractMs: summary(extractMs),
    openMs: summary(openMs),
    rowsPerExtract: summary(rowsOf),
  };
  process.stdout.write(`${JSON.stringify(result)}\n`);
} finally {
  if (values.archive === undefined) rmSync(dataDir, { recursive: true, force: true });
}
