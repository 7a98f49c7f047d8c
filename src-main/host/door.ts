// The host's HTTP door: requests of the command line, exports, /health and /metrics, and where screens are browsers also their files.
// Promises: nothing is let in that the gate refuses; nothing outside the two served folders is ever opened. Writes host.json, by which commands find it.
import { createReadStream } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { isIPv6 } from 'node:net';
import { basename, join } from 'node:path';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { fail, ok, type Result, reasonOf } from '../../src-shared/base/result.ts';
import { openEndpoint } from './endpoint.ts';
import { cookieName, Gate } from './gate.ts';
import type { Host } from './host.ts';
import { newToken, readHostFile, writeHostFile } from './host-file.ts';
import { contentSecurityPolicy, type FoundFile, findFile } from './static-files.ts';

/** Takes over a connection that the gate has let in, to carry a screen. */
export type ScreenUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

export interface DoorOptions {
  readonly host: Host;
  readonly version: string;
  /** 0: the one of the last run when it is free, so that its screens find back; else any. */
  readonly port: number;
  readonly address: string;
  /** Null where the screen is not a browser. */
  readonly screen: { readonly rendererDir: string; readonly upgrade: ScreenUpgrade } | null;
}

export interface Door {
  readonly url: string;
  readonly port: number;
  readonly token: string;
  close(): Promise<void>;
}

/** Whoever connects takes a file descriptor of the process that recording depends on, before the gate has seen a word of it; more are refused. */
const CONNECTIONS = 512;
const BODY_BYTES = 1024 ** 2;
const TEXT = 'text/plain; charset=utf-8';
const JSON_TYPE = 'application/json; charset=utf-8';
const GUARDS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};
/** The report of an extract: styles of its own and nothing else; no script, no form, no origin. */
const REPORT_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox";
const requestBody = z.object({ name: z.string(), input: z.unknown().optional() });

const NOT_BUILT = `<!doctype html><meta charset="utf-8"><title>Tapedeck</title>
<h1>The screen is not built</h1><p>The recorder runs. Build its screen with <code>npm run build</code> and load this page again.</p>`;

/** Failures: `door.port-taken`, `door.address`, `door.host-file`, each naming what to do. */
export async function openDoor(options: DoorOptions): Promise<Result<Door>> {
  const server = createServer({ requestTimeout: 30_000, headersTimeout: 10_000, maxHeaderSize: 16 * 1024 });
  server.maxConnections = CONNECTIONS;
  const before = readHostFile(options.host.dataDir);
  const wished = options.port === 0 && before ? Number(URL.parse(before.url)?.port) : 0;
  const again = wished > 0 ? await listen(server, wished, options.address) : undefined;
  const bound = again?.ok ? again : await listen(server, options.port, options.address);
  if (!bound.ok) return bound;
  const port = bound.value;
  const token = before?.token ?? newToken();
  const served = new Served(server, port, token, options);
  const url = urlAt(options.address, port);
  try {
    await writeHostFile(options.host.dataDir, { pid: process.pid, url, token, startedUs: options.host.startedUs });
  } catch (error) {
    await served.close();
    return fail('door.host-file', `host.json cannot be written to ${options.host.dataDir}: ${reasonOf(error)}`);
  }
  return ok({ url, port, token, close: () => served.close() });
}

/** Where this machine itself reaches what listens there: "every address" is none that a request can name. */
function urlAt(address: string, port: number): string {
  const reached = address === '0.0.0.0' ? '127.0.0.1' : address === '::' ? '::1' : address;
  return `http://${isIPv6(reached) ? `[${reached}]` : reached}:${port}`;
}

