// Keys that the reader has changed: which command answers to which, and who else does.
import { create } from 'zustand';
import type { Command } from './commands.ts';

/** Command -> its key; '' where it has none any more. What is not in here keeps the key that the code gave it. */
export type ChangedKeys = Readonly<Record<string, string>>;

export const useShortcuts = create<{ readonly changed: ChangedKeys }>(() => ({ changed: {} }));

/** Keys that move and open things everywhere: no command may take them. */
const FIXED = /^(Mod\+(Shift\+)?)?(Enter|Escape|Tab|Backspace|Delete|Arrow\w+|Home|End|PageUp|PageDown| )$/;
/** Keys that only change others, and those that some keyboards cannot write alone. */
const NEVER = /^(Mod\+(Shift\+)?)?(Control|Meta|Shift|Alt|AltGraph|CapsLock|NumLock|Unidentified|`|F\d+)$/;

export type KeyFitness = 'fits' | 'fixed' | 'never';

export function fitnessOf(keys: string): KeyFitness {
  if (NEVER.test(keys)) return 'never';
  return FIXED.test(keys) ? 'fixed' : 'fits';
}

export function parseShortcuts(note: unknown): ChangedKeys {
  if (typeof note !== 'object' || note === null) return {};
  return Object.fromEntries(
    Object.entries(note).filter(
      (entry): entry is [string, string] =>
        typeof entry[1] === 'string' && (entry[1] === '' || fitnessOf(entry[1]) === 'fits'),
    ),
  );
}

/** The key that a command answers to; undefined: none. */
export function boundKey(command: Pick<Command, 'id' | 'keys'>, changed: ChangedKeys): string | undefined {
  const keys = changed[command.id] ?? command.keys;
  return keys === '' ? undefined : keys;
}

/** Other commands on the screen that answer to the same key. */
export function conflictsOf(commands: readonly Command[], id: string, keys: string, changed: ChangedKeys): Command[] {
  return commands.filter((command) => command.id !== id && boundKey(command, changed) === keys);
}

/** Who answers to a press: a command that the reader gave the key comes before one that has it from the code. */
export function commandFor(commands: readonly Command[], keys: string, changed: ChangedKeys): Command | undefined {
  const bound = commands.filter((command) => boundKey(command, changed) === keys);
  return bound.find((command) => command.id in changed) ?? bound[0];
}

export function changeKey(id: string, keys: string): void {
  useShortcuts.setState((state) => ({ changed: { ...state.changed, [id]: keys } }));
}

export function resetKeys(): void {
  useShortcuts.setState({ changed: {} });
}
