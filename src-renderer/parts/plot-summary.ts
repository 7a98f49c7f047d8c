// What a chart shows, in numbers: the text that stands for it where it cannot be seen.

export interface SeriesSummary {
  readonly last: number;
  readonly least: number;
  readonly most: number;
}

/** Last, least and most of what is known of a series; null: nothing is. */
export function summarise(values: ArrayLike<number | null | undefined>): SeriesSummary | null {
  let last: number | null = null;
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (let at = 0; at < values.length; at += 1) {
    const value = values[at];
    if (value === null || value === undefined || !Number.isFinite(value)) continue;
    last = value;
    if (value < least) least = value;
    if (value > most) most = value;
  }
  return last === null ? null : { last, least, most };
}
