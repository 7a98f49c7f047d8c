// Which symbols are carried where a venue does not allow all of them: those that come first by name or by being new, then the
// busiest. Pure. A symbol that is carried keeps its place until another is clearly busier, so that recordings do not flicker.

export interface ChoiceInput {
  /** All that the settings select. */
  readonly wanted: readonly string[];
  /** Of these, the ones that are carried before any other, most important first. */
  readonly first: readonly string[];
  /** 24-hour turnover; empty: not known. */
  readonly turnover: ReadonlyMap<string, number>;
  /** Carried so far. */
  readonly carried: readonly string[];
  /** How many can be carried. */
  readonly room: number;
}

/** A symbol is overtaken by one that turns over so many times as much. */
const OVERTAKEN = 1.5;

/** At most `room` of the wanted symbols; all of them, in their order, when they fit. */
export function chooseSymbols({ wanted, first, turnover, carried, room }: ChoiceInput): readonly string[] {
  if (wanted.length <= room) return wanted;
  const place = new Map(first.map((symbol, index) => [symbol, index]));
  const order = new Map(wanted.map((symbol, index) => [symbol, index]));
  const value = (symbol: string): number => turnover.get(symbol) ?? 0;
  const before = (a: string, b: string): number =>
    (place.get(a) ?? Number.MAX_SAFE_INTEGER) - (place.get(b) ?? Number.MAX_SAFE_INTEGER) ||
    value(b) - value(a) ||
    (order.get(a) ?? 0) - (order.get(b) ?? 0);
  const held = new Set(carried);
  const kept = wanted.filter((symbol) => held.has(symbol)).sort(before);
  kept.splice(room);
  const holds = new Set(kept);
  const rest = wanted.filter((symbol) => !holds.has(symbol)).sort(before);
  kept.push(...rest.splice(0, room - kept.length));
  kept.sort(before);
  for (const candidate of rest) {
    const weakest = kept.at(-1);
    if (weakest === undefined || !overtakes(candidate, weakest)) break;
    kept.pop();
    kept.unshift(candidate);
  }
  return kept;

  function overtakes(candidate: string, weakest: string): boolean {
    if (place.has(weakest)) return false;
    return place.has(candidate) || value(candidate) > value(weakest) * OVERTAKEN;
  }
}
