// Tests of showing another recorder: what leads to it is checked, its token stays secret, envelopes go both ways, and the way back is open.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { silentLog } from '../base/log.ts';
import { Router } from '../host/router.ts';
import { AttachedRecorder } from './recorders.ts';
import { readRemoteAddress } from './remote-address.ts';
import { RemoteBook } from './remote-book.ts';
import { MessageChannelMain, safeStorage } from './stand-in.ts';

vi.mock('electron', () => import('./stand-in.ts'));

const dir = mkdtempSync(join(tmpdir(), 'tapedeck-remote-'));
const token = 'T'.repeat(43);
const status = {
  status: 'ok',
  recording: true,
  pid: 1,
  children: {},
  journal: { headFrame: 0, durableFrame: 0, bytes: 0 },
  store: { frame: 0, lagFrames: 0, lagMs: 0 },
  totals: {
    frames: 0,
    control: 0,
    data: 0,
    other: 0,
    rejected: 0,
    ticks: 0,
    stored: 0,
    duplicates: 0,
    rejectedRows: 0,
  },
  lines: [],
  gaps: { open: 0, repairing: 0, repaired: 0, partial: 0, unrecoverable: 0, venueHole: 0 },
  disk: { freeBytes: 0, usedBytes: 0, fullInHours: null, state: 'ok', note: null },
  reasons: [],
};

/** A recorder far away, as its door answers. */
let server: Server;
let sockets: WebSocketServer;
let url = '';
let seen: { path: string; headers: IncomingHttpHeaders }[] = [];
const screens: WebSocket[] = [];
let answer: unknown = { ok: true, value: status };

