// A venue's symbol list, page by page: what it is when its last page has come. Kept over restarts between two pages.
import { z } from 'zod';
import type { Us } from '../../../src-shared/base/time.ts';
import type { Instrument } from '../../../src-shared/market/instrument.ts';
import type { ListReading } from './carry.ts';
import type { MarketState } from './market-state.ts';
import type { InstrumentList } from './outcome.ts';

export const assemblyForm = z.object({
  page: z.number(),
  /** When the first page came: what opened while the others were read may be missing on it. */
  fromUs: z.number(),
  symbols: z.array(z.string()),
  /** Those that trade, with when the venue says they were listed. */
  trading: z.array(z.tuple([z.string(), z.number().nullable()])),
});
/** The pages read so far of a list whose last page has not come. */
export type Assembly = z.infer<typeof assemblyForm>;

export interface WholeList {
  readonly symbols: readonly string[];
  readonly trading: ReadonlyMap<string, Us | null>;
  /** The list speaks of this time. */
  readonly fromUs: Us;
}

/** States in which trades are printed, as far as the venue's word goes. */
export function mayTrade(state: Instrument['state']): boolean {
  return state === 'trading' || state === 'unknown';
}

/**
 * Adds a page. before: the pages read so far; undefined when none. Gives what is read by now, and the whole list when this page ends it.
 * Pages that do not follow each other are no list, and an empty one is no word on anything: venues answer so when they are ill.
 */
export function addPage(
  before: Assembly | undefined,
  page: number,
  last: boolean,
  instruments: readonly Instrument[],
  recvUs: Us,
): { assembly: Assembly | undefined; whole: WholeList | null } {
  if (page !== 1 && before?.page !== page - 1) return { assembly: undefined, whole: null };
  const read = page === 1 ? undefined : before;
  const assembly: Assembly = {
    page,
    fromUs: read?.fromUs ?? recvUs,
    symbols: [...(read?.symbols ?? []), ...instruments.map((one) => one.symbol)],
    trading: [
      ...(read?.trading ?? []),
      ...instruments.filter((one) => mayTrade(one.state)).map((one): [string, Us | null] => [one.symbol, one.listedUs]),
    ],
  };
  if (!last) return { assembly, whole: null };
  if (assembly.symbols.length === 0) return { assembly: undefined, whole: null };
  const { symbols, trading, fromUs } = assembly;
  return { assembly: undefined, whole: { symbols, trading: new Map(trading), fromUs } };
}

/** A list, or a page of it, was read: what the catalog is told of it. lists: how far the reading of each market's list has come. */
export function takeList(
  lists: Map<string, ListReading>,
  market: MarketState,
  asked: { readonly page: number; readonly last: boolean },
  instruments: readonly Instrument[],
  moment: { readonly recvUs: Us; readonly frame: number },
): InstrumentList {
  const { venue, market: name } = market.feed;
  const key = `${venue} ${name}`;
  const reading = lists.get(key);
  const beforeUs = reading && reading.readUs > 0 ? reading.readUs : null;
  const { assembly, whole } = addPage(reading?.pages, asked.page, asked.last, instruments, moment.recvUs);
  lists.set(key, {
    readUs: whole?.fromUs ?? beforeUs ?? 0,
    ...(assembly === undefined ? {} : { pages: assembly }),
  });
  if (whole) market.coverage.listed(whole, beforeUs, moment, market);
  const { recvUs: seenUs, frame } = moment;
  return { venue, market: name, instruments, seenUs, frame, whole: whole?.symbols ?? null, beforeUs };
}
