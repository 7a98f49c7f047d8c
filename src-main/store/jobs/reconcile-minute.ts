// One closed minute as stored against the venue's own candle. Pure; exact decimals, no floats.
import { formatDecimal, parseDecimal } from '../../../src-shared/base/decimal.ts';
import { MINUTE_US, type Us } from '../../../src-shared/base/time.ts';
import type { Candle } from '../../feeds/feed.ts';
import type { MinuteSum } from '../warehouse/minutes.ts';

export interface Comparison {
  /** unsure: it cannot be said, because a number on either side is not a plain decimal, or the venue has not closed the minute. */
  readonly result: 'equal' | 'differing' | 'unsure';
  /** More is stored than the candle says. */
  readonly more: boolean;
  /** "candle says X, stored Y", in the venue's unit of quantity. */
  readonly note: string;
}

/** A candle that the venue calls open is waited for this long after its minute. */
const CLOSES_US = 10 * MINUTE_US;

const NOTHING: MinuteSum = { mantissa: 0n, scale: 0, count: 0, unsummed: 0 };

/** A minute that the venue leaves out had no trades; one that we have no rows of has none stored. */
export function compareMinute(
  stored: MinuteSum = NOTHING,
  candle: Pick<Candle, 'volume' | 'count' | 'open'> | undefined,
): Comparison {
  const volume = parseDecimal(candle?.volume ?? '0');
  const trades = candle ? candle.count : 0;
  const ours = volumeText(stored);
  const counted = trades === null || !candle ? '' : ` in ${trades} trades`;
  const note = `candle says ${candle ? `${candle.volume}${counted}` : 'nothing'}, stored ${ours} in ${stored.count} trades`;
  if (candle?.open) return { result: 'unsure', more: false, note: `${note}; the venue has not closed this candle` };
  if (!volume || stored.unsummed > 0)
    return {
      result: 'unsure',
      more: false,
      note: `${note}; ${volume ? `${stored.unsummed} quantities are` : 'the volume is'} no plain decimal`,
    };
  const scale = Math.max(volume.scale, stored.scale);
  const difference =
    stored.mantissa * 10n ** BigInt(scale - stored.scale) - volume.mantissa * 10n ** BigInt(scale - volume.scale);
  const countDiffers = candle !== undefined && trades !== null && trades !== stored.count;
  if (difference === 0n && !countDiffers) return { result: 'equal', more: false, note };
  const more = difference > 0n || (difference === 0n && countDiffers && stored.count > (trades ?? 0));
  return { result: 'differing', more, note: more ? `${note}: more is stored than the venue says` : note };
}

/**
 * The venue may not have added the minute up yet, and whatever its list says of it may be another thing a moment later: it calls the candle
 * open; or the minute is the newest that has ended, and the list lacks it or holds less than is stored, as one does that lags.
 */
export function isEarly(
  minute: { readonly minuteUs: Us; readonly newest: boolean },
  candle: Pick<Candle, 'open'> | undefined,
  { more }: Pick<Comparison, 'more'>,
  nowUs: Us,
): boolean {
  if (candle?.open) return nowUs - minute.minuteUs < MINUTE_US + CLOSES_US;
  return minute.newest && (candle === undefined || more);
}

/** Without the zeros that only the widest quantity of the minute brings. */
function volumeText({ mantissa, scale }: MinuteSum): string {
  const text = formatDecimal(mantissa, scale);
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}
