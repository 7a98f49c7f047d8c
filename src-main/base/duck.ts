// DuckDB as this product uses it: settings that bound it, rows and streams with plain cells, and whole columns appended at once.
// Promises: 64-bit integers never lose digits (numbers while safe, decimal text beyond); an abort interrupts the running query.
import {
  BIGINT,
  type DuckDBAppender,
  type DuckDBConnection,
  DuckDBDataChunk,
  DuckDBInstance,
  type DuckDBType,
  type DuckDBValue,
  INTEGER,
  UINTEGER,
  UTINYINT,
  VARCHAR,
} from '@duckdb/node-api';
import bindings from '@duckdb/node-bindings';
import { namedValues, type PreparedQuery, prepareQuery, type RawAppender, rawAppender } from './duck-query.ts';

/** What a cell of a result is: integers beyond 2^53 as decimal text, lists as arrays, other types as DuckDB prints them. */
export type Cell = string | number | boolean | null | readonly Cell[];
export type Row = Readonly<Record<string, Cell>>;
export type Parameter = string | number | bigint | boolean | null;

export interface DuckSettings {
  readonly memoryLimit: string;
  readonly threads: number;
  readonly maxTempDirectorySize: string;
  /** WAL size at which a commit checkpoints by itself. */
  readonly checkpointThreshold: string;
}

/** With 512 MB the whole process came near its bound of 1 GB; what holds texts of many rows at once (a window, never an hour) must fit. */
export const storeDuckSettings: DuckSettings = {
  memoryLimit: '384MB',
  threads: 2,
  maxTempDirectorySize: '4GB',
  checkpointThreshold: '64MB',
};

/** A database in memory for statements of strangers: it reads the named folders, and nothing else of files, network, extensions or settings. */
export interface SandboxSettings {
  readonly memoryLimit: string;
  readonly threads: number;
  /** Folders whose files may be read, and written by statements that the caller lets through. */
  readonly folders: readonly string[];
}

/** A part of a result, column by column. */
export interface CellColumns {
  readonly rows: number;
  readonly names: readonly string[];
  readonly columns: readonly (readonly Cell[])[];
}

export interface DuckConnection {
  /** Runs a statement whose rows do not matter. */
  run(sql: string, values?: readonly Parameter[]): Promise<void>;
  /** All rows as objects; for small results. */
  rows<R extends Row = Row>(sql: string, values?: readonly Parameter[], signal?: AbortSignal): Promise<R[]>;
  /** Chunks of at most 2048 rows as they are produced, without holding the whole result. */
  stream(sql: string, values?: readonly Parameter[], signal?: AbortSignal): AsyncGenerator<CellColumns>;
  appender(table: string, types: readonly ColumnType[]): Promise<ColumnAppender>;
  /** Prepares a statement whose rows are taken chunk by chunk. */
  prepare(sql: string): Promise<PreparedQuery>;
  /** Runs a statement with named parameters. */
  runNamed(sql: string, values: Readonly<Record<string, Parameter>>): Promise<void>;
  /** Runs a statement that counts what it does (COPY) and gives the count. */
  countNamed(sql: string, values: Readonly<Record<string, Parameter>>): Promise<number>;
  /** To a table of a sandbox's catalog for results. */
  resultAppender(table: string): Promise<RawAppender>;
  /** Share of the running statement that is done, 0 to 1; null where DuckDB cannot tell. */
  progress(): number | null;
  interrupt(): void;
  close(): void;
}

export interface Duck {
  /** One more connection to the same database; whoever opens closes. */
  connect(): Promise<DuckConnection>;
  /** Runs `use` on a connection of its own and closes it. */
  with<T>(use: (connection: DuckConnection) => Promise<T>): Promise<T>;
  close(): void;
}

export type ColumnType = 'INTEGER' | 'BIGINT' | 'UTINYINT' | 'UINTEGER' | 'VARCHAR';

/**
 * A column of numbers: the typed array that DuckDB's type wants (BIGINT: pairs of low and high 32 bits). validity: a bit per row, 1 = has a
 * value, null = all have. The bits of rows start..start+2047 must lie in whole words, as they do when row 0 is bit 0.
 */
