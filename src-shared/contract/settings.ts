// The settings file: what is recorded, from where, how. What is not listed is off; an unknown key is refused by name.
import { z } from 'zod';
import { marketSchema } from '../market/instrument.ts';

const endpoint = z.strictObject({
  ws: z
    .string()
    .regex(/^wss?:\/\//, 'must begin with ws:// or wss://')
    .optional(),
  rest: z
    .string()
    .regex(/^https?:\/\//, 'must begin with http:// or https://')
    .optional(),
});

export const symbolsSchema = z.union([
  z.array(z.string().min(1)).min(1),
  z.strictObject({ quote: z.array(z.string().min(1)).min(1) }),
  z.strictObject({ coin: z.array(z.string().min(1)).min(1) }),
  z.literal('all'),
]);

export const venueSettingsSchema = z.strictObject({
  enabled: z.boolean().default(true),
  markets: z.array(marketSchema).min(1),
  symbols: symbolsSchema.default('all'),
  /** Connections that each carry every stream: 2 is what proves venues whose ids prove nothing. */
  lines: z.union([z.literal(1), z.literal(2)]).default(1),
  endpoints: z.partialRecord(marketSchema, endpoint).default({}),
  /**
   * Source addresses of this machine, one per line: the first line connects from the first, the second from the second (from the first when
   * there is but one). What the venue allows per address then counts for each. None: the system's choice.
   */
  addresses: z
    .array(z.union([z.ipv4(), z.ipv6()], { error: 'must be an IPv4 or IPv6 address of this machine' }))
    .max(2)
    .refine((list) => new Set(list).size === list.length, { error: 'the two addresses must differ' })
    .default([]),
});
export type VenueSettings = z.infer<typeof venueSettingsSchema>;

export const noticeSettingsSchema = z.strictObject({
  enabled: z.boolean().default(true),
  /** How often the notice page is asked, 1 to 60 s. */
  everySeconds: z.number().min(1).max(60).default(2),
  endpoint: z
    .string()
    .regex(/^https?:\/\//, 'must begin with http:// or https://')
    .optional(),
});

const GIB = 1024 ** 3;

export const settingsSchema = z.strictObject({
  version: z.literal(1),
  venues: z
    .strictObject({
      binance: venueSettingsSchema.optional(),
      bybit: venueSettingsSchema.optional(),
      okx: venueSettingsSchema.optional(),
      kucoin: venueSettingsSchema.optional(),
      gate: venueSettingsSchema.optional(),
      phemex: venueSettingsSchema.optional(),
      upbit: venueSettingsSchema.optional(),
    })
    .default({}),
  notices: z.strictObject({ upbit: noticeSettingsSchema.optional() }).default({}),
  extract: z
    .strictObject({
      beforeSeconds: z.number().min(0).max(3600).default(20),
      afterSeconds: z.number().min(0).max(3600).default(20),
      format: z.enum(['parquet', 'csv', 'jsonl']).default('parquet'),
      /** Extract a listing by itself once its window has passed. */
      automatic: z.boolean().default(true),
    })
    .prefault({}),
  disk: z
    .strictObject({
      warnBytes: z
        .number()
        .int()
        .positive()
        .default(5 * GIB),
      /** Below this the recorder halts in the open. */
      haltBytes: z
        .number()
        .int()
        .positive()
        .default(512 * 1024 ** 2),
    })
    .prefault({}),
  retention: z
    .strictObject({
      /** Days that the raw log (the compressed journal) is kept after the store has passed it. */
      rawDays: z.number().min(0).max(365).default(5),
      /** Hours that stay in the hot database before they are sealed to Parquet. */
      hotHours: z.number().min(1).max(48).default(2),
    })
    .prefault({}),
  /** When an alert is raised. Each is over again at four fifths of its figure. */
  alerts: z
    .strictObject({
      /** A line or a whole venue that delivers nothing for so long, s. */
      lineSeconds: z.number().min(1).max(600).default(15),
      /** The store behind the journal, s. */
      lagSeconds: z.number().min(1).max(3600).default(30),
      /** Socket to disk, p99, ms. */
      durableMs: z.number().min(20).max(60_000).default(1000),
      /** This computer's clock against the venues', ms. */
      clockMs: z.number().min(50).max(60_000).default(1000),
      /** An unrepaired gap that its venue can be asked for no longer than this, minutes. */
      gapMinutes: z.number().min(1).max(1440).default(10),
      /** Frames that went to quarantine within ten minutes. */
      quarantineFrames: z.number().int().min(1).max(1_000_000).default(20),
    })
    .prefault({}),
});
export type Settings = z.infer<typeof settingsSchema>;
