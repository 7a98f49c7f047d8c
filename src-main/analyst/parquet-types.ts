// What Parquet has no type for keeps its digits: DuckDB writes 128-bit integers as DOUBLE, so they leave as DECIMAL(38,0).
// Promises: a number with more than 38 digits fails the export; nothing is rounded.
import { type DuckConnection, type Parameter, RESULTS } from '../base/duck.ts';

/** Quoted names and values of an enumeration, which stay as they are, or the type itself. */
const HUGE = /"(?:[^"]|"")*"|'(?:[^']|'')*'|\bU?HUGEINT\b/g;

/** The type to write instead, also inside lists and structures. */
function exactType(type: string): string {
  return type.replaceAll(HUGE, (found) => (/^U?HUGEINT$/.test(found) ? 'DECIMAL(38,0)' : found));
}

/** The statement, or one around it that casts its 128-bit columns; `connection` has the statement's tables up. */
export async function exactSql(
  connection: DuckConnection,
  sql: string,
  values: Readonly<Record<string, Parameter>>,
): Promise<string> {
  const table = `${RESULTS}.main.shape`;
  await connection.runNamed(`CREATE OR REPLACE TABLE ${table} AS SELECT * FROM (\n${sql}\n) LIMIT 0`, values);
  const described = await connection.rows(`SELECT column_name, column_type FROM (DESCRIBE ${table})`);
  const types = described.map((row) => String(row.column_type));
  if (types.every((type) => exactType(type) === type)) return sql;
  const columns = described.map((row, nth) => {
    const name = `"${String(row.column_name).replaceAll('"', '""')}"`;
    const type = types[nth] ?? '';
    return exactType(type) === type ? `c${nth} AS ${name}` : `CAST(c${nth} AS ${exactType(type)}) AS ${name}`;
  });
  const places = described.map((_, nth) => `c${nth}`);
  return `SELECT ${columns.join(', ')} FROM (\n${sql}\n) AS given(${places.join(', ')})`;
}
