// How the whole is: alerts with their history, the processes' life, the logs, and a bundle for whoever is asked for help.
import { z } from 'zod';
import { event, request } from './define.ts';

export const alertRules = [
  'halted',
  'disk',
  'process-held',
  'process-restart',
  'process-silent',
  'venue-down',
  'line-down',
  'store-lag',
  'durable-delay',
  'clock-offset',
  'gap-deadline',
  'trades-lost',
  'quarantine',
] as const;
export type AlertRule = (typeof alertRules)[number];

/** What the figures of a rule count, where it has figures. */
export const alertUnits: Readonly<Record<AlertRule, 'ms' | 'count' | 'bytes' | 'none'>> = {
  halted: 'none',
  disk: 'bytes',
  'process-held': 'none',
  'process-restart': 'none',
  'process-silent': 'none',
  'venue-down': 'none',
  'line-down': 'none',
  'store-lag': 'ms',
  'durable-delay': 'ms',
  'clock-offset': 'ms',
  'gap-deadline': 'ms',
  'trades-lost': 'count',
  quarantine: 'count',
};

export const alertSchema = z.object({
  id: z.string(),
  rule: z.enum(alertRules),
  /** What it is about: a line ("upbit:spot:0"), a venue, a process; empty for the whole. */
  subject: z.string(),
  /** bad: data is being lost or soon will be. warn: look at it. */
  severity: z.enum(['warn', 'bad']),
  sinceUs: z.number().int(),
  /** When it was over; null: it still is. */
  untilUs: z.number().int().nullable(),
  /** When an operator said that it is known; null: nobody has. */
  acknowledgedUs: z.number().int().nullable(),
  /** The newest figure while it lasts, the last one afterwards, in the unit of the rule; null: the rule has none. */
  value: z.number().nullable(),
  /** The worst figure of its life. */
  worst: z.number().nullable(),
  /** The figure at which it is raised. */
  limit: z.number().nullable(),
  /** In the words of the process that knows. */
  note: z.string(),
  /** How often it came; a return within the quiet time counts here and is no alert of its own. */
  times: z.number().int(),
});
export type Alert = z.infer<typeof alertSchema>;

export const processLifeSchema = z.object({
  process: z.string(),
  pid: z.number().int().nullable(),
  state: z.enum(['starting', 'ready', 'restarting', 'held', 'stopped']),
  note: z.string().nullable(),
  /** When this process started; null while there is none. */
  startedUs: z.number().int().nullable(),
  restarts: z.number().int(),
  /** Resident memory and share of one processor over the last second; null: it has not said. */
  rssBytes: z.number().nullable(),
  cpuPercent: z.number().nullable(),
  /** Its ends since the host started, newest first, with its last words. */
  ends: z.array(z.object({ atUs: z.number().int(), how: z.string(), words: z.string() })),
});
export type ProcessLife = z.infer<typeof processLifeSchema>;

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;
export type LogLevel = (typeof logLevels)[number];

export const logLineSchema = z.object({
  /** Where it lies: process, file and byte; the same line has the same key as long as its file exists. */
  key: z.string(),
  atUs: z.number().int(),
  process: z.string(),
  level: z.enum(logLevels),
  message: z.string(),
  /** Everything else of the record, as JSON text; empty when there is nothing. */
  detail: z.string(),
});
export type LogLine = z.infer<typeof logLineSchema>;

export const diskStepsSchema = z.object({
  warnBytes: z.number(),
  /** Below this the raw log is no longer kept. */
  pruneBytes: z.number(),
  haltBytes: z.number(),
  /** Recording goes on by itself above this. */
  resumeBytes: z.number(),
});

export const health = {
  /** Everything that is wrong now, and the newest of what was. At most once a second. */
  'health.alerts': event('host', z.object({ active: z.array(alertSchema), ended: z.array(alertSchema) })),
  /** What was wrong, newest first; before: only what ended earlier than this. */
  'health.history': request(
    'host',
    z.object({ beforeUs: z.number().int().optional(), limit: z.number().int().min(1).max(1000).default(200) }),
    z.object({ alerts: z.array(alertSchema), more: z.boolean() }),
  ),
  /** Says that these alerts are known; an alert that is over cannot be acknowledged. Without ids: all that there are. */
  'health.acknowledge': request(
    'host',
    z.object({ ids: z.array(z.string()).max(1000).optional() }),
    z.object({ acknowledged: z.number().int() }),
  ),
  /** The host and its children. Once a second. */
  'health.processes': event('host', z.object({ processes: z.array(processLifeSchema), disk: diskStepsSchema })),
  /**
   * A page of log lines, newest first, read backwards from the end or from `before` (a cursor of an earlier page). At most `limit` lines and
   * a bounded number of bytes are read: a page may hold fewer lines than exist, `next` then goes on; null: there is nothing older.
   */
  'health.logs': request(
    'host',
    z.object({
      processes: z.array(z.string()).max(10).optional(),
      /** This level and every worse one. */
      level: z.enum(logLevels).default('info'),
      text: z.string().max(200).default(''),
      before: z.string().max(500).optional(),
      limit: z.number().int().min(1).max(500).default(200),
    }),
    z.object({ lines: z.array(logLineSchema), next: z.string().nullable(), processes: z.array(z.string()) }),
  ),
  /** What somebody who helps wants to see, as one .tar.gz: status, alerts, processes, settings without secrets, the newest of each log. No trade and no token is in it. */
  'health.bundle': request(
    'host',
    z.object({}),
    z.object({ name: z.string(), base64: z.string(), files: z.array(z.string()) }),
    { timeoutMs: 60_000 },
  ),
};
