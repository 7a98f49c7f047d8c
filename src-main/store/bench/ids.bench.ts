// What a tick costs the store by the kind of its id: numbers that run +1 (Binance), UUIDs (Bybit), 17 digits (KuCoin, Upbit), ids made of
// the row (Phemex). Every kind in turn, so that the ratio to Binance stands whatever the machine is doing.
// Run: node src-main/store/bench/ids.bench.ts [trades] [rounds] [lines: 1 or 2] [kinds, comma]
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '../store.fixture.ts';
import { type Kind, kinds, writeKind } from '../text-ids.fixture.ts';

const [trades, rounds, lines] = [process.argv[2] ?? 300_000, process.argv[3] ?? 3, process.argv[4] ?? 1].map(
  Number,
) as [number, number, number];
const wanted = kinds.filter(({ name }) => !process.argv[5] || process.argv[5].split(',').includes(name));

/** CPU µs per trade from journal to committed rows. */
async function replay(kind: Kind): Promise<{ cpuUs: number; perSecond: number }> {
  const dataDir = mkdtempSync(join(tmpdir(), 'tapedeck-ids-'));
  try {
    await writeKind(dataDir, kind, {
      from: 0,
      to: trades,
      firstUs: (Date.now() - 600_000) * 1000,
      lines,
      connection: 1,
    });
    const store = await openStore(dataDir);
    const cpu = process.cpuUsage();
    const beginMs = performance.now();
    await store.caughtUp();
    const seconds = (performance.now() - beginMs) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    const { stored } = store.committer.last.totals;
    await store.close();
    if (stored !== trades) throw new Error(`${kind.name}: ${stored} stored of ${trades}`);
    return { cpuUs: (user + system) / trades, perSecond: trades / seconds };
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}

const found = new Map<string, { cpuUs: number; perSecond: number }[]>();
for (let round = 0; round < rounds; round += 1) {
  for (const kind of wanted) {
    const list = found.get(kind.name) ?? [];
    list.push(await replay(kind));
    found.set(kind.name, list);
  }
}
const least = (name: string): number => Math.min(...(found.get(name) ?? []).map(({ cpuUs }) => cpuUs));
for (const { name } of wanted) {
  process.stdout.write(
    `${JSON.stringify({
      name,
      trades,
      lines,
      cpuUsPerTrade: (found.get(name) ?? []).map(({ cpuUs }) => Number(cpuUs.toFixed(2))),
      storedPerSecond: (found.get(name) ?? []).map(({ perSecond }) => Math.round(perSecond)),
      ratioToBinance: Number((least(name) / least('binance')).toFixed(2)),
    })}\n`,
  );
}
