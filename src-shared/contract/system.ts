// The host's own: settings, the state of the whole, folders, the rehearsal.
import { z } from 'zod';
import { gapStates } from '../market/gap.ts';
import { diskStates, storeMeterSchema, totalsSchema } from './archive.ts';
import { event, request } from './define.ts';
import { collectorMeterSchema, lineStateSchema } from './recording.ts';
import { settingsSchema } from './settings.ts';

export const childStateSchema = z.object({
  process: z.string(),
  pid: z.number().int().nullable(),
  /** held: it died five times before it was ready; the note says why. */
  state: z.enum(['starting', 'ready', 'restarting', 'held', 'stopped']),
  restarts: z.number().int(),
  note: z.string().nullable(),
});

export const statusSchema = z.object({
  status: z.enum(['ok', 'degraded', 'halted']),
  recording: z.boolean(),
  pid: z.number().int(),
  children: z.record(z.string(), z.number().int().nullable()),
  journal: z.object({ headFrame: z.number().int(), durableFrame: z.number().int(), bytes: z.number().int() }),
  store: z.object({ frame: z.number().int(), lagFrames: z.number().int(), lagMs: z.number() }),
  totals: totalsSchema,
  lines: z.array(lineStateSchema),
  gaps: z.object({
    open: z.number().int(),
    repairing: z.number().int(),
    repaired: z.number().int(),
    partial: z.number().int(),
    unrecoverable: z.number().int(),
    venueHole: z.number().int(),
  }),
  disk: z.object({
    freeBytes: z.number().int(),
    usedBytes: z.number().int(),
    fullInHours: z.number().nullable(),
    state: z.enum(diskStates),
    note: z.string().nullable(),
  }),
  /** Why the status is not ok; empty when it is. */
  reasons: z.array(z.string()),
});
export type Status = z.infer<typeof statusSchema>;

export const system = {
  'system.status': request('host', z.object({}), statusSchema),
  /** The latest meters of both halves, null while one has not spoken yet. */
  'system.meters': request(
    'host',
    z.object({}),
    z.object({ collector: collectorMeterSchema.nullable(), store: storeMeterSchema.nullable() }),
  ),
  /** What the whole is doing, for the shell of the screen. mode none: nothing is chosen yet, the first screen asks. */
  'system.state': event(
    'host',
    z.object({
      version: z.string(),
      mode: z.enum(['none', 'live', 'rehearsal', 'offline']),
      host: z.enum(['desktop', 'headless']),
      dataDir: z.string(),
      startedUs: z.number().int(),
      nowUs: z.number().int(),
      children: z.array(childStateSchema),
    }),
  ),
  /** First run: record live venues with sensible settings, or rehearse with simulated ones. */
  'system.choose': request('host', z.object({ mode: z.enum(['live', 'rehearsal']) }), z.object({}), {
    timeoutMs: 30_000,
  }),
  'system.settings': request('host', z.object({}), z.object({ settings: settingsSchema, path: z.string() })),
  /** Checks, keeps the older version, writes, and applies without a restart where it can; a process that cannot take it is restarted and named. */
  'system.apply-settings': request(
    'host',
    z.object({ settings: z.unknown() }),
    z.object({ restarted: z.array(z.string()) }),
    { timeoutMs: 60_000 },
  ),
  /** What the simulated venues publish of themselves: where they listen, the settings that record them, and the exact count of what they printed. */
  'rehearsal.state': event(
    'rehearsal',
    z.object({
      port: z.number().int(),
      url: z.string(),
      settings: z.unknown(),
      ledger: z.string(),
      recipe: z.string(),
      elapsedSeconds: z.number(),
      /** Wall time of the recipe's first announcement, µs; null: it announces nothing. */
      firstListingUs: z.number().int().nullable(),
      printed: z.number().int(),
    }),
  ),
  /** Starts a child again: one that is held, or that an operator distrusts. It drains first when it runs. */
  'system.restart': request('host', z.object({ process: z.enum(['collector', 'store', 'rehearsal']) }), z.object({}), {
    timeoutMs: 30_000,
  }),
  /** Opens a folder of the data folder in the desktop's file browser; headless hosts refuse with `system.no-desktop` (offer the download). */
  'system.open-folder': request('host', z.object({ path: z.string() }), z.object({})),
};

export const gapStateNames = gapStates;
