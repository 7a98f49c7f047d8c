// The fault drill: a timetable of everything that goes wrong at venues, recorded on one line or two, judged per venue market against the ledger.
//   npm run drill -- faults [--lines 1|2] [--minutes 30]
import { createReadStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import type { FaultRecipe } from '../../src-main/rehearsal/recipe.ts';
import { MINUTE_US } from '../../src-shared/base/time.ts';
import type { Reconciled, ReconcileJob } from '../../src-shared/contract/gaps.ts';
import type { Gap } from '../../src-shared/market/gap.ts';
import { type Audit, audit, type Span } from './audit.ts';
import { allSubscribed, ask, type Running, startCommand, status, stop, until } from './processes.ts';

export interface FaultReport {
  readonly lines: 1 | 2;
  readonly seconds: number;
  /** Faults that began, by kind; those on one line only are counted apart. */
  readonly faults: Readonly<Record<string, number>>;
  /** Faults of the timetable that hit nothing: no frame, or no connection. Those of a line that the drill does not have are left out. */
  readonly idle: readonly string[];
  /** Until every stream of every market was acknowledged, ms. */
  readonly subscribedMs: number;
  /** Closed minutes compared with the venues' candles before the verdict: without them a frame that no line got would go unnoticed where ids prove nothing. */
  readonly minutes: { readonly compared: number; readonly equal: number; readonly differing: number };
  /** Gaps by state at the end, before the recorder is stopped. */
  readonly gaps: Readonly<Record<string, number>>;
  /** Gaps whose repair had not ended by then, with what was said of them. */
  readonly unsettled: readonly string[];
  readonly audit: Audit;
}

/** Faults that can take a trade away from whom they hit: frames only, or connections and the times of trades too. */
const TAKES_FRAMES = ['drop', 'malformed'];
const TAKES_MORE = ['cut', 'half-open', 'stall', 'ending', 'skew', 'refuse'];
/** The margin of times, and what a reconnect with a new subscription may take, around a fault on all lines. */
const BEFORE_US = 5_000_000;
const FRAMES_US = 5_000_000;
const AFTER_US = 45_000_000;
/** The first seconds are for connecting: what is printed before all is subscribed is not judged. */
const CONNECT_MS = 120_000;
/** Two drills and whatever else runs share the machine. */
const START_MS = 90_000;

/** Faults that the ledger counts by the frames that they hit, and those that begin on the connections that stand. */
const BY_FRAMES = ['drop', 'repeat', 'reorder', 'malformed'];
const BY_CONNECTIONS = ['cut', 'half-open', 'stall', 'ending'];

interface Remark {
  readonly fault: string;
  readonly phase: 'begin' | 'end';
  readonly atUs: number;
  readonly recipe: FaultRecipe;
  readonly connections: readonly number[];
  readonly hits: number;
}

/** Where there is but one line, its own faults hit all there is. */
function isSingle(line: number | undefined, lines: 1 | 2): boolean {
  return line !== undefined && (lines > 1 || line > 0);
}

/** What a fault is counted as in FaultReport.faults. */
export function faultName({ kind, line }: Pick<FaultRecipe, 'kind' | 'line'>, lines: 1 | 2): string {
  return isSingle(line, lines) ? `${kind}, one line` : kind;
}

/** What the ledger says about faults: their number, those without effect, and when which market was hit on all lines. */
export async function faultsOf(
  ledger: string,
  markets: readonly string[],
  lines: 1 | 2,
): Promise<{ counts: Record<string, number>; idle: string[]; hurting: Span[] }> {
  const counts: Record<string, number> = {};
  const idle: string[] = [];
  const hurting: (Span & { readonly fault: string })[] = [];
  for await (const line of createInterface({ input: createReadStream(ledger) })) {
    if (!line.startsWith('{"fault"')) continue;
    const { fault, phase, atUs, recipe, connections, hits } = JSON.parse(line) as Remark;
    const single = isSingle(recipe.line, lines);
    if (phase === 'begin') {
      const name = faultName(recipe, lines);
      counts[name] = (counts[name] ?? 0) + 1;
    }
    if ((recipe.line ?? 0) < lines) {
      const words = JSON.stringify(recipe);
      if (phase === 'begin' && BY_FRAMES.includes(fault)) idle.push(words);
      if (phase === 'begin' && BY_CONNECTIONS.includes(fault) && connections.length === 0) idle.push(words);
      // An end whose beginning is not there takes no other fault out of the list.
      const begun = idle.indexOf(words);
      if (phase === 'end' && BY_FRAMES.includes(fault) && hits > 0 && begun >= 0) idle.splice(begun, 1);
    }
    if (single || !(TAKES_FRAMES.includes(fault) || TAKES_MORE.includes(fault))) continue;
    // A jump of the clock moves the times of the trades themselves.
    const jumpUs = fault === 'skew' ? Math.abs(recipe.ms ?? 0) * 1000 : 0;
    const toUs = atUs + (TAKES_FRAMES.includes(fault) ? FRAMES_US : AFTER_US) + jumpUs;
    for (const market of markets) {
      const [venue, kind] = market.split(':');
      if ((recipe.venue ?? venue) !== venue || (recipe.market ?? kind) !== kind) continue;
      if (phase === 'begin') {
        hurting.push({ fault, market, fromUs: atUs - BEFORE_US - jumpUs, toUs });
        continue;
      }
      const begun = hurting.findLastIndex((span) => span.market === market && span.fault === fault);
      const span = hurting[begun];
      if (span) hurting[begun] = { ...span, toUs: Math.max(span.toUs, toUs) };
    }
  }
  return { counts, idle, hurting };
}

/** Settings of the venues with another number of lines, and times short enough to show what the recorder does by itself. */
function withLines(settings: unknown, lines: 1 | 2): { text: string; markets: string[] } {
  const all = settings as { venues: Record<string, { markets: string[]; lines: number }> };
  for (const venue of Object.values(all.venues)) venue.lines = lines;
  const markets = Object.entries(all.venues).flatMap(([venue, of]) => of.markets.map((market) => `${venue}:${market}`));
  return { text: JSON.stringify(all), markets };
}

function streamsOf({ instruments = [] }: { instruments?: { venues: string[] }[] }): number {
  return instruments.reduce((sum, { venues }) => sum + venues.length, 0);
}

/** Plays the recipe for so long, lets repair end, stops everything in order and judges it. Runs side by side do not meet: ports and folders are their own. */
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
  const recipe = JSON.parse(readFileSync(options.recipe, 'utf8')) as { instruments?: { venues: string[] }[] };
  // However long it takes to connect, the first fault finds everything subscribed.
  const timesFrom = { subscriptions: options.lines * streamsOf(recipe) };
  writeFileSync(recipeFile, JSON.stringify({ ...recipe, durationSeconds: options.seconds, timesFrom }));
  const venues = await startCommand(['rehearse', '--recipe', recipeFile, '--port', '0', '--ledger', ledger], {
    timeoutMs: START_MS,
  });
  let host: Running | undefined;
  try {
    const settings = withLines(venues.ready.settings, options.lines);
    const settingsFile = join(dir, 'settings.json');
    writeFileSync(settingsFile, settings.text);
    const startedMs = Date.now();
    host = await startCommand(['record', '--data', data, '--settings', settingsFile], { timeoutMs: START_MS });
    await until('every stream is subscribed', () => status(data), allSubscribed, CONNECT_MS);
    const subscribedMs = Date.now() - startedMs;
    say(`${settings.markets.length} markets subscribed on ${options.lines} line(s) after ${subscribedMs} ms`);
    const fromUs = Date.now() * 1000;
    const endMs = Date.now() + options.seconds * 1000;
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
    let gaps = await settled(data);
    const minutes = options.reconcile ? await reconciled(data, fromUs, endMs) : { compared: 0, equal: 0, differing: 0 };
    if (options.reconcile) gaps = await settled(data);
    say(`minutes ${JSON.stringify(minutes)}, gaps ${JSON.stringify(gaps.counts)}`);
    await stop(venues);
    const code = await stop(host);
    if (code !== 0) throw new Error(`the recorder ended with ${code} instead of 0: ${host.errors()}`);
    const { counts, idle, hurting } = await faultsOf(ledger, settings.markets, options.lines);
    const verdict = await audit(data, ledger, { fromUs, toUs, hurting });
    return {
      lines: options.lines,
      seconds: options.seconds,
      faults: counts,
      idle,
      subscribedMs,
      minutes,
      gaps: gaps.counts,
      unsettled: gaps.unsettled,
      audit: verdict,
    };
  } finally {
    if (host) await stop(host, 'SIGKILL');
    await stop(venues, 'SIGKILL');
    if (options.keep) say(`kept: ${dir}`);
    else rmSync(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}

/** The last minute closes, and the recorder has looked at it by itself; then all of them are compared on request. */
async function reconciled(data: string, fromUs: number, endMs: number): Promise<FaultReport['minutes']> {
  const toUs = (Math.floor(endMs / 60_000) + 1) * MINUTE_US;
  await until(
    'the last minute of every stream has been looked at',
    async () => (await ask<{ streams: Reconciled[] }>(data, 'gaps.reconciled'))?.streams,
    (streams) =>
      streams.some(({ lastUs }) => lastUs !== null) && streams.every(({ lastUs }) => (lastUs ?? toUs) >= toUs),
    240_000,
    500,
  );
  const window = { fromUs: Math.floor(fromUs / MINUTE_US) * MINUTE_US, toUs };
  const job = await ask<{ jobId: string }>(data, 'gaps.reconcile', window);
  if (!job) throw new Error('gaps.reconcile was not answered');
  const { state, failed, note, compared, equal, differing } = await until<ReconcileJob>(
    'all minutes are compared',
    () => ask(data, 'gaps.reconcile-status', { jobId: job.jobId }),
    (value) => value.state !== 'running',
    300_000,
    500,
  );
  if (state !== 'done' || failed > 0) throw new Error(`${failed} streams could not be compared: ${note}`);
  return { compared, equal, differing };
}

/** Waits until repair has ended every gap, for a while; gives the gaps by state, and those that had not ended. */
async function settled(data: string): Promise<{ counts: Record<string, number>; unsettled: string[] }> {
  let last = '';
  let quietSince = performance.now();
  const end = performance.now() + 180_000;
  for (;;) {
    const found = await ask<{ gaps: Gap[] }>(data, 'gaps.list', { limit: 100_000 });
    const counts: Record<string, number> = {};
    for (const gap of found?.gaps ?? []) counts[gap.state] = (counts[gap.state] ?? 0) + 1;
    const text = JSON.stringify(counts);
    if (text !== last) quietSince = performance.now();
    last = text;
    const open = (found?.gaps ?? []).filter(({ state }) => state === 'open' || state === 'repairing');
    const ended = found && open.length === 0 && performance.now() - quietSince > 3000;
    if (ended || performance.now() > end) {
      const unsettled = open.map(
        ({ venue, market, symbol, cause, fromUs, toUs, attempts, evidence }) =>
          `${venue} ${market} ${symbol}: ${cause}, ${toUs === null ? 'growing' : `${toUs - fromUs} µs`}, ${attempts} attempts, ${evidence.at(-1) ?? ''}`,
      );
      return { counts, unsettled };
    }
    await delay(250);
  }
}
