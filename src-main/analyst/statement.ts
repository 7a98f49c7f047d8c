// What may run: one statement that only reads. Decided on DuckDB's own syntax tree, before anything is prepared.
// Promises: whatever is not known to be harmless is refused with its name and a way out; the engine's own walls stand behind this one.
import { z } from 'zod';
import { fail, ok, type Result } from '../../src-shared/base/result.ts';
import type { DuckConnection } from '../base/duck.ts';

export interface Checked {
  /** The statement alone, in its place: what lay before it is blank, what lay behind it is gone. */
  readonly sql: string;
  readonly explain: boolean;
  /** Names of tables and table functions that it reads, lower case. */
  readonly tables: ReadonlySet<string>;
}

/** Where in the text something lies, both from 1. */
export interface TextPlace {
  readonly line: number;
  readonly column: number;
}

/** Table functions that neither read files nor change anything; the analyst's own macros are added by the caller. */
const TABLE_FUNCTIONS: ReadonlySet<string> = new Set([
  'range',
  'generate_series',
  'unnest',
  'repeat',
  'repeat_row',
  'summary',
  'json_each',
  'json_tree',
  'histogram',
  'histogram_values',
  'duckdb_columns',
  'duckdb_functions',
  'duckdb_keywords',
  'duckdb_tables',
  'duckdb_types',
  'duckdb_views',
  'duckdb_memory',
  'pragma_table_info',
  'pg_timezone_names',
]);

/** Scalar functions with an effect beside their value. */
const REFUSED_FUNCTIONS: ReadonlySet<string> = new Set([
  'write_log',
  'getenv',
  'sleep_ms',
  'pg_sleep',
  'nextval',
  'currval',
  'setseed',
  'getvariable',
]);

const NODES: ReadonlySet<string> = new Set(['SELECT_NODE', 'SET_OPERATION_NODE', 'RECURSIVE_CTE_NODE', 'CTE_NODE']);

const treeSchema = z.discriminatedUnion('error', [
  z.object({
    error: z.literal(true),
    error_type: z.string(),
    error_message: z.string(),
    position: z.coerce.number().optional(),
  }),
  z.object({ error: z.literal(false), statements: z.array(z.unknown()) }),
]);

/** Blanks and comments at the begin. */
const LEADING = /^(?:\s+|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)+/;
const EXPLAIN = /^EXPLAIN\b(?:\s*\([^)]*\)|\s+ANALY[ZS]E\b)*/i;
const FIRST_WORD = /^[A-Za-z]+/;
const READING =
  'Only one statement that reads is run here: SELECT, WITH, FROM, VALUES, DESCRIBE, SHOW, SUMMARIZE or EXPLAIN of one.';

export async function checkStatement(
  connection: DuckConnection,
  text: string,
  macros: ReadonlySet<string>,
): Promise<Result<Checked>> {
  const skipped = LEADING.exec(text)?.[0].length ?? 0;
  const body = text.slice(skipped, statementEnd(text));
  if (body === '') return fail('analysis.syntax', 'there is no statement in the text');
  const explain = EXPLAIN.exec(body)?.[0] ?? '';
  const inner = body.slice(explain.length);
  const tree = await parse(connection, inner);
  if (!tree) return fail('analysis.syntax', 'DuckDB gave no syntax tree for this statement');
  if (tree.error) {
    if (tree.error_type === 'parser' || tree.position !== undefined) {
      const place = placeOf(text, skipped + explain.length + (tree.position ?? 0));
      return fail('analysis.syntax', tree.error_message, { detail: place });
    }
    const word = FIRST_WORD.exec(inner.trimStart())?.[0].toUpperCase() ?? 'this statement';
    if (/parameters/.test(tree.error_message)) return fail('analysis.syntax', tree.error_message);
    const pivot = word.includes('PIVOT')
      ? ' Write PIVOT inside a SELECT and name its values: SELECT * FROM (PIVOT ... ON ... IN (...) USING ...).'
      : '';
    return fail('analysis.refused', `${word} is refused. ${READING}${pivot}`);
  }
  if (tree.statements.length !== 1) {
    return fail('analysis.refused', `${tree.statements.length} statements were given. ${READING}`);
  }
  const tables = new Set<string>();
  const refused = walk(tree.statements[0], tables, macros);
  if (refused !== undefined) return fail('analysis.refused', refused);
  // What runs is what was looked at: what was passed over becomes blanks, so that places in the text stay what they are.
  return ok({ sql: text.slice(0, skipped).replaceAll(/[^\n]/g, ' ') + body, explain: explain !== '', tables });
}

