// The simulated matching engines: what is traded when, at what price. A pure function of recipe and step number; it knows no clock,
// so the same seed prints the same trades however fast or slow the machine is.
import type { Random } from './random.ts';
import { type MarketKey, marketKeys, type Recipe } from './recipe.ts';
import type { Coin, CoinPump, SimulatedStream, Trade } from './stream.ts';
import type { World } from './world.ts';

/** Length of one step of virtual time. */
export const STEP_MS = 10;
/** Share of fills that are followed by another fill of the same order, in the same ms. */
const NEXT_FILL = 0.45;
const MOST_FILLS = 20;
const ORDERS_PER_TRADE = 1 - NEXT_FILL;
const HEAT_STEPS = 50;
const DRIFT_STEPS = 5;

/** Receives each trade; the object is reused. */
export type PrintTrade = (stream: SimulatedStream, trade: Trade) => void;

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
    id: 0,
    counter: 0,
    priceTicks: 0,
    lots: 0,
    sell: false,
    rawFirst: 0,
    rawLast: 0,
  };
  readonly #listings: (ListingEvent & { readonly run: () => void })[] = [];
  readonly #onListing: (listing: ListingEvent) => void;
  readonly #onOpened: (stream: SimulatedStream) => void;
  readonly #opening: { atMs: number; open: () => SimulatedStream }[] = [];

  constructor(
    world: World,
    on: { listing: (listing: ListingEvent) => void; opened: (stream: SimulatedStream) => void },
  ) {
    this.world = world;
    this.#recipe = world.recipe;
    this.#onListing = on.listing;
    this.#onOpened = on.opened;
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
    const atMs = Math.round((listing.atSeconds + occurrence * (again?.everySeconds ?? 0)) * 1000);
    const coin = this.world.coins.get(coinName);
    if (!coin) return;
    const startMs = new Map<MarketKey, number>();
    const [soonest, latest] = listing.followMs;
    for (const market of marketKeys) {
      const late = soonest + coin.random.unit() * (latest - soonest);
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
          this.#openLater(coin, atMs + listing.newInstrumentsAfterSeconds * 1000);
        if (again) this.#schedule(index, occurrence + 1);
      },
    });
    this.#listings.sort((a, b) => a.atMs - b.atMs);
  }

  #openLater(coin: Coin, atMs: number): void {
    if (this.world.stream('upbit:spot', `KRW-${coin.name}`)) return;
    const model = coin.streams[0];
    if (!model) return;
    const price = (model.restTicks * model.scales.priceUnit) / 10 ** model.scales.priceScale;
    this.#opening.push({
      atMs,
      open: () => this.world.open('upbit:spot', coin.name, 'USDT', price, model.ratePerSecond, atMs),
    });
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
    const upbit = stream.market === 'upbit:spot';
    if (ms !== stream.lastMs) {
      stream.lastMs = ms;
      stream.counter = (epoch % 99) * 100;
      stream.owedCounter = -1;
    }
    for (let fills = 1; ; fills += 1) {
      trade.ms = ms;
      trade.sell = sell;
      trade.priceTicks = price;
      trade.lots = lotsOf(random, stream.meanLots);
      trade.id = stream.firstId + stream.tape.length;
      let extra = 0;
      if (upbit) {
        extra = nextCounter(stream);
        trade.counter = extra;
      } else if (stream.market === 'binance:perp') {
        extra = 1 + (random.bits() & 3);
        trade.rawFirst = stream.rawNext;
        trade.rawLast = stream.rawNext + extra - 1;
        stream.rawNext += extra;
      }
      stream.tape.append(ms, price, trade.lots, extra, sell);
      this.printed += 1;
      print(stream, trade);
      if (fills >= MOST_FILLS || random.unit() >= NEXT_FILL) break;
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
    let factor = 1;
    for (const pump of this.#recipe.pump) {
      const since = fromMs / 1000 - pump.atSeconds;
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

/** Upbit's ids are unique but do not arrive in order: now and then two neighbours are the other way round. */
function nextCounter(stream: SimulatedStream): number {
  if (stream.owedCounter >= 0) {
    const owed = stream.owedCounter;
    stream.owedCounter = -1;
    return owed;
  }
  const next = stream.counter;
  if ((stream.random.bits() & 31) !== 0) {
    stream.counter = next + 1;
    return next;
  }
  stream.owedCounter = next;
  stream.counter = next + 2;
  return next + 1;
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
