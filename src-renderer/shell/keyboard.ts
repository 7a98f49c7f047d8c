// One listener for all keys, and the keys that the reader has changed: kept in this browser, and told to the controls that print them.
import { useEffect } from 'react';
import { useBoundKeys } from '../parts/bound-keys.ts';
import { isWriting, keyName } from '../parts/keys.ts';
import { keepNote, readNote } from '../parts/notes.ts';
import { listCommands, runCommand, useCommandState } from '../state/commands.ts';
import { commandFor, parseShortcuts, useShortcuts } from '../state/shortcuts.ts';

const KEY = 'keys';

/** A press goes to the command that bears it, unless a dialog is open or text is being written. */
export function useKeys(): void {
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (event.defaultPrevented) return;
      const name = keyName(event);
      if (name === null) return;
      const chord = name.startsWith('Mod+');
      if (!chord && isWriting(event.target)) return;
      const { groups, palette, sheet } = useCommandState.getState();
      const dialogOpen = document.querySelector('[role="dialog"], [role="alertdialog"]') !== null;
      const command = commandFor(listCommands(groups), name, useShortcuts.getState().changed);
      if (!command || command.enabled === false) return;
      if (dialogOpen && !(command.id === 'palette' && palette) && !(command.id === 'shortcuts' && sheet)) return;
      event.preventDefault();
      runCommand(command);
    };
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, []);
}

/** Reads the changed keys, keeps every further change, and tells controls what their keys are now. Until the returned function is called. */
export function followShortcuts(): () => void {
  useShortcuts.setState({ changed: parseShortcuts(readNote(KEY)) });
  const tell = (): void => {
    const { changed } = useShortcuts.getState();
    const told = new Map<string, string>();
    for (const command of listCommands(useCommandState.getState().groups)) {
      const now = changed[command.id];
      if (command.keys !== undefined && now !== undefined) told.set(command.keys, now);
    }
    const before = useBoundKeys.getState().changed;
    const same = before.size === told.size && [...told].every(([keys, now]) => before.get(keys) === now);
    if (!same) useBoundKeys.setState({ changed: told });
  };
  tell();
  const stopKeys = useShortcuts.subscribe(({ changed }) => {
    keepNote(KEY, changed);
    tell();
  });
  const stopCommands = useCommandState.subscribe((state, before) => {
    if (state.groups !== before.groups) tell();
  });
  return () => {
    stopKeys();
    stopCommands();
  };
}