export interface NumberColumn {
  readonly values: Int32Array | Uint8Array | Uint32Array | BigInt64Array;
  readonly validity: Uint32Array | null;
}

/** A column of texts that is null nearly everywhere: ascending row numbers and their texts. */
export interface TextColumn {
  readonly rows: readonly number[];
  readonly texts: readonly string[];
}

/** A column of texts as UTF-8 side by side: ascending row numbers, and where each text ends; it begins where the one before ends. */
export interface PackedColumn {
  readonly count: number;
  readonly rows: Int32Array;
  readonly ends: Int32Array;
  readonly bytes: Uint8Array;
}

export type Column = NumberColumn | TextColumn | PackedColumn;

const CHUNK_ROWS = 2048;
const BYTES = { INTEGER: 4, BIGINT: 8, UTINYINT: 1, UINTEGER: 4, VARCHAR: 0 } as const;
const TYPES: Readonly<Record<ColumnType, DuckDBType>> = { INTEGER, BIGINT, UTINYINT, UINTEGER, VARCHAR };
/** Catalog of a sandbox that keeps tables of the caller's out of what statements see. */
export const RESULTS = 'results';
const NO_ROW_VALID = new ArrayBuffer(CHUNK_ROWS / 8);

/** Opens (creates) a database file; throws when it will not open or its WAL will not replay. */
export async function openDuck(path: string, settings: DuckSettings): Promise<Duck> {
  const instance = await DuckDBInstance.create(path, {
    memory_limit: settings.memoryLimit,
    threads: String(settings.threads),
    max_temp_directory_size: settings.maxTempDirectorySize,
    wal_autocheckpoint: settings.checkpointThreshold,
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    preserve_insertion_order: 'false',
    // What DuckDB frees goes back to the system within a second or so, also when no statement runs; by default only a later allocation gives it back.
    allocator_background_threads: 'true',
  });
  return duckOf(instance);
}

/**
 * Opens a sandbox. The engine's own walls, proven by the analyst's tests: no file outside the folders, no network, no extension, nothing on disk
 * when memory is full, and no setting that can be changed afterwards.
 */
export async function openSandbox(settings: SandboxSettings): Promise<Duck> {
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: settings.memoryLimit,
    threads: String(settings.threads),
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    allocator_background_threads: 'true',
  });
  const connection = await instance.connect();
  try {
    const folders = settings.folders.map((folder) => `'${folder.replaceAll("'", "''")}'`).join(', ');
    await connection.run(`ATTACH ':memory:' AS ${RESULTS}`);
    await connection.run("SET temp_directory = ''");
    await connection.run(`SET allowed_directories = [${folders}]`);
    await connection.run('SET allow_community_extensions = false');
    await connection.run("SET GLOBAL TimeZone = 'UTC'");
    await connection.run('SET enable_external_access = false');
    await connection.run('SET lock_configuration = true');
  } catch (error) {
    instance.closeSync();
    throw error;
  } finally {
    connection.closeSync();
  }
  return duckOf(instance);
}

function duckOf(instance: DuckDBInstance): Duck {
  const connect = async (): Promise<DuckConnection> => wrap(await instance.connect());
  return {
    connect,
    with: async (use) => {
      const connection = await connect();
      try {
        return await use(connection);
      } finally {
        connection.close();
      }
    },
    close: () => instance.closeSync(),
  };
}

