// The recipe of a rehearsal: what is simulated, what happens when. Strict: an unknown key or an impossible plan is refused by name.
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { fail, ok, type Result, reasonOf } from '../../src-shared/base/result.ts';
import type { Venue } from '../../src-shared/market/instrument.ts';
import { type LimitOverrides, limitsSchema } from './limits.ts';
import { marketKeys, usualMarkets } from './registry.ts';
import { venueOf } from './venue.ts';

const marketKeySchema = z.enum(marketKeys);
const venueKeys: readonly Venue[] = [...new Set(marketKeys.map(venueOf))];

const seconds = z.number().min(0).max(31_536_000);
const positive = z.number().positive();
const coinName = z.string().regex(/^[A-Z0-9]{2,12}$/, 'must be 2 to 12 capital letters or digits');

const instrumentSchema = z.strictObject({
  base: coinName,
  /** Quote where the venue has it; Upbit's market is KRW. */
  quote: coinName.default('USDT'),
  venues: z
    .array(marketKeySchema)
    .min(1)
    .default([...usualMarkets]),
  /** In the quote; Upbit's price is this times krwPerQuote. */
  price: positive,
  /** Mean trades per second that each of its markets prints. */
  ratePerSecond: positive.max(100_000),
  /** The coin's name in Korean notices. */
  name: z.string().min(1).optional(),
});

const listingSchema = z.strictObject({
  coin: coinName,
  atSeconds: seconds,
  /** The notice's title; made from coin and quotes when absent. */
  title: z.string().min(1).optional(),
  quotes: z
    .array(z.enum(['KRW', 'BTC', 'USDT']))
    .min(1)
    .default(['KRW', 'BTC', 'USDT']),
  /** Trades per second are multiplied by this within one second. */
  pumpFactor: z.number().min(1).max(1000).default(8),
  pumpSeconds: positive.max(3600).default(30),
  /** The peak as a multiple of the price before. */
  priceMultiple: z.number().min(0.01).max(100).default(1.6),
  /** The market that first reacts, and how much later each other one follows (drawn from the range). */
  leads: marketKeySchema.default('binance:perp'),
  followMs: z.tuple([z.number().min(0), z.number().min(0)]).default([300, 800]),
  /** The leader moves this long before the notice is out. */
  leakSeconds: seconds.max(60).default(0),
  /** These markets open the coin this long after the notice, where they have it not. */
  newInstrumentsAfterSeconds: seconds.optional(),
  opens: z.array(marketKeySchema).min(1).default(['upbit:spot']),
  /** The same again, with these coins in turn. */
  again: z.strictObject({ everySeconds: positive, coins: z.array(coinName).min(1) }).optional(),
});
export type ListingRecipe = z.infer<typeof listingSchema>;

export const faultKinds = [
  'drop',
  'cut',
  'half-open',
  'stall',
  'refuse',
  'repeat',
  'reorder',
  'malformed',
  'skew',
  'rest-429',
  'ending',
] as const;

export const malformedShapes = ['truncated', 'garbage', 'wrong-type', 'nan', 'deep', 'not-utf8', 'oversized'] as const;
export type MalformedShape = (typeof malformedShapes)[number];

const faultSchema = z.strictObject({
  atSeconds: seconds,
  kind: z.enum(faultKinds),
  /** All simulated markets when absent. */
  venue: z.enum(venueKeys).optional(),
  market: z.enum(['spot', 'perp']).optional(),
  /** Only one of the recorder's lines on each market, 0 or 1: all its connections (lines.ts), so that the other line still has every symbol. */
  line: z.number().int().min(0).optional(),
  symbols: z.array(z.string().min(1)).min(1).optional(),
  forSeconds: positive.optional(),
  /** Frames hit, then it ends (drop, repeat, reorder, malformed). */
  count: z.number().int().positive().optional(),
  /** skew: how far the venue's clock jumps. ending: how long after the announcement it closes (default 2000). */
  ms: z.number().optional(),
  /** malformed: how. In turn truncated, garbage, wrong-type, nan and deep when absent; the others end the connection of most clients. */
  shape: z.enum(malformedShapes).optional(),
  everySeconds: positive.optional(),
});
export type FaultRecipe = z.infer<typeof faultSchema>;

