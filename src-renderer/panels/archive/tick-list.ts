// A stretch of ticks that grows at both ends as it is read, and lets go of what lies far behind: any length can be walked in bounded memory.
import type { Tick } from '../../../src-shared/market/tick.ts';

export interface TickPage {
  readonly ticks: readonly Tick[];
  /** Cursors of the page: where reading goes on backward and forward; null: nothing lies further. */
  readonly before: string | null;
  readonly after: string | null;
}

export interface TickStretch {
  readonly pages: readonly TickPage[];
  /** All ticks of the pages, in order. */
  readonly ticks: readonly Tick[];
  /** Rows that came (+) or went (-) above what was there: the view moves by as many. */
  readonly shift: number;
}

/** More pages than this are not kept. */
export const MOST_PAGES = 8;

export const emptyStretch: TickStretch = { pages: [], ticks: [], shift: 0 };

const stretch = (pages: readonly TickPage[], shift: number): TickStretch => ({
  pages,
  ticks: pages.flatMap((page) => page.ticks),
  shift,
});

export function started(page: TickPage): TickStretch {
  return stretch([page], 0);
}

/** With a later page; the earliest one goes when there are too many. */
export function grownAfter(old: TickStretch, page: TickPage): TickStretch {
  const pages = [...old.pages, page];
  const gone = pages.length > MOST_PAGES ? pages[0] : undefined;
  return stretch(gone ? pages.slice(1) : pages, gone ? -gone.ticks.length : 0);
}

/** With an earlier page; the latest one goes when there are too many. */
export function grownBefore(old: TickStretch, page: TickPage): TickStretch {
  return stretch([page, ...old.pages].slice(0, MOST_PAGES), page.ticks.length);
}

/** Where reading goes on; null: nothing lies further that way. */
export const cursorBefore = (held: TickStretch): string | null => held.pages[0]?.before ?? null;
export const cursorAfter = (held: TickStretch): string | null => held.pages.at(-1)?.after ?? null;

/** The first tick at or after a time; the last one where all are earlier; -1 where there is none. */
export function indexAt(ticks: readonly Tick[], us: number): number {
  const at = ticks.findIndex((tick) => tick.eventUs >= us);
  return at < 0 ? ticks.length - 1 : at;
}
