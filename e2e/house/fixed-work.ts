// Work that is always the same, done over and over: how long it takes says what the machine makes of a millisecond. A processor that a hypervisor
// takes away while a thread runs is charged to that thread, so that on a crowded machine the same work "costs" several times its own.
// Started as a program it prints a line per piece of work: when it ended, and what it took of the processor and by the clock, ms.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** What a piece takes of a processor on a quiet machine, ms: that of docs/benchmarks.md. Where it takes less, it counts as this much. */
export const QUIET_MS = 4;
/** A tenth of one processor, so that it is seldom in the way of what is measured. */
const EVERY_MS = 45;

interface Piece {
  readonly endedMs: number;
  readonly cpuMs: number;
  readonly wallMs: number;
}

export interface Machine {
  /** How many times its quiet cost work took: on the average, in the middle; never below 1. */
  readonly slow: number;
  readonly usual: number;
  /** By how much the longest of all took longer than the middle one, ms. */
  readonly extraMs: number;
  /** How many times its quiet cost work took by the clock, on the average. */
  readonly clock: number;
  readonly pieces: number;
}

function piece(): number {
  const sums = new Map<string, number>();
  for (let n = 0; n < 16_000; n += 1) {
    const key = `C${n % 997}:${n}`;
    sums.set(key, (sums.get(key) ?? 0) + n);
  }
  let all = 0;
  for (const [key, sum] of sums) all += key.length * sum;
  return all;
}

export function machineOf(pieces: readonly { readonly cpuMs: number; readonly wallMs: number }[]): Machine {
  if (pieces.length === 0) return { slow: 1, usual: 1, extraMs: 0, clock: 1, pieces: 0 };
  const cpu = pieces.map(({ cpuMs }) => cpuMs).sort((a, b) => a - b);
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const middle = cpu[cpu.length >> 1] ?? 0;
  return {
    slow: Math.max(1, mean(cpu) / QUIET_MS),
    usual: Math.max(1, middle / QUIET_MS),
    extraMs: Math.max(0, (cpu.at(-1) ?? 0) - Math.max(QUIET_MS, middle)),
    clock: Math.max(1, mean(pieces.map(({ wallMs }) => wallMs)) / QUIET_MS),
    pieces: pieces.length,
  };
}

/** Does the work in a process of its own until it is ended. */
export class FixedWork {
  readonly #child: ChildProcess;
  readonly #pieces: Piece[] = [];

  private constructor() {
    this.#child = spawn(process.execPath, [fileURLToPath(import.meta.url)], { stdio: ['ignore', 'pipe', 'inherit'] });
    if (!this.#child.stdout) throw new Error('the fixed work has no output');
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      const [endedMs = 0, cpuMs = 0, wallMs = 0] = line.split(' ').map(Number);
      this.#pieces.push({ endedMs, cpuMs, wallMs });
    });
  }

  /** When the work is compiled and its first piece done. */
  static async begin(): Promise<FixedWork> {
    const work = new FixedWork();
    const { stdout } = work.#child;
    if (!stdout) throw new Error('the fixed work has no output');
    const first = await Promise.race([
      once(stdout, 'data').then(() => true),
      once(work.#child, 'exit').then(() => false),
    ]);
    if (!first) throw new Error(`the fixed work ended with ${work.#child.exitCode}`);
    return work;
  }

  /** The machine since then, as the work found it. */
  since(ms: number): Machine {
    return machineOf(this.#pieces.filter(({ endedMs }) => endedMs > ms));
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill();
    await ended;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  // Whoever reads it is gone: so is the reason to go on.
  process.stdout.on('error', () => process.exit(0));
  // Compiled first.
  for (let n = 0; n < 50; n += 1) piece();
  for (;;) {
    const [cpu, wall] = [process.threadCpuUsage(), performance.now()];
    piece();
    const wallMs = performance.now() - wall;
    const { user, system } = process.threadCpuUsage(cpu);
    process.stdout.write(`${Date.now()} ${(user + system) / 1000} ${wallMs}\n`);
    await new Promise((done) => setTimeout(done, EVERY_MS));
  }
}
