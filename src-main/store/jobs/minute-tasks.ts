// Minutes of streams that are compared with the venues' candles, as they are asked for and as they come back.
import type { Result } from '../../../src-shared/base/result.ts';
import { MINUTE_US, type Us, type Window } from '../../../src-shared/base/time.ts';
import type { Minute, Stream } from '../warehouse/catalog.ts';

/** Whole minutes of one stream. */
export interface MinuteTask extends Window {
  readonly stream: Stream;
}

export interface TaskResult {
  readonly task: MinuteTask;
  /** What came of each minute; those that nobody recorded are left out. */
  readonly result: Result<readonly Minute[]>;
  /** The first minute that the venue may not have added up yet: nothing is said of it, and it is to be asked for again. Absent: there is none. */
  readonly waitsUs?: Us | undefined;
}

export function minutesOf({ fromUs, toUs }: Window): Us[] {
  return Array.from({ length: Math.round((toUs - fromUs) / MINUTE_US) }, (_, n) => fromUs + n * MINUTE_US);
}

/** Tasks whose sums one question gives. */
export function sameWindow(tasks: readonly MinuteTask[]): MinuteTask[][] {
  const groups = new Map<string, MinuteTask[]>();
  for (const task of tasks) {
    const name = `${task.fromUs} ${task.toUs}`;
    const group = groups.get(name);
    if (group) group.push(task);
    else groups.set(name, [task]);
  }
  return [...groups.values()];
}
