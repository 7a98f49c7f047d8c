// The rows of a result: a table in the sandbox's memory that grows while the query runs and is read by pages.
// Promises: values never become JavaScript before a page asks for them; a page carries short texts only, however long the stored ones are.
import type { ResultCell, ResultColumn } from '../../src-shared/contract/analysis.ts';
import { type Cell, type Duck, type DuckConnection, type Parameter, RESULTS } from '../base/duck.ts';
import type { QueryColumn, RawAppender, RawChunk } from '../base/duck-query.ts';
import type { Checked } from './statement.ts';

/** Longer texts are cut for the page; an export has them whole. */
const SHOWN_CHARACTERS = 2000;
const FLUSH_MS = 100;
const WHOLE = /^(?:U?(?:TINY|SMALL|BIG)?INT|U?INTEGER)(?:EGER)?$/;
const EXACT = /^(?:U?HUGEINT|DECIMAL|BIGNUM|VARINT)/;
const FLOATING = /^(?:FLOAT|DOUBLE|REAL)$/;
const TIMES = /^(?:DATE|TIME|TIMESTAMP|INTERVAL)/;

export function kindOf(type: string): ResultColumn['kind'] {
  if (WHOLE.test(type) || EXACT.test(type) || FLOATING.test(type)) return type.endsWith(']') ? 'other' : 'number';
  if (type === 'BOOLEAN') return 'boolean';
  if (TIMES.test(type) && !type.endsWith(']')) return 'time';
  return type === 'VARCHAR' || type === 'UUID' || type.startsWith('ENUM') ? 'text' : 'other';
}

export interface ResultTable {
  /** At most as many as were asked for. */
  readonly rows: number;
  /** There were more. */
  readonly overfull: boolean;
  append(chunk: RawChunk): void;
  /** Every row that was appended can be paged. */
  flush(): void;
  /** No more rows come. */
  seal(): void;
  page(offset: number, limit: number): Promise<ResultCell[][]>;
  drop(): Promise<void>;
}

/** The columns of a running statement as a screen shows them. */
export function shownColumns(columns: readonly QueryColumn[]): ResultColumn[] {
  return columns.map(({ name, type }) => ({ name, type, kind: kindOf(type) }));
}

/** Makes the table with the types that the statement gives; `connection` has the statement's tables up. */
export async function openResultTable(
  duck: Duck,
  connection: DuckConnection,
  name: string,
  { sql, explain }: Checked,
  values: Readonly<Record<string, Parameter>>,
  maxRows: number,
): Promise<ResultTable> {
  const table = `${RESULTS}.main."${name}"`;
  const like = explain ? "SELECT '' AS explain_key, '' AS explain_value" : sql;
  await connection.runNamed(`CREATE TABLE ${table} AS SELECT * FROM (\n${like}\n) LIMIT 0`, explain ? {} : values);
  const described = await connection.rows(`SELECT column_name, column_type FROM (DESCRIBE ${table})`);
  const shown = described.map((row) =>
    shownSql(`"${String(row.column_name).replaceAll('"', '""')}"`, String(row.column_type)),
  );
  const writer = await duck.connect();
  let appender: RawAppender | undefined = await writer.resultAppender(name);
  let appended = 0;
  let rows = 0;
  let flushedMs = Number.NEGATIVE_INFINITY;
  const flush = (): void => {
    appender?.flush();
    rows = appended;
    flushedMs = performance.now();
  };
  return {
    get rows() {
      return Math.min(rows, maxRows);
    },
    get overfull() {
      return appended > maxRows;
    },
    append: (chunk) => {
      appender?.append(chunk);
      appended += chunk.rows;
      // The first rows at once, the others in strides: a flush is a transaction.
      if (performance.now() - flushedMs > FLUSH_MS) flush();
    },
    flush,
    seal: () => {
      appender?.close();
      appender = undefined;
      writer.close();
    },
    page: async (offset, limit) =>
      await duck.with(async (reader) => {
        const page: ResultCell[][] = [];
        const sqlText = `SELECT ${shown.join(', ')} FROM ${table} WHERE rowid >= ${offset} AND rowid < ${Math.min(offset + limit, maxRows)} ORDER BY rowid`;
        for await (const part of reader.stream(sqlText)) {
          for (let row = 0; row < part.rows; row += 1) page.push(part.columns.map((column) => plain(column[row])));
        }
        return page;
      }),
    drop: async () => {
      appender?.close();
      appender = undefined;
      await duck.with((reader) => reader.run(`DROP TABLE IF EXISTS ${table}`));
    },
  };
}

function shownSql(name: string, type: string): string {
  const kind = kindOf(type);
  // The shortest digits that name the value: widened as it is, 0.1 would be shown as 0.10000000149011612.
  if (type === 'FLOAT') return `CAST(CAST(${name} AS VARCHAR) AS DOUBLE)`;
  if (type === 'BOOLEAN' || WHOLE.test(type) || FLOATING.test(type)) return name;
  if (kind === 'number' || kind === 'time') return `CAST(${name} AS VARCHAR)`;
  const text = type === 'VARCHAR' ? name : `CAST(${name} AS VARCHAR)`;
  return `CASE WHEN length(${text}) > ${SHOWN_CHARACTERS} THEN left(${text}, ${SHOWN_CHARACTERS}) || '…' ELSE ${text} END`;
}

function plain(value: Cell | undefined): ResultCell {
  if (value === undefined || value === null) return null;
  // Not a number and the infinities have no JSON.
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  return typeof value === 'object' ? JSON.stringify(value) : value;
}
