// Sustained ticks per second from a loopback WebSocket to stored, and the floor measured beside it in the same run, in turn.
import { execFile } from 'node:child_process';
import { createReadStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { checkBalance } from '../drill/audit.ts';
import { type Running, startCommand, status, stop, top, until } from '../drill/processes.ts';

interface Settings {
  venues: { binance: { lines: number; endpoints: { spot: { ws: string; rest: string } } } } & Record<
    string,
    { lines: number }
  >;
}

export interface ThroughputReport {
  readonly cores: number;
  readonly trades: number;
  readonly tapedeckPerSecond: readonly number[];
  readonly floorPerSecond: readonly number[];
  readonly medianTicksPerSecond: number;
  readonly ratioToFloor: number;
  /** CPU seconds per million ticks of each process, of the last run: what remains to be gained lies there. */
  readonly cpuSecondsPerMillion: Record<string, number>;
}

export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** User and system time of a process so far, seconds; Linux only. */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Trades in a ledger; its other lines have no id. */
async function printedIn(ledger: string): Promise<number> {
  let count = 0;
  for await (const line of createInterface({ input: createReadStream(ledger) })) if (line.includes('"id"')) count += 1;
  return count;
}

async function floor(dir: string, recipe: string, trades: number): Promise<number> {
  const venues = await startCommand([
    'rehearse',
    '--recipe',
    recipe,
    '--port',
    '0',
    '--ledger',
    join(dir, 'floor-ledger.jsonl'),
  ]);
  try {
    const settings = venues.ready.settings as Settings;
    const { ws, rest } = settings.venues.binance.endpoints.spot;
    const list = (await (await fetch(`${rest}/api/v3/exchangeInfo`)).json()) as { symbols: { symbol: string }[] };
    const { stdout } = await promisify(execFile)(process.execPath, [
      join(top, 'e2e/bench/floor.ts'),
      `${ws}/stream`,
      String(trades),
      ...list.symbols.map(({ symbol }) => symbol),
    ]);
    return (JSON.parse(stdout) as { perSecond: number }).perSecond;
  } finally {
    await stop(venues, 'SIGKILL');
  }
}

/** Records a flood recipe on one line a market until `trades` are stored; fails when anything was lost, refused or left open. */
export async function recordFlood(
  dir: string,
  recipe: string,
  trades: number,
  run: number,
): Promise<{ perSecond: number; cpu: Record<string, number> }> {
  const ledger = join(dir, `ledger-${run}.jsonl`);
  const venues = await startCommand(['rehearse', '--recipe', recipe, '--port', '0', '--ledger', ledger]);
  let host: Running | undefined;
  try {
    const settings = venues.ready.settings as Settings;
    for (const venue of Object.values(settings.venues)) venue.lines = 1;
    const path = join(dir, `settings-${run}.json`);
    writeFileSync(path, JSON.stringify(settings));
    const data = join(dir, `data-${run}`);
    host = await startCommand(['record', '--data', data, '--settings', path]);
    const first = await until(
      'the flood has begun',
      () => status(data),
      (value) => value.totals.stored > 0,
      60_000,
      5,
    );
    const startedMs = performance.now();
    const begin = first.totals.stored;
    const end = await until(
      'the flood is stored',
      () => status(data),
      (value) => value.totals.stored >= trades,
      300_000,
      10,
    );
    const seconds = (performance.now() - startedMs) / 1000;
    checkBalance(end.totals);
    if (end.totals.rejected !== 0 || end.gaps.open !== 0)
      throw new Error(`not clean: ${JSON.stringify(end.totals)} ${JSON.stringify(end.gaps)}`);
    const per = (pid: number | null | undefined): number => Number((cpuSeconds(pid ?? 0) / (trades / 1e6)).toFixed(2));
    const cpu = {
      rehearsal: per(venues.child.pid),
      host: per(end.pid),
      collector: per(end.children.collector),
      store: per(end.children.store),
    };
    // Zero loss: what the venue printed in all is what is stored in all.
    await stop(venues, 'SIGTERM');
    const printed = await printedIn(ledger);
    await until(
      'every printed trade is stored',
      () => status(data),
      (value) => value.totals.stored === printed,
      30_000,
      50,
    );
    return { perSecond: Math.round((end.totals.stored - begin) / seconds), cpu };
  } finally {
    if (host) await stop(host, 'SIGTERM');
    await stop(venues, 'SIGKILL');
  }
}

/** `runs` pairs, Tapedeck and floor in turn; `trades` each. */
export async function throughputBench(options: {
  runs: number;
  trades: number;
  say?: (text: string) => void;
}): Promise<ThroughputReport> {
  const dir = mkdtempSync(join(tmpdir(), 'tapedeck-bench-'));
  try {
    const recipe = join(dir, 'flood.json');
    const flood = JSON.parse(readFileSync(join(top, 'resources/recipes/flood.json'), 'utf8')) as {
      flood: { trades: number };
    };
    flood.flood.trades = options.trades;
    writeFileSync(recipe, JSON.stringify(flood));
    const ours: number[] = [];
    const theirs: number[] = [];
    let cpu: Record<string, number> = {};
    for (let run = 0; run < options.runs; run += 1) {
      const result = await recordFlood(dir, recipe, options.trades, run);
      ours.push(result.perSecond);
      cpu = result.cpu;
      theirs.push(await floor(dir, recipe, options.trades));
      options.say?.(
        `run ${run + 1}: ${ours.at(-1)} stored/s, floor ${theirs.at(-1)}/s, cpu s per million ${JSON.stringify(cpu)}`,
      );
      rmSync(join(dir, `data-${run}`), { recursive: true, force: true });
    }
    const ratios = ours.map((value, index) => value / (theirs[index] ?? Number.NaN));
    return {
      cores: cpus().length,
      trades: options.trades,
      tapedeckPerSecond: ours,
      floorPerSecond: theirs,
      medianTicksPerSecond: median(ours),
      ratioToFloor: Number(median(ratios).toFixed(3)),
      cpuSecondsPerMillion: cpu,
    };
  } finally {
    rmSync(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}
