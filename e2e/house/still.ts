// Whether the machine itself stood still: a virtual one that is paused for half a minute breaks what a test of time promised, and no line of ours is
// at fault. The process that runs the tests, which has next to nothing to do, writes down when it was not let run.
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const BEAT_MS = 250;
/** Longer than the load of our own tests keeps a process waiting that has slept. */
const STILL_MS = 2000;

/** A file in the folder of this run: named by the process that runs the tests, known to all that it starts. */
function file(name: string): string {
  process.env.TAPEDECK_STILL ??= join(tmpdir(), `tapedeck-still-${process.pid}`);
  mkdirSync(process.env.TAPEDECK_STILL, { recursive: true });
  return join(process.env.TAPEDECK_STILL, name);
}

const SPANS = 'spans';

/** Watches until the returned function is called. For the beginning of a run, in the process that runs it. */
export default function watch(): () => void {
  let last = Date.now();
  const timer = setInterval(() => {
    const now = Date.now();
    if (now - last > STILL_MS) {
      appendFileSync(file(SPANS), `${last} ${now}\n`);
      console.warn(`THE MACHINE STOOD STILL for ${((now - last) / 1000).toFixed(1)} s`);
    }
    last = now;
  }, BEAT_MS);
  file(SPANS);
  return () => {
    clearInterval(timer);
    rmSync(file('.'), { recursive: true, force: true });
  };
}

/** For how long the machine stood still since then at the longest, ms; 0: it did not. */
export async function stoodStillMs(sinceMs: number): Promise<number> {
  // What stood still with us writes it down after that.
  await new Promise((done) => setTimeout(done, 2 * BEAT_MS));
  if (!existsSync(file(SPANS))) return 0;
  const spans = readFileSync(file(SPANS), 'utf8').trim().split('\n');
  return spans.reduce((longest, line) => {
    const [from = 0, to = 0] = line.split(' ').map(Number);
    return to > sinceMs ? Math.max(longest, to - from) : longest;
  }, 0);
}

/** When a test began, for its second try, which another process may run. */
export function noteBegin(test: string): void {
  writeFileSync(file(`began-${test}`), String(Date.now()));
}

export function begunMs(test: string): number {
  return Number(readFileSync(file(`began-${test}`), 'utf8'));
}
