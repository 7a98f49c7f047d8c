// Gate spot and USDT futures: two hosts, one protocol. Spot ids are consecutive in each market since 2025-05; of futures ids nobody says so.
import type { Feed, IdRule } from '../feed.ts';
import { restTrouble } from '../rest-trouble.ts';
import { gateDecoder } from './decode.ts';
import { FUTURES, SPOT } from './general.ts';
import { type GateRest, gateHistory } from './history.ts';
import { gateCandles, parseInstruments } from './lists.ts';
import { gateStream } from './stream.ts';

interface Setup {
  readonly market: 'spot' | 'perp';
  readonly idRule: IdRule;
  readonly ws: string;
  readonly wsPath: string;
  readonly ping: string;
  readonly rest: GateRest;
  readonly instruments: string;
  readonly candles: string;
}

/** Small requests: one unknown name fails all of its request. */
const PER_REQUEST = 100;

/** 300 connections of an address; 200 REST requests in 10 s of each kind; no number of subscriptions or messages is documented: cautious ones. */
function gateFeed(setup: Setup): Feed {
  const { market, rest } = setup;
  const decoder = gateDecoder(market);
  const stream = gateStream(rest.channel, PER_REQUEST);
  return {
    venue: 'gate',
    market,
    channel: rest.channel,
    idRule: setup.idRule,
    latenessUs: 5_000_000,
    defaults: { ws: setup.ws, rest: 'https://api.gateio.ws' },
    limits: {
      streamsPerConnection: 500,
      symbolsPerRequest: PER_REQUEST,
      connectionsPerAddress: 300,
      outgoing: { count: 5, perMs: 1000 },
      connects: { count: 3, perMs: 1000 },
      maxAgeMs: null,
      // `time` is left out, as in requests: the venue reads none.
      heartbeat: { text: `{"channel":"${setup.ping}"}`, everyMs: 15_000 },
      deadAfterMs: 40_000,
      pingWhenSilentMs: 5_000,
      rest: { weight: 180, perMs: 10_000 },
    },
    connectUrl: (endpoint) => `${endpoint.replace(/\/+$/, '')}${setup.wsPath}`,
    ...(market === 'perp' ? { connectHeaders: rest.headers } : {}),
    subscribe: stream.subscribe,
    classify: (frame) => stream.classify(frame),
    symbolOf: decoder.symbolOf,
    decode: decoder.decode,
    decodeAt: decoder.decodeAt,
    instruments: {
      request: () => ({ method: 'GET', path: setup.instruments, headers: rest.headers, weight: 1 }),
      parse: (body) => parseInstruments(market, body),
      everyMs: 30_000,
    },
    history: gateHistory(rest),
    candles: gateCandles(rest, setup.candles),
    restTrouble: (status, headers, body) =>
      restTrouble(
        { venue: 'gate', limitedMs: 10_000, banned: [403, 418], bannedMs: 60_000, serverErrorMs: 2_000 },
        status,
        headers,
        body,
      ),
  };
}

export const gateSpot: Feed = gateFeed({
  market: 'spot',
  idRule: 'contiguous',
  ws: 'wss://api.gateio.ws',
  wsPath: '/ws/v4/',
  ping: 'spot.ping',
  rest: {
    channel: SPOT,
    symbol: 'currency_pair',
    trades: '/api/v4/spot/trades',
    contiguous: true,
    headers: {},
  },
  instruments: '/api/v4/spot/currency_pairs',
  candles: '/api/v4/spot/candlesticks',
});

/** Sizes may be fractions of a contract; without the header, on WebSocket and REST, they come cut toward zero. */
const DECIMAL_SIZES = { 'X-Gate-Size-Decimal': '1' } as const;

/** How far back trades reach is not documented for futures; 30 days are taken, as on spot. */
export const gatePerp: Feed = gateFeed({
  market: 'perp',
  // Ids were +1 inside recorded messages, but no document says that they are, so a step proves nothing.
  idRule: 'unique',
  ws: 'wss://fx-ws.gateio.ws',
  wsPath: '/v4/ws/usdt',
  ping: 'futures.ping',
  rest: {
    channel: FUTURES,
    symbol: 'contract',
    trades: '/api/v4/futures/usdt/trades',
    contiguous: false,
    headers: DECIMAL_SIZES,
  },
  instruments: '/api/v4/futures/usdt/contracts',
  candles: '/api/v4/futures/usdt/candlesticks',
});
