// What can be said of one stream in one window: proven, covered, unproved or incomplete, with reasons a trader understands.
// Pure. Promises: never says more than the evidence holds, and never stays silent about a hole.

import { formatIso, MINUTE_US, SECOND_US, type Us, type Window } from '../../../src-shared/base/time.ts';
import type { Coverage, Gap, Verdict } from '../../../src-shared/market/gap.ts';

/** Rows of a stream around a window, as counted in the warehouse. */
export interface WindowCount {
  readonly rows: number;
  /** Event times of the first and last row inside the window. */
  readonly firstUs: Us | null;
  readonly lastUs: Us | null;
  /** Rows just before and just after the window (within a bounded look): ids known on both sides. */
  readonly before: number;
  readonly after: number;
  /** Rows inside the window that only one line saw, whatever else gave them, and that two lines saw. */
  readonly oneLine: number;
  readonly twoLines: number;
  /** Rows inside the window that came from the venue's history and that no line ever delivered. */
  readonly unseen: number;
  /** Event times of the first and last of them. */
  readonly unseenFromUs: Us | null;
  readonly unseenToUs: Us | null;
  /** Ids between the last before the window and the first after it that no row has; means something only where ids count up by one. */
  readonly missingIds: number;
  /** The first row inside the window carries the first id that the venue ever gives (0 or 1). */
  readonly fromFirstId: boolean;
  /** First row at or after the announcement. */
  readonly firstTradeUs: Us | null;
  /** Ids at the bounds, where ids are numbers: the last before the window, the first and the last inside, the first after it. */
  readonly ids?: {
    readonly before: bigint | null;
    readonly first: bigint | null;
    readonly last: bigint | null;
    readonly after: bigint | null;
  };
}

export const noRows: WindowCount = {
  rows: 0,
  firstUs: null,
  lastUs: null,
  before: 0,
  after: 0,
  oneLine: 0,
  twoLines: 0,
  unseen: 0,
  unseenFromUs: null,
  unseenToUs: null,
  missingIds: 0,
  fromFirstId: false,
  firstTradeUs: null,
};

export interface Evidence {
  readonly window: Window;
  /** contiguous: the venue counts +1 per trade, so ids prove. unique: they prove nothing. */
  readonly idRule: 'contiguous' | 'unique';
  readonly count: WindowCount;
  /** Gaps of this stream; those outside the window are ignored. */
  readonly gaps: readonly Gap[];
  /** Coverage of this stream by any line. */
  readonly coverage: readonly Coverage[];
  /** When the venue lists the instrument: before it there is nothing to see. */
  readonly listedUs: Us | null;
  /** When the venue's newest list in which it did not trade yet was read, and when one no longer held it; null or absent: not known. */
  readonly absentUs?: Us | null;
  readonly endedUs?: Us | null;
  /** The store has read everything that was received until here; null: it reads as fast as it comes and nothing is known to be missing. */
  readonly readUntilUs: Us;
  /** The catalog may know more than the rows hold: what was given last cannot be written at present. */
  readonly unsettled?: boolean;
  /** How long after its event time a trade of this venue may still arrive. */
  readonly latenessUs: Us;
  /** Minutes whose stored volume equals the venue's own candle (or that its pages of trades spanned), as intervals; null or absent: the venue gives neither. */
  readonly reconciled?: readonly Window[] | null;
  /** What the minutes were compared with; absent: candles. */
  readonly comparedWith?: 'candles' | 'pages';
}

export interface Judgement {
  readonly verdict: Verdict;
  readonly reasons: readonly string[];
  /** Ids of the gaps that overlap the window, whatever their state. */
  readonly gaps: readonly string[];
}

const RESOLVED: ReadonlySet<Gap['state']> = new Set(['repaired', 'venue-hole']);

/** True when unseen event time of the gap may lie inside the window; its bounds are inclusive. */
export function gapTouches(gap: Pick<Gap, 'fromUs' | 'toUs'>, window: Window): boolean {
  return gap.fromUs < window.toUs && (gap.toUs === null || gap.toUs >= window.fromUs);
}

/** The parts of the window that no interval spans, in order. */
export function uncovered(
  window: Window,
  intervals: readonly { readonly fromUs: Us; readonly toUs: Us | null }[],
): Window[] {
  const sorted = intervals.toSorted((a, b) => a.fromUs - b.fromUs);
  const holes: Window[] = [];
  let at = window.fromUs;
  for (const interval of sorted) {
    if (at >= window.toUs) break;
    if (interval.fromUs > at) holes.push({ fromUs: at, toUs: Math.min(interval.fromUs, window.toUs) });
    at = Math.max(at, interval.toUs ?? Number.POSITIVE_INFINITY);
  }
  if (at < window.toUs) holes.push({ fromUs: at, toUs: window.toUs });
  return holes.filter((hole) => hole.fromUs < hole.toUs);
}

