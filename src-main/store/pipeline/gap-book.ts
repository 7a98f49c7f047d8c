// Gaps as the pipeline sees them, and how they change: opened by a jump or a break, narrowed and closed by ids, settled by the end of a back-fill.
// Promises: what is told to the catalog follows from the journal alone. A gap that heals within the grace (by the journal's clock) was
// never one: two lines and a reordering venue heal thousands of them a minute.

import type { Us } from '../../../src-shared/base/time.ts';
import type { GapCause, GapState } from '../../../src-shared/market/gap.ts';

/** How long, in receive time, a gap must live before people are told. */
export const GRACE_US = 1_000_000;

export interface OpenGap {
  readonly id: string;
  readonly stream: number;
  cause: GapCause;
  fromUs: Us;
  /** null while it still grows. */
  toUs: Us | null;
  /** How far it reached when a later break began to make it grow again; null when it never had an end. */
  knownToUs: Us | null;
  /** Exclusive bounds of what is missing still; -1 where ids do not count (yet). Once all of it came: of all that was missing. */
  fromId: number;
  toId: number;
  /** The same bounds before any of it came; null where ids do not count (yet). */
  whole: { readonly fromId: number; readonly toId: number } | null;
  readonly openedUs: Us;
  /** The newest frame that changed it. */
  frame: number;
  /** Whether the catalog has been told. */
  told: boolean;
  /** Missing ids that came after all. */
  filled: number;
  state: GapState | null;
  evidence: string | null;
  closedUs: Us | null;
}

/** What the venue was asked for: ids are exclusive bounds, null where it was asked by time. */
export interface AskedHole {
  readonly fromId: string | null;
  readonly toId: string | null;
  readonly fromUs: Us;
  readonly toUs: Us;
}

/** Whether the answer to this question speaks of the whole gap as it is now. Ids that were not known when asking by time are not answered. */
export function answers(asked: AskedHole, gap: Pick<OpenGap, 'fromId' | 'toId' | 'fromUs' | 'toUs'>): boolean {
  if (asked.fromId !== null) {
    return Number(asked.fromId) <= gap.fromId && (asked.toId === null || Number(asked.toId) >= gap.toId);
  }
  return gap.fromId < 0 && gap.toUs !== null && asked.fromUs <= gap.fromUs && asked.toUs >= gap.toUs;
}

/** What was read of the pages that were asked for under a name: a gap's id, or that of another question. */
export interface HistoryRead {
  readonly name: string;
  readonly rows: number;
  /** Rows, or whole pages, that could not be read. */
  readonly refused: number;
}

/** The end of a back-fill of a gap that is no longer in memory: only the catalog knows it. */
export interface GapSettled {
  readonly id: string;
  readonly state: GapState;
  readonly evidence: string;
  readonly closedUs: Us;
  readonly frame: number;
  /** null: not known (a record of an older version). */
  readonly asked: AskedHole | null;
  readonly read: HistoryRead;
}

/** from: the last id before it, or when it begins. */
export function gapId(stream: number, from: number): string {
  return `${stream}-${from}`;
}

export class GapBook {
  /** Gaps that changed in this batch or wait for their grace to pass. */
  readonly #pending = new Map<string, OpenGap>();
  #settled: GapSettled[] = [];
  /** What the catalog knew already when this process began to read. */
  #ahead: ReadonlySet<string> = new Set();

  /**
   * The catalog was told of these gaps by batches that were never committed. They are read again, and batches may end elsewhere: one that heals
   * within the grace this time must be told as healed all the same. knows: whether it was told of a gap that the last commit holds as untold.
   */
  toldAhead(ids: readonly string[], knows: (id: string) => boolean): void {
    this.#ahead = new Set(ids);
    for (const gap of this.#pending.values()) gap.told ||= knows(gap.id);
  }

  /** from.name: what the gap is called after where neither id nor time will do, for a repeat must find it under the same name. */
  open(stream: number, cause: GapCause, from: { us: Us; id: number; name?: Us }, recvUs: Us, frame: number): OpenGap {
    const id = gapId(stream, from.id >= 0 ? from.id : (from.name ?? from.us));
    const gap: OpenGap = {
      id,
      stream,
      cause,
      fromUs: from.us,
      toUs: null,
      knownToUs: null,
      fromId: from.id,
      toId: -1,
      whole: null,
      openedUs: recvUs,
      frame,
      told: this.#ahead.has(id),
      filled: 0,
      state: null,
      evidence: null,
      closedUs: null,
    };
    this.#pending.set(gap.id, gap);
    return gap;
  }

  changed(gap: OpenGap, frame: number): void {
    gap.frame = frame;
    this.#pending.set(gap.id, gap);
  }

  /** It is more than what people were told, or than what its repair was asked for: whatever was said of its state no longer holds. */
  reopen(gap: OpenGap, evidence: string | null, frame: number): void {
    if (gap.told || gap.closedUs !== null) {
      gap.state = 'open';
      gap.evidence = evidence;
      gap.closedUs = null;
    }
    this.changed(gap, frame);
  }

  /** Nothing of it is missing any more. Within the grace and untold, it leaves no trace. */
  close(gap: OpenGap, state: GapState, evidence: string, recvUs: Us, frame: number): void {
    if (!gap.told && recvUs - gap.openedUs < GRACE_US) {
      this.#pending.delete(gap.id);
      return;
    }
    this.fill(gap, state, evidence, recvUs, frame);
  }

  /** The same, and told however short it lived: no line covered that time, and what else may be missing from it must find why that is no loss. */
  fill(gap: OpenGap, state: GapState, evidence: string, recvUs: Us, frame: number): void {
    gap.state = state;
    gap.evidence = evidence;
    gap.closedUs = recvUs;
    this.changed(gap, frame);
  }

  settle(settled: GapSettled): void {
    this.#settled.push(settled);
  }

  get waiting(): number {
    return this.#pending.size;
  }

  /** Takes back a gap that waits for its grace when the stream is restored from committed state. */
  restore(gap: OpenGap): void {
    if (!gap.told) this.#pending.set(gap.id, gap);
  }

  /**
   * What the catalog is to be told now. all: the young ones too (nothing more will come soon, or the store closes). stopped: nobody records,
   * on purpose; a break that only that keeps open waits until recording begins again, when ids may show that nothing was missed. Of a gap
   * that the stop made grow, what was known before is told.
   */
  take(nowUs: Us, all: boolean, stopped: boolean): { gaps: OpenGap[]; settled: GapSettled[] } {
    const gaps: OpenGap[] = [];
    for (const gap of this.#pending.values()) {
      const grows = stopped && gap.cause === 'process-down' && gap.toUs === null;
      if (grows && !gap.told && gap.knownToUs === null) continue;
      const ageUs = nowUs - gap.openedUs;
      // Opened later than now: the clock was set back, and nobody knows how old it is.
      if (!all && !gap.told && gap.state === null && ageUs >= 0 && ageUs < GRACE_US) continue;
      // An earlier gap that began there, by now repaired, may have had its name: what is told for the first time says that it is open.
      const state = gap.state ?? (gap.told ? null : 'open');
      gap.told = true;
      gaps.push({ ...gap, state, toUs: grows ? gap.knownToUs : gap.toUs });
      // A state is told once: what the repair job makes of it later is not to be undone.
      gap.state = null;
      gap.evidence = null;
      this.#pending.delete(gap.id);
    }
    const settled = this.#settled;
    this.#settled = [];
    return { gaps, settled };
  }
}
