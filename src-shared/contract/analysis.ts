// Analysis: read-only SQL with bounds, exports of results, and the analyses that people keep. The analyst runs it; the host keeps saved analyses and drafts.
import { z } from 'zod';
import { failureSchema } from '../base/result.ts';
import { reachSchema } from './days.ts';
import { event, request } from './define.ts';

// ---------------------------------------------------------------- SQL

/** A value of a result: whole numbers beyond 2^53 and decimals come as exact text; times as DuckDB prints them; long texts are cut at 2000 characters. */
export const cellSchema = z.union([z.string(), z.number(), z.boolean(), z.null()]);
export type ResultCell = z.infer<typeof cellSchema>;

export const resultColumnSchema = z.object({
  name: z.string(),
  /** DuckDB's name of the type, e.g. BIGINT, DECIMAL(18,3), VARCHAR[]. */
  type: z.string(),
  /** How to show it: number right-aligned, time as text with its zone. */
  kind: z.enum(['number', 'text', 'boolean', 'time', 'other']),
});
export type ResultColumn = z.infer<typeof resultColumnSchema>;

export const parameterValueSchema = z.union([z.string().max(10_000), z.number(), z.boolean(), z.null()]);
export const parametersSchema = z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,62}$/), parameterValueSchema);

/** stopped: by a limit of time or memory, or because the analyst had to be ended; `failure` says which. */
export const runStates = ['queued', 'running', 'done', 'failed', 'cancelled', 'stopped'] as const;

export const MAX_RESULT_ROWS = 1_000_000;

export const runSchema = z.object({
  runId: z.string(),
  sql: z.string(),
  title: z.string(),
  parameters: parametersSchema,
  state: z.enum(runStates),
  queuedUs: z.number().int(),
  startedUs: z.number().int().nullable(),
  endedUs: z.number().int().nullable(),
  elapsedMs: z.number(),
  /** Known once the query is prepared; null before. */
  columns: z.array(resultColumnSchema).nullable(),
  /** Rows that can be paged by now. */
  rows: z.number().int(),
  /** There are more rows than `maxRows`: the rest was not computed. An export has all. */
  truncated: z.boolean(),
  /** Share of the work that is done, 0 to 1, where DuckDB can tell; null else. */
  progress: z.number().nullable(),
  /** Memory that the database of the analyst holds, and its limit. */
  memoryBytes: z.number().int(),
  memoryLimitBytes: z.number().int(),
  reach: reachSchema.nullable(),
  /** The rows can still be paged; false after release, after the analyst was ended, or when newer results took their room. */
  held: z.boolean(),
  failure: failureSchema.nullable(),
  /** Where in the SQL the failure lies, both from 1; null where that is not known. */
  failureAt: z.object({ line: z.number().int(), column: z.number().int() }).nullable(),
});
export type Run = z.infer<typeof runSchema>;

const sqlInput = {
  sql: z.string().min(1).max(200_000),
  parameters: parametersSchema.default({}),
  title: z.string().max(200).default(''),
  /** Bounds in event time of what `trade` holds: files outside are not opened. Absent: everything. */
  fromUs: z.number().int().optional(),
  toUs: z.number().int().optional(),
};

export const resultExportSchema = z.object({
  exportId: z.string(),
  title: z.string(),
  format: z.enum(['csv', 'parquet']),
  state: z.enum(['queued', 'running', 'done', 'failed', 'cancelled', 'stopped']),
  queuedUs: z.number().int(),
  endedUs: z.number().int().nullable(),
  elapsedMs: z.number(),
  /** 0 to 1, null where it is not known. */
  progress: z.number().nullable(),
  /** Bytes written so far. */
  bytes: z.number().int(),
  /** Known at the end. */
  rows: z.number().int().nullable(),
  /** Relative to the data folder that is recorded into, e.g. exports/analysis/<name>.csv; null until it is whole. */
  path: z.string().nullable(),
  reach: reachSchema.nullable(),
  failure: failureSchema.nullable(),
});
export type ResultExport = z.infer<typeof resultExportSchema>;

// ---------------------------------------------------------------- analyses that people keep

/** A parameter of an analysis; it is written `$name` in the SQL. time: µs UTC. interval: seconds. */
export const analysisParameterSchema = z.object({
  name: z.string(),
  type: z.enum(['text', 'number', 'time', 'interval', 'venue', 'symbol']),
  label: z.object({ en: z.string(), ko: z.string() }),
  /** As text; a time may be relative to now: `now-1h`, `now`. */
  initial: z.string(),
});
export type AnalysisParameter = z.infer<typeof analysisParameterSchema>;

export const analysisSchema = z.object({
  /** Of a ready-made one its file name without .sql; of a saved one given by the host. */
  id: z.string(),
  kind: z.enum(['ready', 'saved']),
  title: z.object({ en: z.string(), ko: z.string() }),
  about: z.object({ en: z.string(), ko: z.string() }),
  parameters: z.array(analysisParameterSchema),
  /** Without the header lines. */
  sql: z.string(),
  updatedUs: z.number().int(),
});
export type Analysis = z.infer<typeof analysisSchema>;

