// Reads what was typed behind an option: times, venues, markets, numbers. What cannot be read is named with what was expected.

import { nearest } from '../../src-shared/base/nearest.ts';
import { DAY_US, parseIso, type Us } from '../../src-shared/base/time.ts';
import { type Market, type Venue, venues } from '../../src-shared/market/instrument.ts';
import { failure } from './session.ts';

export function timeOf(text: string, option: string): Us {
  const us = parseIso(text);
  if (us === undefined)
    throw failure(
      'arguments.time',
      `${option} ${JSON.stringify(text)} is no time; write it like 2026-11-20T09:00:00Z, 2026-11-20 18:00:00+09:00 or 2026-11-20 18:00:00 KST`,
    );
  return us;
}

/** The begin of a UTC day. */
export function dayOf(text: string, option: string): Us {
  const us = /^\d{4}-\d{2}-\d{2}$/.test(text.trim()) ? parseIso(text) : undefined;
  if (us === undefined || us % DAY_US !== 0)
    throw failure('arguments.date', `${option} ${JSON.stringify(text)} is no day; write it like 2026-11-20 (UTC)`);
  return us;
}

/** Two times, the first before the second. */
export function windowOf(from: string, to: string): { fromUs: Us; toUs: Us } {
  const window = { fromUs: timeOf(from, '--from'), toUs: timeOf(to, '--to') };
  if (window.fromUs >= window.toUs) throw failure('arguments.window', `--from ${from} is not before --to ${to}`);
  return window;
}

/** What lies ahead cannot be asked for, and nothing of it is missing. */
export function pastOf(us: Us, option: string, text: string): Us {
  if (us > Date.now() * 1000) throw failure('arguments.future', `${option} ${text} lies in the future`);
  return us;
}

/** Either end may be open. */
export function boundsOf({ from, to }: { from?: string; to?: string }): { fromUs?: Us; toUs?: Us } {
  if (from !== undefined && to !== undefined) return windowOf(from, to);
  return {
    ...(from === undefined ? {} : { fromUs: timeOf(from, '--from') }),
    ...(to === undefined ? {} : { toUs: timeOf(to, '--to') }),
  };
}

export function coinOf(text: string): string {
  const coin = text.trim().toUpperCase();
  if (coin === '') throw failure('arguments.coin', '--coin names no coin');
  return coin;
}

export function venueOf(text: string): Venue {
  const lower = text.toLowerCase();
  const found = venues.find((venue) => venue === lower);
  if (!found)
    throw failure(
      'arguments.venue',
      `--venue ${JSON.stringify(text)} is not known; did you mean "${nearest(text, venues)}"? Known: ${venues.join(', ')}`,
    );
  return found;
}

const markets: Readonly<Record<string, Market>> = {
  spot: 'spot',
  perp: 'perp',
  stock: 'stock',
  'linear-perp': 'perp',
  linear: 'perp',
  swap: 'perp',
  perpetual: 'perp',
  futures: 'perp',
};

export function marketOf(text: string): Market {
  const found = markets[text.toLowerCase()];
  if (!found)
    throw failure(
      'arguments.market',
      `--market ${JSON.stringify(text)} is not known; did you mean "${nearest(text, Object.keys(markets))}"? Known: spot, perp (linear-perp), stock`,
    );
  return found;
}

/** The longest that a window may reach to either side of its moment: what the extract request takes. */
const LONGEST_SECONDS = 3600;

/** Seconds, not negative and at most an hour, as microseconds. */
export function secondsOf(text: string, option: string): Us {
  const seconds = Number(text);
  if (text.trim() === '' || !Number.isFinite(seconds) || seconds < 0)
    throw failure('arguments.seconds', `${option} ${JSON.stringify(text)} is no number of seconds`);
  if (seconds > LONGEST_SECONDS)
    throw failure('arguments.seconds', `${option} ${text} is more than an hour (${LONGEST_SECONDS} seconds)`);
  return Math.round(seconds * 1_000_000);
}

export function choiceOf<T extends string>(text: string, known: readonly T[], option: string): T {
  const found = known.find((one) => one === text.toLowerCase());
  if (!found) throw failure('arguments.choice', `${option} ${JSON.stringify(text)} is none of ${known.join(', ')}`);
  return found;
}
