// What a compared page says: which of its trades reached no line, and which minutes of the stream are whole by now. Pure but for one query.
import type { Result } from '../../../src-shared/base/result.ts';
import { MINUTE_US, SECOND_US, type Us, type Window } from '../../../src-shared/base/time.ts';
import type { Coverage } from '../../../src-shared/market/gap.ts';
import type { GapFact, Minute, MinuteResult, StoredGap, Stream } from '../warehouse/catalog.ts';
import { type Archive, relation, steady, withFacts } from '../warehouse/queries.ts';
import { gapTouches, uncovered } from '../warehouse/verdict.ts';

/** Trades this close to each other are one gap. */
const NEAR_US = 2 * SECOND_US;
const SETTLED = new Set<StoredGap['state']>(['repaired', 'venue-hole']);

/**
 * Event times of stored trades that only the venue's history gave, in order; and whether a line brought one that is younger than the page's
 * newest: then the page was made before it.
 */
export function unseenRows(
  archive: Archive,
  stream: Stream,
  window: Window,
  newestUs: Us,
): Promise<Result<{ missed: Us[]; lags: boolean }>> {
  return steady(archive, async () => {
    const rows = await archive.rows(
      `SELECT event_us, lines = 0 AS unseen FROM (${relation(archive, withFacts(archive, [stream]), window)})
       WHERE origin = 'backfill' AND lines = 0 OR lines <> 0 AND event_us > ${newestUs} ORDER BY event_us`,
    );
    const missed = rows.filter((row) => row.unseen === true).map((row) => Number(row.event_us));
    return { missed, lags: missed.length < rows.length };
  });
}

/** Gaps of trades that reached no line though the stream was covered; those that another gap explains are left out. */
export function missedGaps(
  stream: Stream,
  eventsUs: readonly Us[],
  known: {
    readonly gaps: readonly StoredGap[];
    readonly coverage: readonly Coverage[];
    readonly nowUs: Us;
    readonly frame: number;
  },
): { fact: GapFact; trades: number }[] {
  const found: { fact: GapFact; trades: number }[] = [];
  const missed = eventsUs.filter((us) => {
    const at = { fromUs: us, toUs: us + 1 };
    return !known.gaps.some((gap) => gapTouches(gap, at)) && uncovered(at, known.coverage).length === 0;
  });
  let first = 0;
  missed.forEach((us, n) => {
    const next = missed[n + 1];
    if (next !== undefined && next - us <= NEAR_US) return;
    const trades = n - first + 1;
    const fromUs = missed[first] ?? us;
    first = n + 1;
    const fact: GapFact = {
      id: `${stream.no}-h${fromUs}`,
      stream: stream.no,
      key: stream,
      state: 'repaired',
      cause: 'history',
      fromUs,
      toUs: us,
      fromId: null,
      toId: null,
      deadlineUs: null,
      evidence: `${trades} trade${trades === 1 ? '' : 's'} of the venue's page had reached no line`,
      openedUs: known.nowUs,
      closedUs: known.nowUs,
      frame: known.frame,
    };
    found.push({ fact, trades });
  });
  return found;
}

/**
 * Minutes that ended by the page's end, and those that lie between this page and what was looked at before. equal: compared whole, by this page
 * and those before it without a hole between. knownUs: until when the stream was looked at before.
 */
export function judgedMinutes(what: {
  readonly page: Window;
  readonly knownUs: Us;
  readonly gaps: readonly StoredGap[];
  readonly coverage: readonly Coverage[];
  readonly equal: readonly Window[];
  readonly partial: readonly Window[];
}): Minute[] {
  const { page, knownUs } = what;
  const holes = what.gaps.filter((gap) => !SETTLED.has(gap.state));
  const filled = what.gaps.filter((gap) => SETTLED.has(gap.state));
  // Pages that overlap go on where the last one ended; what they spanned of the minute that is not over was not yet written down.
  const compared = {
    fromUs: page.fromUs <= knownUs ? Math.min(page.fromUs, floor(knownUs)) : page.fromUs,
    toUs: page.toUs,
  };
  const firstUs = floor(Math.min(page.fromUs, knownUs));
  const minutes: Minute[] = [];
  for (let minuteUs = firstUs; minuteUs < page.toUs; minuteUs += MINUTE_US) {
    const minute = { fromUs: minuteUs, toUs: minuteUs + MINUTE_US };
    const open = uncovered(minute, [...what.coverage, ...filled]);
    const unknown = uncovered(minute, [...what.coverage, ...filled, ...holes]);
    const result = resultOf(minute, { ...what, compared, open, holes, unknown });
    if (result !== null) minutes.push({ minuteUs, result });
  }
  return minutes;
}

function resultOf(
  minute: Window,
  of: {
    readonly compared: Window;
    readonly page: Window;
    readonly knownUs: Us;
    readonly open: readonly Window[];
    readonly holes: readonly StoredGap[];
    /** What neither a line nor a gap tells of. */
    readonly unknown: readonly Window[];
    readonly equal: readonly Window[];
    readonly partial: readonly Window[];
  },
): MinuteResult | null {
  const { compared, page, knownUs, open, holes } = of;
  const [only] = open;
  // Nobody recorded it.
  if (only && only.fromUs === minute.fromUs && only.toUs === minute.toUs) return null;
  if (of.equal.some((span) => span.fromUs <= minute.fromUs && span.toUs >= minute.toUs)) return null;
  const between = page.fromUs > knownUs && minute.toUs > knownUs && minute.fromUs < page.fromUs;
  if (minute.toUs > page.toUs) return between ? 'partial' : null;
  const broken = of.partial.some((span) => span.fromUs < minute.toUs && span.toUs > minute.fromUs);
  // A minute in which pages did not meet is whole only when one page spans all of it.
  const span = broken ? page : compared;
  if (between || span.fromUs > minute.fromUs) return broken ? null : 'partial';
  // Only what is compared but for the gap may count as soon as the gap is repaired.
  if (of.unknown.length === 0 && holes.some((gap) => gapTouches(gap, minute))) return 'excluded';
  return open.length > 0 ? 'partial' : 'equal';
}

function floor(us: Us): Us {
  return Math.floor(us / MINUTE_US) * MINUTE_US;
}
