// Archive and analysis: what days hold, bars and ticks as stored, read-only SQL with bounds, exports of results, and the analyses that people keep.
// The analyst answers what reads many rows; the host keeps saved analyses and drafts; the store gives the analyst its sight of the hot hours.
import { z } from 'zod';
import { failureSchema } from '../base/result.ts';
import { verdictSchema } from '../market/gap.ts';
import { marketSchema, venueSchema } from '../market/instrument.ts';
import { tickSchema } from '../market/tick.ts';
import { event, request } from './define.ts';

// ---------------------------------------------------------------- days

/** Streams of a day by what can be said of them; see `verdictSchema`. */
export const verdictShareSchema = z.object({
  proven: z.number().int(),
  covered: z.number().int(),
  unproved: z.number().int(),
  incomplete: z.number().int(),
});

/** One venue on one day. */
export const calendarCellSchema = z.object({
  /** Begin of the day, µs UTC. */
  dayUs: z.number().int(),
  venue: venueSchema,
  /** Trades that are stored; of a day with `pendingRows` only those that have been counted. */
  ticks: z.number().int(),
  /** Streams with at least one trade. */
  streams: z.number().int(),
  firstUs: z.number().int().nullable(),
  lastUs: z.number().int().nullable(),
  /** Gaps that touch the day, whatever became of them; unresolved: open, repairing, partial or unrecoverable; open: open or repairing. */
  gaps: z.number().int(),
  unresolvedGaps: z.number().int(),
  openGaps: z.number().int(),
  /** null: not judged yet, ask again when `analysis.summary` moved. */
  verdicts: verdictShareSchema.nullable(),
});
export type CalendarCell = z.infer<typeof calendarCellSchema>;

/** A day as a whole; there are days with gaps only. */
export const calendarDaySchema = z.object({
  dayUs: z.number().int(),
  /** Sealed files and their bytes on disk; the hot hours are not counted in bytes. */
  files: z.number().int(),
  bytes: z.number().int(),
  /** Rows of sealed files that have not been counted by venue yet. */
  pendingRows: z.number().int(),
});
export type CalendarDay = z.infer<typeof calendarDaySchema>;

/** One stream on one day. */
export const dayStreamSchema = z.object({
  venue: venueSchema,
  market: marketSchema,
  symbol: z.string(),
  channel: z.string(),
  /** Canonical name where base and quote are known, else the symbol. */
  instrument: z.string(),
  base: z.string(),
  quote: z.string(),
  ticks: z.number().int(),
  /** Its share of the sealed files, by rows; hot rows have none. */
  bytes: z.number().int(),
  firstUs: z.number().int().nullable(),
  lastUs: z.number().int().nullable(),
  gaps: z.number().int(),
  unresolvedGaps: z.number().int(),
  openGaps: z.number().int(),
  verdict: verdictSchema,
  reasons: z.array(z.string()),
});
export type DayStream = z.infer<typeof dayStreamSchema>;

// ---------------------------------------------------------------- bars and ticks

export const barIntervals = ['1s', '5s', '15s', '1m', '5m', '15m', '1h', '4h', '1d'] as const;
export const barIntervalSchema = z.enum(barIntervals);
export type BarInterval = z.infer<typeof barIntervalSchema>;

/** Length of a bar, µs. */
export const barIntervalUs: Readonly<Record<BarInterval, number>> = {
  '1s': 1_000_000,
  '5s': 5_000_000,
  '15s': 15_000_000,
  '1m': 60_000_000,
  '5m': 300_000_000,
  '15m': 900_000_000,
  '1h': 3_600_000_000,
  '4h': 14_400_000_000,
  '1d': 86_400_000_000,
};

/** Trades of one interval, made from exact decimals; numbers for a chart. Intervals without a trade have no bar. */
export const barSchema = z.object({
  /** Begin of the interval, µs UTC. */
  us: z.number().int(),
  open: z.number(),
  high: z.number(),
  low: z.number(),
  close: z.number(),
  /** In the venue's own unit (coins or contracts). */
  volume: z.number(),
  /** In base coins and in the quote currency; null where a trade's base quantity is not known. */
  baseVolume: z.number().nullable(),
  quoteVolume: z.number().nullable(),
  /** Part of `volume` whose taker bought. */
  buyVolume: z.number(),
  trades: z.number().int(),
});
export type Bar = z.infer<typeof barSchema>;

/** Up to when an answer that includes the hot hours reaches. */
export const reachSchema = z.object({
  /** Everything that was received until here is in the answer, µs UTC; null: sealed hours only. */
  hotUntilUs: z.number().int().nullable(),
  /** With sealed hours only: hours that begin before it lie in files, apart from rows that came late; null: not known, or the hot hours are in. */
  sealedUntilUs: z.number().int().nullable(),
  /** Why it does not reach further, when it does not; empty when it reaches the store's last commit. */
  note: z.string(),
});
export type Reach = z.infer<typeof reachSchema>;

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

const instrumentKey = { venue: venueSchema, market: marketSchema, symbol: z.string().min(1) };

