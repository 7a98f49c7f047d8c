// SQL of a stranger against a running recorder: every way to take its memory, its processor and its disk, while 2,000 trades a second are recorded.
// Promises: each attack ends within its time, and what was printed meanwhile is stored, each trade once, without a gap or a reconnect.
import { readFileSync } from 'node:fs';
import type { Run } from '../../src-shared/contract/analysis.ts';
import type { Audit } from './audit.ts';
import { collectorMeter, judged } from './load.ts';
import { ask, status, until } from './processes.ts';

export interface SqlReport {
  readonly attacks: readonly {
    readonly sql: string;
    readonly outcome: string;
    readonly ms: number;
  }[];
  /** Ends of the analyst that were needed. */
  readonly killed: number;
  readonly lostFrames: number;
  readonly durableP99Ms: number;
  readonly reconnects: number;
  readonly gaps: number;
  readonly restarts: number;
  /** The largest memory of the analyst that was seen, MB. */
  readonly analystMb: number;
  readonly audit: Audit;
}

/** Text and lists that DuckDB does not count, sorting beyond memory, an endless recursion, a join of everything with everything, rows too wide to hold. */
export const attacks: readonly string[] = [
  "SELECT length(repeat('x', 4000000000))",
  'SELECT range(2000000000)',
  'SELECT * FROM range(500000000) ORDER BY hash(range)',
  'WITH RECURSIVE t AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM t) SELECT count(*) FROM t',
  'SELECT count(*) FROM trade a, trade b, trade c WHERE hash(a.id, b.id, c.id) % 7 = 3',
  "SELECT repeat('x', 1000000) FROM range(1000000)",
];

const LIMIT_MS = 1500;

export async function sqlDrill(options: { recipe: string; say?: (text: string) => void }): Promise<SqlReport> {
  const { result, audit } = await judged(options.recipe, async ({ data, first }) => {
    const done: { sql: string; outcome: string; ms: number }[] = [];
    let [killed, lostFrames, durableP99Ms, analystMb] = [0, 0, 0, 0];
    const watching = setInterval(() => {
      void collectorMeter(data).then((meter) => {
        lostFrames = Math.max(lostFrames, meter?.lostFrames ?? 0);
        durableP99Ms = Math.max(durableP99Ms, meter?.durableDelayMs.p99 ?? 0);
      });
      void status(data).then((now) => {
        const pid = now?.children.analyst ?? null;
        if (pid !== null) analystMb = Math.max(analystMb, residentMb(pid));
      });
    }, 100);
    try {
      for (const sql of attacks) {
        const at = performance.now();
        const begun = await until(
          'the analyst takes a query',
          () => ask<{ runId: string }>(data, 'analysis.run', { sql, timeLimitMs: LIMIT_MS }),
          () => true,
        );
        const run = await until(
          `the end of ${sql}`,
          () => runOf(data, begun.runId),
          ({ endedUs }) => endedUs !== null,
          30_000,
          50,
        );
        const outcome = run.failure?.code ?? run.state;
        if (outcome === 'analysis.ended') killed += 1;
        done.push({ sql, outcome, ms: Math.round(performance.now() - at) });
        options.say?.(`${outcome} after ${Math.round(performance.now() - at)} ms: ${sql}`);
      }
    } finally {
      clearInterval(watching);
    }
    const after = await until(
      'the store is with the journal',
      () => status(data),
      ({ store }) => store.lagMs < 2000,
      60_000,
    );
    const sum = (lines: typeof after.lines): number => lines.reduce((total, line) => total + line.reconnects, 0);
    return {
      attacks: done,
      killed,
      lostFrames,
      durableP99Ms,
      analystMb,
      reconnects: sum(after.lines) - sum(first.lines),
      gaps: Object.values(after.gaps).reduce((total, count) => total + count, 0),
      // The recorder's own processes are those that were there before.
      restarts: ['collector', 'store'].filter((name) => after.children[name] !== first.children[name]).length,
    };
  });
  return { ...result, audit };
}

async function runOf(data: string, runId: string): Promise<Run | undefined> {
  const found = await ask<{ runs: Run[] }>(data, 'analysis.history', { limit: 20 });
  return found?.runs.find((run) => run.runId === runId);
}

/** Memory of a process as the kernel counts it; 0 when it is gone. */
function residentMb(pid: number): number {
  try {
    const pages = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
    return Math.round((pages * 4096) / 1024 ** 2);
  } catch {
    // It ended between the question and the look.
    return 0;
  }
}
