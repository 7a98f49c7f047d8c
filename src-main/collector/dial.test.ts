// Connections whose address is asked for first, that must wait for the venue's word, and that carry headers or a source address.
import type { IncomingMessage } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fail, ok } from '../../src-shared/base/result.ts';
import { RateBudget } from '../base/net.ts';
import { binanceSpot } from '../feeds/binance/binance.ts';
import type { Feed } from '../feeds/feed.ts';
import type { Line } from './line.ts';
import { openRest } from './rest.ts';
import { live, openRig, type Rig, type RigLine, within } from './rig.fixture.ts';
import { acknowledgeBinance, binanceTrade } from './transports/loopback.ts';

let rig: Rig;
beforeEach(async () => {
  rig = await openRig();
});
afterEach(() => rig.close());

const TOKEN = 'secret-token-0123456789abcdef';

const dialled: Feed = {
  ...binanceSpot,
  dial: {
    request: () => ({ method: 'POST', path: '/bullet', headers: {}, weight: 1 }),
    url: (endpoint, reply, connectId) => {
      const { token } = JSON.parse(Buffer.from(reply).toString()) as { token?: string };
      return token
        ? ok(`${endpoint}/live/?token=${token}&connectId=${connectId}`)
        : fail('dial.reply', 'the reply has no token', { retry: true });
    },
  },
};

function make(feed: Feed, options: RigLine = {}, address: string | null = null): Line {
  const connects = new RateBudget({ weight: 100, perMs: 1000 });
  const rest = openRest(feed, rig.venue.rest, address);
  const { dial } = feed;
  const dialling = dial ? { dialling: { dial, endpoint: rig.venue.ws, rest, connects } } : {};
  return rig.make(feed, { ...options, context: { connects, address, ...dialling } });
}

describe('a dialled connection', () => {
  test('asks for its address before every single connection, and the token appears nowhere', async () => {
    const asked: string[] = [];
    const opened: string[] = [];
    rig.venue.onRequest = (request, response) => {
      asked.push(`${request.method} ${request.url}`);
      response.end(JSON.stringify({ token: `${TOKEN}${asked.length}` }));
    };
    rig.venue.onUpgrade = (request) => opened.push(request.url ?? '');
    const line = make(dialled);
    line.want(['BTCUSDT']);
    await live(line);
    rig.venue.clients[0]?.socket.close(4001, `bad token ${TOKEN}1`);
    await expect.poll(() => rig.venue.clients.length, within).toBe(2);
    await live(line);
    expect(asked).toEqual(['POST /bullet', 'POST /bullet']);
    const queries = opened.map((url) => new URL(url, 'ws://x').searchParams);
    expect(queries.map((query) => query.get('token'))).toEqual([`${TOKEN}1`, `${TOKEN}2`]);
    expect(new Set(queries.map((query) => query.get('connectId'))).size).toBe(2);
    const all = JSON.stringify([await rig.recorded(), line.state()]);
    expect(all).toContain('bad token ...');
    expect(all).not.toContain('secret-token');
  });

  test('a dial that fails is a connection that failed: growing pauses, the reason, and no socket', async () => {
    let asked = 0;
    let answer = (): string => '{}';
    rig.venue.onRequest = (_request, response) => {
      asked += 1;
      response.end(answer());
    };
    const line = make(dialled);
    line.want(['BTCUSDT']);
    await expect.poll(() => line.state().reconnects, within).toBeGreaterThan(2);
    expect(line.state().note).toBe('dial: the reply has no token');
    expect(rig.venue.clients.length).toBe(0);
    expect(await rig.controls('open')).toEqual([]);
    expect(asked).toBeLessThan(8);
    answer = () => JSON.stringify({ token: TOKEN });
    await live(line);
  });

  test('a venue that limits the dial is left alone for as long as it says', async () => {
    const times: number[] = [];
    rig.venue.onRequest = (_request, response) => {
      times.push(performance.now());
      if (times.length === 1) response.writeHead(429, { 'Retry-After': '1' }).end();
      else response.end(JSON.stringify({ token: TOKEN }));
    };
    const line = make(dialled);
    line.want(['BTCUSDT']);
    await live(line);
    expect((times[1] as number) - (times[0] as number)).toBeGreaterThan(950);
    expect(times.length).toBe(2);
  });

  test('a line that is closed while it dials ends at once', async () => {
    rig.venue.onRequest = () => undefined;
    const line = make(dialled);
    line.want(['BTCUSDT']);
    await expect.poll(() => line.state().state, within).toBe('connecting');
    await line.close('quit');
    expect(line.state().state).toBe('closed');
  });

  test('sockets and dials leave from the line’s own source address', async () => {
    const from: (string | undefined)[] = [];
    rig.venue.onRequest = (request, response) => {
      from.push(request.socket.remoteAddress);
      response.end(JSON.stringify({ token: TOKEN }));
    };
    rig.venue.onUpgrade = (request) => from.push(request.socket.remoteAddress);
    const line = make(dialled, {}, '127.0.0.2');
    line.want(['BTCUSDT']);
    await live(line);
    expect(from).toEqual(['127.0.0.2', '127.0.0.2']);
    const nowhere = make(binanceSpot, { line: 1 }, '203.0.113.77');
    nowhere.want(['BTCUSDT']);
    await expect.poll(() => nowhere.state().note ?? '', within).toContain('203.0.113.77');
  });
});

describe('readiness', () => {
  const waiting: Feed = {
    ...binanceSpot,
    waitsForReady: true,
    classify: (frame, binary) =>
      Buffer.from(frame).includes('welcome') ? { type: 'ready' } : binanceSpot.classify(frame, binary),
  };

  test('nothing is subscribed before the venue says that it is ready', async () => {
    const line = rig.make(waiting);
    line.want(['BTCUSDT']);
    await expect.poll(() => rig.venue.clients.length, within).toBe(1);
    await expect.poll(() => line.state().state, within).toBe('subscribing');
    line.want(['BTCUSDT', 'ETHUSDT']);
    rig.venue.clients[0]?.send(binanceTrade('BTCUSDT', 1));
    await expect.poll(() => line.state().frames, within).toBe(1);
    expect(rig.venue.clients[0]?.said).toEqual([]);
    rig.venue.clients[0]?.send('{"type":"welcome"}');
    await live(line);
    expect(rig.venue.clients[0]?.said.length).toBe(1);
    expect(line.state()).toMatchObject({ wanted: 2, acknowledged: 2 });
  });

  test('a venue that is never ready is given up and asked anew', async () => {
    const line = rig.make(waiting, { patience: { readyMs: 150 } });
    line.want(['BTCUSDT']);
    await expect.poll(() => rig.venue.clients.length, within).toBeGreaterThan(1);
    expect(rig.venue.clients[0]?.said).toEqual([]);
    expect((await rig.controls('close'))[0]?.reason).toContain('ready');
  });
});

test('the upgrade carries the feed’s headers and no origin', async () => {
  const requests: IncomingMessage[] = [];
  rig.venue.onUpgrade = (request) => requests.push(request);
  rig.venue.onText = acknowledgeBinance();
  const line = rig.make({ ...binanceSpot, connectHeaders: { 'X-Gate-Size-Decimal': '1' } });
  line.want(['BTCUSDT']);
  await live(line);
  expect(requests[0]?.headers['x-gate-size-decimal']).toBe('1');
  expect(requests[0]?.headers.origin).toBeUndefined();
});
