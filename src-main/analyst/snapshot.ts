// What there is to read right now, asked of the store: sealed files and hot parts, as one relation of every trade once.
// Promises: questions within a second share one answer; paths are whole and quoted.
import { join } from 'node:path';
import { ok, type Result } from '../../src-shared/base/result.ts';
import type { RequestOutput } from '../../src-shared/contract/index.ts';
import type { ParentPort } from '../base/parent-port.ts';

export type Snapshot = RequestOutput<'archive.snapshot'>;

export interface SnapshotWindow {
  readonly fromUs?: number | undefined;
  readonly toUs?: number | undefined;
}

export interface SnapshotSource {
  take(window: SnapshotWindow, hot?: boolean): Promise<Result<Snapshot>>;
}

const SHARED_MS = 1000;

export function openSnapshotSource(ask: ParentPort['ask']): SnapshotSource {
  const known = new Map<string, { readonly atMs: number; readonly answer: Promise<Result<Snapshot>> }>();
  return {
    take: async (window, hot = true) => {
      const input = {
        ...(window.fromUs === undefined ? {} : { fromUs: window.fromUs }),
        ...(window.toUs === undefined ? {} : { toUs: window.toUs }),
        hot,
      };
      const key = JSON.stringify(input);
      const now = performance.now();
      for (const [name, { atMs }] of known) if (now - atMs > SHARED_MS) known.delete(name);
      const answer = known.get(key)?.answer ?? ask('archive.snapshot', input);
      known.set(key, { atMs: known.get(key)?.atMs ?? now, answer });
      const found = await answer;
      if (!found.ok) known.delete(key);
      return found.ok ? ok(found.value) : found;
    },
  };
}

export const tradeColumns =
  'venue, market, symbol, channel, id, price, qty, base_qty, side, event_us, recv_us, origin, lines, frame, flags';

export function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** Every trade of these files, columns as sealed. */
export function filesRelation(dataDir: string, paths: readonly string[]): string {
  if (paths.length === 0) {
    const texts = ['venue', 'market', 'symbol', 'channel', 'id', 'price', 'qty', 'base_qty', 'side'];
    const empty = [
      ...texts.map((name) => `NULL::VARCHAR AS ${name}`),
      'NULL::BIGINT AS event_us',
      'NULL::BIGINT AS recv_us',
      'NULL::VARCHAR AS origin',
      'NULL::UINTEGER AS lines',
      'NULL::BIGINT AS frame',
      'NULL::UINTEGER AS flags',
    ];
    return `(SELECT ${empty.join(', ')} WHERE false)`;
  }
  return `(SELECT ${tradeColumns} FROM read_parquet([${paths.map((path) => quote(join(dataDir, path))).join(', ')}], hive_partitioning = false))`;
}

export function pathsOf(snapshot: Snapshot): string[] {
  return [...snapshot.sealed, ...snapshot.hot].map((file) => file.path);
}

/** The relation of a snapshot, bounded in event time where the snapshot was. */
export function tradeRelation(dataDir: string, snapshot: Snapshot, { fromUs, toUs }: SnapshotWindow): string {
  const bounds = [
    ...(fromUs === undefined ? [] : [`event_us >= ${fromUs}`]),
    ...(toUs === undefined ? [] : [`event_us < ${toUs}`]),
  ];
  const files = filesRelation(dataDir, pathsOf(snapshot));
  return bounds.length === 0 ? files : `(SELECT * FROM ${files} WHERE ${bounds.join(' AND ')})`;
}
