// The port of a job: work of the store beside the straight line from journal to warehouse. A job never holds up the intake.
import { join } from 'node:path';
import type { Us } from '../../../src-shared/base/time.ts';
import type { Settings } from '../../../src-shared/contract/settings.ts';
import type { ParentPort } from '../../base/parent-port.ts';
import { livingWriter } from '../../journal/lock.ts';
import type { OpenArchive } from '../warehouse/archive.ts';
import type { Warehouse } from '../warehouse/warehouse.ts';

/** How far the store has come. */
export interface StorePosition {
  /** Last committed journal frame, and where it lies. */
  readonly segment: number;
  readonly offset: number;
  readonly frame: number;
  /** Receive time of the last committed record. */
  readonly recvUs: Us;
  /** Everything that was received until here is committed; now, when nothing durable is left to read. */
  readonly readUntilUs: Us;
}

export interface JobContext {
  readonly warehouse: Warehouse;
  readonly archive: OpenArchive;
  /** Name and version of this program, for what it writes for others. */
  readonly writer: string;
  /** The newest; they may change while a job runs. */
  readonly settings: Settings;
  /** Other processes, through the host; fails at once when there is no host. */
  readonly ask: ParentPort['ask'];
  readonly publish: ParentPort['publish'];
  nowUs(): Us;
  position(): StorePosition;
}

/**
 * Until when the record is known: as far as the store has read, and no further than the last record while nobody writes the journal
 * (a line that a dead recorder left open covers nothing after it).
 */
export async function knownUntilUs(context: JobContext): Promise<Us> {
  const writer = await livingWriter(join(context.archive.dataDir, 'journal'));
  const { readUntilUs, recvUs } = context.position();
  return writer === null ? Math.min(readUntilUs, recvUs) : readUntilUs;
}

export interface Job {
  /** Begins, and goes on with what a restart interrupted. */
  start(): Promise<void>;
  /** Stops at the next whole step; what is unfinished is taken up at the next start. */
  stop(): Promise<void>;
}

/** Waits without holding the process; gives false when stopped meanwhile. */
export function pause(ms: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve(false);
      return;
    }
    const ended = (): void => {
      clearTimeout(timer);
      resolve(false);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', ended);
      resolve(true);
    }, ms);
    signal.addEventListener('abort', ended, { once: true });
  });
}

/** Runs `work` again and again with a pause between, until stopped. What work throws ends the process: it is a bug. */
export function repeating(everyMs: number, work: (signal: AbortSignal) => Promise<void>): Job & { soon(): void } {
  const stopping = new AbortController();
  let waking: AbortController | undefined;
  let running: Promise<void> | undefined;
  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      waking = new AbortController();
      await work(stopping.signal);
      await pause(everyMs, AbortSignal.any([stopping.signal, waking.signal]));
    }
  };
  return {
    start: async () => {
      running ??= loop();
    },
    stop: async () => {
      stopping.abort();
      await running;
    },
    soon: () => waking?.abort(),
  };
}
