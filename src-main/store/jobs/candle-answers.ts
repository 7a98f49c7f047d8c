// What a venue says of minutes: asked through the collector, as far back as the venue answers.
import { type Failure, ok, type Result } from '../../../src-shared/base/result.ts';
import { MINUTE_US, type Us } from '../../../src-shared/base/time.ts';
import type { Candle } from '../../feeds/feed.ts';
import type { JobContext } from './job.ts';
import type { MinuteTask } from './minute-tasks.ts';

/** What a venue said of the minutes from fromUs on; refusal: why it said nothing of those before. */
export interface Answer {
  readonly fromUs: Us;
  readonly candles: ReadonlyMap<Us, Candle>;
  readonly refusal: string | null;
}

/** Failures: those of the collector and the venue, when not even the newest minute of the task is answered. */
export async function askCandles(
  context: Pick<JobContext, 'ask'>,
  task: MinuteTask,
  signal: AbortSignal,
): Promise<Result<Answer>> {
  const { venue, market, symbol } = task.stream;
  const since = async (fromUs: Us): Promise<Result<Answer>> => {
    const window = { fromUs, toUs: task.toUs };
    const asked = await context.ask('recording.candles', { venue, market, symbol, ...window }, signal);
    if (!asked.ok) return asked;
    const candles = new Map(asked.value.candles.map((candle) => [candle.minuteUs, candle]));
    return ok({ fromUs, candles, refusal: null });
  };
  const whole = await since(task.fromUs);
  const newestUs = task.toUs - MINUTE_US;
  if (whole.ok || isPassing(whole.failure) || task.fromUs >= newestUs) return whole;
  // A venue that does not go so far back refuses all of it; the newer minutes are compared none the less, as far back as it answers.
  const refusal = whole.failure.message;
  let best = await since(newestUs);
  let refusedUs = task.fromUs;
  for (let known = newestUs; best.ok && known - refusedUs > MINUTE_US; ) {
    const midUs = refusedUs + Math.floor((known - refusedUs) / 2 / MINUTE_US) * MINUTE_US;
    const found = await since(midUs);
    if (!found.ok && isPassing(found.failure)) return found;
    if (found.ok) {
      best = found;
      known = midUs;
    } else refusedUs = midUs;
  }
  return best.ok ? ok({ ...best.value, refusal }) : best;
}

/** Asking again later can help: the venue was in trouble, or was not asked at all. */
export function isPassing({ retry, code }: Failure): boolean {
  return retry || /^(?:process|host|request|recording)\./.test(code);
}
