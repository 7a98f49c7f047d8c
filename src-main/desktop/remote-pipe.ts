// Another recorder's screen pipe: its WebSocket on one side, the window's port on the other. It carries envelopes and reads none of them;
// both ends check what comes. Promises: the token travels in a header, never in an address; nothing is queued without bound.
import WebSocket, { type RawData } from 'ws';
import { type Failure, fail, type Result, reasonOf } from '../../src-shared/base/result.ts';
import { contract } from '../../src-shared/contract/index.ts';

/** What of the window's port is used. */
export interface PipePort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { data: unknown }) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
  start(): void;
  close(): void;
}

export interface Remote {
  readonly origin: string;
  readonly token: string;
}

const HANDSHAKE_MS = 10_000;
const MESSAGE_BYTES = 64 * 1024 ** 2;
/** Above this the window asks faster than the network carries: it is cut and begins anew. */
const CUT_BYTES = 16 * 1024 ** 2;

function authorization({ token }: Remote): { authorization: string } {
  return { authorization: `Bearer ${token}` };
}

/** Whether a recorder of our kind answers there and knows the token. Failures `remote.gone`, `remote.refused`, `remote.other`. */
export async function probeRemote(remote: Remote): Promise<Result<void>> {
  let response: Response;
  try {
    response = await fetch(`${remote.origin}/request`, {
      method: 'POST',
      redirect: 'error',
      signal: AbortSignal.timeout(HANDSHAKE_MS),
      headers: { ...authorization(remote), 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'system.status', input: {} }),
    });
  } catch (error) {
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    return fail('remote.gone', `${remote.origin} does not answer: ${reasonOf(cause)}`, { retry: true });
  }
  if (response.status === 401) return fail('remote.refused', `${remote.origin} does not take this token`);
  if (response.status === 403) return fail('remote.refused', `${remote.origin}: ${(await response.text()).trim()}`);
  return readStatus(remote, response);
}

async function readStatus(remote: Remote, response: Response): Promise<Result<void>> {
  const other = `${remote.origin} answers, but not as a recorder of this version does`;
  let body: unknown;
  try {
    body = await response.json();
  } catch {
    // Not JSON: another program listens there.
    return fail('remote.other', other);
  }
  const value = typeof body === 'object' && body !== null && 'value' in body ? body.value : undefined;
  const status = contract['system.status'].output.safeParse(value);
  return status.success ? { ok: true, value: undefined } : fail('remote.other', other);
}

/** A file of the recorder's exports, with its own answer as it is. */
export function fetchExport(remote: Remote, path: string): Promise<Response> {
  return fetch(`${remote.origin}${path}`, { redirect: 'error', headers: authorization(remote) });
}

/** An open WebSocket to the recorder's screen door; the failure says whether it was refused or nobody answered. */
export function dialRemote(remote: Remote, signal: AbortSignal): Promise<WebSocket | Failure> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`${remote.origin.replace(/^http/, 'ws')}/screen`, {
      headers: authorization(remote),
      perMessageDeflate: false,
      maxPayload: MESSAGE_BYTES,
      handshakeTimeout: HANDSHAKE_MS,
    });
    const end = (failure: Failure): void => {
      signal.removeEventListener('abort', cancel);
      resolve(failure);
    };
    const cancel = (): void => socket.terminate();
    signal.addEventListener('abort', cancel, { once: true });
    socket.once('open', () => {
      signal.removeEventListener('abort', cancel);
      resolve(socket);
    });
    socket.once('unexpected-response', (request, response) => {
      request.destroy();
      const code = response.statusCode === 401 || response.statusCode === 403 ? 'remote.refused' : 'remote.other';
      end({ code, message: `${remote.origin} refused with status ${response.statusCode}`, retry: false });
    });
    // Also keeps an error that comes later from ending the process: `close` follows and is heard.
    socket.on('error', (error) =>
      end({ code: 'remote.gone', message: `${remote.origin} does not answer: ${error.message}`, retry: true }),
    );
  });
}

/** Joins both until either ends; then both have ended and `ended` is called once. */
export function joinPipe(socket: WebSocket, port: PipePort, ended: (reason: string) => void): () => void {
  let over = false;
  const end = (reason: string): void => {
    if (over) return;
    over = true;
    socket.terminate();
    port.close();
    ended(reason);
  };
  socket.on('message', (data, binary) => {
    const value = binary ? undefined : readJson(data);
    if (value === undefined) end('the recorder sent what is no message');
    else if (!over) port.postMessage(value);
  });
  socket.on('close', (code, reason) => end(reason.toString() || `the connection closed (${code})`));
  port.on('message', ({ data }) => {
    if (over) return;
    if (socket.bufferedAmount > CUT_BYTES) end('the network is too slow for what the window asks');
    else socket.send(JSON.stringify(data));
  });
  port.on('close', () => end('the window closed its pipe'));
  port.start();
  return () => end('the window shows another recorder');
}

function readJson(data: RawData): unknown {
  try {
    return JSON.parse(data.toString());
  } catch {
    // undefined is no JSON value, so it can stand for "not JSON".
    return undefined;
  }
}
