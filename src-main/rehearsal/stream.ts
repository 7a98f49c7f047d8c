// One simulated stream: one channel of one instrument, its scales, its price, its tape, and who listens.
import type { Outlet } from './outlet.ts';
import type { Random } from './random.ts';
import type { Tape, TapeRow } from './tape.ts';
import type { MarketKey, VenueMarket } from './venue.ts';
import { ledgerHead } from './wire.ts';

/** A trade just printed: the tape's row before it lies there. One object is reused for all: copy what you keep. */
export type Trade = {
  -readonly [K in keyof TapeRow]: TapeRow[K];
} & {
  /** firstId + index: the trade id where ids count. */
  id: number;
  /** Place among the fills of its taker order, from 0. */
  fill: number;
};

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

/** Frame forms that connections of one market can ask for (Binance: raw or combined, ms or µs; Upbit: long or short names). */
export const FORMS = 4;

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
  readonly venue: VenueMarket;
  readonly market: MarketKey;
  readonly symbol: string;
  readonly channel: string;
  readonly base: string;
  readonly quote: string;
  readonly coin: Coin;
  readonly scales: Scales;
  readonly contractSize: string;
  /** Price at rest in the recipe's quote. */
  readonly priceInQuote: number;
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
  /** The venue's own memory from one trade to the next, for mark(). */
  lastMs = 0;
  counter = 0;
  owedCounter = -1;
  /** What every ledger row of this stream begins with. */
  readonly ledgerHead: Uint8Array;
  /** Trades that wait for their frame, where a frame holds several. */
  readonly #pending: Trade[] = [];
  #pendingCount = 0;

  constructor(made: {
    venue: VenueMarket;
    symbol: string;
    base: string;
    quote: string;
    coin: Coin;
    scales: Scales;
    contractSize: string;
    priceInQuote: number;
    firstId: number;
    random: Random;
    tape: Tape;
    restTicks: number;
    meanLots: number;
    ratePerSecond: number;
    bornMs: number;
  }) {
    this.venue = made.venue;
    this.market = made.venue.key;
    this.symbol = made.symbol;
    this.channel = made.venue.channel;
    this.base = made.base;
    this.quote = made.quote;
    this.coin = made.coin;
    this.scales = made.scales;
    this.contractSize = made.contractSize;
    this.priceInQuote = made.priceInQuote;
    this.firstId = made.firstId;
    this.random = made.random;
    this.tape = made.tape;
    this.restTicks = made.restTicks;
    this.meanLots = made.meanLots;
    this.ratePerSecond = made.ratePerSecond;
    this.bornMs = made.bornMs;
    this.priceTicks = made.restTicks;
    this.wait = made.random.exponential();
    this.ledgerHead = ledgerHead(this);
  }

  /** Sends a trade to who listens, now or with the rest of its frame. last: the taker order is done. */
  publish(trade: Trade, last: boolean): void {
    const { framing } = this.venue;
    if (framing.per === 'trade') {
      if (this.subscribers === 0) return;
      for (let form = 0; form < FORMS; form += 1) {
        const outlets = this.outlets[form]!;
        if (outlets.length === 0) continue;
        const frame = framing.render(this, trade, form);
        for (let i = 0; i < outlets.length; i += 1) outlets[i]!.deliver(frame, this.symbol);
      }
      return;
    }
    if (this.subscribers === 0) return;
    this.#pending[this.#pendingCount] = Object.assign(this.#pending[this.#pendingCount] ?? {}, trade);
    this.#pendingCount += 1;
    if (framing.per === 'order' && last) this.settle();
  }

  /** Trades wait for their frame. */
  get owes(): boolean {
    return this.#pendingCount > 0;
  }

  /** Sends what waits for its frame. */
  settle(): void {
    const { framing } = this.venue;
    if (this.#pendingCount === 0 || framing.per === 'trade') return;
    const trades = this.#pending.slice(0, this.#pendingCount);
    this.#pendingCount = 0;
    for (let form = 0; form < FORMS; form += 1) {
      const outlets = this.outlets[form]!;
      if (outlets.length === 0) continue;
      const frame = framing.render(this, trades, form);
      for (let i = 0; i < outlets.length; i += 1) outlets[i]!.deliver(frame, this.symbol);
    }
  }

  /** Who subscribes now gets what is printed from now on, nothing that waited for its frame. */
  add(outlet: Outlet, form: number): void {
    const list = this.outlets[form];
    if (!list || list.includes(outlet)) return;
    this.settle();
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
