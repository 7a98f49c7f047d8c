// The Screen port over HTTP: one server with the screen's files, one WebSocket per screen, requests of the command line, exports, /health and /metrics.
// Promises: nothing is let in that the gate refuses; a screen that does not read is held back and at last cut, never queued without bound.
import { createReadStream } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { isIPv6 } from 'node:net';
import { basename, join } from 'node:path';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import { z } from 'zod';
import { fail, ok, type Result, reasonOf } from '../../src-shared/base/result.ts';
import type { Endpoint } from '../host/endpoint.ts';
import type { Host } from '../host/host.ts';
import type { Screen, ScreenEvents } from '../host/screen.ts';
import { contentSecurityPolicy, type FoundFile, findFile } from '../host/static-files.ts';
import { cookieName, Gate } from './gate.ts';

export interface WebScreenOptions {
  readonly host: Host;
  readonly endpoint: Endpoint;
  readonly token: string;
  /** 0: any free one. */
  readonly port: number;
  /** Tried first when port is 0: where screens of the last run still look. */
  readonly wishedPort: number | null;
  readonly address: string;
  /** The built screen. */
  readonly rendererDir: string;
}

export interface WebScreen {
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

const BODY_BYTES = 1024 ** 2;
const MESSAGE_BYTES = 1024 ** 2;
const SLOW_BYTES = 256 * 1024;
const CUT_BYTES = 64 * 1024 ** 2;
const PING_MS = 15_000;
const RESERVED = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};
const requestBody = z.object({ name: z.string(), input: z.unknown().optional() });

const NOT_BUILT = `<!doctype html><meta charset="utf-8"><title>Tapedeck</title>
<h1>The screen is not built</h1><p>The recorder runs. Build its screen with <code>npm run build</code> and load this page again.</p>`;

/** Failures: `web.port-taken`, `web.address`, each naming what to do. */
export async function openWebScreen(options: WebScreenOptions): Promise<Result<WebScreen>> {
  const server = createServer({ requestTimeout: 30_000, headersTimeout: 10_000, maxHeaderSize: 16 * 1024 });
  const first =
    options.port === 0 && options.wishedPort !== null
      ? await listen(server, options.wishedPort, options.address)
      : undefined;
  const port = first?.ok ? first : await listen(server, options.port, options.address);
  if (!port.ok) return port;
  const served = new Served(server, port.value, options);
  const name = isIPv6(options.address) ? `[${options.address}]` : options.address;
  return ok({ url: `http://${name}:${port.value}`, port: port.value, close: () => served.close() });
}

function listen(server: Server, port: number, address: string): Promise<Result<number>> {
  return new Promise((resolve) => {
    const refused = (error: NodeJS.ErrnoException): void => {
      const taken = error.code === 'EADDRINUSE' || error.code === 'EACCES';
      const why = error.code === 'EACCES' ? 'needs rights that this user does not have' : 'is taken by another program';
      resolve(
        taken
          ? fail(
              'web.port-taken',
              `port ${port} on ${address} ${why}; choose another one with --port, or leave --port out for a free one`,
            )
          : fail('web.address', `${address} port ${port} cannot be listened on: ${reasonOf(error)}`),
      );
    };
    server.once('error', refused);
    server.listen({ port, host: address, exclusive: true }, () => {
      server.off('error', refused);
      const bound = server.address();
      resolve(ok(typeof bound === 'object' && bound ? bound.port : port));
    });
  });
}

