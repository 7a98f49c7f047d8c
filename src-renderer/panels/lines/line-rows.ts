// The lines as rows of one market each: both lines side by side, in what they differ, and which of them need a look.
import type { LineState } from '../../../src-shared/contract/recording.ts';
import type { Market, Venue } from '../../../src-shared/market/instrument.ts';

/** Both connections that carry the same symbols of a market: line 0, and line 1 where there is one. */
export interface LinePair {
  /** e.g. "binance:spot", "binance:spot/2" for the third connection of each line, "upbit:notices". */
  readonly id: string;
  readonly venue: Venue;
  readonly market: Market | null;
  readonly lines: readonly LineState[];
}

export const scopes = ['all', 'trouble'] as const;
export type LineScope = (typeof scopes)[number];

export interface LineFilter {
  readonly scope: LineScope;
  readonly venue: Venue | 'all';
  readonly words: string;
}

export function pairId(line: Pick<LineState, 'id' | 'venue' | 'market'>): string {
  if (line.market === null) return line.id;
  const slot = line.id.split('/')[1];
  return `${line.venue}:${line.market}${slot ? `/${slot}` : ''}`;
}

/** In the order in which the recorder tells them; the lines of a pair by number. */
export function pairsOf(lines: readonly LineState[]): LinePair[] {
  const pairs = new Map<string, { venue: Venue; market: Market | null; lines: LineState[] }>();
  for (const line of lines) {
    const id = pairId(line);
    const pair = pairs.get(id);
    if (pair) pair.lines.push(line);
    else pairs.set(id, { venue: line.venue, market: line.market, lines: [line] });
  }
  return [...pairs].map(([id, pair]) => ({ id, ...pair, lines: pair.lines.toSorted((a, b) => a.line - b.line) }));
}

/** The other line that carries the same symbols, when there is one. */
export function twinOf(lines: readonly LineState[], line: LineState): LineState | null {
  if (line.market === null) return null;
  const id = pairId(line);
  return lines.find((other) => other.id !== line.id && pairId(other) === id) ?? null;
}

/** It carries all that it should, now. */
export function isWhole(line: LineState): boolean {
  return (line.state === 'live' || line.state === 'renewing') && line.acknowledged >= line.wanted;
}

export function needsLook(line: LineState): boolean {
  return !isWhole(line);
}

/** A line that is this much later than its twin delivers less than it should, ms. */
const LATER_MS = 5000;
/** Two lines of one market bring about the same; a tenth apart, and more than a little, is worth a look. */
const BYTES_SHARE = 0.1;
const BYTES_LEAST = 1_000_000;

export type Difference = 'state' | 'carried' | 'frame' | 'data' | 'reconnects' | 'bytes';

/** In what a line is worse than its twin: what jumps to the eye. Bytes are compared only of lines that are equally old. */
export function differences(line: LineState, twin: LineState | null): ReadonlySet<Difference> {
  const found = new Set<Difference>();
  if (!twin) return found;
  if (isRunning(twin) && !isRunning(line)) found.add('state');
  if (line.acknowledged < twin.acknowledged) found.add('carried');
  if (later(line.lastFrameAgeMs, twin.lastFrameAgeMs)) found.add('frame');
  if (later(line.lastDataAgeMs, twin.lastDataAgeMs)) found.add('data');
  if (line.reconnects > twin.reconnects) found.add('reconnects');
  const short = twin.bytes - line.bytes;
  if (short > BYTES_LEAST && short > twin.bytes * BYTES_SHARE) found.add('bytes');
  return found;
}

function isRunning({ state }: LineState): boolean {
  return state === 'live' || state === 'renewing';
}

function later(own: number | null, other: number | null): boolean {
  return other !== null && (own === null || own > other + LATER_MS);
}

/** Lines that pass, a twin of a line in trouble with it, so that the difference is seen. */
export function matching(lines: readonly LineState[], filter: LineFilter): readonly LineState[] {
  const words = filter.words.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const troubled = new Set(filter.scope === 'trouble' ? lines.filter(needsLook).map(pairId) : []);
  return lines.filter((line) => {
    if (filter.venue !== 'all' && line.venue !== filter.venue) return false;
    if (filter.scope === 'trouble' && !troubled.has(pairId(line))) return false;
    if (words.length === 0) return true;
    const text = `${line.id} ${hostOf(line.url)} ${line.address ?? ''} ${line.note ?? ''} ${line.state}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** Host and port of an address, as people name it. */
export function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}

/** How long the connection lives, ms; null while there is none. */
export function ageMs(line: LineState, nowUs: number): number | null {
  return line.connectedUs === null ? null : Math.max(0, (nowUs - line.connectedUs) / 1000);
}

/** What happens when this line is stopped: lost symbols, or the line that goes on. */
export function stopCosts(
  lines: readonly LineState[],
  line: LineState,
): { readonly loses: true } | { readonly loses: false; readonly other: string } {
  const twin = twinOf(lines, line);
  return twin && isWhole(twin) && twin.wanted >= line.wanted ? { loses: false, other: twin.id } : { loses: true };
}
