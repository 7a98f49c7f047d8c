// A venue's symbol list, page by page: what it is when its last page has come. Kept over restarts between two pages.
import { z } from 'zod';
import type { Us } from '../../../src-shared/base/time.ts';
import type { Instrument } from '../../../src-shared/market/instrument.ts';

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