function listen(server: Server, port: number, address: string): Promise<Result<number>> {
  return new Promise((resolve) => {
    const refused = (error: NodeJS.ErrnoException): void => {
      const why =
        error.code === 'EADDRINUSE'
          ? 'is taken by another program'
          : error.code === 'EACCES'
            ? 'needs rights that this user does not have'
            : undefined;
      resolve(
        why === undefined
          ? fail('door.address', `${address} port ${port} cannot be listened on: ${reasonOf(error)}`)
          : fail(
              'door.port-taken',
              `port ${port} on ${address} ${why}; choose another one with --port, or leave --port out for a free one`,
            ),
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
  readonly #options: DoorOptions;
  readonly #token: string;
  readonly #port: number;
  readonly #gate: Gate;
  readonly #endpoint: ReturnType<typeof openEndpoint>;

  constructor(server: Server, port: number, token: string, options: DoorOptions) {
    this.#server = server;
    this.#options = options;
    this.#token = token;
    this.#port = port;
    this.#gate = new Gate({ token, port, address: options.address });
    this.#endpoint = openEndpoint(options.host, options.version, this.#gate.refused);
    server.on('request', (request, response) => void this.#answer(request, response));
    server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
    server.on('clientError', (_error, socket) => {
      if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
    });
  }

  async close(): Promise<void> {
    this.#endpoint.close();
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeIdleConnections();
    const timer = setTimeout(() => this.#server.closeAllConnections(), 250);
    await closed;
    clearTimeout(timer);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      await this.#route(request, response);
    } catch (error) {
      // Mostly an asker that left in the middle of a file.
      this.#options.host.log.warn(
        { reason: reasonOf(error), path: request.url?.split('?')[0] },
        'an answer was not finished',
      );
      if (response.headersSent) response.destroy();
      else send(response, 500, TEXT, 'the request could not be answered\n');
    }
  }

  async #route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = urlOf(request);
    if (!url) return send(response, 400, TEXT, 'this is no address\n');
    const admission = this.#gate.admit(request, url);
    if (!admission.pass) {
      response.setHeader('connection', 'close');
      return send(response, admission.status, TEXT, `${admission.why}\n`);
    }
    if (url.pathname === '/request') return this.#request(request, response);
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD');
      return send(response, 405, TEXT, `${request.method} is not known here\n`);
    }
    if (url.pathname === '/health') {
      const { status, body } = this.#endpoint.health();
      return send(response, status, JSON_TYPE, `${JSON.stringify(body)}\n`);
    }
    if (url.pathname === '/metrics') {
      return send(response, 200, 'text/plain; version=0.0.4; charset=utf-8', await this.#endpoint.metrics());
    }
    if (admission.byQuery) return this.#welcome(url, response);
    if (url.pathname.startsWith('/exports/')) {
      const file = findFile(join(this.#options.host.recordDir(), 'exports'), url.pathname.slice('/exports'.length));
      if (file) {
        // The report is a page to read: shown, but with no more rights than a picture. Everything else is a file to keep.
        const page = basename(file.path) === 'report.html';
        if (page) response.setHeader('content-security-policy', REPORT_POLICY);
        response.setHeader(
          'content-disposition',
          `${page ? 'inline' : 'attachment'}; filename*=UTF-8''${encodeURIComponent(basename(file.path))}`,
        );
      }
      return sendFile(request, response, file, 'no-store');
    }
    if (!this.#options.screen) return send(response, 404, TEXT, 'the screen of this host is its own window\n');
    response.setHeader('content-security-policy', contentSecurityPolicy([`ws://${admission.host}`]));
    const page = url.pathname === '/' ? '/index.html' : url.pathname;
    const file = findFile(this.#options.screen.rendererDir, page);
    if (!file && page === '/index.html') return send(response, 503, 'text/html; charset=utf-8', NOT_BUILT);
    // Built assets carry their content's hash in the name.
    return sendFile(
      request,
      response,
      file,
      page.startsWith('/assets/') ? 'private, max-age=31536000, immutable' : 'no-store',
    );
  }

  /** The key came in the address: it becomes a cookie, and the address clean. */
  #welcome(url: URL, response: ServerResponse): void {
    url.searchParams.delete('token');
    response.setHeader('set-cookie', `${cookieName(this.#port)}=${this.#token}; Path=/; HttpOnly; SameSite=Strict`);
    // Only a path: one that begins with two slashes would lead to another host.
    response.setHeader('location', `/${url.pathname.replace(/^\/+/, '')}${url.search}`);
    send(response, 303, TEXT, 'welcome\n');
  }

  async #request(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'POST') {
      response.setHeader('allow', 'POST');
      return send(response, 405, TEXT, 'requests are posted\n');
    }
    const body = await readBody(request, response);
    if (body === undefined) return;
    const read = requestBody.safeParse(body);
    const gone = new AbortController();
    response.on('close', () => {
      if (!response.writableFinished) gone.abort();
    });
    const result: Result<unknown> = read.success
      ? await this.#options.host.router.request(read.data.name, read.data.input, gone.signal)
      : fail('request.invalid', 'a request is {"name": ..., "input": ...}');
    if (!response.destroyed) send(response, 200, JSON_TYPE, JSON.stringify(result));
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', (error) => this.#options.host.log.debug({ reason: reasonOf(error) }, 'a screen broke off'));
    const url = urlOf(request);
    const admission = url
      ? this.#gate.admit(request, url)
      : ({ pass: false, status: 400, why: 'this is no address' } as const);
    const screen = this.#options.screen;
    if (admission.pass && url?.pathname === '/screen' && screen) {
      screen.upgrade(request, socket, head);
      return;
    }
    const refusal = admission.pass ? { status: 404, why: 'screens connect to /screen' } : admission;
    const text = `${refusal.why}\n`;
    socket.end(
      `HTTP/1.1 ${refusal.status} Refused\r\nConnection: close\r\nContent-Type: ${TEXT}\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
    );
  }
}

async function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  file: FoundFile | undefined,
  caching: string,
): Promise<void> {
  if (!file) return send(response, 404, TEXT, 'there is no such file\n');
  response.writeHead(200, {
    ...GUARDS,
    'content-type': file.type,
    'content-length': file.bytes,
    'cache-control': caching,
  });
  if (request.method === 'HEAD') response.end();
  else await pipeline(createReadStream(file.path), response);
}

/** The JSON of a body; undefined when it was refused and the answer has been sent. */
async function readBody(request: IncomingMessage, response: ServerResponse): Promise<unknown> {
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '')) {
    send(response, 415, TEXT, 'requests are application/json\n');
    return undefined;
  }
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > BODY_BYTES) {
      response.setHeader('connection', 'close');
      send(response, 413, TEXT, `a request holds at most ${BODY_BYTES} bytes\n`);
      return undefined;
    }
    parts.push(part);
  }
  try {
    const value: unknown = JSON.parse(Buffer.concat(parts).toString());
    return value;
  } catch (error) {
    send(response, 400, TEXT, `the request is not JSON: ${reasonOf(error)}\n`);
    return undefined;
  }
}

/** The address of a request, dots and doubled slashes resolved as URLs do; undefined when it is none. */
function urlOf(request: IncomingMessage): URL | undefined {
  const path = request.url ?? '';
  return path.startsWith('/') ? (URL.parse(`http://tapedeck.invalid${path}`) ?? undefined) : undefined;
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, {
    ...GUARDS,
    'cache-control': 'no-store',
    'content-type': type,
    'content-length': Buffer.byteLength(body),
  });
  response.end(response.req.method === 'HEAD' ? undefined : body);
}
