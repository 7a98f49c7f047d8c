// Is this tick new, a repeat, or can only the warehouse tell? And what do its ids prove?
// Contiguous ids (+1 a trade): a jump is a gap, ids inside it narrow it. Other ids: a key, remembered for a while.
import type { Us } from '../../../src-shared/base/time.ts';
import type { GapBook, OpenGap } from './gap-book.ts';
import type { Key } from './keys.ts';
import type { Missing, StreamState } from './stream-state.ts';

/** new: store it. seen: in the warehouse or a batch before. doubtful: store it unless the warehouse has it. n >= 0: in this batch, at that row. */
export const SEEN = -1;
export const NEW = -2;
export const DOUBTFUL = -3;

/** Missing ranges remembered per stream; the oldest beyond are left to the warehouse. */
const MAX_MISSING = 2000;
/** A generation of remembered keys ends at this many keys or this much event time. */
const GENERATION_KEYS = 10_000;
const GENERATION_US = 300_000_000;
/** The same while all streams together remember as many as they may: copies of a line that lags by more are looked up. */
const SHORT_GENERATION_US = 10_000_000;

/** first..id: the ids that the row stands for (equal for a single trade). live: a line delivers it, not the venue's history. */
export function sequenceContiguous(
  state: StreamState,
  first: number,
  id: number,
  eventUs: Us,
  recvUs: Us,
  frame: number,
  book: GapBook,
  live: boolean,
): number {
  const last = state.lastId;
  if (first === last + 1) {
    // A page of the break's own back-fill says nothing of the pages after it.
    if (state.pendingBreak !== null && (live || isBeyond(state.pendingBreak, eventUs)))
      proveBreak(state, id, recvUs, frame, book);
    state.lastId = id;
    state.lastEventUs = eventUs;
    return id <= state.formerLastId ? DOUBTFUL : NEW;
  }
  if (last < 0) {
    releaseBreak(state, eventUs, recvUs, frame, book);
    state.floorId = first;
    if (state.firstUs === 0) state.firstUs = eventUs;
    state.lastId = id;
    state.lastEventUs = eventUs;
    return NEW;
  }
  if (id > last) {
    if (first > last + 1) jump(state, first, eventUs, recvUs, frame, book);
    state.lastId = id;
    state.lastEventUs = eventUs;
    return id <= state.formerLastId ? DOUBTFUL : NEW;
  }
  const row = state.rowOf(id);
  if (row >= 0) return row;
  if (id < state.floorId) return DOUBTFUL;
  if (state.missing.length > 0 && fill(state, first, id, recvUs, frame, book)) return NEW;
  // Later than all that was seen and yet an old id: the venue may have begun to count anew.
  return eventUs > state.lastEventUs ? DOUBTFUL : SEEN;
}

function isBeyond(gap: OpenGap, eventUs: Us): boolean {
  return gap.toUs !== null && eventUs >= gap.toUs;
}

function proveBreak(state: StreamState, id: number, recvUs: Us, frame: number, book: GapBook): void {
  const gap = state.pendingBreak;
  // While no line covers the stream, a late copy still proves only the ids up to itself.
  if (!gap || gap.toUs === null) return;
  state.pendingBreak = null;
  // No venue counts below 0: before its first id nothing was printed.
  const why =
    state.lastId < 0
      ? `${id} is the first id that a venue can give`
      : `ids run on without a hole: ${state.lastId}, ${id}`;
  book.close(gap, 'repaired', why, recvUs, frame);
}

/** The first sight of this stream: ids cannot decide what a break before it lost, only what the break loses from here on. */
function releaseBreak(state: StreamState, eventUs: Us, recvUs: Us, frame: number, book: GapBook): void {
  const gap = state.pendingBreak;
  if (!gap) return;
  state.pendingBreak = null;
  settleUntold(gap);
  book.changed(gap, frame);
  if (gap.toUs !== null) return;
  gap.toUs = Math.max(gap.fromUs, eventUs);
  state.pendingBreak = book.open(state.no, gap.cause, { us: gap.toUs + 1, id: -1 }, recvUs, frame);
}

/** No id can heal it any more, so it waits for no grace: the stream's state no longer holds it, and untold it would be forgotten if the store died now. */
function settleUntold(gap: OpenGap): void {
  if (!gap.told) gap.state = 'open';
}

