// KuCoin: rows that are refused and why, the dial, the line's protocol, the lists of symbols.
import { describe, expect, it } from 'vitest';
import { collectingSink } from '../collecting-sink.fixture.ts';
import { recordedInstruments } from '../recorded-frames.fixture.ts';
import { kucoinPerp, kucoinSpot } from './kucoin.ts';
import { kucoinPerpSamples, kucoinSpotSamples } from './samples.fixture.ts';

const bytes = (text: string): Buffer => Buffer.from(text);
const [SPOT = ''] = kucoinSpotSamples;
const [PERP = ''] = kucoinPerpSamples;

function decoded(text: string, feed = kucoinSpot) {
  const sink = collectingSink();
  const verdict = feed.decode(bytes(text), sink);
  return { verdict, rows: sink.rows, rejected: sink.rejected };
}

describe('decode', () => {
  it('keeps a 17-digit id and a time in ns exact', () => {
    expect(decoded(SPOT.replace('1785141195448000000', '1785141195448123999')).rows).toEqual([
      {
        symbol: 'BTC-USDT',
        channel: 'match',
        id: '23715934308417536',
        price: '65215.6',
        qty: '0.04915634',
        side: 'sell',
        eventUs: 1785141195448123,
        firstIdNumber: -1,
      },
    ]);
  });

  it('reads a contract trade: size in contracts, an id that fits a number', () => {
    expect(decoded(PERP, kucoinPerp).rows).toEqual([
      {
        symbol: 'XBTUSDTM',
        channel: 'execution',
        id: '1942648200120',
        price: '76468.6',
        qty: '2',
        side: 'buy',
        eventUs: 1788348620000000,
        firstIdNumber: 1942648200120,
      },
    ]);
  });

  it('keeps an ObjectId as it is, the digits of a bare price, and an exponent', () => {
    const [, , , bare = ''] = kucoinPerpSamples;
    expect(decoded(kucoinPerpSamples[2] ?? '', kucoinPerp).rows[0]).toMatchObject({
      id: '6057bc953c7feb667195bac9',
      price: '57850.5',
      eventUs: 1616362645429686,
      firstIdNumber: -1,
    });
    expect(decoded(bare, kucoinPerp).rows[0]).toMatchObject({ price: '9.1E-6', qty: '1510', side: 'sell' });
    expect(decoded(bare.replace('9.1E-6', '57963.0'), kucoinPerp).rows[0]).toMatchObject({ price: '57963.0' });
  });

  it('takes an ObjectId without a letter for text', () => {
    const plain = '123456789012345678901234';
    expect(decoded(SPOT.replace('"tradeId":"23715934308417536"', `"tradeId":"${plain}"`)).rows[0]).toMatchObject({
      id: plain,
      firstIdNumber: -1,
    });
  });

  it.each([
    ['"side":"sell"', '"side":"Sell"', 'side'],
    ['"side":"sell"', '"side":null', 'side'],
    ['"65215.6"', '"0.0"', 'price'],
    ['"65215.6"', '"-1"', 'price'],
    ['"65215.6"', '"6.5E4"', 'price'],
    ['"65215.6"', '[]', 'price'],
    ['"0.04915634"', '"0"', 'size'],
    ['"time":"1785141195448000000"', '"time":"1785141195448"', 'time'],
    ['"time":"1785141195448000000"', '"time":1785141195448000.5', 'time'],
    ['"time":"1785141195448000000"', '"time":"9785141195448000000"', 'time'],
    ['"tradeId":"23715934308417536"', '"tradeId":"0x17"', 'tradeId'],
    ['"tradeId":"23715934308417536"', '"tradeId":"237159343084175362371593430"', 'tradeId'],
    ['"sequence":"23715934308417536"', '"sequence":"-1"', 'sequence'],
    ['"symbol":"BTC-USDT"', '"symbol":"BTC-USDC"', 'topic'],
    ['"symbol":"BTC-USDT"', '"symbol":"BTC,USDT"', 'symbol'],
    ['"type":"match"', '"type":"open"', 'type'],
  ])('refuses the row when %s becomes %s', (from, to, name) => {
    const told = decoded(SPOT.replace(from, to));
    expect([told.verdict.kind, told.rows]).toEqual(['trades', []]);
    expect(told.rejected).toEqual([{ index: 0, reason: expect.stringMatching(`^${name}\\b`) }]);
  });

  it.each([
    ['{"id":"x","type":"welcome"}', 'control'],
    ['{"id":"1","type":"ack"}', 'control'],
    ['{"id":"1","type":"error","code":404,"data":"topic /market/match:X is not found"}', 'control'],
    ['{"topic":"/market/ticker:BTC-USDT","type":"message","subject":"trade.ticker","data":{}}', 'other'],
    ['{"topic":"/market/match:BTC-USDT","type":"message","subject":"trade.l4match","data":{}}', 'quarantine'],
    ['{"topic":"/market/match:BTC-USDT","type":"message","subject":"trade.l3match","data":[]}', 'quarantine'],
    ['{"T":"trade.SPOT","P":1785141195448000000,"d":{}}', 'quarantine'],
    ['{"type":"message"}', 'quarantine'],
  ])('%s is %s', (text, kind) => {
    expect(decoded(text).verdict.kind).toBe(kind);
  });
});

