// What the pipeline remembers of one stream, and its form on disk: enough to go on after a crash exactly where the last commit ended.
import { z } from 'zod';
import type { Us } from '../../../src-shared/base/time.ts';
import { gapCauseSchema, gapStateSchema } from '../../../src-shared/market/gap.ts';
import type { Market, Venue } from '../../../src-shared/market/instrument.ts';
import type { IdRule } from '../../feeds/feed.ts';
import { Copies, copiesForm } from './copies.ts';
import type { OpenGap } from './gap-book.ts';
import { KeyBudget, KeyTable } from './keys.ts';
import { type Pace, paceForm } from './pace.ts';

export interface StreamName {
  readonly venue: Venue;
  readonly market: Market;
  readonly symbol: string;
  readonly channel: string;
}

/** Ids from..to (inclusive) that were not seen; gap: what was opened for them. */
export interface Missing {
  from: number;
  to: number;
  readonly gap: OpenGap;
}

/** Id -> row + 1 in the batch, by offset from the first id of the batch: ids that run +1 need no hash. */
const FIRST_ROWS = 64;
const MAX_ROWS = 1 << 20;
const NO_ROWS = new Int32Array(0);

export class StreamState {
  readonly no: number;
  readonly name: StreamName;
  readonly rule: IdRule;
  stored = 0;
  duplicates = 0;
  /** Bits of the lines that ever delivered this stream. */
  lineMask = 0;
  /** Float for the guard only; 0: none yet. */
  lastPrice = 0;
  /** Highest id, -1: none yet (or numbering began anew). Its event time. For streams whose ids prove nothing: the latest event time only. */
  lastId = -1;
  lastEventUs: Us = 0;
  /** Ids below are not known here: the warehouse is asked. */
  floorId = -1;
  /** Event time of the first trade that was ever seen, where ids count: they prove nothing of before. 0: not known. */
  firstUs: Us = 0;
  /** Highest id of an earlier numbering of the venue: up to it ids may be in use already. */
  formerLastId = -1;
  /** How often the venue began to count anew in the life of this process. */
  numbering = 0;
  /** Ascending. */
  missing: Missing[] = [];
  /** A break in coverage that ids have not yet decided, or that still grows. */
  pendingBreak: OpenGap | null = null;
  /** The latest break of known bounds (ids prove nothing): one that follows closely widens it. */
  lastBreak: OpenGap | null = null;

  /** Unique ids seen lately -> running row number; two generations. Unknown ids of trades at or before horizonUs are asked for. */
  readonly keys: KeyBudget;
  recent = new KeyTable();
  older = new KeyTable();
  recentFromUs: Us = 0;
  recentLatestUs: Us = 0;
  olderLatestUs: Us = 0;
  horizonUs: Us = 0;

  /** Equal rows of a venue without ids, by connection. */
  readonly copies = new Copies();
  /** How fast it prints, where that decides how long a gap can be asked for. */
  pace: Pace | null = null;

  /** Journal line numbers on which it was heard since their connection carries it, and the frame in which the latest of them was first heard. */
  heardOn: number[] = [];
  #heardFrame = -1;

  /** In this batch: changed, and where its ids are. */
  touched = false;
  #base = -1;
  #rows: Int32Array = NO_ROWS;
  #used = 0;
  #far: Map<number, number> | null = null;

  constructor(no: number, name: StreamName, rule: IdRule, keys = new KeyBudget()) {
    this.keys = keys;
    this.no = no;
    this.name = name;
    this.rule = rule;
  }

  /** Whether this frame is the first of the stream since a connection of this line carries it: a venue may begin with a trade of before. */
  isFirstOn(lineNo: number, frame: number): boolean {
    if (this.heardOn.includes(lineNo)) return this.#heardFrame === frame;
    this.heardOn.push(lineNo);
    this.#heardFrame = frame;
    return true;
  }

  /** A connection of this line begins to carry it. True when there was something to forget. */
  beginsOn(lineNo: number): boolean {
    const at = this.heardOn.indexOf(lineNo);
    if (at >= 0) this.heardOn.splice(at, 1);
    return at >= 0;
  }

  /** Row of an id in this batch, -1 when it is not there. */
  rowOf(id: number): number {
    const offset = id - this.#base;
    if (offset >= 0 && offset < this.#used) {
      const row = this.#rows[offset] as number;
      if (row > 0) return row - 1;
    }
    return this.#far?.get(id) ?? -1;
  }

