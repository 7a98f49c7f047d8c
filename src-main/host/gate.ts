// The gate of the headless host: who may come in. Checked for every request and every WebSocket before anything else is looked at.
// Promises: a foreign Host (DNS rebinding) or Origin is refused, the key is needed for all but /health and /metrics, and those two answer loopback only.
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';
import { sameToken } from './host-file.ts';

export type Admission =
  | { readonly pass: true; readonly host: string; readonly byQuery: boolean }
  | { readonly pass: false; readonly status: 400 | 401 | 403; readonly why: string };

export interface GateOptions {
  readonly token: string;
  readonly port: number;
  /** The address that is listened on. */
  readonly address: string;
}

const OPEN = new Set(['/health', '/metrics']);

/** The cookie's name holds the port: cookies do not tell ports apart, and two hosts may run side by side. */
export function cookieName(port: number): string {
  return `tapedeck-${port}`;
}

export function isLoopback(address: string | undefined): boolean {
  if (address === undefined) return false;
  const plain = address.startsWith('::ffff:') ? address.slice(7) : address;
  return plain === '::1' || (isIP(plain) === 4 && plain.startsWith('127.'));
}

/** Host headers that name this host: loopback names, and where it listens wider also the machine's own addresses and name. */
export function ownHosts(address: string, port: number): ReadonlySet<string> {
  const names = ['127.0.0.1', 'localhost', '[::1]'];
  if (!isLoopback(address)) {
    const any = address === '0.0.0.0' || address === '::';
    const addresses = any
      ? Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map((one) => one.address))
      : [address];
    names.push(hostname().toLowerCase(), ...addresses.map((one) => (isIP(one) === 6 ? `[${one}]` : one)));
  }
  return new Set(names.flatMap((name) => (port === 80 ? [name, `${name}:80`] : [`${name}:${port}`])));
}

export class Gate {
  readonly #options: GateOptions;
  readonly #hosts: ReadonlySet<string>;
  /** Requests refused since the start, by reason. */
  readonly refused = { host: 0, origin: 0, token: 0 };

  constructor(options: GateOptions) {
    this.#options = options;
    this.#hosts = ownHosts(options.address, options.port);
  }

  admit(request: IncomingMessage, url: URL): Admission {
    const host = request.headers.host?.toLowerCase() ?? '';
    if (!this.#hosts.has(host)) {
      this.refused.host += 1;
      return {
        pass: false,
        status: 403,
        why: `the Host header names another host: ${JSON.stringify(host.slice(0, 100))}`,
      };
    }
    const origin = request.headers.origin;
    if (origin !== undefined && origin.toLowerCase() !== `http://${host}`) {
      this.refused.origin += 1;
      return { pass: false, status: 403, why: `requests from ${JSON.stringify(origin.slice(0, 100))} are not let in` };
    }
    if (OPEN.has(url.pathname) && isLoopback(request.socket.remoteAddress) && isLoopback(request.socket.localAddress)) {
      return { pass: true, host, byQuery: false };
    }
    const query = url.searchParams.get('token');
    const given =
      bearer(request.headers.authorization) ?? cookie(request.headers.cookie, cookieName(this.#options.port));
    if (given !== undefined && sameToken(given, this.#options.token))
      return { pass: true, host, byQuery: query !== null };
    if (query !== null && request.method === 'GET' && sameToken(query, this.#options.token))
      return { pass: true, host, byQuery: true };
    this.refused.token += 1;
    const why = given === undefined && query === null ? 'the token is missing' : 'the token is wrong';
    return { pass: false, status: 401, why: `${why}; open the address that the host printed` };
  }
}

function bearer(header: string | undefined): string | undefined {
  return /^Bearer ([A-Za-z0-9_-]{1,200})$/i.exec(header ?? '')?.[1];
}

function cookie(header: string | undefined, name: string): string | undefined {
  for (const part of (header ?? '').split(';')) {
    const [key, value] = part.split('=', 2);
    if (key?.trim() === name) return value?.trim();
  }
  return undefined;
}
