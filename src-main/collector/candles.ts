// Asks a venue for its own 1-minute candles, as low as anything in its budget. What comes is an answer, not a record: nothing is journaled.
import { fail, ok, type Result } from '../../src-shared/base/result.ts';
import { MINUTE_US } from '../../src-shared/base/time.ts';
import type { Candle } from '../feeds/feed.ts';
import type { RecordedMarket } from './market.ts';

export interface CandleInput {
  readonly symbol: string;
  readonly fromUs: number;
  readonly toUs: number;
}

/** The candles of the minutes that begin in [fromUs, toUs), in order; minutes that the venue leaves out are left out. */
export async function askCandles(
  market: RecordedMarket,
  { symbol, fromUs, toUs }: CandleInput,
  signal: AbortSignal,
): Promise<Result<{ candles: Candle[] }>> {
  const { candles } = market.plan.feed;
  if (!candles) return fail('candles.none', `${market.name} has no candles that its trades add up to`);
  if (fromUs % MINUTE_US !== 0 || toUs % MINUTE_US !== 0)
    return fail('candles.minutes', `${market.name} ${symbol}: ${fromUs} to ${toUs} are not whole minutes`);
  const found: Candle[] = [];
  for (let at = fromUs; at < toUs; at += candles.perRequest * MINUTE_US) {
    const end = Math.min(toUs, at + candles.perRequest * MINUTE_US);
    const reply = await market.rest.get(candles.request(symbol, at, end), signal, 'candles');
    if (!reply.ok) return reply;
    const parsed = candles.parse(symbol, reply.value.body);
    if (!parsed.ok) return parsed;
    // Some venues give a minute more on either side.
    found.push(...parsed.value.filter(({ minuteUs }) => minuteUs >= at && minuteUs < end));
  }
  return ok({ candles: found.toSorted((a, b) => a.minuteUs - b.minuteUs) });
}
