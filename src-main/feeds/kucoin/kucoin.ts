// KuCoin spot (`/market/match`) and futures (`/contractMarket/execution`): two feeds over one protocol. Ids prove nothing and REST
// reaches back 100 trades, so a dead connection must show itself within seconds, and two lines are the evidence.
import type { Market } from '../../../src-shared/market/instrument.ts';
import type { Candles, Feed, FeedLimits, History } from '../feed.ts';
import { restTrouble } from '../rest-trouble.ts';
import { kucoinDecoder } from './decode.ts';
import { EXECUTION, type KucoinTopic, MATCH } from './general.ts';
import { FUTURES_CANDLES, kucoinCandles, kucoinHistory, SPOT_CANDLES } from './history.ts';
import { parseContracts, parseSymbols } from './instruments.ts';
import { classifyKucoin, dialUrl, HEARTBEAT, subscribeKucoin, withSlash } from './stream.ts';

interface Setup {
  readonly market: Market;
  readonly topic: KucoinTopic;
  readonly ws: string;
  readonly rest: string;
  readonly streamsPerConnection: number;
  readonly list: { readonly path: string; readonly weight: number; readonly parse: Feed['instruments']['parse'] };
  readonly history: History;
  readonly candles: Candles;
}

/**
 * What both markets share. The venue's reply to bullet-public says: ping within 18 s. We ping more often, because the pong is all that tells
 * a half-open connection from a quiet one (its servers do not answer pings of the protocol), and history reaches back seconds.
 * 30 connections a minute and 100 messages in 10 s stand in the documents without saying whether spot and futures count together: each
 * takes half of the connections. Of connections at a time older pages allow 50, today's 800: 50. A token lives 24 h, and so does its connection.
 */
const SHARED = {
  symbolsPerRequest: 100,
  connectionsPerAddress: 50,
  outgoing: { count: 90, perMs: 10_000 },
  connects: { count: 15, perMs: 60_000 },
  maxAgeMs: 24 * 3_600_000,
  heartbeat: { text: HEARTBEAT, everyMs: 5_000 },
  deadAfterMs: 12_000,
  // The public pool is 2000 in 30 s for one address, spot and futures each: a little is left to others.
  rest: { weight: 1600, perMs: 30_000 },
} as const satisfies Omit<FeedLimits, 'streamsPerConnection'>;

function kucoinFeed(setup: Setup): Feed {
  const decoder = kucoinDecoder();
  return {
    venue: 'kucoin',
    market: setup.market,
    channel: setup.topic.channel,
    idRule: 'unique',
    latenessUs: 5_000_000,
    defaults: { ws: setup.ws, rest: setup.rest },
    limits: { ...SHARED, streamsPerConnection: setup.streamsPerConnection },
    connectUrl: withSlash,
    dial: {
      request: () => ({ method: 'POST', path: '/api/v1/bullet-public', headers: {}, weight: 10 }),
      url: (endpoint, reply, connectId) => dialUrl(setup.ws, endpoint, reply, connectId),
    },
    waitsForReady: true,
    subscribe: (wanted, subscribed, nextKey) =>
      subscribeKucoin(setup.topic.prefix, SHARED.symbolsPerRequest, wanted, subscribed, nextKey),
    classify: (frame) => classifyKucoin(frame),
    symbolOf: decoder.symbolOf,
    decode: decoder.decode,
    decodeAt: decoder.decodeAt,
    instruments: {
      request: () => ({ method: 'GET', path: setup.list.path, headers: {}, weight: setup.list.weight }),
      parse: setup.list.parse,
      everyMs: 60_000,
    },
    history: setup.history,
    candles: setup.candles,
    restTrouble: (status, headers, body) =>
      restTrouble(
        // The window of the pool is 30 s; 403 is the web firewall.
        { venue: 'kucoin', limitedMs: 30_000, banned: [403], bannedMs: 60_000, serverErrorMs: 2_000 },
        status,
        withReset(status, headers),
        body,
      ),
  };
}

/** After 429 the header gw-ratelimit-reset says in ms when the pool is full again ("Rate limit"). */
function withReset(status: number, headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const name = Object.keys(headers).find((key) => key.toLowerCase() === 'gw-ratelimit-reset');
  const reset = name === undefined ? undefined : headers[name];
  if (status !== 429 || reset === undefined || !/^\d{1,8}$/.test(reset.trim())) return headers;
  return { ...headers, 'Retry-After': String(Number(reset) / 1000) };
}

/** Spot: 400 topics on a connection; sizes are base coins. */
export const kucoinSpot: Feed = kucoinFeed({
  market: 'spot',
  topic: MATCH,
  ws: 'wss://ws-api-spot.kucoin.com/',
  rest: 'https://api.kucoin.com',
  streamsPerConnection: 400,
  list: { path: '/api/v2/symbols', weight: 4, parse: parseSymbols },
  history: kucoinHistory({ topic: MATCH, path: '/api/v1/market/histories', weight: 3, id: 'sequence' }),
  candles: kucoinCandles(SPOT_CANDLES),
});

/** Futures: no page of today gives a number of topics; 100 is the lowest that the venue was ever seen to enforce. Sizes are contracts. */
export const kucoinPerp: Feed = kucoinFeed({
  market: 'perp',
  topic: EXECUTION,
  ws: 'wss://ws-api-futures.kucoin.com/',
  rest: 'https://api-futures.kucoin.com',
  streamsPerConnection: 100,
  list: { path: '/api/v1/contracts/active', weight: 3, parse: parseContracts },
  history: kucoinHistory({ topic: EXECUTION, path: '/api/v1/trade/history', weight: 5, id: 'tradeId' }),
  candles: kucoinCandles(FUTURES_CANDLES),
});
