// Upbit spot trades: ids are unique but prove nothing by themselves; the REST history of seven days closes every gap afterwards.
import { fail, ok, type Result } from '../../../src-shared/base/result.ts';
import type { Instrument } from '../../../src-shared/market/instrument.ts';
import { quoted } from '../cells.ts';
import { JsonObject, type JsonValue, parseJson } from '../exact-json.ts';
import type { Feed } from '../feed.ts';
import { restTrouble } from '../rest-trouble.ts';
import { upbitCandles } from './candles.ts';
import { upbitDecoder } from './decode.ts';
import { isUpbitCode } from './general.ts';
import { upbitHistory } from './history.ts';
import { classifyUpbit, isUpbitSnapshot, subscribeUpbit } from './stream.ts';

const decoder = upbitDecoder();

/**
 * Never send an `Origin` header to Upbit, on REST or WebSocket: with one the limit is one request in 10 s
 * (docs.upbit.com, "Rate limits").
 */
export const upbitSpot: Feed = {
  venue: 'upbit',
  market: 'spot',
  channel: 'trade',
  idRule: 'unique',
  latenessUs: 10_000_000,
  defaults: { ws: 'wss://api.upbit.com', rest: 'https://api.upbit.com' },
  limits: {
    // No number is documented; the whole list of markets (about 300) fits one request and one connection.
    streamsPerConnection: 500,
    symbolsPerRequest: 500,
    // 5 requests a second and 100 a minute, both.
    outgoing: { count: 3, perMs: 2000 },
    // 5 a second, counted when they arrive: evenly, so that a delay on the way does not lay them together.
    connects: { count: 1, perMs: 300 },
    maxAgeMs: null,
    heartbeat: { text: 'PING', everyMs: 30_000 },
    deadAfterMs: 75_000,
    // The text heartbeat alone would leave a dead connection unnoticed for over a minute.
    pingWhenSilentMs: 10_000,
    silentAgainMs: 15_000,
    rest: { weight: 8, perMs: 1000 },
  },
  connectUrl: (endpoint) => `${endpoint.replace(/\/+$/, '')}/websocket/v1`,
  subscribe: subscribeUpbit,
  classify: (frame) => classifyUpbit(frame),
  symbolOf: decoder.symbolOf,
  isSnapshot: isUpbitSnapshot,
  decode: decoder.decode,
  decodeAt: decoder.decodeAt,
  instruments: {
    request: () => ({ method: 'GET', path: '/v1/market/all?is_details=true', headers: {}, weight: 1 }),
    parse: parseMarkets,
    everyMs: 30_000,
  },
  history: upbitHistory,
  candles: upbitCandles,
  restTrouble: (status, headers, body) =>
    restTrouble(
      { venue: 'upbit', limitedMs: 1_000, banned: [418, 403], bannedMs: 60_000, serverErrorMs: 2_000 },
      status,
      headers,
      body,
    ),
};

/** Every market of the list is trading: it shows a market only near its opening. Code KRW-BTC is base BTC, quote KRW. */
function parseMarkets(body: Uint8Array): Result<readonly Instrument[]> {
  const parsed = parseJson(body);
  if (!parsed.ok) return fail('instruments.reply', `upbit market/all: ${parsed.failure.message}`, { retry: true });
  const list = parsed.value;
  if (!Array.isArray(list))
    return fail('instruments.reply', `upbit market/all: ${quoted(list)} is not a list`, { retry: true });
  const instruments: Instrument[] = [];
  for (const entry of list as readonly JsonValue[]) {
    const code = entry instanceof JsonObject ? entry.get('market') : undefined;
    if (typeof code !== 'string' || !isUpbitCode(code))
      return fail('instruments.reply', `upbit market/all: entry ${instruments.length} (${quoted(code)}) is damaged`);
    const dash = code.indexOf('-');
    instruments.push({
      venue: 'upbit',
      market: 'spot',
      symbol: code,
      base: code.slice(dash + 1),
      quote: code.slice(0, dash),
      contractSize: '1',
      state: 'trading',
      listedUs: null,
    });
  }
  return ok(instruments);
}
