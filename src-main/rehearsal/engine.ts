// The simulated matching engines: what is traded when, at what price. A pure function of recipe and step number; it knows no clock,
// so the same seed prints the same trades however fast or slow the machine is.
import { Random } from './random.ts';
import type { Recipe } from './recipe.ts';
import { marketKeys, usualMarkets } from './registry.ts';
import type { Coin, CoinPump, SimulatedStream, Trade } from './stream.ts';
import type { MarketKey } from './venue.ts';
import type { World } from './world.ts';

/** Length of one step of virtual time. */
export const STEP_MS = 10;
/** Share of fills that are followed by another fill of the same order, in the same ms. */
const NEXT_FILL = 0.45;
const MOST_FILLS = 20;
const ORDERS_PER_TRADE = 1 - NEXT_FILL;
const HEAT_STEPS = 50;
const DRIFT_STEPS = 5;

/** Receives each trade; the object is reused. last: its taker order is done. */
export type PrintTrade = (stream: SimulatedStream, trade: Trade, last: boolean) => void;

/** How virtual time becomes the venues' time. */
export interface StepClock {
  /** Wall time of the step's begin. */
  readonly stepMs: number;
  /** Wall time over which the step's trades are spread: STEP_MS, or 0 when printing faster than life. */
  readonly spanMs: number;
  /** How far the market's own clock is off. */
  skewMs(market: MarketKey): number;
  /** Counts the jumps of that clock, so that ids made from it never repeat. */
  epoch(market: MarketKey): number;
}

export interface ListingEvent {
  readonly coin: string;
  readonly atMs: number;
  readonly title: string | null;
  readonly quotes: readonly string[];
}

