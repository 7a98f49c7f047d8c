// A rehearsal: simulated venues on one port, printing by the clock or as fast as they are read, with an exact ledger.
// Promises: the same recipe prints the same trades; what is in the ledger was printed, and everything printed is in the ledger.
import { dirname, resolve } from 'node:path';
import { FailureError, fail, ok, type Result, reasonOf, unwrap } from '../../src-shared/base/result.ts';
import type { Settings } from '../../src-shared/contract/settings.ts';
import { makeFolderSync } from '../base/files.ts';
import { clockId, clockNoticeId, wallMs } from './clock.ts';
import { Engine, STEP_MS, type StepClock } from './engine.ts';
import { FaultTable } from './faults.ts';
import { Ledger } from './ledger.ts';
import { SimulatedMarket } from './market.ts';
import { listingTitle, NoticePage } from './notices.ts';
import { Past } from './past.ts';
import { type FaultRecipe, limitsOver, parseRecipe, type Recipe, type RecipeInput, readRecipe } from './recipe.ts';
import { venueMarkets } from './registry.ts';
import { openVenueServer } from './server.ts';
import { settingsFor } from './settings.ts';
import type { SimulatedStream, Trade } from './stream.ts';
import { type MarketKey, venueOf } from './venue.ts';
import { World } from './world.ts';

/** Behind by more than this (the machine slept), the venues were closed meanwhile instead of printing all of it late. */
const LONGEST_CATCH_UP_MS = 2000;
/** How long one turn may print before sockets and timers have theirs. */
const TURN_MS = 25;
const TEND_MS = 200;
const LEDGER_FLUSH_MS = 100;
/** Flood: readers' backlog below which more is printed. */
const FLOOD_BACKLOG = 1024 * 1024;
const FIRST_NOTICE = 6000;
/**
 * Venues with a past open for connections and REST before they trade again, as after any maintenance: until all clients have been back for
 * this long, so that also a short page of newest trades tells them that they missed nothing; or until nobody is waited for any more.
 */
const REOPENING_MS = 5000;
const LONGEST_REOPENING_MS = 20_000;

export interface RehearsalOptions {
  /** A path of a recipe file, or the recipe itself. */
  readonly recipe: string | RecipeInput | Readonly<Record<string, unknown>>;
  /** 0 or absent: a free one. */
  readonly port?: number;
  readonly ledger?: string | null;
  readonly lines?: 1 | 2;
  readonly symbols?: 'all' | 'listed';
  /** seed: first ids come from the seed, the same every time. clock: they grow with the date, so that a later rehearsal recorded into the same data folder never repeats an id; candles are of the minutes that are known. */
  readonly ids?: 'seed' | 'clock';
  /** A folder in which what is printed is kept, so that a later rehearsal on it knows its past. null or absent, and in a flood: none. */
  readonly past?: string | null;
}

export interface Rehearsal {
  readonly port: number;
  readonly url: string;
  /** Complete settings that point a recorder here. */
  readonly settings: Settings;
  readonly ledger: string | null;
  readonly recipe: Recipe;
  /** Wall time of virtual time zero, ms; moves when the machine slept. */
  readonly startedMs: number;
  /** Trades printed so far. */
  printed(): number;
  elapsedSeconds(): number;
  /** Wall time of the recipe's first announcement, µs; null: it announces nothing. */
  firstListingUs(): number | null;
  /** Open connections of a market, in the order of their opening. */
  connections(market: MarketKey): number;
  /** Begins a fault now. */
  inject(fault: FaultRecipe): void;
  /** What is known of earlier rehearsals on the same folder; null without such a folder. */
  readonly past: {
    readonly trades: number;
    /** Why nothing is kept (any more). */
    readonly trouble: string | null;
  } | null;
  /** Stops printing; the venues stay up. Resolves when the ledger is whole. */
  stopPrinting(): Promise<void>;
  /** Stops printing and waits so long for all clients to leave: nothing happens that a client which is leaving too would miss. */
  halt(withinMs: number): Promise<void>;
  /** Resolves with the wall time that the recipe's times count from, µs: at once, or when what `timesFrom` waits for is there. */
  readonly begun: Promise<number>;
  /** Resolves when printing has ended by itself (durationSeconds, flood.trades). */
  readonly finished: Promise<void>;
  close(): Promise<void>;
}

