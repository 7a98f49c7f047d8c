// The Child port: how the supervisor sees a process, whoever started it (child_process on node, utilityProcess in Electron).
import type { ParentEnvelope } from '../../src-shared/contract/wire.ts';

export const processNames = ['collector', 'store', 'rehearsal', 'analyst'] as const;
export type ProcessName = (typeof processNames)[number];

export interface ChildEnd {
  readonly code: number | null;
  readonly signal: string | null;
  /** The last lines that it wrote to stderr: why it died, in its own words. Empty when it said nothing. */
  readonly words: string;
}

export interface ChildEvents {
  /** Anything the child posted, unread. */
  message(raw: unknown): void;
  /** The process is no more. The supervisor takes the first call and ignores any other. */
  exit(end: ChildEnd): void;
}

export interface Child {
  /** null when the process could not be started; `exit` follows. */
  readonly pid: number | null;
  /** Must be harmless on a child that is just dying. */
  post(message: ParentEnvelope): void;
  /** At once, in a way that cannot be caught. */
  kill(): void;
}

export interface ChildPort {
  /** Never throws: a child that cannot be started ends with words that say why. */
  spawn(name: ProcessName, events: ChildEvents): Child;
}