  putRow(id: number, row: number): void {
    if (this.#base < 0) this.#base = id;
    const offset = id - this.#base;
    if (offset >= 0 && offset < this.#used + 4096 && offset < MAX_ROWS) {
      if (offset >= this.#rows.length) {
        const bigger = new Int32Array(Math.max(FIRST_ROWS, this.#rows.length * 2, offset + 1));
        bigger.set(this.#rows);
        this.#rows = bigger;
      }
      this.#rows[offset] = row + 1;
      if (offset >= this.#used) this.#used = offset + 1;
    } else {
      this.#far ??= new Map();
      this.#far.set(id, row);
    }
  }

  /** The batch is over: its rows can no longer be changed. */
  endBatch(): void {
    this.touched = false;
    this.#rows.fill(0, 0, this.#used);
    if (this.#rows.length > 65_536) this.#rows = NO_ROWS;
    this.#base = -1;
    this.#used = 0;
    this.#far = null;
  }
}

const gapForm = z.object({
  id: z.string(),
  cause: gapCauseSchema,
  fromUs: z.number(),
  toUs: z.number().nullable(),
  knownToUs: z.number().nullable().default(null),
  fromId: z.number(),
  toId: z.number(),
  whole: z.object({ fromId: z.number(), toId: z.number() }).nullable().default(null),
  openedUs: z.number(),
  frame: z.number(),
  told: z.boolean(),
  filled: z.number(),
  state: gapStateSchema.nullable(),
});

const streamForm = z.object({
  s: z.number(),
  d: z.number(),
  m: z.number(),
  p: z.number(),
  i: z.number(),
  e: z.number(),
  f: z.number(),
  u: z.number().optional(),
  o: z.number().optional(),
  g: z.array(gapForm).optional(),
  x: z.array(z.tuple([z.number(), z.number(), z.number()])).optional(),
  b: z.number().optional(),
  l: z.number().optional(),
  c: copiesForm.optional(),
  r: paceForm.optional(),
  h: z.array(z.number()).optional(),
});

/** The whole text of a state from the part that dumpStream gives and its counts. */
export function stateText(part: string, stored: number, duplicates: number): string {
  return `{"s":${stored},"d":${duplicates},${part.slice(1)}`;
}

/** The state as text without its counts (see stateText); short, for it is written in every commit that touched the stream. */
export function dumpStream(state: StreamState): string {
  const gaps: OpenGap[] = [];
  const indexOf = (gap: OpenGap): number => {
    const at = gaps.indexOf(gap);
    return at >= 0 ? at : gaps.push(gap) - 1;
  };
  const missing = state.missing.map((part) => [part.from, part.to, indexOf(part.gap)]);
  const pending = state.pendingBreak ? indexOf(state.pendingBreak) : undefined;
  const latest = state.lastBreak ? indexOf(state.lastBreak) : undefined;
  return JSON.stringify({
    m: state.lineMask,
    p: state.lastPrice,
    i: state.lastId,
    e: state.lastEventUs,
    f: state.floorId,
    ...(state.firstUs > 0 ? { u: state.firstUs } : {}),
    ...(state.formerLastId >= 0 ? { o: state.formerLastId } : {}),
    ...(state.pace ? { r: state.pace.dump() } : {}),
    ...(state.heardOn.length > 0 ? { h: state.heardOn } : {}),
    ...(state.copies.isEmpty ? {} : { c: state.copies.dump() }),
    ...(gaps.length > 0
      ? { g: gaps.map(({ stream: _, evidence: __, closedUs: ___, ...gap }) => gap), x: missing, b: pending, l: latest }
      : {}),
  });
}

/** Takes the state back; throws on text that dumpStream did not write. */
export function loadStream(state: StreamState, text: string): OpenGap[] {
  const form = streamForm.parse(JSON.parse(text));
  state.stored = form.s;
  state.duplicates = form.d;
  state.lineMask = form.m;
  state.lastPrice = form.p;
  state.lastId = form.i;
  state.lastEventUs = form.e;
  state.floorId = form.f;
  state.firstUs = form.u ?? 0;
  state.formerLastId = form.o ?? -1;
  state.copies.load(form.c ?? []);
  if (form.r) state.pace?.load(form.r);
  state.heardOn = form.h ?? [];
  const gaps: OpenGap[] = (form.g ?? []).map((gap) => ({ ...gap, stream: state.no, evidence: null, closedUs: null }));
  const gapAt = (index: number): OpenGap => {
    const gap = gaps[index];
    if (!gap) throw new Error(`stream ${state.no}: its state names gap ${index} of ${gaps.length}`);
    return gap;
  };
  state.missing = (form.x ?? []).map(([from, to, index]) => ({ from, to, gap: gapAt(index) }));
  state.pendingBreak = form.b === undefined ? null : gapAt(form.b);
  state.lastBreak = form.l === undefined ? null : gapAt(form.l);
  return gaps;
}
