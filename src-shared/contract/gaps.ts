// What is known to be missing, and what is known to be covered.
import { z } from 'zod';
import { coverageSchema, gapSchema, gapStateSchema } from '../market/gap.ts';
import { marketSchema, venueSchema } from '../market/instrument.ts';
import { request } from './define.ts';

const streamFilter = {
  venue: venueSchema.optional(),
  market: marketSchema.optional(),
  symbol: z.string().optional(),
};

export const gaps = {
  'gaps.list': request(
    'store',
    z.object({
      ...streamFilter,
      states: z.array(gapStateSchema).optional(),
      fromUs: z.number().int().optional(),
      toUs: z.number().int().optional(),
      limit: z.number().int().max(100_000).default(10_000),
    }),
    z.object({ gaps: z.array(gapSchema) }),
  ),
  'gaps.coverage': request(
    'store',
    z.object({ ...streamFilter, fromUs: z.number().int(), toUs: z.number().int() }),
    z.object({ coverage: z.array(coverageSchema) }),
  ),
  /** Asks for these gaps at once (all open ones when no id is named). */
  'gaps.repair': request(
    'store',
    z.object({ ids: z.array(z.string()).optional() }),
    z.object({ queued: z.number().int() }),
  ),
};