class Served {
  readonly #server: Server;
  readonly #options: WebScreenOptions;
  readonly #gate: Gate;
  readonly #port: number;
  readonly #sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: MESSAGE_BYTES,
    clientTracking: true,
  });
  readonly #quiet = new WeakSet<WebSocket>();
  readonly #pings: NodeJS.Timeout;

  constructor(server: Server, port: number, options: WebScreenOptions) {
    this.#server = server;
    this.#options = options;
    this.#port = port;
    this.#gate = new Gate({ token: options.token, port, address: options.address });
    options.endpoint.gate(this.#gate.refused);
    server.on('request', (request, response) => void this.#answer(request, response));
    server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
    server.on('clientError', (_error, socket) => {
      if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
    });
    this.#pings = setInterval(() => this.#ping(), PING_MS);
    this.#pings.unref();
  }

  async close(): Promise<void> {
    clearInterval(this.#pings);
    for (const socket of this.#sockets.clients) socket.close(1001, 'the host is leaving');
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeIdleConnections();
    const timer = setTimeout(() => {
      for (const socket of this.#sockets.clients) socket.terminate();
      this.#server.closeAllConnections();
    }, 250);
    await closed;
    clearTimeout(timer);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      await this.#route(request, response);
    } catch (error) {
      this.#options.host.log.warn(
        { reason: reasonOf(error), url: request.url?.split('?')[0] },
        'a request could not be answered',
      );
      if (response.headersSent) response.destroy();
      else send(response, 500, 'text/plain; charset=utf-8', 'the request could not be answered\n');
    }
  }

  async #route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = urlOf(request);
    if (!url) return send(response, 400, 'text/plain; charset=utf-8', 'this is no address\n');
    const admission = this.#gate.admit(request, url);
    if (!admission.pass) {
      response.setHeader('connection', 'close');
      return send(response, admission.status, 'text/plain; charset=utf-8', `${admission.why}\n`);
    }
    if (url.pathname === '/request') return this.#request(request, response);
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD');
      return send(response, 405, 'text/plain; charset=utf-8', `${request.method} is not known here\n`);
    }
    if (url.pathname === '/health') {
      const { status, body } = this.#options.endpoint.health();
      return send(response, status, 'application/json; charset=utf-8', `${JSON.stringify(body)}\n`);
    }
    if (url.pathname === '/metrics')
      return send(response, 200, 'text/plain; version=0.0.4; charset=utf-8', await this.#options.endpoint.metrics());
    if (admission.byQuery) return this.#welcome(url, response);
    if (url.pathname.startsWith('/exports/')) {
      const file = findFile(join(this.#options.host.recordDir(), 'exports'), url.pathname.slice('/exports'.length));
      if (file)
        response.setHeader(
          'content-disposition',
          `attachment; filename*=UTF-8''${encodeURIComponent(basename(file.path))}`,
        );
      return this.#file(request, response, file, 'no-store');
    }
    response.setHeader('content-security-policy', contentSecurityPolicy([`ws://${admission.host}`]));
    const page = url.pathname === '/' ? '/index.html' : url.pathname;
    const file = findFile(this.#options.rendererDir, page);
    if (!file && page === '/index.html') return send(response, 503, 'text/html; charset=utf-8', NOT_BUILT);
    // Built assets carry their content's hash in the name.
    return this.#file(
      request,
      response,
      file,
      page.startsWith('/assets/') ? 'private, max-age=31536000, immutable' : 'no-store',
    );
  }

  /** The key came in the address: it becomes a cookie, and the address clean. */
  #welcome(url: URL, response: ServerResponse): void {
    url.searchParams.delete('token');
    response.setHeader(
      'set-cookie',
      `${cookieName(this.#port)}=${this.#options.token}; Path=/; HttpOnly; SameSite=Strict`,
    );
    // Only the path: an address that begins with two slashes would lead elsewhere.
    response.setHeader('location', `/${url.pathname.replace(/^\/+/, '')}${url.search}`);
    send(response, 303, 'text/plain; charset=utf-8', 'welcome\n');
  }

  async #file(
    request: IncomingMessage,
    response: ServerResponse,
    file: FoundFile | undefined,
    caching: string,
  ): Promise<void> {
    if (!file) return send(response, 404, 'text/plain; charset=utf-8', 'there is no such file\n');
    response.writeHead(200, {
      ...RESERVED,
      'content-type': file.type,
      'content-length': file.bytes,
      'cache-control': caching,
    });
    if (request.method === 'HEAD') response.end();
    else await pipeline(createReadStream(file.path), response);
  }

  async #request(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'POST') {
      response.setHeader('allow', 'POST');
      return send(response, 405, 'text/plain; charset=utf-8', 'requests are posted\n');
    }
    const body = await readBody(request, response);
    if (body === undefined) return;
    const read = requestBody.safeParse(body);
    if (!read.success) return sendJson(response, fail('request.invalid', 'a request is {"name": ..., "input": ...}'));
    const gone = new AbortController();
    response.on('close', () => {
      if (!response.writableFinished) gone.abort();
    });
    sendJson(response, await this.#options.host.router.request(read.data.name, read.data.input, gone.signal));
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', (error) => this.#options.host.log.debug({ reason: reasonOf(error) }, 'a screen broke off'));
    const url = urlOf(request);
    const admission = url
      ? this.#gate.admit(request, url)
      : ({ pass: false, status: 400, why: 'this is no address' } as const);
    const refusal = !admission.pass
      ? admission
      : url?.pathname === '/screen'
        ? undefined
        : { status: 404, why: 'screens connect to /screen' };
    if (refusal) {
      socket.end(
        `HTTP/1.1 ${refusal.status} Refused\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(refusal.why) + 1}\r\n\r\n${refusal.why}\n`,
      );
      return;
    }
    this.#sockets.handleUpgrade(request, socket, head, (webSocket) => {
      webSocket.on('pong', () => this.#quiet.delete(webSocket));
      this.#options.host.router.attach(
        screenOf(webSocket, `${request.socket.remoteAddress}:${request.socket.remotePort}`),
      );
    });
  }

  #ping(): void {
    for (const socket of this.#sockets.clients) {
      if (this.#quiet.has(socket)) socket.terminate();
      else {
        this.#quiet.add(socket);
        socket.ping();
      }
    }
  }
}