/** The recipe of these options, checked. */
export function recipeOf(options: Pick<RehearsalOptions, 'recipe'>): Result<Recipe> {
  return typeof options.recipe === 'string' ? readRecipe(options.recipe) : parseRecipe(options.recipe);
}

/** Starts the venues; throws a FailureError when the recipe is refused, the ledger cannot be written or the port is taken. */
export async function startRehearsal(options: RehearsalOptions): Promise<Rehearsal> {
  const written = unwrap(recipeOf(options));
  const recipe = options.ids === 'clock' ? { ...written, startId: written.startId ?? clockId() } : written;
  const ledger = unwrap(openLedger(options.ledger ?? null));
  const folder = recipe.flood ? null : (options.past ?? null);
  const past = folder === null ? null : new Past(folder, recipe.historyTrades, wallMs);
  const run = new Run(recipe, ledger, past, options.ids === 'clock');
  try {
    await run.open(options);
  } catch (error) {
    past?.close();
    await ledger?.close();
    throw new FailureError({
      code: 'rehearsal.port',
      message: `port ${options.port ?? 0}: ${reasonOf(error)}`,
      retry: true,
    });
  }
  return run;
}

function openLedger(path: string | null): Result<Ledger | null> {
  if (path === null) return ok(null);
  try {
    makeFolderSync(dirname(resolve(path)));
    return ok(new Ledger(path));
  } catch (error) {
    return fail('rehearsal.ledger', `ledger ${path} cannot be written: ${reasonOf(error)}`);
  }
}

class Run implements Rehearsal {
  readonly recipe: Recipe;
  readonly ledger: string | null;
  readonly begun: Promise<number>;
  readonly finished: Promise<void>;
  port = 0;
  url = '';
  startedMs = 0;
  readonly #world: World;
  readonly #engine: Engine;
  readonly #book: Ledger | null;
  readonly #past: Past | null;
  /** Trades of earlier runs. */
  readonly #restored: number;
  readonly #markets: SimulatedMarket[];
  readonly #byKey: ReadonlyMap<MarketKey, SimulatedMarket>;
  readonly #notices: NoticePage;
  readonly #faults: FaultTable;
  readonly #clock: { -readonly [K in keyof StepClock]: StepClock[K] };
  #settings: Settings | null = null;
  #closing: Promise<void> | null = null;
  #tellBegun: (us: number) => void = () => undefined;
  #finish: () => void = () => undefined;
  #server: { close(): Promise<void> } | null = null;
  #timer: NodeJS.Timeout | null = null;
  #printing = true;
  /** The venues have a past and have not printed anything since they are back. */
  #reopening: boolean;
  /** Since when every stream has had a client. */
  #completeMs = 0;
  #tendedMs = 0;
  #flushedMs = 0;
  #floodBegan = false;
  /** Since the start, when the timetable began to count; null: it waits for subscriptions. */
  #begunMs: number | null = 0;
  #openedAtMs = 0;
  /** Streams with trades that wait for their frame. */
  readonly #owing = new Set<SimulatedStream>();