function wrap(connection: DuckDBConnection): DuckConnection {
  async function* stream(
    sql: string,
    values?: readonly Parameter[],
    signal?: AbortSignal,
  ): AsyncGenerator<CellColumns> {
    signal?.throwIfAborted();
    const interrupt = (): void => connection.interrupt();
    signal?.addEventListener('abort', interrupt, { once: true });
    try {
      const result = await connection.stream(sql, bound(values));
      const names = result.columnNames();
      for (;;) {
        const chunk = await result.fetchChunk();
        if (!chunk || chunk.rowCount === 0) return;
        signal?.throwIfAborted();
        yield { rows: chunk.rowCount, names, columns: chunk.getColumns().map((column) => column.map(cellOf)) };
      }
    } finally {
      signal?.removeEventListener('abort', interrupt);
    }
  }
  return {
    run: async (sql, values) => {
      await connection.run(sql, bound(values));
    },
    rows: async <R extends Row>(sql: string, values?: readonly Parameter[], signal?: AbortSignal): Promise<R[]> => {
      const found: R[] = [];
      for await (const part of stream(sql, values, signal)) {
        for (let row = 0; row < part.rows; row += 1) {
          found.push(
            Object.fromEntries(part.names.map((name, index) => [name, part.columns[index]?.[row] ?? null])) as R,
          );
        }
      }
      return found;
    },
    stream,
    appender: async (table, types) => new ColumnAppender(await connection.createAppender(table), types),
    prepare: (sql) => prepareQuery(connection, sql),
    runNamed: async (sql, values) => {
      await connection.run(sql, namedValues(values));
    },
    countNamed: async (sql, values) => {
      const rows = await connection.run(sql, namedValues(values)).then((result) => result.getRows());
      return Number(rows[0]?.[0] ?? 0);
    },
    resultAppender: async (table) => rawAppender(await connection.createAppender(table, 'main', RESULTS)),
    progress: () => {
      const { percentage } = connection.progress;
      return percentage < 0 ? null : Math.min(1, percentage / 100);
    },
    interrupt: () => connection.interrupt(),
    close: () => connection.closeSync(),
  };
}

function bound(values: readonly Parameter[] | undefined): DuckDBValue[] | undefined {
  if (!values || values.length === 0) return undefined;
  // A JS number would be bound as DOUBLE: whole numbers go as BIGINT, so that comparisons with ids and times stay exact.
  return values.map((value) => (typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value));
}

function cellOf(value: DuckDBValue): Cell {
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number')
    return value;
  if (typeof value === 'bigint') {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value.toString();
  }
  if (value && 'items' in value && Array.isArray(value.items)) return value.items.map(cellOf);
  return String(value);
}

/** Appends whole columns to a table, inside the transaction that its connection has open. One per connection and table, kept for life. */
export class ColumnAppender {
  readonly #appender: DuckDBAppender;
  readonly #chunk: DuckDBDataChunk;
  readonly #types: readonly ColumnType[];

  constructor(appender: DuckDBAppender, types: readonly ColumnType[]) {
    this.#appender = appender;
    this.#types = types;
    this.#chunk = DuckDBDataChunk.create(types.map((type) => TYPES[type]));
  }

  /** Copies rows 0..rows-1 into the table's transaction. Synchronous: about 0.2 µs a row of 16 columns. Throws on refusal; then roll back and clear(). */
  append(columns: readonly Column[], rows: number): void {
    if (columns.length !== this.#types.length) {
      throw new Error(`${columns.length} columns given, the table has ${this.#types.length}`);
    }
    const chunk = this.#chunk.chunk;
    const textAt = new Int32Array(columns.length);
    for (let start = 0; start < rows; start += CHUNK_ROWS) {
      const count = Math.min(CHUNK_ROWS, rows - start);
      bindings.data_chunk_reset(chunk);
      bindings.data_chunk_set_size(chunk, count);
      for (let index = 0; index < columns.length; index += 1) {
        const column = columns[index] as Column;
        const type = this.#types[index] as ColumnType;
        const vector = bindings.data_chunk_get_vector(chunk, index);
        if ('values' in column) copyNumbers(vector, column, BYTES[type], start, count);
        else if ('ends' in column) textAt[index] = copyPacked(vector, column, textAt[index] as number, start, count);
        else textAt[index] = copyTexts(vector, column, textAt[index] as number, start, count);
      }
      this.#appender.appendDataChunk(this.#chunk);
    }
    this.#appender.flushSync();
  }

  /** Forgets what was appended and not flushed. */
  clear(): void {
    this.#appender.clear();
  }

  close(): void {
    this.#appender.closeSync();
  }
}