function screenOf(socket: WebSocket, name: string): Screen {
  let events: ScreenEvents | undefined;
  const sent = (error?: Error | null): void => {
    if (!error && socket.bufferedAmount <= SLOW_BYTES) events?.drained();
  };
  return {
    name,
    post: (message) => {
      if (socket.readyState !== socket.OPEN) return;
      if (socket.bufferedAmount > CUT_BYTES) socket.terminate();
      else socket.send(JSON.stringify(message), sent);
    },
    congested: () => socket.bufferedAmount > SLOW_BYTES,
    listen: (next) => {
      events = next;
      socket.on('message', (data, binary) => {
        const read = binary ? undefined : readJson(data);
        if (read === undefined) socket.close(1007, 'messages are JSON text');
        else next.message(read);
      });
      // A broken socket closes: `close` ends it in every case.
      socket.on('error', () => socket.terminate());
      socket.on('close', () => next.closed());
    },
  };
}

function readJson(data: RawData): unknown {
  try {
    return JSON.parse(data.toString());
  } catch {
    // undefined is no JSON value, so it can stand for "not JSON".
    return undefined;
  }
}

async function readBody(request: IncomingMessage, response: ServerResponse): Promise<unknown> {
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '')) {
    send(response, 415, 'text/plain; charset=utf-8', 'requests are application/json\n');
    return undefined;
  }
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > BODY_BYTES) {
      response.setHeader('connection', 'close');
      send(response, 413, 'text/plain; charset=utf-8', `a request holds at most ${BODY_BYTES} bytes\n`);
      return undefined;
    }
    parts.push(part);
  }
  try {
    const value: unknown = JSON.parse(Buffer.concat(parts).toString());
    return value ?? null;
  } catch (error) {
    send(response, 400, 'text/plain; charset=utf-8', `the request is not JSON: ${reasonOf(error)}\n`);
    return undefined;
  }
}

/** The address of a request; undefined when it is none. Dots in it are kept: findFile judges them. */
function urlOf(request: IncomingMessage): URL | undefined {
  const path = request.url ?? '';
  return path.startsWith('/') ? (URL.parse(`http://tapedeck.invalid${path}`) ?? undefined) : undefined;
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, {
    ...RESERVED,
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    ...(response.hasHeader('cache-control') ? {} : { 'cache-control': 'no-store' }),
  });
  response.end(response.req.method === 'HEAD' ? undefined : body);
}

function sendJson(response: ServerResponse, result: Result<unknown>): void {
  if (!response.writableEnded && !response.destroyed)
    send(response, 200, 'application/json; charset=utf-8', JSON.stringify(result));
}
