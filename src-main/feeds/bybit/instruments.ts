// Bybit instruments-info: the venue's own list as instruments, page by page, and behind it the contracts that have yet to open.
// Source: bybit-exchange/docs v5/market/instrument.mdx (spot has no paging; linear answers Trading only unless asked for PreLaunch).
import { fail, ok, type Result } from '../../../src-shared/base/result.ts';
import type { Instrument } from '../../../src-shared/market/instrument.ts';
import { isSymbol } from '../cells.ts';
import { inCoins } from '../coin.ts';
import { parseNative } from '../exact-json.ts';
import type { HttpRequest } from '../feed.ts';
import { listedUsOf, memberOf, textIn } from '../list-fields.ts';
import { type Category, PASSING } from './rest.ts';

const STATES: Readonly<Record<string, Instrument['state']>> = {
  Trading: 'trading',
  PreLaunch: 'pre-launch',
  PendingOpen: 'pre-launch',
  Settling: 'halted',
  Delivering: 'ended',
  Closed: 'ended',
};

export function instrumentsRequest(category: Category, more: Readonly<Record<string, string>> = {}): HttpRequest {
  const query = new URLSearchParams({ category, limit: '1000', ...more });
  return { method: 'GET', path: `/v5/market/instruments-info?${query}`, headers: {}, weight: 1 };
}

/** The following page of the same list, or after the trading contracts' last page the first of those in pre-launch. */
export function nextInstruments(category: Category, body: Uint8Array): HttpRequest | null {
  const list = pageOf(body);
  if (!list.ok || category === 'spot') return null;
  const { entries, cursor } = list.value;
  const early = entries.length > 0 && entries.every((entry) => textIn(entry, 'status') === 'PreLaunch');
  if (cursor !== '') return instrumentsRequest(category, early ? { status: 'PreLaunch', cursor } : { cursor });
  return early || entries.length === 0 ? null : instrumentsRequest(category, { status: 'PreLaunch' });
}

/**
 * Instruments in the list's order. Of the linear list only perpetuals quoted in USDT or USDC belong to market `perp`; dated contracts are
 * left out. One entry that cannot be read fails the whole list: half a list would look like delistings.
 */
export function parseInstruments(category: Category, body: Uint8Array): Result<readonly Instrument[]> {
  const list = pageOf(body);
  if (!list.ok) return list;
  const instruments: Instrument[] = [];
  for (const [i, entry] of list.value.entries.entries()) {
    const symbol = textIn(entry, 'symbol');
    const base = textIn(entry, 'baseCoin');
    const quote = textIn(entry, 'quoteCoin');
    const status = textIn(entry, 'status');
    if (!isSymbol(symbol) || base === '' || quote === '' || status === '')
      return fail('instruments.reply', `bybit instruments-info: entry ${i} ("${symbol}") is damaged`);
    if (category === 'linear' && !isPerpetual(entry, quote)) continue;
    const launchMs = Number(textIn(entry, 'launchTime'));
    instruments.push({
      venue: 'bybit',
      market: category === 'spot' ? 'spot' : 'perp',
      symbol,
      base: base.toUpperCase(),
      quote: quote.toUpperCase(),
      // Linear quantities are base coins already.
      contractSize: '1',
      state: Object.hasOwn(STATES, status) ? STATES[status]! : 'unknown',
      listedUs: listedUsOf(launchMs),
    });
  }
  return ok(instruments.map(inCoins));
}

function isPerpetual(entry: unknown, quote: string): boolean {
  return textIn(entry, 'contractType') === 'LinearPerpetual' && (quote === 'USDT' || quote === 'USDC');
}

interface Page {
  readonly entries: readonly unknown[];
  /** Empty: the last page. */
  readonly cursor: string;
}

function pageOf(body: Uint8Array): Result<Page> {
  // Half a megabyte, in the process that holds the sockets: the engine's parser is quick, and nothing read here is a price.
  const parsed = parseNative(body);
  if (!parsed.ok)
    return fail('instruments.reply', `bybit instruments-info: ${parsed.failure.message}`, { retry: true });
  const retCode = memberOf(parsed.value, 'retCode');
  if (retCode !== 0)
    return fail('instruments.refused', `bybit instruments-info: ${retCode} ${textIn(parsed.value, 'retMsg')}`, {
      retry: PASSING.has(String(retCode)),
    });
  const result = memberOf(parsed.value, 'result');
  const entries = memberOf(result, 'list');
  if (!Array.isArray(entries)) return fail('instruments.reply', 'bybit instruments-info: no list', { retry: true });
  return ok({ entries, cursor: textIn(result, 'nextPageCursor') });
}