const TOKEN = '2neAiuYvAU61ZDXANAGAsiL4-iAExhsBXZxftpOeh_55i3Ysy2q2LEsEWU64mdzUOPusi34M_wGoSf7iNyEWJ==.z6Zy/x';
const reply = (data: string): Buffer => bytes(`{"code":"200000","data":${data}}`);
const servers = (endpoint: string): string =>
  `"instanceServers":[{"endpoint":"${endpoint}","encrypt":true,"protocol":"websocket","pingInterval":18000,"pingTimeout":10000}]`;
const dialled = (endpoint: string, body: Buffer, feed = kucoinSpot) => feed.dial?.url(endpoint, body, 'c-1');

describe('the dial', () => {
  it('asks by POST and connects to the server that the reply names, its slash kept and the token escaped', () => {
    expect(kucoinSpot.dial?.request()).toEqual({
      method: 'POST',
      path: '/api/v1/bullet-public',
      headers: {},
      weight: 10,
    });
    const url = dialled(
      kucoinSpot.defaults.ws,
      reply(`{"token":"${TOKEN}",${servers('wss://ws-api-spot.kucoin.com/')}}`),
    );
    expect(url).toEqual({ ok: true, value: expect.stringMatching(/^wss:\/\/ws-api-spot\.kucoin\.com\/\?token=/) });
    const query = new URL(url?.ok ? url.value : '').searchParams;
    expect([query.get('token'), query.get('connectId')]).toEqual([TOKEN, 'c-1']);
    expect(
      dialled(kucoinSpot.defaults.ws, reply(`{"token":"t",${servers('wss://push1-v2.kucoin.com/endpoint')}}`)),
    ).toEqual({ ok: true, value: 'wss://push1-v2.kucoin.com/endpoint?token=t&connectId=c-1' });
  });

  it('lets an endpoint of the settings stand before the server that the reply names', () => {
    const body = reply(`{"token":"t",${servers('wss://ws-api-futures.kucoin.com/')}}`);
    expect(dialled('ws://127.0.0.1:1/kucoin/futures', body, kucoinPerp)).toEqual({
      ok: true,
      value: 'ws://127.0.0.1:1/kucoin/futures/?token=t&connectId=c-1',
    });
  });

  it.each([
    ['{', 'dial.reply', true],
    ['{"code":"200000","data":{}}', 'dial.reply', true],
    ['{"code":"200000","data":{"token":"t","instanceServers":[]}}', 'dial.reply', true],
    [`{"code":"200000","data":{"token":"t",${servers('http://example.com/')}}}`, 'dial.reply', true],
    ['{"code":"429000","msg":"Too Many Requests"}', 'dial.refused', true],
    ['{"code":"400100","msg":"no"}', 'dial.refused', false],
  ])('fails on %s', (text, code, retry) => {
    expect(dialled(kucoinSpot.defaults.ws, bytes(text))).toMatchObject({ ok: false, failure: { code, retry } });
  });
});

