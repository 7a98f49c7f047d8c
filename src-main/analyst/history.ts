// What was run, for good: a line when a run begins and one when it ends, so that a run which ended the analyst is known after it.
// Promises: a begin is on disk before the query starts; the file stays within a bound; a line that does not read is passed over and counted.
import { appendFileSync, existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Run, runSchema } from '../../src-shared/contract/analysis.ts';
import { replaceFileSync } from '../base/files.ts';

const KEPT = 1000;
const MOST_BYTES = 16 * 1024 ** 2;

export interface History {
  /** Newest first. */
  list(limit: number, search: string): Run[];
  put(run: Run): void;
  /** Lines of the file that could not be read at the start. */
  readonly unreadable: number;
}

/** `ended`: what is known of the end of an earlier life of the analyst, for the runs that it took with it. */
export function openHistory(path: string, nowUs: () => number, ended: string | null): History {
  mkdirSync(dirname(path), { recursive: true });
  const runs = new Map<string, Run>();
  let unreadable = 0;
  for (const line of existsSync(path) ? readFileSync(path, 'utf8').split('\n') : []) {
    if (line === '') continue;
    const run = readRun(line);
    if (run) runs.set(run.runId, run);
    else unreadable += 1;
  }
  const write = (): void => {
    for (const [runId] of [...runs].slice(0, Math.max(0, runs.size - KEPT))) runs.delete(runId);
    replaceFileSync(path, [...runs.values()].map((run) => `${JSON.stringify(run)}\n`).join(''));
  };
  for (const [runId, run] of runs) {
    const over = run.state !== 'queued' && run.state !== 'running';
    const failure = {
      code: 'analysis.ended',
      message: ended ?? 'the analyst ended while it ran; nothing that is recorded was touched',
      retry: true,
    };
    const endedUs = nowUs();
    const elapsedMs = run.startedUs === null ? 0 : Math.max(0, endedUs - run.startedUs) / 1000;
    runs.set(
      runId,
      over ? { ...run, held: false } : { ...run, held: false, state: 'stopped', endedUs, elapsedMs, failure },
    );
  }
  write();
  return {
    unreadable,
    list: (limit, search) => {
      const wanted = search.trim().toLowerCase();
      const found = [...runs.values()].reverse();
      return found
        .filter((run) => wanted === '' || `${run.title}\n${run.sql}`.toLowerCase().includes(wanted))
        .slice(0, limit);
    },
    put: (run) => {
      runs.delete(run.runId);
      runs.set(run.runId, run);
      appendFileSync(path, `${JSON.stringify(run)}\n`);
      if (runs.size > KEPT + 100 || statSync(path).size > MOST_BYTES) write();
    },
  };
}

function readRun(line: string): Run | undefined {
  try {
    const read = runSchema.safeParse(JSON.parse(line));
    return read.success ? read.data : undefined;
  } catch {
    // A torn last line after a kill: the caller counts it.
    return undefined;
  }
}
