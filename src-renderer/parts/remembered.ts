// State of a part that outlives the visit: how wide, which filter, what was put away.
import { useCallback, useState } from 'react';
import { keepNote, readNote } from './notes.ts';

/** Like useState, kept in this browser. `accept` turns what was kept into a value, or null where it means nothing (any more). */
export function useRemembered<T>(
  name: string,
  initial: T,
  accept: (note: unknown) => T | null,
): readonly [T, (value: T) => void] {
  const [value, setValue] = useState(() => accept(readNote(name)) ?? initial);
  const keep = useCallback(
    (next: T) => {
      setValue(next);
      keepNote(name, next);
    },
    [name],
  );
  return [value, keep];
}

/** For `accept`: one of these words. */
export function oneOf<V extends string>(values: readonly V[]): (note: unknown) => V | null {
  return (note) => values.find((value) => value === note) ?? null;
}

/** For `accept`: a number within bounds. */
export function within(least: number, most: number): (note: unknown) => number | null {
  return (note) => (typeof note === 'number' && Number.isFinite(note) ? Math.min(most, Math.max(least, note)) : null);
}
