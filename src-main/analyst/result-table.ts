// The rows of a result: a table in the sandbox's memory that grows while the query runs and is read by pages.
// Promises: values never become JavaScript before a page asks for them; a page carries short texts only, however long the stored ones are.
import type { ResultCell, ResultColumn } from '../../src-shared/contract/analysis.ts';
import type { Cell, Duck, DuckConnection, Parameter } from '../base/duck.ts';
import type { QueryColumn, RawAppender, RawChunk } from '../base/duck-query.ts';
import type { Checked } from './statement.ts';

/** Longer texts are cut for the page; an export has them whole. */
const SHOWN_CHARACTERS = 2000;
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
  readonly columns: readonly ResultColumn[];
  /** At most as many as were asked for. */
  readonly rows: number;
  /** There were more. */
  readonly overfull: boolean;
  append(chunk: RawChunk): void;
  /** No more rows come. */
  seal(): void;
  page(offset: number, limit: number): Promise<ResultCell[][]>;
  drop(): Promise<void>;
}

/** Makes the table with the types that the statement gives; `connection` has the statement's tables up. */
export async function openResultTable(
  duck: Duck,
  connection: DuckConnection,
  name: string,
  { sql, explain }: Checked,
  values: Readonly<Record<string, Parameter>>,
  prepared: readonly QueryColumn[],
  maxRows: number,
): Promise<ResultTable> {
  const table = `memory.main."${name}"`;
  const names = prepared.map((_, index) => `c${index}`);
  if (explain) await connection.run(`CREATE TABLE ${table} (${names.map((one) => `${one} VARCHAR`).join(', ')})`);
  else
    await connection.runNamed(
      `CREATE TABLE ${table} AS SELECT * FROM (\n${sql}\n) AS statement(${names.join(', ')}) LIMIT 0`,
      values,
    );
  const writer = await duck.connect();
  let appender: RawAppender | undefined = await writer.rawAppender(name);
  let rows = 0;
  const shown = prepared.map(({ type }, index) => shownSql(names[index] as string, type));
  return {
    columns: prepared.map(({ name: shownName, type }) => ({ name: shownName, type, kind: kindOf(type) })),
    get rows() {
      return Math.min(rows, maxRows);
    },
    get overfull() {
      return rows > maxRows;
    },
    append: (chunk) => {
      appender?.append(chunk);
      rows += chunk.rows;
    },
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
