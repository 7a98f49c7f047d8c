// The instruments of a rehearsal, made from its recipe: names, scales and rates as the venues would have them.
import type { Instrument } from '../../src-shared/market/instrument.ts';
import { fnv1a, Random } from './random.ts';
import { generatedCoin, type MarketKey, type Recipe } from './recipe.ts';
import { type Coin, type Scales, SimulatedStream } from './stream.ts';
import { Tape, TapeStore } from './tape.ts';

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

/** Streams, coins and tapes. Streams may be added while it runs (a listing opens a market). */
export class World {
  readonly recipe: Recipe;
  readonly coins = new Map<string, Coin>();
  readonly streams: SimulatedStream[] = [];
  readonly tapes: TapeStore;
  readonly #bySymbol = new Map<string, SimulatedStream>();

  constructor(recipe: Recipe) {
    this.recipe = recipe;
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
    const upbit = market === 'upbit:spot';
    const venueQuote = upbit ? 'KRW' : quote;
    const symbol = upbit ? `KRW-${base}` : `${base}${quote}`;
    const known = this.stream(market, symbol);
    if (known) return known;
    const coin = this.#coin(base);
    const venuePrice = upbit ? price * this.recipe.krwPerQuote : price;
    const shape = scalesFor(market, venuePrice);
    const key = `${market} ${symbol}`;
    const firstId = this.recipe.startId ?? 1_000_000 + (fnv1a(`${this.recipe.seed} id ${key}`) % 4_000_000_000);
    const made = new SimulatedStream({
      market,
      symbol,
      channel: market === 'binance:perp' ? 'aggTrade' : 'trade',
      base,
      quote: venueQuote,
      coin,
      scales: shape.scales,
      firstId,
      random: new Random(this.recipe.seed, key),
      tape: new Tape(this.tapes),
      restTicks: shape.restTicks,
      meanLots: shape.meanLots,
      ratePerSecond,
      bornMs,
    });
    this.streams.push(made);
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
    return this.streams.filter((stream) => stream.market === market);
  }

  /** Markets that this recipe simulates. */
  get markets(): MarketKey[] {
    return [...new Set(this.streams.map((stream) => stream.market))];
  }
}

/** Canonical instrument of a stream. */
export function instrumentOf(stream: SimulatedStream): Instrument {
  const [venue, market] = stream.market === 'upbit:spot' ? (['upbit', 'spot'] as const) : splitBinance(stream.market);
  return {
    venue,
    market,
    symbol: stream.symbol,
    base: stream.base,
    quote: stream.quote,
    contractSize: '1',
    state: 'trading',
    listedUs: null,
  };
}

function splitBinance(market: MarketKey): readonly ['binance', 'spot' | 'perp'] {
  return ['binance', market === 'binance:perp' ? 'perp' : 'spot'];
}

interface Shape {
  readonly scales: Scales;
  readonly restTicks: number;
  readonly meanLots: number;
}

/** Tick and lot as the venue would choose them at this price: about five digits of price, a lot worth cents. */
function scalesFor(market: MarketKey, price: number): Shape {
  const magnitude = Math.floor(Math.log10(price));
  if (market === 'upbit:spot') return upbitShape(price, magnitude);
  const priceScale = clamp(5 - magnitude, market === 'binance:spot' ? 2 : 1, 8);
  const lotScale = clamp(magnitude + 1, 0, market === 'binance:spot' ? 5 : 3);
  const spot = market === 'binance:spot';
  const ticks = Math.max(1, Math.round(price * 10 ** priceScale));
  return {
    scales: {
      priceUnit: 1,
      priceScale,
      priceZeros: spot ? 8 - priceScale : 0,
      lotUnit: 1,
      lotScale,
      lotZeros: spot ? 8 - lotScale : 0,
    },
    restTicks: ticks,
    meanLots: Math.max(2, Math.round((400 / price) * 10 ** lotScale)),
  };
}

/** Upbit's KRW tick table, https://docs.upbit.com/kr/docs/krw-market-info */
const KRW_TICKS: readonly (readonly [from: number, unit: number, scale: number])[] = [
  [1_000_000, 1000, 0],
  [500_000, 500, 0],
  [100_000, 100, 0],
  [50_000, 50, 0],
  [10_000, 10, 0],
  [5_000, 5, 0],
  [100, 1, 0],
  [10, 1, 1],
  [1, 1, 2],
  [0.1, 1, 3],
  [0.01, 1, 4],
];

function upbitShape(price: number, magnitude: number): Shape {
  const [, unit, scale] = KRW_TICKS.find(([from]) => price >= from) ?? [0, 1, clamp(3 - magnitude, 5, 8)];
  return {
    scales: { priceUnit: unit, priceScale: scale, priceZeros: 8 - scale, lotUnit: 1, lotScale: 8, lotZeros: 0 },
    restTicks: Math.max(1, Math.round((price * 10 ** scale) / unit)),
    meanLots: clamp(Math.round((500_000 / price) * 1e8), 5000, 200_000_000),
  };
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