function jump(state: StreamState, first: number, eventUs: Us, recvUs: Us, frame: number, book: GapBook): void {
  const last = state.lastId;
  const fromUs = Math.min(state.lastEventUs, eventUs);
  const toUs = Math.max(state.lastEventUs, eventUs);
  let gap = state.pendingBreak;
  if (gap && gap.toUs !== null) {
    state.pendingBreak = null;
    book.reopen(gap, null, frame);
  } else {
    gap = book.open(state.no, gap ? gap.cause : 'sequence', { us: fromUs, id: last }, recvUs, frame);
  }
  gap.fromUs = fromUs;
  gap.toUs = toUs;
  gap.fromId = last;
  gap.toId = first;
  const grown = gap.whole !== null && state.missing.some((part) => part.gap === gap);
  gap.whole = { fromId: grown && gap.whole ? Math.min(gap.whole.fromId, last) : last, toId: first };
  state.missing.push({ from: last + 1, to: first - 1, gap });
  if (state.missing.length > MAX_MISSING) forgetOldest(state);
}

/** All parts of the oldest gap at once: one that keeps some of them would count as filled when only those came. */
function forgetOldest(state: StreamState): void {
  const gap = state.missing[0]?.gap;
  if (gap) settleUntold(gap);
  const gone = state.missing.filter((part) => part.gap === gap);
  state.missing = state.missing.filter((part) => part.gap !== gap);
  for (const part of gone) state.floorId = Math.max(state.floorId, part.to + 1);
}

/** True when first..id were missing (any of them): they are no longer. */
function fill(state: StreamState, first: number, id: number, recvUs: Us, frame: number, book: GapBook): boolean {
  const { missing } = state;
  let low = 0;
  let high = missing.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((missing[middle] as Missing).to < id) low = middle + 1;
    else high = middle;
  }
  const part = missing[low];
  if (!part || id < part.from || id > part.to) return false;
  const from = Math.max(first, part.from);
  const { gap } = part;
  gap.filled += id - from + 1;
  if (from === part.from && id === part.to) missing.splice(low, 1);
  else if (from === part.from) part.from = id + 1;
  else if (id === part.to) part.to = from - 1;
  else {
    missing.splice(low + 1, 0, { from: id + 1, to: part.to, gap });
    part.to = from - 1;
  }
  let lowest = -1;
  let highest = -1;
  for (const other of missing) {
    if (other.gap !== gap) continue;
    if (lowest < 0) lowest = other.from;
    highest = other.to;
  }
  if (lowest < 0) {
    if (gap.whole) Object.assign(gap, gap.whole);
    book.close(gap, 'repaired', `all ${gap.filled} missing ids came`, recvUs, frame);
    return true;
  }
  gap.fromId = lowest - 1;
  gap.toId = highest + 1;
  book.changed(gap, frame);
  return true;
}

/** running: number of the row that this tick would get, counted over all batches; batchStart: of the batch's first row. */
export function sequenceUnique(state: StreamState, key: Key, eventUs: Us, running: number, batchStart: number): number {
  const at = state.recent.get(key) ?? state.older.get(key);
  if (at !== undefined) return at >= batchStart ? at - batchStart : SEEN;
  rememberKey(state, key, eventUs, running, batchStart);
  if (eventUs > state.lastEventUs) state.lastEventUs = eventUs;
  return eventUs > state.horizonUs ? NEW : DOUBTFUL;
}

/**
 * The key is not remembered yet. Keys older than two generations are forgotten; the horizon says up to when. No key of the batch in hand is: the
 * warehouse, which is asked for what is forgotten, does not hold it yet.
 */
export function rememberKey(state: StreamState, key: Key, eventUs: Us, running: number, batchStart: number): void {
  // Measured by the newest trade: an old back-filled one must not end a generation.
  const newestUs = Math.max(eventUs, state.lastEventUs);
  const { keys } = state;
  const generationUs = keys.held < keys.most ? GENERATION_US : SHORT_GENERATION_US;
  const isOver =
    state.recent.size >= GENERATION_KEYS || (state.recent.size > 0 && newestUs - state.recentFromUs > generationUs);
  if (isOver && (state.older.size === 0 || state.older.newest < batchStart)) {
    state.horizonUs = Math.max(state.horizonUs, state.olderLatestUs);
    const forgotten = state.older;
    keys.held -= forgotten.size;
    forgotten.clear();
    state.older = state.recent;
    state.olderLatestUs = state.recentLatestUs;
    state.recent = forgotten;
    state.recentLatestUs = 0;
  }
  if (state.recent.size === 0) state.recentFromUs = newestUs;
  if (eventUs > state.recentLatestUs) state.recentLatestUs = eventUs;
  state.recent.add(key, running);
  keys.held += 1;
}

/** A key that is known gets the number of another row. */
export function renewKey(state: StreamState, key: Key, running: number): void {
  const before = state.recent.size;
  state.recent.set(key, running);
  state.keys.held += state.recent.size - before;
}
