// The watch over the analyst's memory: a thread of its own, so that it also sees what happens while the process computes.
// Promises: beyond the bound the reason is on disk and the process is gone, within a few hundredths of a second.
import { writeFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { z } from 'zod';
import { rssBytes } from '../base/resident.ts';

const EVERY_MS = 20;

export const watchSchema = z.object({ limitBytes: z.number(), notePath: z.string() });

export function watch(): void {
  const { limitBytes, notePath } = watchSchema.parse(workerData);
  setInterval(() => {
    const bytes = rssBytes();
    if (bytes > limitBytes) endProcess(notePath, memoryNote(bytes, limitBytes));
  }, EVERY_MS);
  parentPort?.postMessage('watching');
}

function memoryNote(bytes: number, limitBytes: number): string {
  const mb = (value: number): number => Math.round(value / 1024 ** 2);
  return `stopped: the analyst used ${mb(bytes)} MB of memory, more than its ${mb(limitBytes)} MB, and was ended; recording went on. Narrow the window, or build shorter texts and lists.`;
}

/** Leaves the reason for the next start and ends the process in a way that nothing can hold up. */
export function endProcess(notePath: string, why: string): never {
  try {
    writeFileSync(notePath, why);
  } catch {
    // A disk that is full or read-only: the end matters more than its reason.
  }
  process.kill(process.pid, 'SIGKILL');
  // Not reached where the signal works; elsewhere this ends the process.
  process.exit(1);
}