export class Engine {
  readonly world: World;
  /** Steps done; virtual time is steps * STEP_MS. */
  steps = 0;
  printed = 0;
  readonly #recipe: Recipe;
  readonly #trade: Trade = {
    ms: 0,
    index: 0,
    id: 0,
    fill: 0,
    priceTicks: 0,
    lots: 0,
    extra: 0,
    extraBefore: 0,
    sell: false,
  };
  readonly #listings: (ListingEvent & { readonly run: () => void })[] = [];
  readonly #onListing: (listing: ListingEvent) => void;
  readonly #onOpened: (stream: SimulatedStream) => void;
  /** Virtual time that the recipe's times count from; null: not yet known. */
  #zeroMs: number | null = null;
  readonly #opening: { atMs: number; open: () => SimulatedStream }[] = [];

  constructor(
    world: World,
    on: { listing: (listing: ListingEvent) => void; opened: (stream: SimulatedStream) => void },
  ) {
    this.world = world;
    this.#recipe = world.recipe;
    this.#onListing = on.listing;
    this.#onOpened = on.opened;
    if (!this.#recipe.timesFrom) this.release(0);
  }

  /** The recipe's times count from this virtual time. */
  release(zeroMs: number): void {
    this.#zeroMs = zeroMs;
    for (let index = 0; index < this.#recipe.listing.length; index += 1) this.#schedule(index, 0);
  }

  get virtualMs(): number {
    return this.steps * STEP_MS;
  }

  /** Plans the nth occurrence of a listing; the occurrence plans the next one. */
  #schedule(index: number, occurrence: number): void {
    const listing = this.#recipe.listing[index];
    if (!listing) return;
    const again = listing.again;
    const coinName =
      occurrence === 0 ? listing.coin : (again?.coins[(occurrence - 1) % again.coins.length] ?? listing.coin);
    const atMs = (this.#zeroMs ?? 0) + Math.round((listing.atSeconds + occurrence * (again?.everySeconds ?? 0)) * 1000);
    const coin = this.world.coins.get(coinName);
    if (!coin) return;
    const startMs = new Map<MarketKey, number>();
    const [soonest, latest] = listing.followMs;
    // The usual markets draw from the coin, the others from a source of their own: a coin's price does not depend on how many venues there are.
    const further = new Random(this.#recipe.seed, `follow ${coinName} ${occurrence}`);
    for (const market of [...usualMarkets, ...marketKeys.filter((key) => !usualMarkets.includes(key))]) {
      const random = usualMarkets.includes(market) ? coin.random : further;
      const late = soonest + random.unit() * (latest - soonest);
      startMs.set(market, market === listing.leads ? 0 : late);
    }
    const fromMs = atMs - listing.leakSeconds * 1000;
    coin.pumps.push({
      fromMs,
      factor: listing.pumpFactor,
      pumpMs: listing.pumpSeconds * 1000,
      logMultiple: Math.log(listing.priceMultiple),
      startMs: new Map([...startMs].map(([market, late]) => [market, fromMs + late])),
    });
    this.#listings.push({
      coin: coinName,
      atMs,
      title: occurrence === 0 ? (listing.title ?? null) : null,
      quotes: listing.quotes,
      run: () => {
        if (listing.newInstrumentsAfterSeconds !== undefined)
          this.#openLater(coin, listing.opens, atMs + listing.newInstrumentsAfterSeconds * 1000);
        if (again) this.#schedule(index, occurrence + 1);
      },
    });
    this.#listings.sort((a, b) => a.atMs - b.atMs);
  }

  #openLater(coin: Coin, markets: readonly MarketKey[], atMs: number): void {
    const model = coin.streams[0];
    if (!model) return;
    for (const market of markets) {
      if (coin.streams.some((stream) => stream.market === market)) continue;
      const { priceInQuote, ratePerSecond } = model;
      this.#opening.push({
        atMs,
        open: () => this.world.open(market, coin.name, 'USDT', priceInQuote, ratePerSecond, atMs),
      });
    }
  }

  /** Does one step and prints its trades. */
  step(clock: StepClock, print: PrintTrade): void {
    const fromMs = this.virtualMs;
    this.#happen(fromMs);
    const spread = this.#spread(fromMs);
    const { streams, coins } = this.world;
    if (this.steps % DRIFT_STEPS === 0) {
      for (const coin of coins.values()) {
        coin.drift += coin.random.bell() * 0.00012 - coin.drift * 0.0004;
        if (coin.pumps.length > 4) coin.pumps.splice(0, coin.pumps.length - 4);
      }
    }
    for (let index = 0; index < streams.length; index += 1) {
      const stream = streams[index]!;
      if ((this.steps + index) % HEAT_STEPS === 0) warm(stream);
      let load = stream.ratePerSecond * ORDERS_PER_TRADE * stream.heat * spread;
      let lift = stream.coin.drift;
      for (const pump of stream.coin.pumps) {
        const sinceMs = fromMs - (pump.startMs.get(stream.market) ?? pump.fromMs);
        if (sinceMs < 0) continue;
        load *= loadOf(pump, sinceMs);
        lift += liftOf(pump, sinceMs);
      }
      const expected = (load * STEP_MS) / 1000;
      if (stream.wait >= expected) {
        stream.wait -= expected;
        continue;
      }
      const target = stream.restTicks * Math.exp(lift);
      const stampMs = clock.stepMs + clock.skewMs(stream.market);
      const epoch = clock.epoch(stream.market);
      while (stream.wait < expected) {
        this.#order(stream, target, stampMs + Math.floor((stream.wait / expected) * clock.spanMs), epoch, print);
        stream.wait += stream.random.exponential();
      }
      stream.wait -= expected;
    }
    this.steps += 1;
  }

  /** One taker order: one or more fills in the same ms, each a step further into the book. */
  #order(stream: SimulatedStream, target: number, ms: number, epoch: number, print: PrintTrade): void {
    const { random } = stream;
    const trade = this.#trade;
    const away = (target - stream.priceTicks) / (target + 1);
    const sell = random.unit() > 0.5 + Math.max(-0.35, Math.min(0.35, away * 60)) + stream.buyBias;
    const near = stream.priceTicks + (target - stream.priceTicks) * 0.35;
    const noise = (random.unit() - 0.5) * Math.max(2, target * 0.0002);
    let price = Math.max(2, Math.round(near + noise));
    const { venue, tape } = stream;
    for (let fills = 1; ; fills += 1) {
      trade.ms = ms;
      trade.sell = sell;
      trade.priceTicks = price;
      trade.lots = lotsOf(random, stream.meanLots);
      trade.index = tape.length;
      trade.id = stream.firstId + tape.length;
      trade.fill = fills - 1;
      trade.extraBefore = tape.extraSum;
      trade.extra = venue.mark(stream, trade, epoch);
      tape.append(ms, price, trade.lots, trade.extra, sell);
      this.printed += 1;
      const last = fills >= MOST_FILLS || random.unit() >= NEXT_FILL;
      print(stream, trade, last);
      if (last) break;
      if (random.unit() < 0.6) price = Math.max(1, price + (sell ? -1 : 1));
    }
    stream.priceTicks = price;
  }

  #happen(fromMs: number): void {
    while (this.#listings[0] && this.#listings[0].atMs <= fromMs) {
      const listing = this.#listings.shift();
      if (!listing) break;
      listing.run();
      this.#onListing(listing);
    }
    for (let at = this.#opening.length - 1; at >= 0; at -= 1) {
      const next = this.#opening[at];
      if (!next || next.atMs > fromMs) continue;
      this.#opening.splice(at, 1);
      this.#onOpened(next.open());
    }
  }

  /** Factor of the pumps that hit every stream. */
  #spread(fromMs: number): number {
    if (this.#zeroMs === null) return 1;
    let factor = 1;
    for (const pump of this.#recipe.pump) {
      const since = (fromMs - this.#zeroMs) / 1000 - pump.atSeconds;
      if (since >= 0 && since < pump.forSeconds) factor *= pump.factor;
    }
    return factor;
  }
}

/** Markets breathe: twice a second the stream's pace changes a little, its mean stays. */
function warm(stream: SimulatedStream): void {
  const bell = stream.random.bell();
  stream.heat = Math.min(4, Math.max(0.2, Math.exp(bell * 0.45 - 0.101)));
  stream.buyBias = stream.random.bell() * 0.06;
}

function lotsOf(random: Random, mean: number): number {
  const unit = random.unit();
  const lots = 1 + Math.floor(mean * 4 * unit * unit * unit);
  return lots > 200 && (random.bits() & 15) === 0 ? lots - (lots % 100) : lots;
}

/** Trades per second: up to the factor within a second, held, then back slowly. */
function loadOf(pump: CoinPump, sinceMs: number): number {
  if (sinceMs < 1000) return 1 + (pump.factor - 1) * (sinceMs / 1000);
  if (sinceMs < pump.pumpMs) return pump.factor;
  return 1 + (pump.factor - 1) * Math.exp(-(sinceMs - pump.pumpMs) / (pump.pumpMs * 0.6));
}

/** Log price: most of it within a second, the peak after a third of the pump, then giving back. */
function liftOf(pump: CoinPump, sinceMs: number): number {
  const peakMs = Math.max(1000, pump.pumpMs / 3);
  if (sinceMs < 1000) return pump.logMultiple * 0.6 * (sinceMs / 1000);
  if (sinceMs < peakMs) return pump.logMultiple * (0.6 + (0.4 * (sinceMs - 1000)) / Math.max(1, peakMs - 1000));
  return pump.logMultiple * Math.exp(-(sinceMs - peakMs) / (pump.pumpMs * 4));
}
