// The gaps of a filter, asked for in pages: thousands of them come without one long task.
import { keepPreviousData, type UseQueryResult, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { type FailureError, unwrap } from '../../../src-shared/base/result.ts';
import type { RequestInput } from '../../../src-shared/contract/index.ts';
import type { Gap } from '../../../src-shared/market/gap.ts';
import { useLink } from '../../link/hooks.tsx';
import { type KeptFilter, LIST_LIMIT, listInput, PAGE } from './gap-filter.ts';

const EVERY_MS = 3000;
/** A list of many pages costs the store and the screen more; the counts in the bar are those of the moment anyway. */
const MANY_EVERY_MS = 10_000;

type Page = RequestInput<'gaps.list'>;

export async function loadGaps(
  ask: (page: Page) => Promise<readonly Gap[]>,
  filter: KeptFilter,
): Promise<readonly Gap[]> {
  // By id: a gap whose deadline moved between two pages would else be there twice.
  const found = new Map<string, Gap>();
  let after: Gap | undefined;
  while (found.size < LIST_LIMIT) {
    const gaps = await ask({ ...listInput(filter), ...(after ? { after } : {}) });
    for (const gap of gaps) found.set(gap.id, gap);
    after = gaps.at(-1);
    if (gaps.length < PAGE || !after) break;
  }
  return [...found.values()];
}

/** The gap that words name by its id, where the list is so long that it need not hold it. */
export function namedIn(words: string, list: readonly Gap[] | undefined): string | null {
  const word = words.trim();
  if (list === undefined || list.length < LIST_LIMIT || word === '' || /\s/.test(word)) return null;
  return list.some(({ id }) => id === word) ? null : word;
}

/** The list with the gap in front that the words name and that is beyond its end. */
export function useWithNamed(words: string, list: readonly Gap[] | undefined): readonly Gap[] | undefined {
  const link = useLink();
  const named = namedIn(words, list);
  const { data } = useQuery({
    queryKey: ['gaps.list', 'named', named],
    queryFn: async ({ signal }) => unwrap(await link.request('gaps.list', { ids: [named ?? ''] }, signal)).gaps,
    enabled: named !== null,
    refetchInterval: EVERY_MS,
  });
  return useMemo(() => (named === null || !data?.length ? list : [...data, ...(list ?? [])]), [named, data, list]);
}

export function useGapList({ scope, venue }: KeptFilter): UseQueryResult<readonly Gap[], FailureError> {
  const link = useLink();
  return useQuery<readonly Gap[], FailureError>({
    queryKey: ['gaps.list', 'pages', scope, venue],
    queryFn: ({ signal }) =>
      loadGaps(async (page) => unwrap(await link.request('gaps.list', page, signal)).gaps, { scope, venue }),
    refetchInterval: ({ state }) => ((state.data?.length ?? 0) < PAGE ? EVERY_MS : MANY_EVERY_MS),
    placeholderData: keepPreviousData,
    // To compare ten thousand gaps field by field costs more than to draw the thirty that are in sight.
    structuralSharing: false,
  });
}
