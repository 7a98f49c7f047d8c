// KuCoin's own lists of symbols and contracts as instruments.
// Sources: kucoin.com/docs-new "Get All Symbols" of spot (/api/v2/symbols) and of futures (/api/v1/contracts/active).
import { fail, ok, type Result } from '../../../src-shared/base/result.ts';
import type { Instrument } from '../../../src-shared/market/instrument.ts';
import { inCoins } from '../coin.ts';
import { parseNative } from '../exact-json.ts';
import { listedUsOf, memberOf, textIn } from '../list-fields.ts';
import { isKucoinSymbol } from './general.ts';
import { plainDecimal } from './history.ts';

/** Bitcoin is BTC on spot and XBT in the futures list. */
const COINS: Readonly<Record<string, string>> = { XBT: 'BTC' };

/**
 * Spot. A symbol that does not trade yet has the time of its opening (tradingStartTime, given around call auctions); without one it is
 * halted. One entry that cannot be read fails the whole list: half a list would look like delistings.
 */
export function parseSymbols(body: Uint8Array): Result<readonly Instrument[]> {
  return parseList('symbols', body, (entry, symbol, base, quote) => {
    const enabled = memberOf(entry, 'enableTrading');
    if (typeof enabled !== 'boolean') return undefined;
    const listedUs = listedUsOf(memberOf(entry, 'tradingStartTime'));
    const state = enabled ? 'trading' : listedUs === null ? 'halted' : 'pre-launch';
    return { venue: 'kucoin', market: 'spot', symbol, base, quote, contractSize: '1', state, listedUs };
  });
}

const STATES: Readonly<Record<string, Instrument['state']>> = {
  Init: 'pre-launch',
  Open: 'trading',
  Paused: 'halted',
  CancelOnly: 'halted',
  PrepareSettled: 'halted',
  BeingSettled: 'ended',
  Settled: 'ended',
  Closed: 'ended',
};

/** Perpetuals of the futures list; dated contracts (type FFICSX) are left out. An inverse contract is worth so many quote coins, whatever its multiplier says. */
export function parseContracts(body: Uint8Array): Result<readonly Instrument[]> {
  return parseList('contracts', body, (entry, symbol, base, quote) => {
    const type = memberOf(entry, 'type');
    if (type !== undefined ? type !== 'FFWCSX' : memberOf(entry, 'expireDate') !== null) return null;
    const status = memberOf(entry, 'status');
    const inverse = memberOf(entry, 'isInverse');
    const multiplier = memberOf(entry, 'multiplier');
    if (typeof status !== 'string' || typeof inverse !== 'boolean' || typeof multiplier !== 'number') return undefined;
    if (!inverse && !(multiplier > 0)) return undefined;
    const state = Object.hasOwn(STATES, status) ? STATES[status]! : 'unknown';
    const contractSize = inverse ? null : (plainDecimal(String(multiplier)) ?? null);
    const listedUs = listedUsOf(memberOf(entry, 'firstOpenDate'));
    return { venue: 'kucoin', market: 'perp', symbol, base, quote, contractSize, state, listedUs };
  });
}

/** read gives null for an entry of another market, undefined for a damaged one. */
function parseList(
  what: string,
  body: Uint8Array,
  read: (entry: unknown, symbol: string, base: string, quote: string) => Instrument | null | undefined,
): Result<readonly Instrument[]> {
  // Over a thousand entries, in the process that holds the sockets: the engine's parser is quick, and nothing read here is a price.
  const parsed = parseNative(body);
  if (!parsed.ok) return fail('instruments.reply', `kucoin ${what}: ${parsed.failure.message}`, { retry: true });
  const code = memberOf(parsed.value, 'code');
  const list = memberOf(parsed.value, 'data');
  if (code !== '200000' || !Array.isArray(list))
    return fail('instruments.reply', `kucoin ${what}: code ${String(code).slice(0, 40)}, no list`, { retry: true });
  const instruments: Instrument[] = [];
  for (const [at, entry] of (list as readonly unknown[]).entries()) {
    const symbol = textIn(entry, 'symbol');
    const base = textIn(entry, 'baseCurrency').toUpperCase();
    const quote = textIn(entry, 'quoteCurrency').toUpperCase();
    const whole = isKucoinSymbol(symbol) && base !== '' && quote !== '';
    const instrument = whole ? read(entry, symbol, COINS[base] ?? base, COINS[quote] ?? quote) : undefined;
    if (instrument === undefined)
      return fail('instruments.reply', `kucoin ${what}: entry ${at} ("${symbol.slice(0, 40)}") is damaged`);
    if (instrument !== null) instruments.push(instrument);
  }
  return ok(instruments.map(inCoins));
}