export const analysis = {
  /**
   * What every day of a window holds, by venue. Days begin at UTC midnight minus offsetMinutes (KST: 540). Answers with what is known at once;
   * what is not counted or judged yet is being worked on, and `analysis.summary` tells when it is worth asking again.
   */
  'analysis.calendar': request(
    'analyst',
    z.object({
      fromUs: z.number().int(),
      toUs: z.number().int(),
      offsetMinutes: z.number().int().min(-720).max(840).multipleOf(60).default(0),
    }),
    z.object({ days: z.array(calendarDaySchema), cells: z.array(calendarCellSchema), reach: reachSchema }),
    { timeoutMs: 120_000 },
  ),
  /** The work behind the calendar: sealed files that are counted by stream, of those there are. Changes when something new is known. */
  'analysis.summary': event(
    'analyst',
    z.object({
      files: z.number().int(),
      counted: z.number().int(),
      /** Files that could not be read, and why the last of them could not. */
      failed: z.number().int(),
      note: z.string(),
      /** Venue-days whose verdicts are known, of those there are in the calendar that was asked for last. */
      venueDays: z.number().int(),
      judged: z.number().int(),
      atUs: z.number().int(),
    }),
  ),
  /** The streams of a window (a day), counted and judged. */
  'analysis.day': request(
    'analyst',
    z.object({ fromUs: z.number().int(), toUs: z.number().int(), venue: venueSchema.optional() }),
    z.object({ streams: z.array(dayStreamSchema), reach: reachSchema }),
    { timeoutMs: 120_000 },
  ),
  /** Bars of one instrument out of stored ticks, oldest first; with more than `limit` the newest are given and `earlier` is true. */
  'analysis.bars': request(
    'analyst',
    z.object({
      ...instrumentKey,
      interval: barIntervalSchema,
      fromUs: z.number().int(),
      toUs: z.number().int(),
      limit: z.number().int().min(1).max(20_000).default(5000),
    }),
    z.object({
      bars: z.array(barSchema),
      /** Digits after the point that prices and quantities of the window have at most. */
      priceScale: z.number().int(),
      volumeScale: z.number().int(),
      earlier: z.boolean(),
      reach: reachSchema,
    }),
    { timeoutMs: 120_000 },
  ),
  /**
   * A page of ticks in event-time order (oldest first in the answer, whichever direction was read). Seek by atUs, or go on from a cursor of an
   * earlier page: `before` backward, `after` forward; null where nothing lies further that way.
   */
  'analysis.ticks': request(
    'analyst',
    z.object({
      venue: venueSchema.optional(),
      market: marketSchema.optional(),
      symbol: z.string().min(1).optional(),
      direction: z.enum(['forward', 'backward']).default('forward'),
      /** forward: the first tick at or after it; backward: the last before it. Without it: from the very first or last. */
      atUs: z.number().int().optional(),
      cursor: z.string().optional(),
      limit: z.number().int().min(1).max(5000).default(500),
    }),
    z.object({
      ticks: z.array(tickSchema),
      before: z.string().nullable(),
      after: z.string().nullable(),
      reach: reachSchema,
    }),
    { timeoutMs: 120_000 },
  ),

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
    { timeoutMs: 30_000 },
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
    { timeoutMs: 30_000 },
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

  /**
   * For the analyst: what there is to read. Exports hot rows that are not in a part yet to Parquet in `analysis/hot`, within a bound of rows and
   * time; sealed files and parts together hold every trade once. Paths are relative to the data folder.
   */
  'archive.snapshot': request(
    'store',
    z.object({
      fromUs: z.number().int().optional(),
      toUs: z.number().int().optional(),
      hot: z.boolean().default(true),
    }),
    z.object({
      sealed: z.array(
        z.object({
          path: z.string(),
          hourUs: z.number().int(),
          rows: z.number().int(),
          bytes: z.number().int(),
          fromUs: z.number().int(),
          toUs: z.number().int(),
        }),
      ),
      hot: z.array(
        z.object({
          path: z.string(),
          hourUs: z.number().int(),
          rows: z.number().int(),
          fromUs: z.number().int(),
          toUs: z.number().int(),
        }),
      ),
      reach: reachSchema,
      /** Place of this snapshot in the order of what the catalog says; goes with counts of its rows to `archive.judge`. */
      mark: z.number().int(),
    }),
    { timeoutMs: 120_000 },
  ),
  /** For the analyst: verdicts of a window out of counts that it made, and how many gaps touch each stream in it. */
  'archive.judge': request(
    'store',
    z.object({
      fromUs: z.number().int(),
      toUs: z.number().int(),
      /** That of the snapshot whose rows were counted. */
      mark: z.number().int(),
      streams: z
        .array(
          z.object({
            venue: venueSchema,
            market: marketSchema,
            symbol: z.string(),
            channel: z.string(),
            rows: z.number().int(),
            firstUs: z.number().int().nullable(),
            lastUs: z.number().int().nullable(),
            /** Rows beside the window: ids known on both sides. */
            before: z.number().int(),
            after: z.number().int(),
            oneLine: z.number().int(),
            twoLines: z.number().int(),
            backfilled: z.number().int(),
            unseen: z.number().int(),
            missingIds: z.number().int(),
            fromFirstId: z.boolean(),
          }),
        )
        .max(1000),
    }),
    z.object({
      streams: z.array(
        z.object({
          verdict: verdictSchema,
          reasons: z.array(z.string()),
          instrument: z.string(),
          base: z.string(),
          quote: z.string(),
        }),
      ),
    }),
    { timeoutMs: 60_000 },
  ),
};
