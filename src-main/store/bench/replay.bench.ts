// How fast a store that comes back catches up: frames per second from journal to committed rows, and what it takes.
// Run: node src-main/store/bench/replay.bench.ts [trades]
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { openStore, writeJournal } from '../store.fixture.ts';

const trades = Number(process.argv[2] ?? 1_000_000);
const dataDir = mkdtempSync(join(tmpdir(), 'tapedeck-replay-'));
try {
  await writeJournal(dataDir, { trades, firstUs: (Date.now() - 600_000) * 1000, stepUs: 50 });
  const delay = monitorEventLoopDelay({ resolution: 5 });
  let rssBytes = 0;
  const watching = setInterval(() => {
    rssBytes = Math.max(rssBytes, process.memoryUsage.rss());
  }, 20);
  delay.enable();
  const cpu = process.cpuUsage();
  const openMs = performance.now();
  const store = await openStore(dataDir);
  const beginMs = performance.now();
  await store.caughtUp();
  const seconds = (performance.now() - beginMs) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  delay.disable();
  clearInterval(watching);
  const { totals } = store.committer.last;
  await store.close();
  process.stdout.write(
    `${JSON.stringify({
      frames: totals.frames,
      stored: totals.stored,
      openMs: Math.round(beginMs - openMs),
      seconds: Number(seconds.toFixed(2)),
      framesPerSecond: Math.round(totals.frames / seconds),
      cpuUsPerFrame: Number(((user + system) / totals.frames).toFixed(2)),
      loopDelayMs: { p99: Math.round(delay.percentile(99) / 1e6), max: Math.round(delay.max / 1e6) },
      rssMb: Math.round(rssBytes / 1e6),
    })}\n`,
  );
} finally {
  rmSync(dataDir, { recursive: true, force: true });
}
