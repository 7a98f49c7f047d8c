// One prepared statement whose rows are taken chunk by chunk and put into a table as they are, without becoming JavaScript values on the way.
// Promises: never more than one chunk in memory here; a parameter that is missing or not there is named before anything runs.
import type { DuckDBAppender, DuckDBConnection, DuckDBDataChunk, DuckDBValue } from '@duckdb/node-api';
import type { Parameter } from './duck.ts';

export interface QueryColumn {
  readonly name: string;
  /** DuckDB's own name of the type. */
  readonly type: string;
}

/** Rows of a result as DuckDB holds them. */
export class RawChunk {
  readonly rows: number;
  readonly chunk: DuckDBDataChunk;

  constructor(chunk: DuckDBDataChunk) {
    this.chunk = chunk;
    this.rows = chunk.rowCount;
  }
}

export interface PreparedQuery {
  /** Names of its parameters, `$name` without the sign; a positional one is its number. */
  readonly parameters: readonly string[];
  /** Starts it. */
  open(values: Readonly<Record<string, Parameter>>): Promise<OpenQuery>;
  close(): void;
}

export interface OpenQuery {
  readonly columns: readonly QueryColumn[];
  /** null at the end. */
  next(): Promise<RawChunk | null>;
}

export interface RawAppender {
  /** Both throw when the rows do not fit in memory; what was not flushed is then forgotten. */
  append(chunk: RawChunk): void;
  /** Other connections can read the rows when it returns. */
  flush(): void;
  close(): void;
}

/** Prepares the last statement of the text; throws what DuckDB finds wrong with it. */
export async function prepareQuery(connection: DuckDBConnection, sql: string): Promise<PreparedQuery> {
  const statement = await connection.prepare(sql);
  const parameters = Array.from({ length: statement.parameterCount }, (_, index) => statement.parameterName(index + 1));
  return {
    parameters,
    open: async (values) => {
      parameters.forEach((name, index) => {
        const value = values[name];
        if (value === undefined) throw new Error(`parameter $${name} has no value`);
        bindOne(statement, index + 1, value);
      });
      const result = await statement.stream();
      return {
        // Types are known only now: a parameter takes the type of its value.
        columns: result.columnNames().map((name, index) => ({ name, type: String(result.columnType(index)) })),
        next: async () => {
          const chunk = await result.fetchChunk();
          return chunk && chunk.rowCount > 0 ? new RawChunk(chunk) : null;
        },
      };
    },
    close: () => statement.destroySync(),
  };
}

type Statement = Awaited<ReturnType<DuckDBConnection['prepare']>>;

function bindOne(statement: Statement, index: number, value: Parameter): void {
  if (value === null) statement.bindNull(index);
  else if (typeof value === 'boolean') statement.bindBoolean(index, value);
  else if (typeof value === 'bigint') statement.bindBigInt(index, value);
  else if (typeof value === 'string') statement.bindVarchar(index, value);
  else if (Number.isSafeInteger(value)) statement.bindBigInt(index, BigInt(value));
  else statement.bindDouble(index, value);
}

export function rawAppender(appender: DuckDBAppender): RawAppender {
  const guarded = (work: () => void): void => {
    try {
      work();
    } catch (error) {
      // What was refused would be tried again by the closing.
      appender.clear();
      throw error;
    }
  };
  return {
    append: ({ chunk }) => guarded(() => appender.appendDataChunk(chunk)),
    flush: () => guarded(() => appender.flushSync()),
    close: () => appender.closeSync(),
  };
}

/** Values of a record as the binding takes them: whole numbers exactly. */
export function namedValues(values: Readonly<Record<string, Parameter>>): Record<string, DuckDBValue> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value,
    ]),
  );
}
