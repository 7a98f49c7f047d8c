// Everything that can be done from the keyboard or the palette. Parts register what they can do while they are on the screen.
import { useEffect, useRef } from 'react';
import { create } from 'zustand';

export interface Command {
  readonly id: string;
  readonly title: string;
  readonly section: string;
  /** One key or a chord as printed: "1", "E", "?", "Mod+K". Single keys do nothing while text is being written. */
  readonly keys?: string;
  readonly enabled?: boolean;
  /** Left out of the palette (opening the palette itself). */
  readonly hidden?: boolean;
  run(): void;
}

interface CommandState {
  readonly groups: ReadonlyMap<string, readonly Command[]>;
  readonly recent: readonly string[];
  readonly palette: boolean;
  readonly sheet: boolean;
}

const RECENT_LIMIT = 6;

export const useCommandState = create<CommandState>(() => ({
  groups: new Map(),
  recent: [],
  palette: false,
  sheet: false,
}));

export function listCommands(groups: CommandState['groups']): Command[] {
  return [...groups.values()].flat();
}

export function runCommand(command: Command): void {
  if (command.enabled === false) return;
  useCommandState.setState((state) => ({
    recent: [command.id, ...state.recent.filter((id) => id !== command.id)].slice(0, RECENT_LIMIT),
  }));
  command.run();
}

/** Keeps a group of commands registered while the caller is on the screen. What is run is always the newest function. */
export function useCommands(group: string, commands: readonly Command[]): void {
  const newest = useRef(commands);
  const registered = useRef<string | null>(null);
  useEffect(() => {
    newest.current = commands;
    const shape = commands.map((c) => `${c.id}|${c.title}|${c.section}|${c.keys}|${c.enabled}|${c.hidden}`).join('\n');
    // Functions are new at every render: only a change that can be seen is told to others.
    if (registered.current === shape) return;
    registered.current = shape;
    const stable = commands.map((command, index) => ({ ...command, run: () => newest.current[index]?.run() }));
    useCommandState.setState((state) => ({ groups: new Map(state.groups).set(group, stable) }));
  });
  useEffect(
    () => () => {
      registered.current = null;
      useCommandState.setState((state) => {
        const groups = new Map(state.groups);
        groups.delete(group);
        return { groups };
      });
    },
    [group],
  );
}

/** A word that begins one of the text's words counts more than one within; 0: it is not there. */
function matchOf(text: string, word: string): number {
  const at = text.toLowerCase().indexOf(word);
  if (at < 0) return 0;
  return at === 0 || text[at - 1] === ' ' ? 2 : 1;
}

/**
 * Best first: recent ones when nothing is written, else those that hold every word. A title counts more than the section that it stands in,
 * and a title that is the whole query most: who writes the name of a panel goes there.
 */
export function findCommands(commands: readonly Command[], query: string, recent: readonly string[]): Command[] {
  const shown = commands.filter((command) => !command.hidden && command.enabled !== false);
  const whole = query.trim().toLowerCase();
  const words = whole.split(/\s+/).filter(Boolean);
  if (words.length === 0) {
    const rank = (command: Command): number => {
      const at = recent.indexOf(command.id);
      return at < 0 ? recent.length : at;
    };
    return [...shown].sort((a, b) => rank(a) - rank(b));
  }
  const scored = shown.flatMap((command) => {
    let score = command.title.toLowerCase() === whole ? 3 * words.length : 0;
    for (const word of words) {
      const title = matchOf(command.title, word);
      const section = matchOf(command.section, word);
      if (title + section === 0) return [];
      score += title > 0 ? title + 2 : section;
    }
    return [{ command, score }];
  });
  return scored.sort((a, b) => b.score - a.score).map((entry) => entry.command);
}