describe('the line', () => {
  it('subscribes up to 100 symbols in one topic, numbered as text, and leaves what is no longer wanted', () => {
    let key = 0;
    const wanted = Array.from({ length: 101 }, (_, i) => `C${i}-USDT`);
    const sent = kucoinSpot.subscribe(wanted, ['C0-USDT', 'OLD-USDT'], () => ++key);
    expect(sent.map(({ key: id, symbols }) => [id, symbols.length])).toEqual([
      ['1', 0],
      ['2', 100],
    ]);
    expect(JSON.parse(sent[0]?.text ?? '')).toEqual({
      id: '1',
      type: 'unsubscribe',
      topic: '/market/match:OLD-USDT',
      privateChannel: false,
      response: true,
    });
    expect(JSON.parse(sent[1]?.text ?? '').topic.split(',')).toHaveLength(100);
    expect(kucoinPerp.subscribe(['XBTUSDTM', 'ETHUSDTM'], [], () => 7)[0]?.text).toContain(
      '"id":"7","type":"subscribe","topic":"/contractMarket/execution:XBTUSDTM,ETHUSDTM"',
    );
    expect(kucoinPerp.subscribe(['XBTUSDTM'], ['XBTUSDTM'], () => 8)).toEqual([]);
  });

  it.each([
    ['{"id":"hQvf8jkno","type":"welcome"}', { type: 'ready' }],
    ['{"id":"1","type":"ack"}', { type: 'acknowledged', key: '1', symbols: null }],
    ['{"id":1,"type":"ack"}', { type: 'acknowledged', key: '1', symbols: null }],
    ['{"id":"tapedeck","type":"pong","timestamp":1785141195448000}', { type: 'pong' }],
    [
      '{"id":"2","type":"error","code":404,"data":"topic /market/match:X-Y is not found"}',
      { type: 'refused', key: '2', symbols: null, reason: '404 topic /market/match:X-Y is not found' },
    ],
    [
      '{"id":"c-1","type":"error","code":401,"data":"token is invalid"}',
      { type: 'error', reason: '401 token is invalid' },
    ],
    ['{"type":"message","topic":"/market/match:X-Y"}', { type: 'data' }],
    [SPOT, { type: 'data' }],
    [kucoinSpotSamples[2] ?? '', { type: 'data' }],
    ['3', { type: 'other' }],
  ])('%s', (text, meaning) => {
    expect(kucoinSpot.classify(bytes(text), false)).toEqual(meaning);
  });

  it('names the symbol of a trade wherever its topic stands', () => {
    const told = [...kucoinSpotSamples, ...kucoinPerpSamples].map((text) => kucoinSpot.symbolOf(bytes(text)));
    expect(told.slice(0, 4)).toEqual(['BTC-USDT', 'LYXe-USDT', 'SNX-BTC', 'BTC-USDT']);
    expect(told.slice(4)).toEqual(['XBTUSDTM', 'ETHUSDTM', 'XBTUSDTM', 'SHIBUSDTM']);
    expect(kucoinSpot.symbolOf(bytes('{"topic":"/market/ticker:BTC-USDT","type"'))).toBeNull();
    expect(kucoinSpot.symbolOf(bytes('{"topic":"/market/match:BTC'))).toBeNull();
    expect(kucoinSpot.classify(bytes('{'), false).type).toBe('error');
  });

  it('stays away as long as the reply says', () => {
    expect(kucoinSpot.restTrouble(429, { 'gw-ratelimit-reset': '2345' }, bytes('{"code":"429000"}'))).toMatchObject({
      waitMs: 2345,
      failure: { code: 'kucoin.limited', retry: true },
    });
    expect(kucoinPerp.restTrouble(429, {}, bytes('')).waitMs).toBe(30_000);
    expect(kucoinPerp.restTrouble(403, {}, bytes('')).failure.code).toBe('kucoin.banned');
  });
});

