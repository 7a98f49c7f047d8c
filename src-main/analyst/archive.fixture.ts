// A small archive for tests: Parquet files as the store seals them, and a stand-in for the store that answers for them.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fail, ok } from '../../src-shared/base/result.ts';
import { HOUR_US, type Us } from '../../src-shared/base/time.ts';
import type { RequestName } from '../../src-shared/contract/index.ts';
import { type Duck, openSandbox } from '../base/duck.ts';
import type { ParentPort } from '../base/parent-port.ts';
import { openSnapshotSource, type Snapshot, type SnapshotSource } from './snapshot.ts';

/** 2026-11-20T09:00:00Z. */
export const HOUR = 1_795_165_200_000_000;

export interface SmallArchive {
  readonly dataDir: string;
  readonly readable: readonly string[];
  readonly ask: ParentPort['ask'];
  readonly snapshots: SnapshotSource;
  readonly asked: RequestName[];
  readonly snapshot: Snapshot;
  /** What the store would say of gaps; tests put their own in. */
  readonly gaps: unknown[];
  close(): void;
}

interface Part {
  readonly path: string;
  readonly hourUs: Us;
  readonly sql: string;
}

/** Trades of a stream: `count` from a time on, one every stepUs, ids up by one from firstId. */
export function tradesSql(
  stream: { readonly venue: string; readonly market: string; readonly symbol: string },
  { fromUs, count, stepUs, firstId = 1 }: { fromUs: Us; count: number; stepUs: number; firstId?: number },
): string {
  return `SELECT '${stream.venue}' AS venue, '${stream.market}' AS market, '${stream.symbol}' AS symbol, 'trade' AS channel,
    CAST(${firstId} + range AS VARCHAR) AS id, CAST((100 + range % 10)::DECIMAL(18, 2) AS VARCHAR) AS price, '0.50' AS qty, '0.50' AS base_qty,
    CASE WHEN range % 2 = 0 THEN 'buy' ELSE 'sell' END AS side, (${fromUs} + range * ${stepUs})::BIGINT AS event_us,
    (${fromUs} + range * ${stepUs} + 900)::BIGINT AS recv_us, 'live' AS origin, 3::UINTEGER AS lines, (range + ${firstId})::BIGINT AS frame, 0::UINTEGER AS flags
    FROM range(${count})`;
}

const BTC = { venue: 'binance', market: 'spot', symbol: 'BTCUSDT' };
const POD = { venue: 'upbit', market: 'spot', symbol: 'KRW-POD' };

const parts: readonly Part[] = [
  {
    path: 'market-data/trade/year=2026/month=11/day=20/hour=09/part-0001.parquet',
    hourUs: HOUR,
    sql: `${tradesSql(BTC, { fromUs: HOUR, count: 3600, stepUs: 1_000_000 })} UNION ALL ${tradesSql(POD, { fromUs: HOUR, count: 100, stepUs: 250_000 })}`,
  },
  {
    path: 'market-data/trade/year=2026/month=11/day=20/hour=11/part-0001.parquet',
    hourUs: HOUR + 2 * HOUR_US,
    sql: tradesSql(BTC, { fromUs: HOUR + 2 * HOUR_US, count: 600, stepUs: 1_000_000, firstId: 3601 }),
  },
  {
    path: 'analysis/hot/hot-test-000001.parquet',
    hourUs: HOUR + 3 * HOUR_US,
    sql: tradesSql(BTC, { fromUs: HOUR + 3 * HOUR_US, count: 60, stepUs: 1_000_000, firstId: 4205 }),
  },
];