async function parse(connection: DuckConnection, sql: string): Promise<z.infer<typeof treeSchema> | undefined> {
  const [row] = await connection.rows('SELECT CAST(json_serialize_sql(CAST($1 AS VARCHAR)) AS VARCHAR) AS tree', [sql]);
  const read = treeSchema.safeParse(JSON.parse(String(row?.tree ?? 'null')));
  return read.success ? read.data : undefined;
}

/** Gives the reason of a refusal, or undefined. Collects the names of tables. An explicit stack: a deep tree must not end the process. */
function walk(root: unknown, tables: Set<string>, macros: ReadonlySet<string>): string | undefined {
  const left: unknown[] = [root];
  while (left.length > 0) {
    const value = left.pop();
    if (Array.isArray(value)) {
      for (const one of value) left.push(one);
      continue;
    }
    if (typeof value !== 'object' || value === null) continue;
    const node = value as Readonly<Record<string, unknown>>;
    const { type } = node;
    if (typeof type === 'string' && type.endsWith('_NODE') && !NODES.has(type)) {
      return `${type.slice(0, -5)} inside a statement is refused. ${READING}`;
    }
    if (type === 'BASE_TABLE') tables.add(String(node.table_name).toLowerCase());
    if (type === 'SHOW_REF' && typeof node.table_name === 'string') {
      tables.add(node.table_name.replaceAll('"', '').toLowerCase());
    }
    if (type === 'TABLE_FUNCTION') {
      const name = functionName(node.function);
      if (!TABLE_FUNCTIONS.has(name) && !macros.has(name)) {
        return `${name}(...) is refused: statements read the tables of the archive, never files, the network or the engine's own state.`;
      }
      tables.add(name);
    }
    if (node.class === 'FUNCTION') {
      const name = functionName(node);
      if (REFUSED_FUNCTIONS.has(name)) return `${name}(...) is refused: it does more than give a value.`;
    }
    for (const one of Object.values(node)) left.push(one);
  }
  return undefined;
}

function functionName(node: unknown): string {
  if (typeof node !== 'object' || node === null || !('function_name' in node)) return 'an unnamed function';
  return String(node.function_name).toLowerCase();
}

/** Strings, names, dollar quotes and comments as DuckDB's scanner takes them; anything else is one character. */
const TOKEN =
  /[eE]'(?:[^'\\]|\\[\s\S]|'')*'?|'(?:[^']|'')*'?|"(?:[^"]|"")*"?|\$([A-Za-z_]\w*)?\$[\s\S]*?(?:\$\1\$|$)|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|[\s\S]/gy;

/** Where the last statement ends: behind its last sign that is no semicolon, blank or comment. */
export function statementEnd(text: string): number {
  let end = 0;
  TOKEN.lastIndex = 0;
  for (let found = TOKEN.exec(text); found !== null; found = TOKEN.exec(text)) {
    const [token] = found;
    if (!/^(?:--|\/\*|[;\s]$)/.test(token)) end = TOKEN.lastIndex;
  }
  return end;
}

/** Line and column of a place in the text. */
export function placeOf(text: string, offset: number): TextPlace {
  const before = text.slice(0, Math.max(0, offset));
  const line = before.split('\n').length;
  return { line, column: before.length - before.lastIndexOf('\n') };
}
