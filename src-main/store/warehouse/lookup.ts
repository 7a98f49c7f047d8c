// Does the warehouse hold these keys already? Asked in one go for all rows of a batch that the sequence could not decide,
// in the hot tables and in the sealed files of their hours, while nothing can move between the two.
import { join } from 'node:path';
import { reasonOf } from '../../../src-shared/base/result.ts';
import { HOUR_US, hourOf, type Us } from '../../../src-shared/base/time.ts';
import type { DuckConnection } from '../../base/duck.ts';
import type { Held } from '../pipeline/doubt.ts';
import type { Doubtful } from '../pipeline/outcome.ts';
import type { Catalog } from './catalog.ts';
import { quote } from './rows-sql.ts';

const KEYS_PER_QUERY = 2000;
const WHOLE = /^(?:0|[1-9]\d{0,17})$/;

/** Told of a sealed file that could not be asked, and why. */
type Unreadable = (path: string, reason: string) => void;

/** Troubles of the moment, in which a good file cannot be read either. */
const PASSING = /out of memory|space left|too many open|interrupt|invalidated|permission denied/i;

/**
 * What is held, by index in `rows`. A sealed file that is gone or damaged holds nothing: stored again, a row is there, and beside a file that
 * comes back it is read once; while a record that waited for the file would stand still for good.
 */
export async function lookUp(
  connection: DuckConnection,
  catalog: Catalog,
  dataDir: string,
  rows: readonly Doubtful[],
  unreadable: Unreadable,
): Promise<Map<number, Held>> {
  const found = new Map<number, Held>();
  for (let from = 0; from < rows.length; from += KEYS_PER_QUERY) {
    const part = rows.slice(from, from + KEYS_PER_QUERY);
    await inHot(connection, part, from, found);
    await inSealed(connection, catalog, dataDir, part, from, found, unreadable);
  }
  return found;
}

async function ask(connection: DuckConnection, sql: string, found: Map<number, Held>): Promise<void> {
  for (const row of await connection.rows(sql)) {
    const index = Number(row.i);
    if (!found.has(index)) found.set(index, { eventUs: Number(row.event_us), frame: Number(row.frame) });
  }
}

async function inHot(
  connection: DuckConnection,
  part: readonly Doubtful[],
  from: number,
  found: Map<number, Held>,
): Promise<void> {
  const numbers: string[] = [];
  const texts: string[] = [];
  for (const [index, row] of part.entries()) {
    const id = row.id >= 0 ? String(row.id) : row.idText;
    if (WHOLE.test(id)) numbers.push(`(${from + index}, ${row.state.no}, ${id}::BIGINT)`);
    else texts.push(`(${from + index}, ${row.state.no}, ${quote(id)})`);
  }
  for (const [values, column] of [
    [numbers, 'id'],
    [texts, 'id_text'],
  ] as const) {
    if (values.length === 0) continue;
    await ask(
      connection,
      `SELECT v.i, t.event_us, t.frame FROM tick t JOIN (VALUES ${values.join(', ')}) v(i, s, k) ON t.stream = v.s AND t.${column} = v.k`,
      found,
    );
  }
}

async function inSealed(
  connection: DuckConnection,
  catalog: Catalog,
  dataDir: string,
  part: readonly Doubtful[],
  from: number,
  found: Map<number, Held>,
  unreadable: Unreadable,
): Promise<void> {
  const hours = new Map<Us, number[]>();
  for (const [index, row] of part.entries()) {
    if (found.has(from + index)) continue;
    const hour = hourOf(row.eventUs);
    const list = hours.get(hour);
    if (list) list.push(index);
    else hours.set(hour, [index]);
  }
  for (const [hour, indexes] of hours) {
    const files = catalog.sealed.live(hour, hour + HOUR_US);
    if (files.length === 0) continue;
    const values: string[] = [];
    const symbols = new Set<string>();
    let firstUs = Number.POSITIVE_INFINITY;
    let lastUs = 0;
    for (const index of indexes) {
      const row = part[index];
      if (!row) continue;
      const { venue, market, symbol, channel } = row.state.name;
      const id = row.id >= 0 ? String(row.id) : row.idText;
      symbols.add(symbol);
      firstUs = Math.min(firstUs, row.eventUs);
      lastUs = Math.max(lastUs, row.eventUs);
      values.push(`(${from + index}, ${[venue, market, symbol, channel, id].map(quote).join(', ')})`);
    }
    // A key keeps its event time up to the venue's rounding; bounds and names let row groups be skipped.
    const among = (paths: readonly string[]): Promise<void> =>
      ask(
        connection,
        `SELECT v.i, p.event_us, p.frame FROM read_parquet([${paths.map((path) => quote(join(dataDir, path))).join(', ')}], hive_partitioning = false) p
       JOIN (VALUES ${values.join(', ')}) v(i, venue, market, symbol, channel, id)
         ON p.venue = v.venue AND p.market = v.market AND p.symbol = v.symbol AND p.channel = v.channel AND p.id = v.id
       WHERE p.event_us BETWEEN ${firstUs - 1_000_000} AND ${lastUs + 1_000_000} AND p.symbol IN (${[...symbols].map(quote).join(', ')})`,
        found,
      );
    try {
      await among(files.map((file) => file.path));
    } catch (error) {
      if (PASSING.test(reasonOf(error))) throw error;
      for (const { path } of files) {
        try {
          await among([path]);
        } catch (one) {
          if (PASSING.test(reasonOf(one))) throw one;
          unreadable(path, reasonOf(one));
        }
      }
    }
  }
}