/** The text of an editor tab, kept so that a crash of anything loses at most the last burst of keys. */
export const draftSchema = z.object({
  id: z.string().min(1).max(64),
  title: z.string().max(200),
  sql: z.string().max(200_000),
  /** As the form holds them. */
  parameters: z.record(z.string(), z.string().max(10_000)).default({}),
  /** The saved or ready-made analysis that it came from; null: none. */
  analysisId: z.string().nullable().default(null),
  /** Where its tab stands. */
  position: z.number().int().default(0),
  updatedUs: z.number().int(),
});
export type Draft = z.infer<typeof draftSchema>;

/** Whoever asks first also waits for the analyst to start, up to a minute. */
const STARTS = { timeoutMs: 75_000 };

export const analysis = {
  /**
   * Runs one read-only statement (SELECT, WITH, VALUES, DESCRIBE, SHOW, SUMMARIZE, EXPLAIN) and answers at once. Rows come into a bounded
   * window that `analysis.rows` pages. Refused at once, with the reason: anything else, files, network, more than one statement.
   */
  'analysis.run': request(
    'analyst',
    z.object({
      ...sqlInput,
      maxRows: z.number().int().min(1).max(MAX_RESULT_ROWS).default(MAX_RESULT_ROWS),
      timeLimitMs: z.number().int().min(100).max(600_000).default(120_000),
    }),
    z.object({ runId: z.string() }),
    STARTS,
  ),
  /** Answers when the run has ended. */
  'analysis.run-wait': request('analyst', z.object({ runId: z.string() }), runSchema, { timeoutMs: 900_000 }),
  /** Rows of a result, also while it still grows. */
  'analysis.rows': request(
    'analyst',
    z.object({
      runId: z.string(),
      offset: z.number().int().min(0),
      limit: z.number().int().min(1).max(5000).default(500),
    }),
    z.object({ rows: z.array(z.array(cellSchema)), offset: z.number().int(), total: z.number().int() }),
    { timeoutMs: 30_000 },
  ),
  /** Interrupts it; a run that does not stop within two seconds is ended together with the analyst, which comes back. */
  'analysis.cancel': request('analyst', z.object({ runId: z.string() }), z.object({})),
  /** Gives the memory of a result back. */
  'analysis.release': request('analyst', z.object({ runId: z.string() }), z.object({})),
  /** Runs that wait, run or ended lately, newest first, told at most four times a second. Their SQL is cut at 2000 characters; the history has it whole. */
  'analysis.runs': event('analyst', z.object({ runs: z.array(runSchema) })),
  /** Everything that was run, newest first, also before restarts. */
  'analysis.history': request(
    'analyst',
    z.object({ limit: z.number().int().min(1).max(1000).default(200), search: z.string().max(200).default('') }),
    z.object({ runs: z.array(runSchema) }),
    STARTS,
  ),
  /** Tables, views and functions that SQL can use, for completion and help. */
  'analysis.schema': request(
    'analyst',
    z.object({}),
    z.object({
      tables: z.array(
        z.object({
          name: z.string(),
          about: z.string(),
          columns: z.array(z.object({ name: z.string(), type: z.string(), about: z.string() })),
        }),
      ),
      functions: z.array(z.object({ name: z.string(), about: z.string() })),
    }),
    STARTS,
  ),

  /** Writes every row of a statement to exports/analysis/<name>.<format> and answers at once. The statement runs anew, without a limit of rows. */
  'analysis.export': request(
    'analyst',
    z.object({
      ...sqlInput,
      format: z.enum(['csv', 'parquet']),
      /** Without folder and ending; the title or the time when absent. One that is taken gets a number. */
      name: z.string().max(120).optional(),
      timeLimitMs: z.number().int().min(100).max(7_200_000).default(1_800_000),
    }),
    z.object({ exportId: z.string() }),
    STARTS,
  ),
  'analysis.export-wait': request('analyst', z.object({ exportId: z.string() }), resultExportSchema, {
    timeoutMs: 7_500_000,
  }),
  'analysis.export-cancel': request('analyst', z.object({ exportId: z.string() }), z.object({})),
  /** Exports that wait, run or ended lately, newest first. */
  'analysis.exports': event('analyst', z.object({ exports: z.array(resultExportSchema) })),

  /** Ready-made and saved analyses; saved ones lie as .sql files in the data folder's `analyses`. */
  'analyses.list': request('host', z.object({}), z.object({ analyses: z.array(analysisSchema) })),
  /** Saves a new one (no id) or over a saved one. `$name` in the SQL that is not described becomes a text parameter. */
  'analyses.save': request(
    'host',
    z.object({
      id: z.string().optional(),
      title: z.string().trim().min(1).max(120),
      about: z.string().max(1000).default(''),
      sql: z.string().min(1).max(200_000),
      parameters: z.array(analysisParameterSchema).max(50).default([]),
    }),
    analysisSchema,
  ),
  'analyses.remove': request('host', z.object({ id: z.string() }), z.object({})),
  /** Drafts as they were last kept, by position. */
  'analyses.drafts': request('host', z.object({}), z.object({ drafts: z.array(draftSchema) })),
  /** Answers when it is on disk. An older updatedUs than what is kept changes nothing. */
  'analyses.keep-draft': request('host', draftSchema, z.object({})),
  /** For a tab that was closed on purpose; the last 50 dropped ones stay on disk and come back with `analyses.restore-draft`. */
  'analyses.drop-draft': request('host', z.object({ id: z.string() }), z.object({})),
  'analyses.restore-draft': request('host', z.object({}), z.object({ draft: draftSchema.nullable() })),
};