function spans(window: Window, intervals: Parameters<typeof uncovered>[1]): boolean {
  return window.fromUs >= window.toUs || uncovered(window, intervals).length === 0;
}

const dayOf = (us: Us): string => formatIso(us).slice(0, 10);

/** Writes a time, or one to another: times of day, with their dates where they and the window are not all on one day. */
type Clock = (...times: readonly Us[]) => string;

function clockIn(window: Window): Clock {
  return (...times) => {
    const days = new Set([window.fromUs, window.toUs - 1, ...times].map(dayOf));
    return times.map((us) => `${days.size > 1 ? `${dayOf(us)} ` : ''}${formatIso(us).slice(11, 23)}`).join(' to ');
  };
}

function plural(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? '' : 's'}`;
}

function describeGap(gap: Gap, clock: Clock): string {
  const span = gap.toUs === null ? `${clock(gap.fromUs)} still growing` : clock(gap.fromUs, gap.toUs);
  const ids = gap.fromId !== null && gap.toId !== null ? `, ids after ${gap.fromId} and before ${gap.toId}` : '';
  return `gap ${gap.id} (${gap.cause}, ${gap.state}) from ${span} UTC${ids}`;
}

/** Judges one stream. The order of the reasons is the order of their weight. */
export function judge(evidence: Evidence): Judgement {
  const { window, count } = evidence;
  const clock = clockIn(window);
  const inside = evidence.gaps.filter((gap) => gapTouches(gap, window));
  const gaps = inside.map((gap) => gap.id);
  const [idBefore, idAfter] = [count.before > 0 || count.fromFirstId, count.after > 0];
  // Where ids follow each other without a hole a candle that says otherwise adds up something else: it is told, and proves nothing.
  const isDoubt = (gap: Gap): boolean =>
    evidence.idRule === 'contiguous' && gap.cause === 'volume' && idBefore && idAfter;
  const unresolved = inside.filter((gap) => !RESOLVED.has(gap.state) && !isDoubt(gap));
  const resolved = inside.filter((gap) => RESOLVED.has(gap.state));
  const notes = [
    ...resolved.map((gap) =>
      gap.state === 'repaired'
        ? `${describeGap(gap, clock)}: ${gap.cause === 'volume' ? 'the sum is right now' : "filled from the venue's history"}`
        : `${describeGap(gap, clock)}: the venue itself has no trades with these ids`,
    ),
    ...inside
      .filter((gap) => !RESOLVED.has(gap.state) && isDoubt(gap))
      .map(
        (gap) => `the minute ${clock(gap.fromUs)} UTC differs from the venue's candle: ${gap.evidence.at(-1) ?? ''}`,
      ),
    ...(count.unseen > 0 ? [`${plural(count.unseen, 'trade')} came from the venue's history alone`] : []),
  ];

  const missing: string[] = [];
  const settledUs = window.toUs + evidence.latenessUs;
  if (evidence.readUntilUs < settledUs) {
    const seconds = Math.ceil((settledUs - evidence.readUntilUs) / SECOND_US);
    missing.push(
      `the window is not over yet: the store has read until ${clock(evidence.readUntilUs)} UTC, ${seconds} s are missing`,
    );
  }
  if (evidence.unsettled) missing.push('what was received last cannot be written to the store at present');
  missing.push(...unresolved.map((gap) => `${describeGap(gap, clock)} lies inside the window`));

  // Before its listing and after its end an instrument has no trades, so nothing can be missing there.
  // A trade that is held from outside these bounds says that the list was wrong.
  const firstUs = count.before > 0 ? window.fromUs : (count.firstUs ?? Number.POSITIVE_INFINITY);
  const lastUs = count.after > 0 ? window.toUs : (count.lastUs ?? Number.NEGATIVE_INFINITY);
  const later = (us: Us | null | undefined): Us | null =>
    us != null && us > window.fromUs && us <= firstUs ? us : null;
  const [listed, absent] = [later(evidence.listedUs), later(evidence.absentUs)];
  const fromUs = Math.min(Math.max(listed ?? window.fromUs, absent ?? window.fromUs), window.toUs);
  const ended =
    evidence.endedUs != null && evidence.endedUs < window.toUs && evidence.endedUs >= lastUs ? evidence.endedUs : null;
  const needed: Window = { fromUs, toUs: Math.max(fromUs, ended ?? window.toUs) };
  if (listed !== null) notes.push(`the venue lists the instrument at ${clock(listed)} UTC, inside or after the window`);
  if (absent !== null) notes.push(`the venue's list did not hold it as trading until ${clock(absent)} UTC`);
  if (ended !== null) notes.push(`the venue's list no longer holds it since ${clock(ended)} UTC`);
  const printable = needed.fromUs < needed.toUs;
  if (!printable && count.rows === 0 && missing.length === 0) {
    return { verdict: 'proven', reasons: ['the instrument was not traded in this window', ...notes], gaps };
  }

  // A filled gap stands for the time that no line covered.
  const filled = resolved.map((gap) => ({ fromUs: gap.fromUs, toUs: gap.toUs }));
  const anyLine = [...evidence.coverage, ...filled];
  if (evidence.coverage.length === 0 && count.rows === 0 && count.before === 0 && count.after === 0) {
    missing.push('never recorded: no line covered this stream near the window and no trade of it is stored');
    return { verdict: 'incomplete', reasons: [...missing, ...notes], gaps };
  }

  if (evidence.idRule === 'contiguous') {
    // The rows themselves must bear the proof: gaps that were once known may have been lost with the catalog.
    const unexplained = count.missingIds - resolved.reduce((sum, gap) => sum + idsOfHole(gap), 0);
    if (unexplained > 0 && unresolved.length === 0) {
      missing.push(`${plural(unexplained, 'id')} between those that are stored are missing, and no gap says why`);
    }
    const first: Window = { fromUs: needed.fromUs, toUs: count.firstUs ?? needed.toUs };
    const last: Window = { fromUs: Math.max(count.lastUs ?? needed.fromUs, needed.fromUs), toUs: needed.toUs };
    const left = idBefore || spans(first, anyLine);
    const right = idAfter || spans(last, anyLine);
    if (left && right) {
      if (missing.length > 0) return { verdict: 'incomplete', reasons: [...missing, ...notes], gaps };
      const open = [...(idBefore ? [] : [first]), ...(idAfter ? [] : [last])].filter((edge) => edge.fromUs < edge.toUs);
      if (open.length === 0) return { verdict: 'proven', reasons: [provenReason(count), ...notes], gaps };
      return { ...judgeEdges(evidence, needed, open, notes, clock), gaps };
    }
    const holes = uncovered(needed, anyLine).filter(
      (hole) =>
        (!left && hole.fromUs < (count.firstUs ?? needed.toUs)) ||
        (!right && hole.toUs > (count.lastUs ?? needed.fromUs)),
    );
    missing.push(
      ...holes.map((hole) => `no line covered ${clock(hole.fromUs, hole.toUs)} UTC, and no id beyond it is known`),
    );
    return { verdict: 'incomplete', reasons: [...missing, ...notes], gaps };
  }

  missing.push(...uncovered(needed, anyLine).map((hole) => `no line covered ${clock(hole.fromUs, hole.toUs)} UTC`));
  if (missing.length > 0) return { verdict: 'incomplete', reasons: [...missing, ...notes], gaps };

  const lines = [...new Set(evidence.coverage.map((interval) => interval.line))].sort((a, b) => a - b);
  const whole = lines.filter((line) =>
    spans(
      needed,
      evidence.coverage.filter((interval) => interval.line === line),
    ),
  );
  // What history alone gave was lost on every line that covered it, unless a break explains it; lines that lost the same prove nothing by agreeing.
  const lostByAll = resolved.some(({ cause }) => cause === 'history');
  const isBreak = resolved.some(({ cause }) => cause !== 'history' && cause !== 'volume');
  const missed = isBreak && !lostByAll && isExplained(count, resolved) ? 0 : count.unseen;
  if (whole.length >= 2 && count.oneLine === 0 && missed === 0) {
    return {
      verdict: 'covered',
      reasons: [
        `lines ${whole.join(' and ')} both covered the whole window and agree on ${plural(count.twoLines, 'trade')}`,
        ...notes,
      ],
      gaps,
    };
  }
  const minutes = minutesOf(needed);
  const equal = evidence.reconciled ? spans(minutes, evidence.reconciled) : false;
  if (whole.length >= 1 && equal && minutes.fromUs < minutes.toUs) {
    const one = whole.length === 1 ? `line ${whole[0]} covered` : `lines ${whole.join(' and ')} covered`;
    const number = (minutes.toUs - minutes.fromUs) / MINUTE_US;
    return {
      verdict: 'covered',
      reasons: [
        `${one} the whole window unbroken, and what is stored of its ${plural(number, 'minute')} ${evidence.comparedWith === 'pages' ? "holds every trade of the venue's own pages" : "equals the venue's own candles"}`,
        ...notes,
      ],
      gaps,
    };
  }
  if (evidence.reconciled && !equal) {
    const left = uncovered(minutes, evidence.reconciled).reduce((sum, hole) => sum + (hole.toUs - hole.fromUs), 0);
    notes.unshift(
      `${plural(left / MINUTE_US, 'minute')} of ${(minutes.toUs - minutes.fromUs) / MINUTE_US} not yet found equal to the venue's ${evidence.comparedWith ?? 'candles'}`,
    );
  }
  if (whole.length >= 2) {
    if (missed > 0)
      notes.unshift(`${plural(missed, 'trade')} of the venue's history reached no line, though both were open`);
    if (count.oneLine > 0 || missed === 0)
      notes.unshift(`${plural(count.oneLine, 'trade')} of ${count.oneLine + count.twoLines} reached one line only`);
  } else if (whole.length === 1) {
    notes.unshift(`line ${whole[0]} covered the whole window unbroken; no second line confirms it`);
  } else {
    notes.unshift('no single line covered the whole window, but together they left no hole');
  }
  return { verdict: 'unproved', reasons: [...notes, "this venue's ids do not prove completeness"], gaps };
}

