// Recipes from the recorded symbol lists of the seven venues: as many instruments on each simulated market as the venue listed then.
// The lists are older than today's API, so that only their coins and quotes are taken; names are those that the simulated venues give.
import { z } from 'zod';
import { recordedInstruments } from '../../src-main/feeds/recorded-frames.fixture.ts';
import type { RecipeInput } from '../../src-main/rehearsal/recipe.ts';
import { marketKeys, venueMarket } from '../../src-main/rehearsal/registry.ts';
import type { MarketKey } from '../../src-main/rehearsal/venue.ts';

interface Pair {
  readonly market: MarketKey;
  readonly base: string;
  readonly quote: string;
}

const text = z.string();
const binance = z.object({
  symbols: z.array(z.object({ baseAsset: text, quoteAsset: text, contractType: text.optional() })),
});
const bybit = z.object({ result: z.array(z.object({ name: text, base_currency: text, quote_currency: text })) });
const gateSpot = z.array(z.object({ base: text, quote: text }));
const gateFutures = z.array(z.object({ name: text }));
const kucoin = z.object({ data: z.array(z.object({ baseCurrency: text, quoteCurrency: text })) });
const okx = z.object({ data: z.array(z.object({ instId: text })) });
const phemex = z.object({
  data: z.object({ products: z.array(z.object({ type: text, displaySymbol: text, quoteCurrency: text })) }),
});
const upbit = z.array(z.object({ market: text }));

function split(name: string, by: string): { base: string; quote: string } {
  const [base = '', quote = ''] = name.split(by);
  return { base: base.trim(), quote: quote.trim() };
}

/** Each list and what it says of instruments that we record; dated contracts are none of them, and Bybit's inverse ones neither. */
const LISTS: Readonly<Record<string, (raw: unknown) => Pair[]>> = {
  'BINANCE.0.01': (raw) =>
    binance
      .parse(raw)
      .symbols.map(({ baseAsset, quoteAsset }) => ({ market: 'binance:spot', base: baseAsset, quote: quoteAsset })),
  'BINANCE_FUTURES.0.02': (raw) =>
    binance
      .parse(raw)
      .symbols.filter(({ contractType }) => contractType === 'PERPETUAL')
      .map(({ baseAsset, quoteAsset }) => ({ market: 'binance:perp', base: baseAsset, quote: quoteAsset })),
  'BYBIT.0.03': (raw) =>
    bybit
      .parse(raw)
      .result.filter(({ name, quote_currency }) => /[A-Z]$/.test(name) && quote_currency === 'USDT')
      .map(({ base_currency: base, quote_currency: quote }) => ({ market: 'bybit:perp', base, quote })),
  'GATEIO.0.04': (raw) => gateSpot.parse(raw).map((pair) => ({ market: 'gate:spot', ...pair })),
  'GATEIO_FUTURES.0.05': (raw) =>
    gateFutures.parse(raw).map(({ name }) => ({ market: 'gate:perp', ...split(name, '_') })),
  'KUCOIN.0.06': (raw) =>
    kucoin.parse(raw).data.map(({ baseCurrency, quoteCurrency }) => ({
      market: 'kucoin:spot',
      base: baseCurrency,
      quote: quoteCurrency,
    })),
  'OKX.0.07': (raw) => okx.parse(raw).data.map(({ instId }) => ({ market: 'okx:spot', ...split(instId, '-') })),
  'OKX.0.08': (raw) => okx.parse(raw).data.map(({ instId }) => ({ market: 'okx:perp', ...split(instId, '-') })),
  'PHEMEX.0.32': (raw) =>
    phemex.parse(raw).data.products.map(({ type, displaySymbol, quoteCurrency }) => ({
      market: type === 'Spot' ? 'phemex:spot' : 'phemex:perp',
      base: split(displaySymbol, '/').base,
      // The perpetuals of then were inverse; today's that we record are against USDT.
      quote: type === 'Spot' ? quoteCurrency : 'USDT',
    })),
  'UPBIT.0.33': (raw) =>
    upbit.parse(raw).map(({ market }) => {
      const { base: quote, quote: base } = split(market, '-');
      return { market: 'upbit:spot', base, quote };
    }),
};

/** Markets that no list holds, or one much shorter than the venue's is today: filled up to about today's size. */
const TODAY: Readonly<Partial<Record<MarketKey, number>>> = {
  'bybit:spot': 600,
  'bybit:perp': 500,
  'kucoin:perp': 500,
};

const PRICES = [0.0123, 0.456, 7.89, 123.4, 5678];
/** Trades a second over all markets: enough that busy and quiet streams are both there, little enough that limits are what is tested. */
const TRADES_PER_SECOND = 600;
const LONGEST_COIN = 12;

export interface ListedRecipe {
  readonly recipe: RecipeInput;
  /** Instruments by market. */
  readonly listed: Readonly<Partial<Record<MarketKey, number>>>;
  /** How many of them no recorded list holds. */
  readonly madeUp: Readonly<Partial<Record<MarketKey, number>>>;
}

/** Every instrument of the lists, or the first `most` of each of these markets. Undefined, with a warning, where the lists are missing. */
export function listedRecipe(
  most = Number.POSITIVE_INFINITY,
  only: readonly string[] = marketKeys,
): ListedRecipe | undefined {
  const pairs: Pair[] = [];
  for (const [name, read] of Object.entries(LISTS)) {
    const body = recordedInstruments(name);
    if (!body) return undefined;
    pairs.push(...read(JSON.parse(Buffer.from(body).toString('utf8'))));
  }
  const madeUp: Partial<Record<MarketKey, number>> = {};
  for (const [key, size] of Object.entries(TODAY)) {
    const market = key as MarketKey;
    const missing = size - pairs.filter((pair) => pair.market === market).length;
    for (let i = 0; i < missing; i += 1) pairs.push({ market, base: `M${i}`, quote: 'USDT' });
    madeUp[market] = Math.min(missing, most);
  }
  const counts = new Map<MarketKey, number>();
  const taken = new Set<string>();
  const chosen = pairs.filter(({ market }) => {
    const count = (counts.get(market) ?? 0) + 1;
    if (count > most || !only.includes(market)) return false;
    counts.set(market, count);
    return true;
  });
  const ratePerSecond = TRADES_PER_SECOND / chosen.length;
  const instruments = chosen.map((pair, index) => {
    const price = PRICES[index % PRICES.length] ?? 1;
    return { ...unlike(pair, price, taken), price, ratePerSecond, venues: [pair.market] };
  });
  const title = 'The symbol lists of seven venues';
  return { recipe: { version: 1, title, instruments }, listed: Object.fromEntries(counts), madeUp };
}

/** The pair with names that a recipe can hold and that no other instrument of its market has. */
function unlike({ market, base, quote }: Pair, price: number, taken: Set<string>): { base: string; quote: string } {
  const venue = venueMarket(market);
  const quoted = plain(quote, 'USDT');
  const stem = plain(base, 'X');
  for (let n = 0; ; n += 1) {
    const tail = n === 0 ? '' : String(n);
    const name = stem.slice(0, LONGEST_COIN - tail.length) + tail;
    const key = `${market} ${venue.naming(name, quoted, price, 1390).symbol}`;
    if (taken.has(key)) continue;
    taken.add(key);
    return { base: name, quote: quoted };
  }
}

/** 2 to 12 capital letters or digits. */
function plain(coin: string, otherwise: string): string {
  const kept = coin.toUpperCase().replaceAll(/[^A-Z0-9]/g, '');
  return (kept === '' ? otherwise : kept).padEnd(2, '0').slice(0, LONGEST_COIN);
}
