// One simulated stream: one channel of one instrument, its scales, its price, its tape, and who listens.
import type { Outlet } from './outlet.ts';
import type { Random } from './random.ts';
import type { MarketKey } from './recipe.ts';
import type { Tape } from './tape.ts';

/** A trade just printed. One object is reused for all: copy what you keep. */
export interface Trade {
  ms: number;
  /** Trade id where ids count; the row's place on the tape for Upbit. */
  id: number;
  /** Upbit: the counter behind the ms. */
  counter: number;
  priceTicks: number;
  lots: number;
  sell: boolean;
  /** Perp: ids of the first and last raw trade in this row. */
  rawFirst: number;
  rawLast: number;
}

/** How a stream's integers become decimal text. */
export interface Scales {
  /** price = priceTicks * priceUnit / 10^priceScale, then priceZeros more zeros. */
  readonly priceUnit: number;
  readonly priceScale: number;
  readonly priceZeros: number;
  readonly lotUnit: number;
  readonly lotScale: number;
  readonly lotZeros: number;
}

/** Frame forms that a connection can ask for: Binance raw or combined, ms or µs; Upbit long or short names. */
export const FORMS = 4;
export const COMBINED = 1;
export const MICRO = 2;
export const SHORT_NAMES = 1;

export interface Coin {
  readonly name: string;
  readonly title: string;
  readonly random: Random;
  /** Log of the fair price relative to the recipe's, without pumps. */
  drift: number;
  readonly pumps: CoinPump[];
  readonly streams: SimulatedStream[];
}

/** A listing's effect on one coin. Times in ms since the rehearsal's start. */
export interface CoinPump {
  readonly fromMs: number;
  readonly factor: number;
  readonly pumpMs: number;
  readonly logMultiple: number;
  /** When each market reacts. */
  readonly startMs: ReadonlyMap<MarketKey, number>;
}

export class SimulatedStream {
  readonly market: MarketKey;
  readonly symbol: string;
  readonly channel: string;
  readonly base: string;
  readonly quote: string;
  readonly coin: Coin;
  readonly scales: Scales;
  readonly firstId: number;
  readonly random: Random;
  readonly tape: Tape;
  /** Price at rest, in ticks. */
  readonly restTicks: number;
  readonly meanLots: number;
  readonly ratePerSecond: number;
  readonly bornMs: number;
  /** Subscribed connections by form. */
  readonly outlets: Outlet[][] = Array.from({ length: FORMS }, () => []);
  subscribers = 0;
  priceTicks: number;
  /** Orders still to wait for, as a share of the mean gap. */
  wait: number;
  heat = 1;
  buyBias = 0;
  rawNext: number;
  lastMs = 0;
  /** Upbit: next counter behind the ms, and one that was passed over and comes next. */
  counter = 0;
  owedCounter = -1;

  constructor(made: {
    market: MarketKey;
    symbol: string;
    channel: string;
    base: string;
    quote: string;
    coin: Coin;
    scales: Scales;
    firstId: number;
    random: Random;
    tape: Tape;
    restTicks: number;
    meanLots: number;
    ratePerSecond: number;
    bornMs: number;
  }) {
    this.market = made.market;
    this.symbol = made.symbol;
    this.channel = made.channel;
    this.base = made.base;
    this.quote = made.quote;
    this.coin = made.coin;
    this.scales = made.scales;
    this.firstId = made.firstId;
    this.random = made.random;
    this.tape = made.tape;
    this.restTicks = made.restTicks;
    this.meanLots = made.meanLots;
    this.ratePerSecond = made.ratePerSecond;
    this.bornMs = made.bornMs;
    this.priceTicks = made.restTicks;
    this.rawNext = made.firstId * 2 + 11;
    this.wait = made.random.exponential();
  }

  add(outlet: Outlet, form: number): void {
    const list = this.outlets[form];
    if (!list || list.includes(outlet)) return;
    list.push(outlet);
    this.subscribers += 1;
  }

  remove(outlet: Outlet): void {
    for (const list of this.outlets) {
      const at = list.indexOf(outlet);
      if (at < 0) continue;
      list.splice(at, 1);
      this.subscribers -= 1;
    }
  }
}