/** True when one break holds all that history alone gave: what lies outside of it was lost though lines were open. */
function isExplained({ unseenFromUs, unseenToUs }: WindowCount, resolved: readonly Gap[]): boolean {
  if (unseenFromUs === null || unseenToUs === null) return true;
  return resolved.some(
    ({ cause, fromUs, toUs }) =>
      cause !== 'history' && cause !== 'volume' && fromUs <= unseenFromUs && (toUs ?? fromUs) >= unseenToUs,
  );
}

/**
 * Ids follow each other, but none beyond these edges is known yet: a trade there would show in the next id only, so until that comes they are
 * worth what lines and candles say of them.
 */
function judgeEdges(
  evidence: Evidence,
  needed: Window,
  edges: readonly Window[],
  notes: readonly string[],
  clock: Clock,
): Omit<Judgement, 'gaps'> {
  const { count, coverage, reconciled } = evidence;
  const ids = count.rows > 0 ? provenReason(count) : 'no trade came in this window';
  const beyond = `no id beyond ${edges.map((edge) => clock(edge.fromUs, edge.toUs)).join(' and ')} UTC is known yet`;
  const whole = [...new Set(coverage.map(({ line }) => line))]
    .sort((a, b) => a - b)
    .filter((line) =>
      edges.every((edge) =>
        spans(
          edge,
          coverage.filter((interval) => interval.line === line),
        ),
      ),
    );
  const told = (verdict: Verdict, where: string): Omit<Judgement, 'gaps'> => ({
    verdict,
    reasons: [ids, `${beyond}; there ${where}`, ...notes],
  });
  if (whole.length >= 2) return told('covered', `lines ${whole.join(' and ')} both covered the stream`);
  const [only] = whole;
  if (only === undefined) return told('unproved', 'no single line covered the stream');
  if (reconciled && spans(minutesOf(needed), reconciled))
    return told('covered', `line ${only} covered the stream, and its minutes equal the venue's own`);
  return told('unproved', `line ${only} alone covered the stream`);
}

/** How many ids a hole of the venue itself explains, at most. */
function idsOfHole({ state, fromId, toId }: Gap): number {
  if (state !== 'venue-hole') return 0;
  return fromId === null || toId === null ? Number.POSITIVE_INFINITY : Number(BigInt(toId) - BigInt(fromId) - 1n);
}

/** The whole minutes that a window lies in. */
export function minutesOf({ fromUs, toUs }: Window): Window {
  return { fromUs: Math.floor(fromUs / MINUTE_US) * MINUTE_US, toUs: Math.ceil(toUs / MINUTE_US) * MINUTE_US };
}

function provenReason(count: WindowCount): string {
  if (count.rows === 0) return "no trade was printed: the venue's ids go on without a hole across the window";
  return `the ids of ${plural(count.rows, 'trade')} follow each other without a hole`;
}
