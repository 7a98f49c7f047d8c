// Ends a run of tests that stands still: a test that blocks its process is beyond the reach of its own time limit, and a run that hangs says
// nothing of where. Names the file, the test and the processes that were alive, and fails.
import { execFileSync } from 'node:child_process';
import { relative } from 'node:path';
import type { Reporter, TestCase, TestModule } from 'vitest/node';

interface Running {
  /** When a test of the file last began or ended. */
  sinceMs: number;
  last: string;
}

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly line: string;
}

/** Everything below a process, parents before children. Empty where the system has no `ps`. */
export function descendants(of: number): Process[] {
  let listed: string;
  try {
    listed = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,stat=,time=,args='], {
      encoding: 'utf8',
      timeout: 10_000,
      maxBuffer: 64 * 1024 ** 2,
    });
  } catch (error) {
    process.stderr.write(`processes cannot be listed: ${String(error)}\n`);
    return [];
  }
  const all = listed.split('\n').flatMap((text): Process[] => {
    const [, pid, parent, line] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(text) ?? [];
    return pid && parent && line !== undefined ? [{ pid: Number(pid), parent: Number(parent), line }] : [];
  });
  const found: Process[] = [];
  const below = (parent: number): void => {
    for (const one of all.filter((other) => other.parent === parent)) {
      found.push(one);
      below(one.pid);
    }
  };
  below(of);
  return found;
}

export class Standstill implements Reporter {
  readonly #running = new Map<string, Running>();
  readonly #limitMs: number;
  readonly #end: () => void;
  #watch: NodeJS.Timeout | null = null;

  /** limitMs: longer than the longest time limit of one test and of its hooks. */
  constructor(limitMs: number, end: () => void = () => process.exit(1)) {
    this.#limitMs = limitMs;
    this.#end = end;
  }

  onTestRunStart(): void {
    this.#running.clear();
    this.#watch = setInterval(() => this.look(Date.now()), 5000);
  }

  onTestRunEnd(): void {
    if (this.#watch) clearInterval(this.#watch);
  }

  onTestModuleQueued(module: TestModule): void {
    this.#sign(module, 'no test of it has begun');
  }

  onTestModuleEnd(module: TestModule): void {
    this.#running.delete(module.moduleId);
  }

  onTestCaseReady(test: TestCase): void {
    this.#sign(test.module, `"${test.fullName}" began`);
  }

  onTestCaseResult(test: TestCase): void {
    this.#sign(test.module, `"${test.fullName}" ended`);
  }

  /** Fails the run when a file has given no sign for too long. */
  look(nowMs: number): void {
    const still = [...this.#running].filter(([, { sinceMs }]) => nowMs - sinceMs > this.#limitMs);
    if (still.length === 0) return;
    for (const [file, { sinceMs, last }] of still) {
      const seconds = Math.round((nowMs - sinceMs) / 1000);
      process.stderr.write(`\nstands still for ${seconds} s: ${relative(process.cwd(), file)}; last: ${last}\n`);
    }
    const alive = descendants(process.pid);
    for (const { pid, parent, line } of alive) process.stderr.write(`  ${pid} of ${parent}: ${line}\n`);
    // From the leaves on, so that nothing is left behind that holds a file or a port.
    for (const { pid } of alive.toReversed()) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has ended meanwhile, as `ps` itself.
      }
    }
    this.#end();
  }

  #sign(module: TestModule, last: string): void {
    this.#running.set(module.moduleId, { sinceMs: Date.now(), last });
  }
}
