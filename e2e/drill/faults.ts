// The fault drill: a timetable of everything that goes wrong at venues, recorded on one line or two, judged per venue market against the ledger.
//   npm run drill -- faults [--lines 1|2] [--minutes 30]
import { createReadStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { type Audit, audit, type Span } from './audit.ts';
import { allSubscribed, ask, type Running, startCommand, status, stop, until } from './processes.ts';

export interface FaultReport {
  readonly lines: 1 | 2;
  readonly seconds: number;
  /** Faults that began, by kind; those on one line only are counted apart. */
  readonly faults: Readonly<Record<string, number>>;
  /** Until every stream of every market was acknowledged, ms. */
  readonly subscribedMs: number;
  /** Closed minutes compared with the venues' candles before the verdict: without them a frame that no line got would go unnoticed where ids prove nothing. */
  readonly minutes: { readonly compared: number; readonly equal: number; readonly differing: number };
  /** Gaps by state at the end. */
  readonly gaps: Readonly<Record<string, number>>;
  readonly audit: Audit;
}

/** Faults that can take a trade away from whom they hit. */
const HURTING = ['drop', 'cut', 'half-open', 'stall', 'malformed', 'ending', 'skew', 'refuse'];
/** What a reconnect with a new subscription may take, and the margin of times, around a fault on all lines. */
const BEFORE_US = 5_000_000;
const AFTER_US = 45_000_000;
/** The first seconds are for connecting: what is printed before all is subscribed is not judged. */
const CONNECT_MS = 60_000;

interface Remark {
  readonly fault?: string;
  readonly phase?: 'begin' | 'end';
  readonly atUs?: number;
  readonly recipe?: { readonly venue?: string; readonly market?: string; readonly line?: number; readonly ms?: number };
}

/** What the ledger says about faults: their number, and when which market was hit on all lines. */
async function faultsOf(
  ledger: string,
  markets: readonly string[],
): Promise<{ counts: Record<string, number>; hurting: Span[] }> {
  const counts: Record<string, number> = {};
  const hurting: Span[] = [];
  for await (const line of createInterface({ input: createReadStream(ledger) })) {
    if (!line.startsWith('{"fault"')) continue;
    const { fault = '', phase, atUs = 0, recipe = {} } = JSON.parse(line) as Remark;
    const single = recipe.line !== undefined;
    if (phase === 'begin') {
      const name = single ? `${fault}, one line` : fault;
      counts[name] = (counts[name] ?? 0) + 1;
    }
    if (single || !HURTING.includes(fault)) continue;
    // A jump of the clock moves the times of the trades themselves.
    const jumpUs = fault === 'skew' ? Math.abs(recipe.ms ?? 0) * 1000 : 0;
    for (const market of markets) {
      const [venue, kind] = market.split(':');
      if ((recipe.venue ?? venue) !== venue || (recipe.market ?? kind) !== kind) continue;
      if (phase === 'begin') {
        hurting.push({ market, fromUs: atUs - BEFORE_US - jumpUs, toUs: atUs + AFTER_US + jumpUs });
        continue;
      }
      const begun = hurting.findLastIndex((span) => span.market === market);
      const span = hurting[begun];
      if (span) hurting[begun] = { ...span, toUs: Math.max(span.toUs, atUs + AFTER_US + jumpUs) };
    }
  }
  return { counts, hurting };
}

/** Settings of the venues with another number of lines, and times short enough to show what the recorder does by itself. */
function withLines(settings: unknown, lines: 1 | 2): { text: string; markets: string[] } {
  const all = settings as { venues: Record<string, { markets: string[]; lines: number }> };
  for (const venue of Object.values(all.venues)) venue.lines = lines;
  const markets = Object.entries(all.venues).flatMap(([venue, of]) => of.markets.map((market) => `${venue}:${market}`));
  return { text: JSON.stringify(all), markets };
}

const UNSETTLED = ['open', 'repairing'];

/** Plays the recipe for so long, lets repair end, stops everything in order and judges it. */
export async function faultDrill(options: {
  recipe: string;
  lines: 1 | 2;
  seconds: number;
  /** Compares all minutes with the venues' candles at the end; waits until the last one has closed. */
  reconcile?: boolean;
  keep?: boolean;
  say?: (text: string) => void;
}): Promise<FaultReport> {
  const say = options.say ?? (() => undefined);
  const dir = mkdtempSync(join(tmpdir(), 'tapedeck-faults-'));
  const data = join(dir, 'data');
  const ledger = join(dir, 'ledger.jsonl');
  const recipeFile = join(dir, 'recipe.json');
  const recipe = JSON.parse(readFileSync(options.recipe, 'utf8')) as Record<string, unknown>;
  writeFileSync(recipeFile, JSON.stringify({ ...recipe, durationSeconds: options.seconds }));
  const venues = await startCommand(['rehearse', '--recipe', recipeFile, '--port', '0', '--ledger', ledger]);
  const endMs = Date.now() + options.seconds * 1000;
  let host: Running | undefined;
  try {
    const settings = withLines(venues.ready.settings, options.lines);
    const settingsFile = join(dir, 'settings.json');
    writeFileSync(settingsFile, settings.text);
    const startedMs = Date.now();
    host = await startCommand(['record', '--data', data, '--settings', settingsFile]);
    await until('every stream is subscribed', () => status(data), allSubscribed, CONNECT_MS);
    const subscribedMs = Date.now() - startedMs;
    say(`${settings.markets.length} markets subscribed on ${options.lines} line(s) after ${subscribedMs} ms`);
    const fromUs = Date.now() * 1000;
    while (Date.now() < endMs) {
      await delay(Math.min(30_000, Math.max(1, endMs - Date.now())));
      const now = await status(data);
      if (now) say(`${now.totals.ticks} ticks, gaps ${JSON.stringify(now.gaps)}`);
    }
    const toUs = (endMs - 1000) * 1000;
    await until(
      'the store has all',
      () => status(data),
      (value) => value.store.lagMs < 1500,
      180_000,
      100,
    );
    const repaired = await settled(data);
    const minutes = options.reconcile ? await reconciled(data, fromUs, endMs) : { compared: 0, equal: 0, differing: 0 };
    const gaps = options.reconcile ? await settled(data) : repaired;
    say(`minutes ${JSON.stringify(minutes)}, gaps ${JSON.stringify(gaps)}`);
    await stop(venues);
    const code = await stop(host);
    if (code !== 0) throw new Error(`the recorder ended with ${code} instead of 0: ${host.errors()}`);
    const { counts, hurting } = await faultsOf(ledger, settings.markets);
    const verdict = await audit(data, ledger, { fromUs, toUs, hurting });
    return {
      lines: options.lines,
      seconds: options.seconds,
      faults: counts,
      subscribedMs,
      minutes,
      gaps,
      audit: verdict,
    };
  } finally {
    if (host) await stop(host, 'SIGKILL');
    await stop(venues, 'SIGKILL');
    if (options.keep) say(`kept: ${dir}`);
    else rmSync(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}

/** The last minute closes, with its lateness; then all of them are compared. */
async function reconciled(data: string, fromUs: number, endMs: number): Promise<FaultReport['minutes']> {
  const minuteMs = 60_000;
  const toMs = (Math.floor(endMs / minuteMs) + 1) * minuteMs;
  await delay(Math.max(0, toMs + 15_000 - Date.now()));
  const window = { fromUs: Math.floor(fromUs / 6e7) * 6e7, toUs: toMs * 1000 };
  const job = await ask<{ jobId: string }>(data, 'gaps.reconcile', window);
  if (!job) throw new Error('gaps.reconcile was not answered');
  return until(
    'all minutes are compared',
    () => ask<{ state: string } & FaultReport['minutes']>(data, 'gaps.reconcile-status', { jobId: job.jobId }),
    (value) => value.state !== 'running',
    300_000,
    500,
  );
}

/** Waits until repair has ended every gap, or has changed nothing for a while; gives the gaps by state. */
async function settled(data: string): Promise<Record<string, number>> {
  let last = '';
  let quietSince = performance.now();
  const end = performance.now() + 180_000;
  for (;;) {
    const found = await ask<{ gaps: { state: string }[] }>(data, 'gaps.list', { limit: 100_000 });
    const counts: Record<string, number> = {};
    for (const gap of found?.gaps ?? []) counts[gap.state] = (counts[gap.state] ?? 0) + 1;
    const text = JSON.stringify(counts);
    if (text !== last) quietSince = performance.now();
    last = text;
    const waiting = UNSETTLED.reduce((sum, state) => sum + (counts[state] ?? 0), 0);
    const quietMs = performance.now() - quietSince;
    if (found && (quietMs > 20_000 || (waiting === 0 && quietMs > 3000))) return counts;
    if (performance.now() > end) return counts;
    await delay(250);
  }
}
