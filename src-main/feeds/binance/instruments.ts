// Binance exchangeInfo: the venue's own list of symbols as instruments.
import { fail, ok, type Result } from '../../../src-shared/base/result.ts';
import type { Instrument, Market } from '../../../src-shared/market/instrument.ts';
import { inCoins } from '../coin.ts';
import { parseNative } from '../exact-json.ts';
import { listedUsOf, memberOf, textIn } from '../list-fields.ts';
import { isBinanceSymbol } from './general.ts';

const STATES: Readonly<Record<string, Instrument['state']>> = {
  TRADING: 'trading',
  PRE_TRADING: 'pre-launch',
  PENDING_TRADING: 'pre-launch',
  BREAK: 'halted',
  HALT: 'halted',
  AUCTION_MATCH: 'halted',
  POST_TRADING: 'halted',
  END_OF_DAY: 'halted',
  PRE_SETTLE: 'halted',
  PRE_DELIVERING: 'halted',
  DELIVERING: 'ended',
  SETTLING: 'ended',
  DELIVERED: 'ended',
  CLOSE: 'ended',
};

/**
 * Instruments in the list's order. Of the futures list only perpetuals belong to market `perp`; dated contracts are left
 * out. One entry that cannot be read fails the whole list: half a list would look like delistings.
 */
export function parseExchangeInfo(market: Market, body: Uint8Array): Result<readonly Instrument[]> {
  // Megabytes, in the process that holds the sockets: the engine's parser is quick, and nothing read here is a price.
  const parsed = parseNative(body);
  if (!parsed.ok) return fail('instruments.reply', `binance exchangeInfo: ${parsed.failure.message}`, { retry: true });
  const symbols = memberOf(parsed.value, 'symbols');
  if (!Array.isArray(symbols))
    return fail('instruments.reply', 'binance exchangeInfo: no list of symbols', { retry: true });
  const instruments: Instrument[] = [];
  for (const entry of symbols as readonly unknown[]) {
    const symbol = textIn(entry, 'symbol');
    const base = textIn(entry, 'baseAsset');
    const quote = textIn(entry, 'quoteAsset');
    const status = textIn(entry, 'status');
    if (symbol === '' || !isBinanceSymbol(symbol) || base === '' || quote === '' || status === '')
      return fail('instruments.reply', `binance exchangeInfo: entry ${instruments.length} ("${symbol}") is damaged`);
    if (market === 'perp' && textIn(entry, 'contractType') !== 'PERPETUAL') continue;
    const listedMs = memberOf(entry, 'onboardDate');
    instruments.push({
      venue: 'binance',
      market,
      symbol,
      base: base.toUpperCase(),
      quote: quote.toUpperCase(),
      contractSize: '1',
      state: Object.hasOwn(STATES, status) ? STATES[status]! : 'unknown',
      listedUs: listedUsOf(listedMs),
    });
  }
  return ok(instruments.map(inCoins));
}
