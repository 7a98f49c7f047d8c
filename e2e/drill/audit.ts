// Compares what the rehearsal venues printed with what Tapedeck holds and what it says it lacks. This is the judge of every drill.

import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import Database from 'better-sqlite3';
import { runCommand } from './processes.ts';

export interface Audit {
  /** Trades that the venues printed in the audited time. */
  readonly printed: number;
  readonly stored: number;
  /** Rows that the balance sheet calls stored beyond the distinct keys that are there, or the other way round. Must be 0. */
  readonly duplicates: number;
  /** Printed, not stored, inside a gap that says so. */
  readonly explained: number;
  /** Printed, not stored, and no gap says so. Must be 0. */
  readonly unexplained: number;
  /** Stored, but never printed, or with other values. Must be 0. */
  readonly foreign: number;
  readonly examples: readonly string[];
}

/** Every stored row as it lies on disk, hot and sealed, before any de-duplication on read. */
async function readStored(db: DuckDBConnection, dataDir: string): Promise<void> {
  const catalog = new Database(join(dataDir, 'catalog.sqlite'), { readonly: true });
  const streamFile = join(dataDir, 'audit-streams.json');
  writeFileSync(streamFile, JSON.stringify(catalog.prepare('SELECT * FROM stream').all()));
  catalog.close();
  const text = (name: string): string =>
    `coalesce(t.${name}_text, CASE WHEN t.${name}_scale = 0 THEN CAST(t.${name} AS VARCHAR)
       ELSE concat(CAST(t.${name} // pow(10, t.${name}_scale)::BIGINT AS VARCHAR), '.', lpad(CAST(t.${name} % pow(10, t.${name}_scale)::BIGINT AS VARCHAR), CAST(t.${name}_scale AS INTEGER), '0')) END)`;
  await db.run(`ATTACH '${join(dataDir, 'warehouse/hot.duckdb')}' AS hot (READ_ONLY)`);
  await db.run(`CREATE TABLE stream AS SELECT * FROM read_json('${streamFile}', format = 'array')`);
  await db.run(
    `CREATE TABLE stored AS SELECT s.venue, s.market, s.symbol, s.channel, coalesce(CAST(t.id AS VARCHAR), t.id_text) AS id, ${text('price')} AS price, ${text('qty')} AS qty,
       ['unknown', 'buy', 'sell'][t.side + 1] AS side, t.event_us FROM hot.tick t JOIN stream s ON s.no = t.stream`,
  );
  const sealed = readdirSync(join(dataDir, 'market-data'), { recursive: true }).filter((name) =>
    String(name).endsWith('.parquet'),
  );
  if (sealed.length > 0) {
    await db.run(
      `INSERT INTO stored SELECT venue, market, symbol, channel, id, price, qty, side, event_us FROM read_parquet('${join(dataDir, 'market-data')}/trade/*/*/*/*/*.parquet', hive_partitioning = false)`,
    );
  }
}

/**
 * The folder must have no running host.
 * Times are µs of the venue's clock: trades printed in [fromUs, toUs) are judged.
 */
