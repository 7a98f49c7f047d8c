// A gap is an interval of a stream that coverage or ids show as unseen, with its life and its evidence.
import { z } from 'zod';
import { marketSchema, venueSchema } from './instrument.ts';

export const gapStates = ['open', 'repairing', 'repaired', 'partial', 'unrecoverable', 'venue-hole'] as const;
/** What is still missing of ours. A hole of the venue itself is none: nothing was traded there that anybody could have. */
export const missingStates = ['open', 'repairing', 'partial', 'unrecoverable'] as const;
export const gapStateSchema = z.enum(gapStates);
export type GapState = z.infer<typeof gapStateSchema>;

export const gapCauses = [
  'sequence',
  'disconnect',
  'unacknowledged',
  'silent',
  'halt',
  'stopped-by-hand',
  'process-down',
  'host-asleep',
  'overflow',
  'journal-damage',
  'unreadable',
  'volume',
  'history',
] as const;
export const gapCauseSchema = z.enum(gapCauses);
export type GapCause = z.infer<typeof gapCauseSchema>;

export const gapSchema = z.object({
  id: z.string(),
  venue: venueSchema,
  market: marketSchema,
  symbol: z.string(),
  channel: z.string(),
  state: gapStateSchema,
  cause: gapCauseSchema,
  /** Unseen event time lies in [fromUs, toUs]; toUs is null while the gap still grows. */
  fromUs: z.number().int(),
  toUs: z.number().int().nullable(),
  /**
   * Last id seen before and first id seen after, both exclusive, where ids count; else null. While trades come one by one they close in on what is
   * missing still; of a repaired gap they are those of all that was missing.
   */
  fromId: z.string().nullable(),
  toId: z.string().nullable(),
  /** After this the venue's REST no longer reaches the gap; null when it always does or never did. */
  deadlineUs: z.number().int().nullable(),
  attempts: z.number().int(),
  /** When the venue was last asked for it; null: not yet. */
  askedUs: z.number().int().nullable().optional(),
  evidence: z.array(z.string()),
  openedUs: z.number().int(),
  closedUs: z.number().int().nullable(),
});
export type Gap = z.infer<typeof gapSchema>;

export const coverageSchema = z.object({
  venue: venueSchema,
  market: marketSchema,
  symbol: z.string(),
  line: z.number().int(),
  fromUs: z.number().int(),
  /** null while the line still covers the stream. */
  toUs: z.number().int().nullable(),
});
export type Coverage = z.infer<typeof coverageSchema>;

export const verdicts = ['proven', 'covered', 'unproved', 'incomplete'] as const;
export const verdictSchema = z.enum(verdicts);
/** proven: ids contiguous. covered: two lines agree, or one line unbroken and its minutes equal the venue's own sums. unproved: nothing is known to be missing, but one line alone, lines that differ or a break that was filled prove nothing. incomplete: an open or unrecoverable gap, or never recorded. */
export type Verdict = z.infer<typeof verdictSchema>;