function copyNumbers(vector: bindings.Vector, column: NumberColumn, bytes: number, start: number, count: number): void {
  const { values, validity } = column;
  bindings.copy_data_to_vector(vector, 0, backing(values), values.byteOffset + start * bytes, count * bytes);
  if (validity) {
    bindings.vector_ensure_validity_writable(vector);
    bindings.copy_data_to_vector_validity(
      vector,
      0,
      backing(validity),
      validity.byteOffset + start / 8,
      Math.ceil(count / 64) * 8,
    );
  }
}

const textBits = new Uint32Array(CHUNK_ROWS / 32);

function copyTexts(vector: bindings.Vector, column: TextColumn, from: number, start: number, count: number): number {
  const { rows, texts } = column;
  bindings.vector_ensure_validity_writable(vector);
  let next = from;
  if (next >= rows.length || (rows[next] as number) >= start + count) {
    bindings.copy_data_to_vector_validity(vector, 0, NO_ROW_VALID, 0, CHUNK_ROWS / 8);
    return next;
  }
  textBits.fill(0);
  while (next < rows.length && (rows[next] as number) < start + count) {
    const row = (rows[next] as number) - start;
    bindings.vector_assign_string_element(vector, row, texts[next] as string);
    textBits[row >>> 5] = (textBits[row >>> 5] as number) | (1 << (row & 31));
    next += 1;
  }
  bindings.copy_data_to_vector_validity(vector, 0, textBits.buffer, 0, CHUNK_ROWS / 8);
  return next;
}

/** A text in a vector: duckdb_string_t of duckdb.h, its length, then up to 12 bytes of it, or 4 bytes and where it lies. */
const STRING_WORDS = 4;
const INLINED = 12;
const strings = new Uint32Array(CHUNK_ROWS * STRING_WORDS);
const stringBytes = new Uint8Array(strings.buffer);

/** All texts of the chunk become one string of the vector, which owns its bytes; each row's own points into it. No call, no string per row. */
function copyPacked(vector: bindings.Vector, column: PackedColumn, from: number, start: number, count: number): number {
  const { rows, ends, bytes } = column;
  bindings.vector_ensure_validity_writable(vector);
  let to = from;
  while (to < column.count && (rows[to] as number) < start + count) to += 1;
  if (to === from) {
    bindings.copy_data_to_vector_validity(vector, 0, NO_ROW_VALID, 0, CHUNK_ROWS / 8);
    return to;
  }
  const begin = from === 0 ? 0 : (ends[from - 1] as number);
  const end = ends[to - 1] as number;
  let address = 0;
  if (end - begin > INLINED) {
    bindings.vector_assign_string_element_len(vector, 0, bytes.subarray(begin, end));
    const whole = Buffer.from(bindings.vector_get_data(vector, STRING_WORDS * 4));
    address = whole.readUInt32LE(8) + whole.readUInt32LE(12) * 2 ** 32;
  }
  textBits.fill(0);
  strings.fill(0, 0, count * STRING_WORDS);
  let at = begin;
  for (let next = from; next < to; next += 1) {
    const row = (rows[next] as number) - start;
    const textEnd = ends[next] as number;
    const length = textEnd - at;
    const word = row * STRING_WORDS;
    strings[word] = length;
    const shown = word * 4 + 4;
    const held = length > INLINED ? 4 : length;
    for (let byte = 0; byte < held; byte += 1) stringBytes[shown + byte] = bytes[at + byte] as number;
    if (length > INLINED) {
      const lies = address + at - begin;
      const high = Math.floor(lies / 2 ** 32);
      strings[word + 2] = lies - high * 2 ** 32;
      strings[word + 3] = high;
    }
    textBits[row >>> 5] = (textBits[row >>> 5] as number) | (1 << (row & 31));
    at = textEnd;
  }
  bindings.copy_data_to_vector(vector, 0, strings.buffer, 0, count * STRING_WORDS * 4);
  bindings.copy_data_to_vector_validity(vector, 0, textBits.buffer, 0, CHUNK_ROWS / 8);
  return to;
}

function backing(array: NumberColumn['values']): ArrayBuffer {
  if (array.buffer instanceof ArrayBuffer) return array.buffer;
  throw new Error('columns must lie in ordinary memory, not shared memory');
}
