// The one HTTP server of a rehearsal: path prefixes lead to the venues, upgrades become outlets, everything else is their REST.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { SimulatedMarket } from './market.ts';
import type { NoticePage } from './notices.ts';
import { Outlet } from './outlet.ts';
import { type MarketKey, type RestReply, venueOf, type Welcome } from './venue.ts';

/** Longest message a venue reads from a client. */
const MAX_INCOMING = 256 * 1024;

export function prefixOf(market: MarketKey): string {
  return `/${market.replace(':', '-')}`;
}

export const NOTICE_PREFIX = '/upbit-notices';

export interface VenueServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Listens on 127.0.0.1; port 0 takes a free one. beforeSending: called before frames leave on any connection. */
export async function openVenueServer(
  markets: readonly SimulatedMarket[],
  notices: NoticePage,
  port: number,
  beforeSending?: () => void,
): Promise<VenueServer> {
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: MAX_INCOMING });
  const http = createServer((request, response) => answer(markets, notices, request, response));
  let connections = 0;
  http.on('upgrade', (request, socket, head) => {
    const { market, path, query } = place(markets, request);
    socket.on('error', () => socket.destroy());
    if (market?.refusing) {
      socket.destroy();
      return;
    }
    const welcome = market ? greet(markets, market, path, query, request) : NOWHERE;
    if (!market || !welcome.ok) {
      if (!welcome.ok) market?.enforce(`connection refused: ${welcome.status}`);
      turnAway(socket, welcome.ok ? NOWHERE : welcome);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (ws) => {
      if (!(socket instanceof Socket)) {
        ws.terminate();
        return;
      }
      connections += 1;
      const route = market.protocol.route?.(path) ?? path;
      const outlet = new Outlet({
        ws,
        socket,
        number: connections,
        form: welcome.form,
        nowMs: market.nowMs,
        backlogBytes: market.limits.backlogBytes,
        route,
        spoil: market.venue.spoil,
        beforeSending,
      });
      attend(market, outlet, ws);
      market.protocol.opened(market, outlet, welcome.names);
    });
  });
  await listen(http, port);
  const address = http.address() as AddressInfo;
  return {
    port: address.port,
    close: async () => {
      for (const market of markets) for (const outlet of [...market.outlets]) outlet.cut('the rehearsal ends');
      sockets.close();
      http.closeAllConnections();
      await new Promise<void>((resolve) => http.close(() => resolve()));
    },
  };
}

/** How the simulated venues answer whoever asks too often: Binance 429 and 418, Bybit 403 (it has no other use of it here), the others 429. */
const EXCESS: readonly number[] = [403, 418, 429];

const NOWHERE = { ok: false, status: 404, body: '' } as const;

function greet(
  markets: readonly SimulatedMarket[],
  market: SimulatedMarket,
  path: string,
  query: URLSearchParams,
  request: IncomingMessage,
): Welcome {
  if (!market.mayConnect()) return { ok: false, status: 429, headers: { 'Retry-After': '60' }, body: '' };
  const venue = venueOf(market.key);
  const standing = markets.reduce((sum, one) => sum + (venueOf(one.key) === venue ? one.outlets.length : 0), 0);
  if (standing >= market.limits.connections) return { ok: false, status: 429, body: '' };
  return market.protocol.welcome(market, path, query, request);
}

function listen(http: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    http.once('error', reject);
    http.listen(port, '127.0.0.1', () => {
      http.off('error', reject);
      resolve();
    });
  });
}

function attend(market: SimulatedMarket, outlet: Outlet, ws: WebSocket): void {
  outlet.socket.setNoDelay(true);
  market.outlets.push(outlet);
  const tooMany = (): boolean => {
    if (outlet.dead) return true;
    if (market.maySend(outlet)) return false;
    outlet.close(1008, 'Too many requests');
    return true;
  };
  ws.on('message', (data: Buffer) => {
    if (tooMany()) return;
    market.protocol.message(market, outlet, data.toString('utf8'));
  });
  ws.on('ping', () => void tooMany());
  ws.on('pong', () => {
    outlet.waitingPongMs = 0;
    tooMany();
  });
  // The close that follows says all that a venue would note of it.
  ws.on('error', (error) => {
    outlet.ended ??= error.message;
  });
  ws.on('close', () => market.drop(outlet));
}

interface Place {
  readonly market: SimulatedMarket | undefined;
  readonly notices: boolean;
  readonly path: string;
  readonly query: URLSearchParams;
}

function place(markets: readonly SimulatedMarket[], request: IncomingMessage): Place {
  const url = new URL(request.url ?? '/', 'http://rehearsal');
  const notices = url.pathname.startsWith(`${NOTICE_PREFIX}/`);
  const market = markets.find((one) => url.pathname.startsWith(`${prefixOf(one.key)}/`));
  const prefix = notices ? NOTICE_PREFIX : market ? prefixOf(market.key) : '';
  return { market, notices, path: decodeURI(url.pathname.slice(prefix.length)), query: url.searchParams };
}

function answer(
  markets: readonly SimulatedMarket[],
  notices: NoticePage,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  request.resume();
  const { market, notices: page, path, query } = place(markets, request);
  if (market?.refusing) {
    request.socket.destroy();
    return;
  }
  let reply: RestReply = { status: 404, body: '' };
  if (request.method === 'POST' && market?.protocol.post) reply = market.protocol.post(market, path, query, request);
  else if (request.method !== 'GET') reply = { status: 405, body: '' };
  else if (page) reply = notices.rest(path, query, request);
  else if (market) reply = market.protocol.rest(market, path, query, request);
  if (EXCESS.includes(reply.status)) market?.enforce(`request refused: ${reply.status}`);
  response.writeHead(reply.status, {
    'Content-Type': 'application/json;charset=UTF-8',
    'Content-Length': Buffer.byteLength(reply.body),
    ...reply.headers,
  });
  response.end(reply.body);
}

function turnAway(socket: Duplex, reply: RestReply): void {
  const headers = Object.entries({
    Connection: 'close',
    'Content-Length': String(Buffer.byteLength(reply.body)),
    ...reply.headers,
  });
  const head = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  socket.end(`HTTP/1.1 ${reply.status} Refused\r\n${head}\r\n${reply.body}`);
}
