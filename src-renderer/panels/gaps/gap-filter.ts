// Which gaps the table shows, and how the list is asked for.
import type { Gap, GapState } from '../../../src-shared/market/gap.ts';
import { type Venue, venues } from '../../../src-shared/market/instrument.ts';

export const scopes = ['unrepaired', 'repaired', 'all'] as const;
export type Scope = (typeof scopes)[number];

export interface GapFilter {
  readonly scope: Scope;
  readonly venue: Venue | 'all';
  /** Words that must all occur in venue, market, symbol, cause or id. */
  readonly words: string;
}

/** What is remembered of the filter. */
export type KeptFilter = Pick<GapFilter, 'scope' | 'venue'>;

export function keptFilter(note: unknown): KeptFilter | null {
  if (typeof note !== 'object' || note === null || !('scope' in note && 'venue' in note)) return null;
  const scope = scopes.find((name) => name === note.scope);
  const venue = [...venues, 'all' as const].find((name) => name === note.venue);
  return scope && venue ? { scope, venue } : null;
}

const FIND = 'find:';
const MISSING = 'missing';

/** What another panel asked for: `find:` and words among all gaps, or `missing`, all that is not there. */
export function askedFilter(item: string | null): Pick<GapFilter, 'scope' | 'words'> | null {
  if (item === MISSING) return { scope: 'unrepaired', words: '' };
  return item?.startsWith(FIND) ? { scope: 'all', words: item.slice(FIND.length) } : null;
}

const statesOf: Record<Scope, readonly GapState[] | null> = {
  unrepaired: ['open', 'repairing', 'partial', 'unrecoverable'],
  repaired: ['repaired', 'venue-hole'],
  all: null,
};

/** The table holds at most so many; it says when there are more. */
export const LIST_LIMIT = 20_000;
/** So many are asked for at once: each page is a short task of its own, and ten of them one after the other are seen as one. */
export const PAGE = 1000;

export function listInput(filter: KeptFilter): {
  states?: GapState[];
  venue?: Venue;
  limit: number;
} {
  const states = statesOf[filter.scope];
  return {
    ...(states ? { states: [...states] } : {}),
    ...(filter.venue === 'all' ? {} : { venue: filter.venue }),
    limit: PAGE,
  };
}

/** What is searched of each gap: a gap never changes, a changed one is another. */
const texts = new WeakMap<Gap, string>();

function textOf(gap: Gap): string {
  let text = texts.get(gap);
  if (text === undefined) {
    text = `${gap.venue} ${gap.market} ${gap.symbol} ${gap.cause} ${gap.id}`.toLowerCase();
    texts.set(gap, text);
  }
  return text;
}

/** Gaps that hold every word; the order stays. */
export function matching(gaps: readonly Gap[], words: string): readonly Gap[] {
  const wanted = words.trim().toLowerCase().split(/\s+/).filter(Boolean);
  if (wanted.length === 0) return gaps;
  return gaps.filter((gap) => wanted.every((word) => textOf(gap).includes(word)));
}

/** A gap that asking the venue again could still fill. */
export function canRepair(gap: Pick<Gap, 'state'>): boolean {
  return gap.state === 'open' || gap.state === 'partial';
}

/** A gap that the recorder asks for by itself, now or when its turn comes. */
export function isAskedFor(gap: Pick<Gap, 'state'>): boolean {
  return gap.state === 'open' || gap.state === 'repairing';
}

/** Length of what is missing, ms; null while it grows. */
export function lengthMs(gap: Pick<Gap, 'fromUs' | 'toUs'>): number | null {
  return gap.toUs === null ? null : (gap.toUs - gap.fromUs) / 1000;
}

/** Ids that are missing between the exclusive bounds; null where ids say nothing. */
export function missingIds(gap: Pick<Gap, 'fromId' | 'toId'>): number | null {
  if (gap.fromId === null || gap.toId === null || !/^\d+$/.test(gap.fromId) || !/^\d+$/.test(gap.toId)) return null;
  return Math.max(0, Number(BigInt(gap.toId) - BigInt(gap.fromId)) - 1);
}