describe('instruments', () => {
  const list = recordedInstruments('KUCOIN.0.06');
  it.skipIf(list === undefined)('reads the recorded list of symbols', () => {
    const parsed = kucoinSpot.instruments.parse(list ?? Buffer.alloc(0));
    const found = parsed.ok ? parsed.value : [];
    expect(found.length).toBeGreaterThan(500);
    expect(found[0]).toEqual({
      venue: 'kucoin',
      market: 'spot',
      symbol: 'REQ-ETH',
      base: 'REQ',
      quote: 'ETH',
      contractSize: '1',
      state: 'trading',
      listedUs: null,
    });
  });

  const symbol = (rest: string) => `{"symbol":"NEW-USDT","baseCurrency":"NEW","quoteCurrency":"USDT",${rest}}`;
  it('tells a symbol that is about to open from a halted one', () => {
    const parsed = kucoinSpot.instruments.parse(
      reply(`[${symbol('"enableTrading":false,"tradingStartTime":1795248000000')},${symbol('"enableTrading":false')}]`),
    );
    expect(parsed.ok && parsed.value.map(({ state, listedUs }) => [state, listedUs])).toEqual([
      ['pre-launch', 1795248000000000],
      ['halted', null],
    ]);
  });

  const contract = (name: string, base: string, quote: string, rest: string) =>
    `{"symbol":"${name}","baseCurrency":"${base}","quoteCurrency":"${quote}",${rest}}`;
  it('reads perpetual contracts: XBT is BTC, sizes from the multiplier, inverse ones without, dated ones left out', () => {
    const linear = '"type":"FFWCSX","isInverse":false,"expireDate":null';
    const inverse = '"isInverse":true,"multiplier":-1.0,"status":"Open"';
    const parsed = kucoinPerp.instruments.parse(
      reply(
        `[${[
          contract(
            'XBTUSDTM',
            'XBT',
            'USDT',
            `${linear},"multiplier":0.001,"status":"Open","firstOpenDate":1585555200000`,
          ),
          contract('DOGEUSDTM', 'DOGE', 'USDT', `${linear},"multiplier":100.0,"status":"Paused"`),
          contract('AIXBTUSDTM', 'AIXBT', 'USDT', `${linear},"multiplier":1.0E-7,"status":"Init"`),
          contract('XBTUSDM', 'XBT', 'USD', `"type":"FFWCSX",${inverse},"expireDate":null`),
          contract('XBTMZ26', 'XBT', 'USD', `"type":"FFICSX",${inverse},"expireDate":1798185600000`),
        ].join()}]`,
      ),
    );
    expect(
      parsed.ok && parsed.value.map((one) => [one.symbol, one.base, one.contractSize, one.state, one.listedUs]),
    ).toEqual([
      ['XBTUSDTM', 'BTC', '0.001', 'trading', 1585555200000000],
      ['DOGEUSDTM', 'DOGE', '100', 'halted', null],
      ['AIXBTUSDTM', 'AIXBT', '0.0000001', 'pre-launch', null],
      ['XBTUSDM', 'BTC', null, 'trading', null],
    ]);
  });

  it('refuses a damaged list', () => {
    for (const bad of ['x', '[]', '{"code":"429000","msg":"x"}', '{"code":"200000","data":{}}'])
      expect(kucoinSpot.instruments.parse(bytes(bad))).toMatchObject({ ok: false, failure: { retry: true } });
    for (const bad of [symbol('"enableTrading":1'), '{"symbol":"A-B"}', '1'])
      expect(kucoinSpot.instruments.parse(reply(`[${bad}]`)).ok).toBe(false);
    const broken = contract('X', 'X', 'USDT', '"type":"FFWCSX","isInverse":false,"multiplier":0,"status":"Open"');
    expect(kucoinPerp.instruments.parse(reply(`[${broken}]`)).ok).toBe(false);
  });
});
