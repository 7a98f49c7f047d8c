// Phemex products and 24 h tickers: the venue's own lists as instruments, and what each symbol turned over.
// Sources: Public-Spot-API-en.md and Public-Hedged-Perpetual-API.md, "Query Product Information" and the 24 h tickers.
import { fail, ok, type Result } from '../../../src-shared/base/result.ts';
import type { Instrument } from '../../../src-shared/market/instrument.ts';
import { inCoins } from '../coin.ts';
import { parseNative } from '../exact-json.ts';
import { listedUsOf, memberOf, textIn } from '../list-fields.ts';
import { isPhemexSymbol, isSpotSymbol, SPOT_SCALE } from './row.ts';

const STATES: Readonly<Record<string, Instrument['state']>> = {
  Listed: 'trading',
  Delisted: 'ended',
};

/**
 * Spot pairs of `/public/products`, and of the older `/exchange/public/cfg/v2/products`, which says nothing of priceScale and listTime. One
 * entry that cannot be read fails the whole list: half a list would look like delistings.
 */
export function parseSpotProducts(body: Uint8Array): Result<readonly Instrument[]> {
  const data = dataOf(body);
  if (!data.ok) return data;
  const products = memberOf(data.value, 'products');
  if (!Array.isArray(products)) return damaged('no list of products');
  const scales = valueScales(memberOf(data.value, 'currencies'));
  const instruments: Instrument[] = [];
  for (const entry of products as readonly unknown[]) {
    if (textIn(entry, 'type') !== 'Spot') continue;
    const one = instrumentIn(entry, 'spot');
    if (!one) return damaged(`spot entry ${instruments.length} ("${textIn(entry, 'symbol')}") cannot be read`);
    const priceScale = memberOf(entry, 'priceScale');
    // A name or scale of another kind would be read wrongly: it is shown, and its quantity is not called coins.
    const usual = isSpotSymbol(one.symbol) && (priceScale === undefined || priceScale === SPOT_SCALE);
    instruments.push({
      ...one,
      contractSize: usual ? coinsPerUnit(scales.get(textIn(entry, 'baseCurrency'))) : null,
      state: usual ? one.state : 'unknown',
    });
  }
  return ok(instruments.map(inCoins));
}

/** Perpetuals settled in USDT, node `perpProductsV2`: the only ones that `trade_p` is documented for. Their quantity is in coins. */
export function parsePerpProducts(body: Uint8Array): Result<readonly Instrument[]> {
  const data = dataOf(body);
  if (!data.ok) return data;
  const products = memberOf(data.value, 'perpProductsV2');
  // The older list knows none.
  if (products === undefined) return ok([]);
  if (!Array.isArray(products)) return damaged('perpProductsV2 is not a list');
  const instruments: Instrument[] = [];
  for (const entry of products as readonly unknown[]) {
    if (textIn(entry, 'settleCurrency') !== 'USDT') continue;
    const one = instrumentIn(entry, 'perp');
    if (!one) return damaged(`perpetual entry ${instruments.length} ("${textIn(entry, 'symbol')}") cannot be read`);
    instruments.push(one);
  }
  return ok(instruments.map(inCoins));
}

function instrumentIn(entry: unknown, market: 'spot' | 'perp'): Instrument | undefined {
  const symbol = textIn(entry, 'symbol');
  const base = textIn(entry, 'baseCurrency') || textIn(entry, 'contractUnderlyingAssets');
  const quote = textIn(entry, 'quoteCurrency');
  const status = textIn(entry, 'status');
  if (symbol === '' || !isPhemexSymbol(symbol) || base === '' || quote === '' || status === '') return undefined;
  const listedMs = memberOf(entry, 'listTime');
  return {
    venue: 'phemex',
    market,
    symbol,
    // A small u before a coin names the contract's kind, not the coin (u1000SHIB).
    base: base.replace(/^u(?=\d)/, '').toUpperCase(),
    quote: quote.toUpperCase(),
    contractSize: '1',
    state: Object.hasOwn(STATES, status) ? STATES[status]! : 'unknown',
    listedUs: listedUsOf(listedMs),
  };
}

/** Currency -> decimals of its scaled values. */
function valueScales(currencies: unknown): ReadonlyMap<string, number> {
  const scales = new Map<string, number>();
  if (!Array.isArray(currencies)) return scales;
  for (const entry of currencies as readonly unknown[]) {
    const scale = memberOf(entry, 'valueScale');
    if (typeof scale === 'number' && Number.isInteger(scale) && scale >= 0 && scale <= 30)
      scales.set(textIn(entry, 'currency'), scale);
  }
  return scales;
}

/** Quantities are written with 8 decimals; a coin of another valueScale is a power of ten off, which this makes up for. */
function coinsPerUnit(valueScale: number | undefined): string | null {
  if (valueScale === undefined) return null;
  const off = SPOT_SCALE - valueScale;
  return off >= 0 ? `1${'0'.repeat(off)}` : `0.${'0'.repeat(-off - 1)}1`;
}

/** Symbol -> value traded in 24 h, in the quote coin: spot `turnoverEv` by 10^8, perpetuals `turnoverRv`. */
export function parseTurnover(body: Uint8Array): Result<ReadonlyMap<string, number>> {
  const parsed = parseNative(body);
  if (!parsed.ok)
    return fail('instruments.turnover', `phemex 24 h tickers: ${parsed.failure.message}`, { retry: true });
  const list = memberOf(parsed.value, 'result');
  if (!Array.isArray(list))
    return fail('instruments.turnover', 'phemex 24 h tickers: no list of tickers', { retry: true });
  const turnover = new Map<string, number>();
  for (const entry of list as readonly unknown[]) {
    const scaled = memberOf(entry, 'turnoverEv');
    const value = scaled === undefined ? Number(textIn(entry, 'turnoverRv')) : Number(scaled) / 10 ** SPOT_SCALE;
    const symbol = textIn(entry, 'symbol');
    if (symbol !== '' && Number.isFinite(value) && value >= 0) turnover.set(symbol, value);
  }
  return ok(turnover);
}

function damaged(what: string): Result<never> {
  return fail('instruments.reply', `phemex products: ${what}`, { retry: true });
}

/** The list is large and holds no price that we keep: the engine's parser is quick. */
function dataOf(body: Uint8Array): Result<unknown> {
  const parsed = parseNative(body);
  if (!parsed.ok) return damaged(parsed.failure.message);
  const code = memberOf(parsed.value, 'code');
  if (code !== 0) return damaged(`code ${String(code)} ${textIn(parsed.value, 'msg')}`);
  return ok(memberOf(parsed.value, 'data'));
}