export async function openSmallArchive(): Promise<SmallArchive> {
  const dataDir = mkdtempSync(join(tmpdir(), 'tapedeck-analyst-'));
  const readable = [join(dataDir, 'market-data', 'trade'), join(dataDir, 'analysis', 'hot')];
  const writer = await openSandbox({ memoryLimit: '128MiB', threads: 1, folders: [dataDir] });
  const files = [];
  for (const { path, hourUs, sql } of parts) {
    mkdirSync(dirname(join(dataDir, path)), { recursive: true });
    files.push({ path, hourUs, ...(await write(writer, join(dataDir, path), sql)) });
  }
  writer.close();
  const snapshot: Snapshot = {
    sealed: files.filter(({ path }) => path.startsWith('market-data')).map((file) => ({ ...file, bytes: 1000 })),
    hot: files.filter(({ path }) => path.startsWith('analysis')),
    reach: { hotUntilUs: HOUR + 3 * HOUR_US + 60_000_000, sealedUntilUs: null, note: '' },
    mark: 1,
  };
  const asked: RequestName[] = [];
  const gaps: unknown[] = [];
  const ask = storeOf(snapshot, gaps, asked);
  return {
    dataDir,
    readable,
    ask,
    snapshots: openSnapshotSource(ask),
    asked,
    snapshot,
    gaps,
    close: () => rmSync(dataDir, { recursive: true, force: true }),
  };
}

async function write(duck: Duck, path: string, sql: string): Promise<{ rows: number; fromUs: Us; toUs: Us }> {
  return await duck.with(async (connection) => {
    await connection.run(`COPY (${sql}) TO '${path}' (FORMAT parquet)`);
    const [row] = await connection.rows(
      `SELECT count(*) AS n, min(event_us) AS a, max(event_us) AS b FROM read_parquet('${path}', hive_partitioning = false)`,
    );
    return { rows: Number(row?.n), fromUs: Number(row?.a), toUs: Number(row?.b) };
  });
}

const instrument = {
  contractSize: '1',
  state: 'trading',
  listedUs: null,
  firstSeenUs: 1,
  absentUs: null,
  endedUs: null,
};

/** The store's answers, whatever they are asked for; the shapes are those of the contract. */
function storeOf(snapshot: Snapshot, gaps: readonly unknown[], asked: RequestName[]): ParentPort['ask'] {
  const answers: Partial<Record<RequestName, (input: unknown) => unknown>> = {
    'archive.snapshot': (input) => {
      const { fromUs = 0, toUs = Number.MAX_SAFE_INTEGER } = input as { fromUs?: number; toUs?: number };
      const inside = (file: { fromUs: number; toUs: number }): boolean => file.fromUs < toUs && file.toUs >= fromUs;
      return { ...snapshot, sealed: snapshot.sealed.filter(inside), hot: snapshot.hot.filter(inside) };
    },
    'archive.instruments': () => ({
      instruments: [
        { ...BTC, base: 'BTC', quote: 'USDT', ...instrument },
        { ...POD, base: 'POD', quote: 'KRW', ...instrument },
      ],
    }),
    'gaps.list': () => ({ gaps }),
    'gaps.coverage': () => ({ coverage: [{ ...BTC, line: 0, fromUs: HOUR, toUs: null }] }),
    'listings.list': () => ({
      listings: [
        {
          id: 'l1',
          coin: 'POD',
          source: 'notice',
          venue: 'upbit',
          title: "<img src=x onerror='alert(1)'>",
          url: null,
          publishedUs: HOUR,
          detectedUs: HOUR + 1,
        },
      ],
    }),
    'archive.judge': (input) => ({
      streams: (input as { streams: { missingIds: number; symbol: string }[] }).streams.map(
        ({ missingIds, symbol }) => ({
          verdict: missingIds > 0 ? 'incomplete' : 'proven',
          reasons: [`${missingIds} ids are missing`],
          instrument: symbol,
          base: '',
          quote: '',
        }),
      ),
    }),
  };
  return async (name, input) => {
    asked.push(name);
    const answer = answers[name];
    if (!answer) return fail('process.gone', `the test's store does not answer ${name}`);
    return ok(answer(input) as never);
  };
}