beforeAll(async () => {
  sockets = new WebSocketServer({ noServer: true });
  server = createServer((request, response) => {
    seen.push({ path: request.url ?? '', headers: request.headers });
    const allowed = request.headers.authorization === `Bearer ${token}`;
    response.writeHead(allowed ? 200 : 401, { 'content-type': 'application/json' });
    response.end(
      allowed ? JSON.stringify(request.url?.startsWith('/exports/') ? { file: request.url } : answer) : 'no\n',
    );
  });
  server.on('upgrade', (request, socket, head) => {
    seen.push({ path: request.url ?? '', headers: request.headers });
    if (request.headers.authorization !== `Bearer ${token}`) {
      socket.end('HTTP/1.1 401 Refused\r\nConnection: close\r\n\r\n');
      return;
    }
    sockets.handleUpgrade(request, socket, head, (one) => {
      screens.push(one);
      one.on('message', (data) => one.send(JSON.stringify({ echo: JSON.parse(data.toString()) as unknown })));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const bound = server.address();
  url = `http://127.0.0.1:${typeof bound === 'object' && bound ? bound.port : 0}`;
});
afterAll(async () => {
  sockets.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(dir, { recursive: true, force: true });
});

let router: Router;
let recorders: AttachedRecorder;
let folder = '';
beforeEach(async () => {
  seen = [];
  answer = { ok: true, value: status };
  folder = mkdtempSync(join(dir, 'profile-'));
  router = new Router(silentLog());
  recorders = new AttachedRecorder(router, silentLog(), await RemoteBook.open(folder, silentLog()));
});
afterEach(async () => {
  await router.request('desktop.detach', {});
  for (const screen of screens.splice(0)) screen.terminate();
  safeStorage.available = true;
});

const told = () => router.latest('desktop.recorders');

/** The window asks for its pipe; what it would get. */
function wanted() {
  const { port1: port } = new MessageChannelMain();
  const got = { handed: 0, own: 0, ownEnded: 0 };
  recorders.serve(
    port,
    () => {
      got.handed += 1;
    },
    () => {
      got.own += 1;
      return () => {
        got.ownEnded += 1;
      };
    },
  );
  return { port, got };
}

const attach = (more: object = {}) => router.request('desktop.attach', { url, token, ...more });

describe('the address', () => {
  it('is taken apart: no token, no path, no password is left in it', () => {
    expect(readRemoteAddress(` https://recorder.example:8443/?token=${token}#/live `, false)).toEqual({
      ok: true,
      value: { origin: 'https://recorder.example:8443', token },
    });
    expect(readRemoteAddress('recorder.example', false)).toMatchObject({
      value: { origin: 'https://recorder.example' },
    });
    for (const text of ['', 'file:///etc/passwd', 'https://a:b@recorder.example', 'ws://x', 'http://'])
      expect(readRemoteAddress(text, true)).toMatchObject({ ok: false, failure: { code: 'remote.address' } });
  });

  it('is encrypted, or of this computer, unless told otherwise', () => {
    for (const text of ['http://localhost:1', 'http://127.0.0.1:1', 'http://[::1]:1'])
      expect(readRemoteAddress(text, false)).toMatchObject({ ok: true });
    expect(readRemoteAddress('http://10.0.0.5:8080', false)).toMatchObject({
      failure: { code: 'remote.insecure', message: expect.stringContaining('ssh -L 8080:127.0.0.1:8080') },
    });
    expect(readRemoteAddress('http://10.0.0.5:8080', true)).toMatchObject({ ok: true });
  });
});

describe('the recorder that is shown', () => {
  it('is the own one until another has answered', async () => {
    const { got } = wanted();
    expect(got).toEqual({ handed: 1, own: 1, ownEnded: 0 });
    expect(await attach({ token: 'wrong' })).toMatchObject({ ok: false, failure: { code: 'remote.refused' } });
    expect(await attach({ url: 'http://127.0.0.1:1' })).toMatchObject({ ok: false, failure: { code: 'remote.gone' } });
    expect(await attach({ url: 'http://10.0.0.5' })).toMatchObject({ failure: { code: 'remote.insecure' } });
    expect(await router.request('desktop.attach', { url })).toMatchObject({ failure: { code: 'remote.token' } });
    answer = { ok: true, value: { status: 'fine' } };
    expect(await attach()).toMatchObject({ failure: { code: 'remote.other' } });
    expect(told()).toMatchObject({ attached: null, state: 'local', remotes: [] });
    expect(got.ownEnded).toBe(0);
  });

  it('is the remote one then: envelopes both ways, the token in a header only, and back again', async () => {
    const own = wanted();
    const begunAnew = vi.fn();
    recorders.onShown(begunAnew);
    expect(await attach()).toEqual({ ok: true, value: { url } });
    expect(own.got.ownEnded).toBe(1);
    expect(begunAnew).toHaveBeenCalledTimes(1);
    const { port, got } = wanted();
    await vi.waitFor(() => expect(got).toEqual({ handed: 1, own: 0, ownEnded: 0 }));
    expect(told()).toMatchObject({ attached: url, state: 'open' });
    port.emit('message', { data: { t: 'request', id: 1 } });
    await vi.waitFor(() => expect(port.posted).toEqual([{ echo: { t: 'request', id: 1 } }]));
    expect(seen.map(({ path }) => path)).toEqual(['/request', '/screen']);
    expect(JSON.stringify(seen.map(({ path }) => path))).not.toContain(token);
    expect(seen.every(({ headers }) => headers.origin === undefined)).toBe(true);
    const file = await recorders.export('/exports/a/trades.parquet');
    expect(await file?.json()).toEqual({ file: '/exports/a/trades.parquet' });
    await router.request('desktop.detach', {});
    await vi.waitFor(() => expect(port.closed).toBe(true));
    expect(wanted().got).toEqual({ handed: 1, own: 1, ownEnded: 0 });
    expect(recorders.export('/exports/a')).toBeNull();
  });

  it('is asked for again and again while it is away, and shown when it is back', async () => {
    await attach();
    const first = wanted();
    await vi.waitFor(() => expect(first.got.handed).toBe(1));
    for (const screen of screens.splice(0)) screen.terminate();
    await vi.waitFor(() => expect(first.port.closed).toBe(true));
    expect(told()).toMatchObject({ attached: url, state: 'gone' });
    const second = wanted();
    await vi.waitFor(() => expect(second.got.handed).toBe(1));
    expect(told()).toMatchObject({ state: 'open', note: null });
    // What is no message ends the pipe; the window begins anew.
    screens.at(-1)?.send('nonsense');
    await vi.waitFor(() => expect(second.port.closed).toBe(true));
  });

  it('keeps a token only in the system\u2019s own store, and forgets it when asked', async () => {
    await attach();
    const path = join(folder, 'remotes.json');
    expect(readFileSync(path, 'utf8')).not.toContain(token);
    const again = await RemoteBook.open(folder, silentLog());
    expect(again.list).toEqual([{ url, kept: true }]);
    expect(await again.tokenOf(url)).toBe(token);
    await router.request('desktop.forget', { url });
    expect(told()?.remotes).toEqual([]);
    expect(readFileSync(path, 'utf8')).toBe('[]\n');

    safeStorage.available = false;
    const unsafe = await RemoteBook.open(folder, silentLog());
    await unsafe.remember(url, token, true);
    expect(unsafe.list).toEqual([{ url, kept: false }]);
    expect(readFileSync(path, 'utf8')).toContain('"secret":null');
    expect(await unsafe.tokenOf(url)).toBe(token);
    expect(await (await RemoteBook.open(folder, silentLog())).tokenOf(url)).toBeUndefined();
  });
});
