// Control records: what the recorder says of itself inside the journal, so that a break is visible in the data.
// They are JSON payloads of records of kind control; the record's own header gives time, line and frame number.
import { z } from 'zod';
import { marketSchema, venueSchema } from '../../src-shared/market/instrument.ts';

const symbols = z.array(z.string());

export const controlSchema = z.discriminatedUnion('type', [
  /** The recorder's process began; the journal had been cut to its last whole record (cutBytes thrown away, damaged: why). Always the first record of a new process. */
  z.object({
    type: z.literal('start'),
    process: z.string(),
    cutBytes: z.number().int(),
    clean: z.boolean(),
    note: z.string(),
  }),
  /** The recorder ended on purpose. */
  z.object({ type: z.literal('stop'), reason: z.string() }),
  /** A connection of this line is open (not yet subscribed). connection counts from 1 for the life of the process. */
  z.object({ type: z.literal('open'), connection: z.number().int(), url: z.string() }),
  /** A connection ended. lastFrameUs: receive time of its last message of any kind. */
  z.object({
    type: z.literal('close'),
    connection: z.number().int(),
    reason: z.string(),
    lastFrameUs: z.number().int().nullable(),
    planned: z.boolean(),
    /** An operator stopped the line: what it no longer carries is nobody's failure. */
    byHand: z.boolean().optional(),
  }),
  /** An operator stopped this line, or started it again; it is told although it may have had no connection to close. */
  z.object({ type: z.literal('line-stopped') }),
  z.object({ type: z.literal('line-started') }),
  /** What this line is meant to carry, from now on. */
  z.object({ type: z.literal('wanted'), symbols }),
  /** A sign of life that is no frame (a ping or pong of the protocol) after a silence: all that was sent before it has come. */
  z.object({ type: z.literal('alive'), connection: z.number().int() }),
  z.object({ type: z.literal('acknowledged'), connection: z.number().int(), symbols }),
  z.object({ type: z.literal('refused'), connection: z.number().int(), symbols, reason: z.string() }),
  /**
   * This connection stayed silent on these symbols while the market's other line delivered them; fromUs: receive time of their last data on
   * it, or of their acknowledgement when none came. The line is renewed for it.
   */
  z.object({
    type: z.literal('behind'),
    connection: z.number().int(),
    reason: z.string(),
    silent: z.array(z.object({ symbol: z.string(), fromUs: z.number().int() })),
  }),
  /** Recording stopped in the open (disk, permission), and went on. */
  z.object({ type: z.literal('halt'), reason: z.string() }),
  z.object({ type: z.literal('resume'), haltedUs: z.number().int() }),
  /** Frames of this line that could not be held in memory between these receive times: a gap. */
  z.object({
    type: z.literal('lost'),
    frames: z.number().int(),
    bytes: z.number().int(),
    fromUs: z.number().int(),
    toUs: z.number().int(),
  }),
  /** The wall clock was set back from this time to that of this record: receive times of before come again. */
  z.object({ type: z.literal('clock-set-back'), fromUs: z.number().int() }),
  z.object({ type: z.literal('suspend') }),
  z.object({ type: z.literal('wake'), sleptFromUs: z.number().int() }),
  /** The next data record of this line (origin backfill) is the REST reply to this request. */
  z.object({
    type: z.literal('history'),
    gapId: z.string(),
    symbol: z.string(),
    channel: z.string(),
    path: z.string(),
    status: z.number().int(),
    /** The store is known to lack rows that it once had or counted: every row of the reply is looked up, also those that count as seen. */
    recheck: z.boolean().optional(),
  }),
  /** A back-fill ended. asked: the hole that it was for, which the gap may have outgrown meanwhile (absent in records of before). */
  z.object({
    type: z.literal('history-end'),
    gapId: z.string(),
    reached: z.boolean(),
    note: z.string(),
    /** Pages that were written under that name since its last end (absent in records of before): one that is damaged on disk is read by nobody. */
    pages: z.number().int().optional(),
    /** The gap under whose name the pages came, when one request answered several gaps of a stream. */
    pagesOf: z.string().optional(),
    /** Its beginning was given, its end not yet: it is asked for again, from where this ended. */
    early: z.literal(true).optional(),
    asked: z
      .object({
        fromId: z.string().nullable(),
        toId: z.string().nullable(),
        fromUs: z.number().int(),
        toUs: z.number().int(),
      })
      .optional(),
  }),
  /**
   * The next data record of this line is the venue's symbol list, or a page of it: pages count from 1 and come one after the other, `last`
   * marks the one that ends the list. A list is written with all its pages or not at all. Absent: the one page is the whole list.
   */
  z.object({
    type: z.literal('instruments'),
    venue: venueSchema,
    market: marketSchema,
    path: z.string(),
    page: z.number().int().min(1).optional(),
    last: z.boolean().optional(),
  }),
  /** The whole list was read again at this record's time and says what the last written one says, so it is not written again. */
  z.object({ type: z.literal('instruments-unchanged'), venue: venueSchema, market: marketSchema }),
  /** The next data record of this line is a page of notices. */
  z.object({ type: z.literal('notices'), venue: venueSchema, path: z.string(), date: z.string().nullable() }),
]);
export type ControlRecord = z.infer<typeof controlSchema>;

/** What a line number in the journal stands for, for the life of the data folder. */
export const journalLineSchema = z.object({
  no: z.number().int(),
  venue: venueSchema,
  market: marketSchema.nullable(),
  /** 0 or 1: which of the lines of this market; several connections of a large plan share it. rest: replies to what we asked. notices: the notice page. */
  line: z.number().int(),
  role: z.enum(['live', 'rest', 'notices']),
  /** Connection slot of a large plan. */
  slot: z.number().int(),
  /**
   * Where ids prove nothing, a slot's connections take turns between two numbers, so that two that overlap are apart. The
   * second of them names the first here, under which the slot says what it is to carry.
   */
  twinOf: z.number().int().optional(),
});
export type JournalLine = z.infer<typeof journalLineSchema>;
