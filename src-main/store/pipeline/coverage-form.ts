// What is remembered of the coverage of a symbol, and its form on disk.
import { z } from 'zod';
import type { Us } from '../../../src-shared/base/time.ts';

export interface Interval {
  readonly lineNo: number;
  /** The line number that says what this connection is to carry; absent: lineNo. */
  readonly wantedNo?: number | undefined;
  readonly line: number;
  readonly connection: number;
  /** Names the interval for good: line number, connection and the frame of the acknowledgement. */
  readonly name: string;
  readonly fromUs: Us;
  toUs: Us | null;
  /**
   * There: the journal is damaged where it may have said that this ended. null: its line has opened no connection since; a time: when its line
   * was last heard before the first one that it did.
   */
  doubtedUs?: Us | null | undefined;
}

export interface SymbolCover {
  live: Interval[];
  ended: Interval[];
  covered: boolean;
  /** Wanted and never yet covered, since. */
  wantedUs: Us | null;
  /** wantedUs is from when on trades may have been printed, not when we began to want them: however short, that is a break. */
  opens: boolean;
  /** A break is open. */
  broken: boolean;
}

/** A line that sent frames of which nobody knows whose trades they held. */
export interface HiddenOn {
  /** Until when it is held to cover nothing, and how long it was from the latest such frame to there. */
  untilUs: Us;
  spanUs: Us;
  /** All that it carries begins there at the earliest. */
  whole: boolean;
}

const intervalForm = z.object({
  lineNo: z.number(),
  wantedNo: z.number().optional(),
  line: z.number(),
  connection: z.number(),
  name: z.string(),
  fromUs: z.number(),
  toUs: z.number().nullable(),
  doubtedUs: z.number().nullable().optional(),
});

export const coverageForm = z.object({
  wanted: z.array(z.tuple([z.number(), z.array(z.string())])),
  symbols: z.array(
    z.object({
      symbol: z.string(),
      live: z.array(intervalForm),
      ended: z.array(intervalForm),
      covered: z.boolean(),
      wantedUs: z.number().nullable(),
      opens: z.boolean().default(false),
      broken: z.boolean(),
    }),
  ),
  trading: z.array(z.string()).nullable().default(null),
  listUs: z.number().default(0),
  openings: z.array(z.tuple([z.string(), z.number()])).default([]),
  left: z.array(z.tuple([z.string(), z.number()])).default([]),
  hidden: z
    .array(z.tuple([z.number(), z.object({ untilUs: z.number(), spanUs: z.number(), whole: z.boolean() })]))
    .default([]),
});