export const recipeSchema = z
  .strictObject({
    version: z.literal(1),
    title: z.string().optional(),
    seed: z.number().int().default(1),
    krwPerQuote: positive.default(1390),
    instruments: z.array(instrumentSchema).default([]),
    /** Streams made by number: `count` of them over these markets, together printing `ticksPerSecond`. */
    generator: z
      .strictObject({
        count: z.number().int().min(1).max(10_000),
        ticksPerSecond: positive.max(1_000_000),
        venues: z
          .array(marketKeySchema)
          .min(1)
          .default([...usualMarkets]),
        /** 0: all streams alike; 1: the busiest prints most, as in life. */
        slope: z.number().min(0).max(2).default(0.6),
      })
      .optional(),
    /** First trade id of every stream whose ids count; drawn from the seed when absent. */
    startId: z.number().int().min(1).max(4_000_000_000_000_000).optional(),
    listing: z.array(listingSchema).default([]),
    pump: z.array(z.strictObject({ atSeconds: seconds, forSeconds: positive, factor: positive.max(1000) })).default([]),
    faults: z.array(faultSchema).default([]),
    /** The times of listings, pumps and faults and durationSeconds count from the moment when this many subscriptions stand, not from the start. */
    timesFrom: z.strictObject({ subscriptions: z.number().int().positive() }).optional(),
    /** For all venues, and for single ones. */
    limits: limitsSchema.extend({ venues: z.partialRecord(z.enum(venueKeys), limitsSchema).optional() }).default({}),
    /** flood: prints as fast as the subscribed readers take, from the moment when `subscriptions` of them stand, until `trades` are printed. */
    flood: z
      .strictObject({
        subscriptions: z.number().int().positive().optional(),
        trades: z.number().int().positive().optional(),
      })
      .optional(),
    /** Trades kept in memory for REST; older ones are kept in a file. */
    historyTrades: z.number().int().min(10_000).max(100_000_000).default(4_000_000),
    /** Printing stops after this; the venues stay up. */
    durationSeconds: positive.optional(),
  })
  .superRefine((recipe, context) => {
    if (recipe.instruments.length === 0 && !recipe.generator) {
      context.addIssue({
        code: 'custom',
        path: ['instruments'],
        message: 'neither instruments nor a generator: nothing would be printed',
      });
    }
    const coins = new Set(recipe.instruments.map((instrument) => instrument.base));
    recipe.listing.forEach((listing, index) => {
      const named = [listing.coin, ...(listing.again?.coins ?? [])];
      for (const coin of named) {
        if (!coins.has(coin) && !isGeneratedCoin(coin, recipe.generator?.count ?? 0)) {
          context.addIssue({
            code: 'custom',
            path: ['listing', index, 'coin'],
            message: `${coin} is not among the instruments`,
          });
        }
      }
    });
    const seen = new Set<string>();
    recipe.instruments.forEach((instrument, index) => {
      for (const venue of instrument.venues) {
        const key = `${venue} ${instrument.base}/${instrument.quote}`;
        if (seen.has(key))
          context.addIssue({ code: 'custom', path: ['instruments', index], message: `${key} is given twice` });
        seen.add(key);
      }
    });
    recipe.faults.forEach((fault, index) => {
      if (fault.kind === 'skew' && fault.ms === undefined) {
        context.addIssue({ code: 'custom', path: ['faults', index, 'ms'], message: 'skew needs ms' });
      }
      const { venue, market } = fault;
      if (venue !== undefined && market !== undefined && !marketKeys.includes(`${venue}:${market}`)) {
        const message = `${venue} has no ${market} market`;
        context.addIssue({ code: 'custom', path: ['faults', index, 'market'], message });
      }
    });
  });
export type Recipe = z.infer<typeof recipeSchema>;
/** A recipe as written, defaults left out. */
export type RecipeInput = z.input<typeof recipeSchema>;

/** The coin of the nth generated stream group: R0000, R0001, ... */
export function generatedCoin(index: number): string {
  return `R${String(index).padStart(4, '0')}`;
}

function isGeneratedCoin(coin: string, count: number): boolean {
  return /^R\d{4}$/.test(coin) && Number(coin.slice(1)) < count;
}

/** Checks a recipe; every error names its place. `name`: what the recipe is called in them. */
export function parseRecipe(raw: unknown, name = 'the recipe'): Result<Recipe> {
  const parsed = recipeSchema.safeParse(raw);
  if (parsed.success) return ok(parsed.data);
  const issues = parsed.error.issues.map((issue) => {
    const place = issue.path.join('.') || 'recipe';
    return `${place}: ${issue.message}`;
  });
  return fail('rehearsal.recipe-invalid', `${name} is refused: ${issues.join('; ')}`, { detail: issues });
}

/** Reads and checks a recipe file. */
export function readRecipe(path: string): Result<Recipe> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    return fail('rehearsal.recipe-unreadable', `recipe ${path} cannot be read: ${reasonOf(error)}`);
  }
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch (error) {
    return fail('rehearsal.recipe-invalid', `recipe ${path} is not JSON: ${reasonOf(error)}`);
  }
  return parseRecipe(raw, `recipe ${path}`);
}

/** What a recipe puts in place of a venue's limits. */
export function limitsOver(recipe: Recipe, venue: Venue): LimitOverrides {
  const { venues, ...all } = recipe.limits;
  return { ...all, ...venues?.[venue] };
}
