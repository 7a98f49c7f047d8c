// hot.duckdb: ticks, stream state and journal position of the hot hours, committed together.
// Promises: DDL only at start and then a CHECKPOINT; a batch is there whole or not at all.
import type { DuckConnection } from '../../base/duck.ts';

/** stream_state: append-only, the row of the highest commit_no counts. Negative stream numbers are the state of journal lines. */
const tables = [
  `CREATE TABLE IF NOT EXISTS tick (stream INTEGER, id BIGINT, id_text VARCHAR, price BIGINT, price_scale UTINYINT, price_text VARCHAR,
    qty BIGINT, qty_scale UTINYINT, qty_text VARCHAR, side UTINYINT, event_us BIGINT, recv_us BIGINT, origin UTINYINT, lines UINTEGER,
    frame BIGINT, flags UINTEGER)`,
  'CREATE TABLE IF NOT EXISTS sighting (stream INTEGER, id BIGINT, id_text VARCHAR, lines UINTEGER)',
  'CREATE TABLE IF NOT EXISTS stream_state (commit_no BIGINT, stream INTEGER, state VARCHAR)',
  'CREATE TABLE IF NOT EXISTS commit_log (commit_no BIGINT, segment BIGINT, "offset" BIGINT, frame BIGINT, totals VARCHAR, at_us BIGINT)',
];

export async function createTables(connection: DuckConnection): Promise<void> {
  for (const table of tables) await connection.run(table);
  await connection.run('CHECKPOINT');
}
