// Compares what the rehearsal venues printed with what Tapedeck holds and what it says it lacks. This is the judge of every drill.

import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import Database from 'better-sqlite3';
import { runCommand } from './processes.ts';

/** The same figures of one venue market, and how the missing came back. */
export interface MarketAudit {
  readonly printed: number;
  readonly stored: number;
  /** Rows that only REST gave: what would be missing without repair. */
  readonly repaired: number;
  readonly explained: number;
  readonly unexplained: number;
  /** Rows on disk beyond the distinct keys. Must be 0. */
  readonly doubles: number;
  readonly foreign: number;
  /** Missing although no fault hit all lines around its time (AuditWindow.hurting). */
  readonly lostWithoutCause: number;
}

export interface Audit {
  /** Trades that the venues printed in the audited time. */
  readonly printed: number;
  readonly stored: number;
  /** Rows that the balance sheet calls stored beyond the distinct keys that are there, or the other way round. Must be 0. */
  readonly duplicates: number;
  /** Printed, not stored, inside a gap that says so. A hole of the venue itself says that nothing was printed, so it explains nothing. */
  readonly explained: number;
  /** Printed, not stored, and no gap says so. Must be 0. */
  readonly unexplained: number;
  /** Stored, but never printed, or with other values. Must be 0. */
  readonly foreign: number;
  /** Printed by symbols that no line ever carried, on markets where the venue's limits make the recorder choose (AuditWindow.chosen). */
  readonly notCarried: number;
  readonly examples: readonly string[];
  /** By venue market, e.g. "bybit:perp". */
  readonly markets: Readonly<Record<string, MarketAudit>>;
}

/** A time in which a market may lose trades. */
export interface Span {
  readonly market: string;
  readonly fromUs: number;
  readonly toUs: number;
}

/** Times are µs of the venue's clock: trades printed in [fromUs, toUs) are judged. */
export interface AuditWindow {
  readonly fromUs: number;
  readonly toUs: number;
  /** Faults on all lines at once, with the time that a reconnect takes. */
  readonly hurting?: readonly Span[];
  /** Markets whose venue does not allow all its symbols to be carried: those that no line ever carried are counted apart. */
  readonly chosen?: readonly string[];
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
       ['unknown', 'buy', 'sell'][t.side + 1] AS side, t.event_us, CASE t.origin WHEN 1 THEN 'backfill' ELSE 'live' END AS origin FROM hot.tick t JOIN stream s ON s.no = t.stream`,
  );
  const sealed = readdirSync(join(dataDir, 'market-data'), { recursive: true }).filter((name) =>
    String(name).endsWith('.parquet'),
  );
  if (sealed.length > 0) {
    await db.run(
      `INSERT INTO stored SELECT venue, market, symbol, channel, id, price, qty, side, event_us, origin FROM read_parquet('${join(dataDir, 'market-data')}/trade/*/*/*/*/*.parquet', hive_partitioning = false)`,
    );
  }
}

/** Judges a data folder, which must have no running host, against the ledger of the venues that it recorded. */
export async function audit(dataDir: string, ledger: string, window: AuditWindow): Promise<Audit> {
  const gaps = await runCommand(['gaps', '--data', dataDir, '--json']);
  if (gaps.code !== 0) throw new Error(`gaps: ${gaps.stderr}`);
  const state = await runCommand(['status', '--data', dataDir, '--json']);
  if (state.code !== 0) throw new Error(`status: ${state.stderr}`);
  const { totals } = JSON.parse(state.stdout) as { totals: Record<string, number> & { stored: number } };
  checkBalance(totals);
  const gapFile = join(dataDir, 'audit-gaps.json');
  writeFileSync(gapFile, JSON.stringify((JSON.parse(gaps.stdout) as { gaps: unknown[] }).gaps));
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: '4GB',
    // Without a place of its own it would spill into the folder that it is run from.
    temp_directory: join(dataDir, 'audit-spill'),
  });
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
       WHERE state NOT IN ('repaired', 'venue-hole')`,
    );
    const notCarried = await leaveOut(db, dataDir, window);
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
      notCarried,
      examples: [...examples, ...strangers],
      markets: await byMarket(db, dataDir, within, window.hurting ?? []),
    };
  } finally {
    db.closeSync();
    instance.closeSync();
  }
}

