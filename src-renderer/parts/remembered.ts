// State of a part that outlives the visit: how wide, which filter, what was put away. One command gives all of it back.
import { useCallback, useState } from 'react';
import { create } from 'zustand';
import { forgetNotes, keepNote, readNote } from './notes.ts';

const LAYOUT = 'layout.';
/** Grows when the layout is given back: what was remembered before then no longer counts. */
const useEpoch = create<{ readonly epoch: number }>(() => ({ epoch: 0 }));

/** Like useState, kept in this browser. `accept` turns what was kept into a value, or null where it means nothing (any more). */
export function useRemembered<T>(
  name: string,
  initial: T,
  accept: (note: unknown) => T | null,
): readonly [T, (value: T) => void] {
  const epoch = useEpoch((state) => state.epoch);
  const [held, hold] = useState(() => ({ epoch, name, value: accept(readNote(LAYOUT + name)) ?? initial }));
  const keep = useCallback(
    (value: T) => {
      hold({ epoch, name, value });
      keepNote(LAYOUT + name, value);
    },
    [name, epoch],
  );
  return [held.epoch === epoch && held.name === name ? held.value : initial, keep];
}

/** Widths, dividers and filters as they were before anybody changed them. */
export function forgetLayout(): void {
  forgetNotes(LAYOUT);
  useEpoch.setState((state) => ({ epoch: state.epoch + 1 }));
}

/** For `accept`: one of these words. */
export function oneOf<V extends string>(values: readonly V[]): (note: unknown) => V | null {
  return (note) => values.find((value) => value === note) ?? null;
}

/** For `accept`: a number within bounds. */
export function within(least: number, most: number): (note: unknown) => number | null {
  return (note) => (typeof note === 'number' && Number.isFinite(note) ? Math.min(most, Math.max(least, note)) : null);
}