export async function audit(dataDir: string, ledger: string, window: { fromUs: number; toUs: number }): Promise<Audit> {
  const gaps = await runCommand(['gaps', '--data', dataDir, '--json']);
  if (gaps.code !== 0) throw new Error(`gaps: ${gaps.stderr}`);
  const state = await runCommand(['status', '--data', dataDir, '--json']);
  if (state.code !== 0) throw new Error(`status: ${state.stderr}`);
  const { totals } = JSON.parse(state.stdout) as { totals: Record<string, number> & { stored: number } };
  checkBalance(totals);
  const gapFile = join(dataDir, 'audit-gaps.json');
  writeFileSync(gapFile, JSON.stringify((JSON.parse(gaps.stdout) as { gaps: unknown[] }).gaps));
  const instance = await DuckDBInstance.create(':memory:', { memory_limit: '4GB' });
  const db = await instance.connect();
  try {
    await db.run(
      `CREATE TABLE printed AS SELECT venue, market, symbol, channel, CAST(id AS VARCHAR) id, price, qty, side, CAST(eventUs AS BIGINT) event_us
       FROM read_json('${ledger}', format = 'newline_delimited', columns = {venue:'VARCHAR', market:'VARCHAR', symbol:'VARCHAR', channel:'VARCHAR', id:'VARCHAR', price:'VARCHAR', qty:'VARCHAR', side:'VARCHAR', eventUs:'BIGINT'})
       WHERE symbol IS NOT NULL`,
    );
    await readStored(db, dataDir);
    await db.run(
      `CREATE TABLE gap AS SELECT venue, market, symbol, fromUs from_us, coalesce(toUs, 9e18::BIGINT) to_us
       FROM read_json('${gapFile}', format = 'array', columns = {venue:'VARCHAR', market:'VARCHAR', symbol:'VARCHAR', state:'VARCHAR', fromUs:'BIGINT', toUs:'BIGINT'})
       WHERE state NOT IN ('repaired')`,
    );
    const within = `event_us >= ${Math.floor(window.fromUs)} AND event_us < ${Math.floor(window.toUs)}`;
    await db.run(
      `CREATE TABLE missing AS SELECT p.*, EXISTS (SELECT 1 FROM gap g WHERE g.venue = p.venue AND g.market = p.market AND g.symbol = p.symbol AND p.event_us BETWEEN g.from_us AND g.to_us) AS explained
       FROM printed p WHERE p.${within.replace(' AND event_us', ' AND p.event_us')} AND NOT EXISTS (SELECT 1 FROM stored s WHERE s.venue = p.venue AND s.market = p.market AND s.symbol = p.symbol AND s.channel = p.channel AND s.id = p.id)`,
    );
    await db.run(
      `CREATE TABLE foreign_rows AS SELECT s.* FROM stored s WHERE NOT EXISTS (SELECT 1 FROM printed p WHERE s.venue = p.venue AND s.market = p.market AND s.symbol = p.symbol AND s.channel = p.channel AND s.id = p.id
         AND s.price = p.price AND s.qty = p.qty AND s.side = p.side AND s.event_us = p.event_us)`,
    );
    const one = async (sql: string): Promise<number> => Number((await (await db.run(sql)).getRows())[0]?.[0] ?? 0);
    const examples = (
      await (
        await db.run(
          `SELECT to_json(m)::VARCHAR FROM (SELECT * FROM missing WHERE NOT explained ORDER BY event_us LIMIT 10) m`,
        )
      ).getRows()
    ).map((row) => `unexplained ${String(row[0])}`);
    const strangers = (
      await (await db.run(`SELECT to_json(f)::VARCHAR FROM (SELECT * FROM foreign_rows LIMIT 5) f`)).getRows()
    ).map((row) => `foreign ${String(row[0])}`);
    return {
      printed: await one(`SELECT count(*) FROM printed WHERE ${within}`),
      stored: await one(
        `SELECT count(*) FROM stored WHERE event_us >= ${Math.floor(window.fromUs)} AND event_us < ${Math.floor(window.toUs)}`,
      ),
      duplicates:
        totals.stored - (await one('SELECT count(DISTINCT (venue, market, symbol, channel, id)) FROM stored')),
      explained: await one('SELECT count(*) FROM missing WHERE explained'),
      unexplained: await one('SELECT count(*) FROM missing WHERE NOT explained'),
      foreign: await one('SELECT count(*) FROM foreign_rows'),
      examples: [...examples, ...strangers],
    };
  } finally {
    db.closeSync();
    instance.closeSync();
  }
}

/** The balance sheet must add up in every answer. */
export function checkBalance(totals: Record<string, number>): void {
  const of = (name: string): number => totals[name] ?? Number.NaN;
  if (of('frames') !== of('control') + of('data') + of('other') + of('rejected'))
    throw new Error(`frames do not add up: ${JSON.stringify(totals)}`);
  if (of('ticks') !== of('stored') + of('duplicates'))
    throw new Error(`ticks do not add up: ${JSON.stringify(totals)}`);
}
