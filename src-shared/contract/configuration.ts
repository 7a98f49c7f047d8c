// Changing the settings: what is wrong with a draft, what it would change, what a choice of symbols amounts to, and the versions that were.
import { z } from 'zod';
import { marketSchema, venueSchema } from '../market/instrument.ts';
import { request } from './define.ts';
import { symbolsSchema } from './settings.ts';

/** Where a key of the settings stands, e.g. ["venues", "upbit", "markets", 0]. */
const pathSchema = z.array(z.union([z.string(), z.number()]));

export const settingsIssueSchema = z.object({ path: pathSchema, message: z.string() });
export type SettingsIssue = z.infer<typeof settingsIssueSchema>;

/**
 * What applying one change does. at-once: nothing is interrupted. opens: this venue is recorded from now on. closes: it is no longer
 * recorded, what is stored stays. reopens: its lines close and open again, the seconds between are a gap that is back-filled.
 */
export const changeEffects = ['at-once', 'opens', 'closes', 'reopens'] as const;

export const settingsChangeSchema = z.object({
  path: pathSchema,
  /** Absent: there was or will be nothing. */
  before: z.unknown().optional(),
  after: z.unknown().optional(),
  effect: z.enum(changeEffects),
});
export type SettingsChange = z.infer<typeof settingsChangeSchema>;

export const configuration = {
  /** A draft against what is in force. changes is empty while there are issues. fixed: why settings cannot be changed at all just now. */
  'settings.check': request(
    'host',
    z.object({ settings: z.unknown() }),
    z.object({
      issues: z.array(settingsIssueSchema),
      changes: z.array(settingsChangeSchema),
      fixed: z.string().nullable(),
    }),
  ),
  /** What a choice of symbols amounts to, by the venue's newest list on this machine; null: no list was read yet. */
  'settings.preview': request(
    'host',
    z.object({
      venue: venueSchema,
      markets: z.array(marketSchema).max(3),
      symbols: symbolsSchema,
      lines: z.union([z.literal(1), z.literal(2)]),
    }),
    z.object({
      markets: z.array(
        z.object({
          market: marketSchema,
          /** Instruments of the list, and those of them that are chosen. */
          listed: z.number().int().nullable(),
          chosen: z.number().int().nullable(),
          /** Names that the list does not have; at most five. */
          unknown: z.array(z.string()),
          /** Connections of all lines together; null: not known. */
          connections: z.number().int().nullable(),
          /** Connections that the venue allows one address; null: more than any plan needs. */
          allowed: z.number().int().nullable(),
        }),
      ),
    }),
  ),
  /** Settings that were in force before, newest first. */
  'settings.versions': request(
    'host',
    z.object({}),
    z.object({ versions: z.array(z.object({ name: z.string(), savedUs: z.number().int() })) }),
  ),
  'settings.version': request('host', z.object({ name: z.string() }), z.object({ settings: z.unknown() })),
};
