// How far the first minutes have come, out of what the recorder tells: nothing is ticked that has not happened.

export const guideSteps = ['record', 'announce', 'extract'] as const;
export type GuideStep = (typeof guideSteps)[number];

export interface Seen {
  readonly recording: boolean;
  /** Address of the newest announcement; null: none yet. */
  readonly announced: string | null;
  readonly extracted: boolean;
}

/** Steps that are done, in order; a later one counts only after the ones before it. */
export function stepsDone(seen: Seen): number {
  // Who comes back later may find the recorder restarting, and the listing long done.
  if (seen.announced !== null) return seen.extracted ? 3 : 2;
  return seen.recording ? 1 : 0;
}
