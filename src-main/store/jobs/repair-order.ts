// In which order gaps are asked for, and which of them one question answers. Pure.
// Promises: what is about to be lost goes first, and no page is asked twice for gaps of one stream that it answers together.
import { MINUTE_US, SECOND_US, type Us } from '../../../src-shared/base/time.ts';
import type { StoredGap } from '../warehouse/catalog.ts';

/** Deadlines this near go before what somebody asked for. */
const SOON_US = 2 * MINUTE_US;
/** Gaps of one stream this close to each other are asked for as one: a page holds more than what lies between. */
const NEAR_US = 5 * SECOND_US;
const NEAR_IDS = 500n;
/** Gaps that one question answers at most. */
const TOGETHER = 500;

export interface Ordering {
  readonly nowUs: Us;
  /** Somebody asked for it. */
  wanted(gap: StoredGap): boolean;
}

/**
 * First what will soon be lost, the nearest deadline first; then what somebody asked for; then the rest. A deadline that has passed is a guess
 * where it hangs on the pace of the stream: such a gap comes last, for asking costs what others could be saved with.
 */
export function inOrder(gaps: readonly StoredGap[], { nowUs, wanted }: Ordering): StoredGap[] {
  const ranked = gaps.map((gap) => {
    const us = gap.deadlineUs ?? Number.POSITIVE_INFINITY;
    const rank = us <= nowUs ? 3 : us <= nowUs + SOON_US ? 0 : wanted(gap) ? 1 : 2;
    return { gap, us, rank };
  });
  return ranked
    .toSorted((a, b) => {
      if (a.rank !== b.rank) return a.rank - b.rank;
      // Of what is probably lost the youngest has the best chance.
      if (a.us !== b.us) return a.rank === 3 ? b.us - a.us : a.us < b.us ? -1 : 1;
      return a.gap.fromUs - b.gap.fromUs || (a.gap.id < b.gap.id ? -1 : 1);
    })
    .map(({ gap }) => gap);
}

/**
 * The gaps that the question for `gap` answers too. others: further gaps that are due. A venue with one page answers all gaps of the stream
 * with it; elsewhere those that follow each other closely, and only where ids bound all of them or none.
 */
export function answeredWith(gap: StoredGap, others: readonly StoredGap[], onePage: boolean): StoredGap[] {
  const same = others.filter(
    (one) =>
      one.id !== gap.id &&
      one.stream === gap.stream &&
      one.toUs !== null &&
      (one.cause === 'volume') === (gap.cause === 'volume'),
  );
  if (onePage) return same.slice(0, TOGETHER);
  const kind = (one: StoredGap): boolean => one.fromId !== null && one.toId !== null;
  if (kind(gap) !== (gap.fromId !== null) || !same.length) return [];
  const alike = [...same.filter((one) => kind(one) === kind(gap) && (one.fromId !== null) === kind(one)), gap].toSorted(
    (a, b) => a.fromUs - b.fromUs || (a.id < b.id ? -1 : 1),
  );
  const at = alike.findIndex((one) => one.id === gap.id);
  const found: StoredGap[] = [];
  for (const step of [1, -1]) {
    for (let index = at; found.length < TOGETHER; index += step) {
      const here = alike[index];
      const next = alike[index + step];
      if (!here || !next || !areNear(here, next)) break;
      found.push(next);
    }
  }
  return found;
}

function areNear(a: StoredGap, b: StoredGap): boolean {
  const [first, second] = a.fromUs <= b.fromUs ? [a, b] : [b, a];
  if (first.toId !== null && second.fromId !== null) {
    const between = BigInt(second.fromId) - BigInt(first.toId);
    return between <= NEAR_IDS && between >= -NEAR_IDS;
  }
  return second.fromUs - (first.toUs ?? first.fromUs) <= NEAR_US;
}
