// The instruments of a rehearsal, made from its recipe: names, scales and rates as the venues would have them.
import type { Instrument } from '../../src-shared/market/instrument.ts';
import { fnv1a, Random } from './random.ts';
import { generatedCoin, type Recipe } from './recipe.ts';
import { venueMarket } from './registry.ts';
import { type Coin, SimulatedStream } from './stream.ts';
import { Tape, TapeStore } from './tape.ts';
import { type MarketKey, marketOf, type Naming, venueOf } from './venue.ts';

const KOREAN: Readonly<Record<string, string>> = {
  BTC: '비트코인',
  ETH: '이더리움',
  XRP: '엑스알피',
  SOL: '솔라나',
  DOGE: '도지코인',
  ADA: '에이다',
  LINK: '체인링크',
  AVAX: '아발란체',
  POD: '돌핀',
  NMR: '뉴메레르',
  LPT: '라이브피어',
  POKT: '포켓네트워크',
  ALT: '알트레이어',
  PYTH: '피스네트워크',
};

/** Streams of an earlier run, by name. */
export interface KnownStreams {
  /** Its first id; undefined when it was not there, or was measured otherwise. */
  firstIdOf(market: MarketKey, symbol: string, measure: string): number | undefined;
}

/** How whole numbers on a tape become prices and quantities: rows of another measure cannot be read. */
export function measureOf({ scales, contractSize }: Pick<Naming, 'scales' | 'contractSize'>): string {
  const { priceUnit, priceScale, priceZeros, lotUnit, lotScale, lotZeros } = scales;
  return [priceUnit, priceScale, priceZeros, lotUnit, lotScale, lotZeros, contractSize].join(' ');
}

/** Streams, coins and tapes. Streams may be added while it runs (a listing opens a market). */
export class World {
  readonly recipe: Recipe;
  readonly coins = new Map<string, Coin>();
  readonly streams: SimulatedStream[] = [];
  readonly tapes: TapeStore;
  readonly #bySymbol = new Map<string, SimulatedStream>();
  readonly #byMarket = new Map<MarketKey, SimulatedStream[]>();
  readonly #past: KnownStreams | null;

  /** past: what an earlier run left; its streams go on counting. */
  constructor(recipe: Recipe, past: KnownStreams | null = null) {
    this.recipe = recipe;
    this.#past = past;
    this.tapes = new TapeStore(recipe.historyTrades);
    for (const instrument of recipe.instruments) {
      this.#coin(instrument.base, instrument.name);
      for (const market of instrument.venues) {
        this.open(market, instrument.base, instrument.quote, instrument.price, instrument.ratePerSecond, 0);
      }
    }
    this.#generate();
  }

  #coin(name: string, title?: string): Coin {
    let coin = this.coins.get(name);
    if (!coin) {
      coin = {
        name,
        title: title ?? KOREAN[name] ?? `${name}코인`,
        random: new Random(this.recipe.seed, `coin ${name}`),
        drift: 0,
        pumps: [],
        streams: [],
      };
      this.coins.set(name, coin);
    }
    return coin;
  }

  #generate(): void {
    const plan = this.recipe.generator;
    if (!plan) return;
    const shares = Array.from({ length: plan.count }, (_, index) => 1 / (index + 1) ** plan.slope);
    const sum = shares.reduce((total, share) => total + share, 0);
    const coinCount = Math.ceil(plan.count / plan.venues.length);
    for (let index = 0; index < plan.count; index += 1) {
      const market = plan.venues[Math.floor(index / coinCount) % plan.venues.length];
      if (!market) continue;
      const name = generatedCoin(index % coinCount);
      this.#coin(name, `연습${index % coinCount}`);
      const price = 10 ** ((fnv1a(`${this.recipe.seed} price ${name}`) % 6000) / 1000 - 2);
      // Spreads the busy streams over the markets instead of giving them all to the first.
      const place = (index % coinCount) * plan.venues.length + Math.floor(index / coinCount);
      const share = (shares[Math.min(place, plan.count - 1)] ?? 0) / sum;
      this.open(market, name, 'USDT', price, plan.ticksPerSecond * share, 0);
    }
  }

  /** Opens a market of a coin; gives the one that exists when it is already there. */
  open(
    market: MarketKey,
    base: string,
    quote: string,
    price: number,
    ratePerSecond: number,
    bornMs: number,
  ): SimulatedStream {
    const venue = venueMarket(market);
    const naming = venue.naming(base, quote, price, this.recipe.krwPerQuote);
    const { symbol } = naming;
    const known = this.stream(market, symbol);
    if (known) return known;
    const coin = this.#coin(base);
    const key = `${market} ${symbol}`;
    const drawnId = this.recipe.startId ?? 1_000_000 + (fnv1a(`${this.recipe.seed} id ${key}`) % 4_000_000_000);
    const firstId = this.#past?.firstIdOf(market, symbol, measureOf(naming)) ?? drawnId;
    const made = new SimulatedStream({
      venue,
      symbol,
      base,
      quote: naming.quote,
      coin,
      scales: naming.scales,
      contractSize: naming.contractSize,
      priceInQuote: price,
      firstId,
      random: new Random(this.recipe.seed, key),
      tape: new Tape(this.tapes),
      restTicks: naming.restTicks,
      meanLots: naming.meanLots,
      ratePerSecond,
      bornMs,
    });
    this.streams.push(made);
    const listed = this.#byMarket.get(market) ?? [];
    listed.push(made);
    this.#byMarket.set(market, listed);
    coin.streams.push(made);
    this.#bySymbol.set(key, made);
    return made;
  }

  /** How far the recipe lets venues' clocks jump, all jumps together. */
  get clockJumpsMs(): number {
    return this.recipe.faults.reduce((sum, fault) => sum + (fault.kind === 'skew' ? Math.abs(fault.ms ?? 0) : 0), 0);
  }

  stream(market: MarketKey, symbol: string): SimulatedStream | undefined {
    return this.#bySymbol.get(`${market} ${symbol}`);
  }

  inMarket(market: MarketKey): SimulatedStream[] {
    return this.#byMarket.get(market) ?? [];
  }

  /** Markets that this recipe simulates. */
  get markets(): MarketKey[] {
    return [...this.#byMarket.keys()];
  }
}

/** Canonical instrument of a stream. */
export function instrumentOf(stream: SimulatedStream): Instrument {
  return {
    venue: venueOf(stream.market),
    market: marketOf(stream.market),
    symbol: stream.symbol,
    base: stream.base,
    quote: stream.quote,
    contractSize: stream.contractSize,
    state: 'trading',
    listedUs: null,
  };
}