/** Takes out of the ledger what nobody could carry; gives how many trades of the window that were. */
async function leaveOut(db: DuckDBConnection, dataDir: string, window: AuditWindow): Promise<number> {
  if (!window.chosen || window.chosen.length === 0) return 0;
  const catalog = new Database(join(dataDir, 'catalog.sqlite'), { readonly: true });
  const carriedFile = join(dataDir, 'audit-carried.json');
  const rows = catalog.prepare('SELECT DISTINCT venue, market, symbol FROM coverage').all();
  catalog.close();
  writeFileSync(carriedFile, JSON.stringify(rows));
  await db.run(`CREATE TABLE carried AS SELECT * FROM read_json('${carriedFile}', format = 'array')`);
  const markets = window.chosen.map((market) => `'${market}'`).join(', ');
  const foreign = `venue || ':' || market IN (${markets}) AND NOT EXISTS (SELECT 1 FROM carried c WHERE c.venue = printed.venue AND c.market = printed.market AND c.symbol = printed.symbol)`;
  const within = `event_us >= ${Math.floor(window.fromUs)} AND event_us < ${Math.floor(window.toUs)}`;
  const counted = await (await db.run(`SELECT count(*) FROM printed WHERE ${within} AND ${foreign}`)).getRows();
  await db.run(`DELETE FROM printed WHERE ${foreign}`);
  return Number(counted[0]?.[0] ?? 0);
}

/** The figures of each market, from the tables that the whole verdict stands on. */
async function byMarket(
  db: DuckDBConnection,
  dataDir: string,
  within: string,
  hurting: readonly Span[],
): Promise<Record<string, MarketAudit>> {
  const spanFile = join(dataDir, 'audit-spans.json');
  writeFileSync(spanFile, JSON.stringify(hurting));
  await db.run(
    `CREATE TABLE span AS SELECT market, fromUs from_us, toUs to_us
     FROM read_json('${spanFile}', format = 'array', columns = {market:'VARCHAR', fromUs:'BIGINT', toUs:'BIGINT'})`,
  );
  const name = `concat(venue, ':', market)`;
  const rows = await (
    await db.run(
      `WITH p AS (SELECT ${name} AS key, count(*) AS n FROM printed WHERE ${within} GROUP BY ALL),
        s AS (SELECT ${name} AS key, count(*) FILTER (WHERE ${within}) AS n, count(*) FILTER (WHERE ${within} AND origin = 'backfill') AS repaired,
          count(*) - count(DISTINCT (symbol, channel, id)) AS doubles FROM stored GROUP BY ALL),
        m AS (SELECT ${name} AS key, count(*) FILTER (WHERE explained) AS explained, count(*) FILTER (WHERE NOT explained) AS unexplained,
          count(*) FILTER (WHERE NOT EXISTS (SELECT 1 FROM span WHERE span.market = ${name.replace('market', 'missing.market')} AND missing.event_us BETWEEN span.from_us AND span.to_us)) AS lost
          FROM missing GROUP BY ALL),
        f AS (SELECT ${name} AS key, count(*) AS n FROM foreign_rows GROUP BY ALL)
       SELECT coalesce(p.key, s.key), coalesce(p.n, 0), coalesce(s.n, 0), coalesce(s.repaired, 0), coalesce(m.explained, 0), coalesce(m.unexplained, 0),
         coalesce(s.doubles, 0), coalesce(f.n, 0), coalesce(m.lost, 0)
       FROM p FULL JOIN s ON p.key = s.key LEFT JOIN m ON m.key = coalesce(p.key, s.key) LEFT JOIN f ON f.key = coalesce(p.key, s.key) ORDER BY 1`,
    )
  ).getRows();
  return Object.fromEntries(
    rows.map(([key, ...values]) => {
      const [printed, stored, repaired, explained, unexplained, doubles, foreign, lostWithoutCause] =
        values.map(Number);
      return [
        String(key),
        { printed, stored, repaired, explained, unexplained, doubles, foreign, lostWithoutCause } as MarketAudit,
      ];
    }),
  );
}

/** The balance sheet must add up in every answer. */
export function checkBalance(totals: Record<string, number>): void {
  const of = (name: string): number => totals[name] ?? Number.NaN;
  if (of('frames') !== of('control') + of('data') + of('other') + of('rejected'))
    throw new Error(`frames do not add up: ${JSON.stringify(totals)}`);
  if (of('ticks') !== of('stored') + of('duplicates'))
    throw new Error(`ticks do not add up: ${JSON.stringify(totals)}`);
}
