// Which gaps are about to go out of the venues' reach.
import type { Us } from '../../../src-shared/base/time.ts';
import type { Gap } from '../../../src-shared/market/gap.ts';
import type { DueGaps } from './alert-rules.ts';

/** More than anyone counts in an alert. */
const LISTED = 500;

interface Asked {
  readonly states: Gap['state'][];
  readonly after: Pick<Gap, 'id' | 'deadlineUs' | 'fromUs'>;
  readonly limit: number;
}

/**
 * Gaps whose deadline comes within `withinUs` of `nowUs`, with the soonest of them; null: none.
 * The list goes by deadlines and is asked for from now on: those that passed stay in it for ever and would fill any page.
 */
export async function dueGaps(
  list: (asked: Asked) => Promise<readonly Gap[] | undefined>,
  nowUs: Us,
  withinUs: Us,
): Promise<DueGaps | null | undefined> {
  const gaps = await list({
    states: ['open', 'partial', 'repairing'],
    after: { id: '', deadlineUs: nowUs, fromUs: 0 },
    limit: LISTED,
  });
  if (!gaps) return undefined;
  const due = gaps.filter(
    ({ deadlineUs }) => deadlineUs !== null && deadlineUs > nowUs && deadlineUs - nowUs < withinUs,
  );
  const [soonest] = due;
  if (!soonest || soonest.deadlineUs === null) return null;
  return {
    count: due.length,
    deadlineUs: soonest.deadlineUs,
    name: `${soonest.venue} ${soonest.market} ${soonest.symbol}`,
  };
}
