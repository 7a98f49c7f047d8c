// Bars of one picture as they are held: one stretch without a hole that was never read. It grows at both ends, page by page.
import type { Failure } from '../../../src-shared/base/result.ts';
import type { Us } from '../../../src-shared/base/time.ts';
import type { Bar, Reach } from '../../../src-shared/contract/days.ts';
import { mergeBars } from './bars.ts';

/** A page of bars covers as many intervals back from its end, whether they hold trades or not. */
export const BAR_PAGE = 5000;

export interface Held {
  readonly key: string;
  readonly bars: readonly Bar[];
  /** What lies before this was not read yet. */
  readonly readFromUs: Us;
  /** Nor what lies after this. */
  readonly readUntilUs: Us;
  readonly earlier: boolean;
  /** Why the last page before these did not come; null: it did, or none was asked for. */
  readonly earlierFailure: Failure | null;
  readonly priceScale: number;
  readonly volumeScale: number;
  readonly reach: Reach | null;
}

export interface BarPage {
  readonly bars: readonly Bar[];
  readonly earlier: boolean;
  readonly priceScale: number;
  readonly volumeScale: number;
  readonly reach: Reach;
}

/** What a page was asked about: it ends at `toUs` and goes back at most to `fromUs`. */
export interface BarQuestion {
  readonly key: string;
  readonly fromUs: Us;
  readonly toUs: Us;
  readonly stepUs: number;
}

function pageFrom({ fromUs, toUs, stepUs }: BarQuestion): Us {
  return Math.max(fromUs, (Math.floor((toUs - 1) / stepUs) - BAR_PAGE + 1) * stepUs);
}

/**
 * With the newest page. Bars that end before it begins are let go: what lies between was never read, and would look like a time without
 * trades. They can be read again by going back.
 */
export function withNewest(old: Held | null, page: BarPage, question: BarQuestion): Held {
  const { key, toUs } = question;
  const readFromUs = pageFrom(question);
  const touching = old?.key === key && old.readUntilUs >= readFromUs ? old : null;
  return {
    key,
    bars: mergeBars(touching?.bars ?? [], page.bars),
    readFromUs: touching?.readFromUs ?? readFromUs,
    readUntilUs: reachOf(page, readFromUs, toUs),
    earlier: touching?.earlier ?? page.earlier,
    earlierFailure: touching?.earlierFailure ?? null,
    priceScale: Math.max(touching?.priceScale ?? 0, page.priceScale),
    volumeScale: Math.max(touching?.volumeScale ?? 0, page.volumeScale),
    reach: page.reach,
  };
}

/** How far into its stretch a page was read. A recorder that ended before it has nothing more to give: the whole of it was read. */
function reachOf({ reach }: BarPage, fromUs: Us, toUs: Us): Us {
  const { hotUntilUs } = reach;
  return hotUntilUs !== null && hotUntilUs >= fromUs ? Math.min(hotUntilUs, toUs) : toUs;
}

/** With the page that ends where the bars begin; an answer about another place comes too late. */
export function withEarlier(old: Held | null, page: BarPage, question: BarQuestion): Held | null {
  if (!isBefore(old, question)) return old;
  return {
    ...old,
    bars: mergeBars(old.bars, page.bars),
    readFromUs: pageFrom(question),
    earlier: page.earlier,
    earlierFailure: null,
    priceScale: Math.max(old.priceScale, page.priceScale),
    volumeScale: Math.max(old.volumeScale, page.volumeScale),
  };
}

/** That page did not come. */
export function withoutEarlier(old: Held | null, failure: Failure, question: BarQuestion): Held | null {
  return isBefore(old, question) ? { ...old, earlierFailure: failure } : old;
}

function isBefore(held: Held | null, question: BarQuestion): held is Held {
  return held?.key === question.key && held.readFromUs === question.toUs;
}