  /** again: an earlier run may have printed into the same data folder. */
  constructor(recipe: Recipe, ledger: Ledger | null, past: Past | null, again: boolean) {
    this.recipe = recipe;
    this.#book = ledger;
    this.#past = past;
    this.ledger = ledger?.path ?? null;
    this.begun = new Promise((resolve) => {
      this.#tellBegun = resolve;
    });
    this.finished = new Promise((resolve) => {
      this.#finish = resolve;
    });
    this.#world = new World(recipe, past);
    this.#restored = past?.restore(this.#world) ?? 0;
    this.#reopening = this.#restored > 0;
    const nowMs = (): number => wallMs();
    const upSinceMs = past?.sinceMs ?? (again ? wallMs() : 0);
    this.#notices = new NoticePage(nowMs, again ? clockNoticeId() : FIRST_NOTICE);
    this.#markets = venueMarkets.map((venue) => {
      const limits = venue.limits(limitsOver(recipe, venueOf(venue.key)));
      return new SimulatedMarket({ venue, world: this.#world, limits, nowMs, upSinceMs });
    });
    this.#byKey = new Map(this.#markets.map((market) => [market.key, market]));
    if (recipe.timesFrom) this.#begunMs = null;
    this.#faults = new FaultTable(recipe, this.#markets, this.#notices, (remark) => {
      this.#book?.remark({ ...remark, atUs: Math.floor((this.startedMs + remark.atMs) * 1000) });
    });
    this.#engine = new Engine(this.#world, {
      listing: (listing) => {
        const name = this.#world.coins.get(listing.coin)?.title ?? listing.coin;
        const title = listing.title ?? listingTitle(name, listing.coin, listing.quotes);
        const publishedMs = this.#notices.publish(title);
        this.#book?.remark({ listing: listing.coin, title, publishedUs: publishedMs * 1000 });
      },
      opened: (stream) => {
        const market = this.#byKey.get(stream.market);
        market?.protocol.listed?.(market, stream);
        this.#past?.begin(this.#world);
      },
    });
    const market = (key: MarketKey): SimulatedMarket => this.#byKey.get(key) ?? unreachable(key);
    this.#clock = {
      stepMs: 0,
      spanMs: STEP_MS,
      skewMs: (key) => market(key).skewMs,
      epoch: (key) => market(key).epoch,
    };
  }

  get settings(): Settings {
    if (!this.#settings) throw new Error('the rehearsal is not open yet');
    return this.#settings;
  }

  async open(options: RehearsalOptions): Promise<void> {
    const server = await openVenueServer(this.#markets, this.#notices, options.port ?? 0, this.#past?.flush);
    this.#server = server;
    this.port = server.port;
    this.url = `http://127.0.0.1:${server.port}`;
    this.#settings = settingsFor(this.#world, server.port, {
      lines: options.lines ?? 2,
      symbols: options.symbols ?? 'all',
    });
    this.startedMs = Math.ceil(wallMs());
    this.#openedAtMs = this.startedMs;
    this.#book?.remark({
      rehearsal: this.recipe.title ?? 'rehearsal',
      seed: this.recipe.seed,
      startedUs: this.startedMs * 1000,
    });
    this.#turn();
  }

  printed(): number {
    return this.#engine.printed;
  }

  get past(): Rehearsal['past'] {
    return this.#past && { trades: this.#restored, trouble: this.#past.trouble };
  }

  elapsedSeconds(): number {
    return (wallMs() - this.#openedAtMs) / 1000;
  }

  firstListingUs(): number | null {
    const seconds = Math.min(...this.recipe.listing.map(({ atSeconds }) => atSeconds));
    if (!Number.isFinite(seconds)) return null;
    return Math.round((this.startedMs + (this.#begunMs ?? wallMs() - this.startedMs) + seconds * 1000) * 1000);
  }

  connections(market: MarketKey): number {
    return this.#byKey.get(market)?.outlets.length ?? 0;
  }

  inject(fault: FaultRecipe): void {
    this.#faults.inject(fault, wallMs() - this.startedMs);
  }

  async stopPrinting(): Promise<void> {
    this.#end();
    this.#flush();
    await this.#book?.settled();
  }

  async halt(withinMs: number): Promise<void> {
    await this.stopPrinting();
    const end = wallMs() + withinMs;
    while (wallMs() < end && this.#markets.some((market) => market.outlets.length > 0))
      await new Promise((resolve) => setTimeout(resolve, STEP_MS));
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#end();
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#flush();
    const enforced = Object.fromEntries(this.#markets.map((market) => [market.key, market.enforced]));
    this.#book?.remark({ end: true, printed: this.#engine.printed, atUs: Math.floor(wallMs() * 1000), enforced });
    const server = this.#server;
    this.#server = null;
    await server?.close();
    this.#past?.close();
    await this.#book?.close();
    this.#world.tapes.close();
  }

  #end(): void {
    if (!this.#printing) return;
    this.#printing = false;
    this.#settle();
    this.#finish();
  }

  #next(delayMs: number): void {
    if (this.#server) this.#timer = setTimeout(() => this.#turn(), delayMs);
  }

  #turn(): void {
    const now = wallMs();
    if (this.#reopening) this.#reopen(now);
    this.#begin(now);
    this.#faults.tick(now - this.startedMs);
    if (now - this.#tendedMs >= TEND_MS) {
      this.#tendedMs = now;
      for (const market of this.#markets) market.tend();
    }
    if (this.recipe.flood) {
      this.#flood(now);
      return;
    }
    if (this.#printing && !this.#reopening) this.#catchUp(now);
    this.#flush();
    this.#next(STEP_MS / 2);
  }

  /** The time of the recipe begins when the venues trade again. */
  #reopen(now: number): void {
    this.startedMs = Math.ceil(now);
    if (this.#world.streams.some((stream) => stream.subscribers === 0)) this.#completeMs = now;
    this.#reopening = now - this.#completeMs < REOPENING_MS && now - this.#openedAtMs < LONGEST_REOPENING_MS;
  }

  #begin(now: number): void {
    const { timesFrom } = this.recipe;
    if (this.#begunMs === null) {
      if (!timesFrom || this.#subscriptions() < timesFrom.subscriptions) return;
      this.#begunMs = Math.ceil(now - this.startedMs);
      this.#faults.release(this.#begunMs);
      this.#engine.release(this.#begunMs);
    }
    if (!this.#reopening) this.#tellBegun((this.startedMs + this.#begunMs) * 1000);
  }

  #endMs(): number {
    const { durationSeconds } = this.recipe;
    return durationSeconds === undefined || this.#begunMs === null
      ? Number.POSITIVE_INFINITY
      : this.#begunMs + durationSeconds * 1000;
  }

  #subscriptions(): number {
    return this.#world.streams.reduce((sum, stream) => sum + stream.subscribers, 0);
  }

  /** Prints all steps whose end has passed. */
  #catchUp(now: number): void {
    const behind = now - this.startedMs - this.#engine.virtualMs;
    if (behind > LONGEST_CATCH_UP_MS) {
      const slept = Math.floor(behind - STEP_MS);
      this.startedMs += slept;
      this.#book?.remark({ slept: true, ms: slept, atUs: Math.floor(now * 1000) });
    }
    while (this.startedMs + this.#engine.virtualMs + STEP_MS <= now) {
      if (this.#book?.full || wallMs() - now > TURN_MS) return;
      if (this.#engine.virtualMs >= this.#endMs()) {
        this.#end();
        return;
      }
      this.#clock.stepMs = this.startedMs + this.#engine.virtualMs;
      this.#engine.step(this.#clock, this.#print);
      if (this.#owing.size > 0) this.#settle();
    }
  }

  /** Prints as fast as the slowest subscribed reader takes it. */
  #flood(now: number): void {
    const plan = this.recipe.flood;
    if (!plan || !this.#printing || !this.#floodMayBegin(plan.subscriptions)) {
      this.#flush();
      this.#next(STEP_MS);
      return;
    }
    this.#clock.spanMs = 0;
    let waits = false;
    while (!waits && wallMs() - now < TURN_MS) {
      if (plan.trades !== undefined && this.#engine.printed >= plan.trades) {
        this.#end();
        break;
      }
      this.#clock.stepMs = Math.floor(wallMs());
      this.#engine.step(this.#clock, this.#print);
      if (this.#owing.size > 0) this.#settle();
      waits =
        this.#book?.full === true ||
        this.#markets.some((market) => market.outlets.some((outlet) => outlet.backlog > FLOOD_BACKLOG));
    }
    this.#flush();
    // A reader that is behind gets the processor; its backlog lasts longer than the wait.
    if (waits) this.#next(1);
    else if (this.#server) setImmediate(() => this.#server && this.#turn());
  }

  #floodMayBegin(subscriptions = this.#world.streams.length): boolean {
    if (!this.#floodBegan) {
      this.#floodBegan = this.#subscriptions() >= subscriptions;
    }
    return this.#floodBegan;
  }

  readonly #print = (stream: SimulatedStream, trade: Trade, last: boolean): void => {
    this.#book?.note(stream, trade);
    this.#past?.note(stream, trade);
    stream.publish(trade, last);
    if (last && stream.owes) this.#owing.add(stream);
  };

  /** Sends the frames whose window is over. */
  #settle(): void {
    for (const stream of this.#owing) {
      const { framing } = stream.venue;
      if (this.#printing && framing.per === 'window' && this.#engine.virtualMs % framing.windowMs !== 0) continue;
      stream.settle();
      this.#owing.delete(stream);
    }
  }

  #flush(): void {
    this.#past?.flush();
    if (this.#past?.isFull) this.#past.begin(this.#world);
    for (const market of this.#markets) for (const outlet of market.outlets) outlet.flush();
    const now = wallMs();
    if (this.#book && now - this.#flushedMs >= LEDGER_FLUSH_MS) {
      this.#flushedMs = now;
      this.#book.flush();
    }
  }
}

function unreachable(key: string): never {
  throw new Error(`no simulated market ${key}`);
}
