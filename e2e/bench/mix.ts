// Sustained ticks per second of all seven venues together, each in its own wire format, and Binance alone in the same run, in turn:
// what the mix costs is the ratio of the two, whatever the machine is doing.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { top } from '../drill/processes.ts';
import { median, recordFlood } from './throughput.ts';

export interface MixReport {
  readonly cores: number;
  readonly trades: number;
  readonly sevenPerSecond: readonly number[];
  readonly binancePerSecond: readonly number[];
  readonly medianSevenPerSecond: number;
  readonly ratioToBinance: number;
  /** CPU seconds per million ticks of each process, of the last run of the mix. */
  readonly cpuSecondsPerMillion: Record<string, number>;
}

/** `runs` pairs, seven venues and Binance alone in turn; `trades` each, every one of them stored or the bench fails. */
export async function mixBench(options: {
  runs: number;
  trades: number;
  say?: (text: string) => void;
}): Promise<MixReport> {
  const dir = mkdtempSync(join(tmpdir(), 'tapedeck-mix-'));
  const recipe = (name: string): string => {
    const path = join(dir, name);
    const flood = JSON.parse(readFileSync(join(top, 'resources/recipes', name), 'utf8')) as {
      flood: { trades: number };
    };
    flood.flood.trades = options.trades;
    writeFileSync(path, JSON.stringify(flood));
    return path;
  };
  try {
    const [seven, binance] = [recipe('flood-seven.json'), recipe('flood.json')];
    const mixed: number[] = [];
    const alone: number[] = [];
    let cpu: Record<string, number> = {};
    for (let run = 0; run < options.runs; run += 1) {
      const result = await recordFlood(dir, seven, options.trades, run * 2);
      rmSync(join(dir, `data-${run * 2}`), { recursive: true, force: true });
      mixed.push(result.perSecond);
      cpu = result.cpu;
      alone.push((await recordFlood(dir, binance, options.trades, run * 2 + 1)).perSecond);
      rmSync(join(dir, `data-${run * 2 + 1}`), { recursive: true, force: true });
      options.say?.(
        `run ${run + 1}: seven venues ${mixed.at(-1)} stored/s, Binance alone ${alone.at(-1)}/s, cpu s per million ${JSON.stringify(cpu)}`,
      );
    }
    return {
      cores: cpus().length,
      trades: options.trades,
      sevenPerSecond: mixed,
      binancePerSecond: alone,
      medianSevenPerSecond: median(mixed),
      ratioToBinance: Number(median(mixed.map((value, index) => value / (alone[index] ?? Number.NaN))).toFixed(3)),
      cpuSecondsPerMillion: cpu,
    };
  } finally {
    rmSync(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}
