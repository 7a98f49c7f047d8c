// Tests of the door: who is let in and who is not, the way of the key, files that must not be reached, and screens over a WebSocket.
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { type IncomingHttpHeaders, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { type Door, openDoor } from '../host/door.ts';
import { type Host, openHost } from '../host/host.ts';
import { readHostFile } from '../host/host-file.ts';
import { nodeChildren } from './node-child.ts';
import { openWebScreens, type WebScreens } from './web-screen.ts';

const dir = mkdtempSync(join(tmpdir(), 'tapedeck-door-'));
const data = join(dir, 'data');
const rendererDir = join(dir, 'renderer');
let host: Host;
let door: Door;
let screens: WebScreens;

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A request as written, nothing tidied on the way. */
function ask(path: string, headers: Record<string, string> = {}, method = 'GET', body?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port: door.port, path, method, headers }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

const key = (): Record<string, string> => ({ authorization: `Bearer ${door.token}` });

beforeAll(async () => {
  mkdirSync(join(rendererDir, 'assets'), { recursive: true });
  writeFileSync(join(rendererDir, 'index.html'), '<!doctype html>screen');
  writeFileSync(join(rendererDir, 'assets', 'a-1234.js'), 'export {};');
  writeFileSync(join(dir, 'secret.txt'), 'secret');
  mkdirSync(join(data, 'exports', 'POD-20261120T090000Z'), { recursive: true });
  writeFileSync(join(data, 'exports', 'POD-20261120T090000Z', 'trades.csv'), 'a,b\n');
  writeFileSync(join(data, 'exports', 'POD-20261120T090000Z', 'report.html'), '<!doctype html>report');
  symlinkSync(join(dir, 'secret.txt'), join(data, 'exports', 'link.txt'));
  writeFileSync(join(data, 'secret.json'), 'secret');
  const opened = await openHost({
    dataDir: data,
    wanted: { kind: 'settings', file: null },
    kind: 'headless',
    version: '0',
    children: nodeChildren({ entry: () => 'nowhere.ts', compileCache: null }),
    openFolder: null,
  });
  if (!opened.ok) throw new Error(opened.failure.message);
  host = opened.value;
  screens = openWebScreens(host.router);
  const answered = await openDoor({
    host,
    version: '0',
    port: 0,
    address: '127.0.0.1',
    screen: { rendererDir, upgrade: screens.upgrade },
  });
  if (!answered.ok) throw new Error(answered.failure.message);
  door = answered.value;
});

afterAll(async () => {
  screens.close();
  await host.close('done');
  await door.close();
  rmSync(dir, { recursive: true, force: true });
});

describe('too many connections', () => {
  it('are closed unread, and the door answers again when they are gone', async () => {
    const sockets: Socket[] = [];
    let unread = 0;
    // One after another, so that no backlog of the system decides.
    for (let n = 0; n < 520; n += 1) {
      const socket = connect(door.port, '127.0.0.1');
      sockets.push(socket);
      let heard = 0;
      socket.on('data', (bytes) => {
        heard += bytes.length;
      });
      socket.on('error', () => undefined);
      socket.on('close', () => {
        if (heard === 0) unread += 1;
      });
      await Promise.race([once(socket, 'connect'), once(socket, 'close')]);
    }
    await expect.poll(() => unread, { timeout: 60_000 }).toBeGreaterThanOrEqual(8);
    for (const socket of sockets) socket.destroy();
    await expect
      .poll(async () => (await ask('/health').catch(() => null))?.status, { timeout: 60_000 })
      .toSatisfy((status) => status === 200 || status === 503);
  });
});

describe('the gate', () => {
  it.each([
    ['no token', '/', {}, 401],
    ['a wrong token', '/', { authorization: `Bearer ${'A'.repeat(43)}` }, 401],
    ['a token of another length', '/', { authorization: 'Bearer short' }, 401],
    ['an empty token', '/', { authorization: 'Bearer ' }, 401],
    ['a wrong token in the address', '/?token=wrong', {}, 401],
    ['a wrong cookie', '/', { cookie: 'tapedeck=x; tapedeck-1=y' }, 401],
    ['requests without a token', '/request', {}, 401],
    ['exports without a token', '/exports/POD-20261120T090000Z/trades.csv', {}, 401],
    ['a foreign Host on an open page', '/health', { host: 'evil.example' }, 403],
    ['a foreign Host with our port', '/metrics', { host: 'evil.example:PORT' }, 403],
    ['our name with another port', '/health', { host: '127.0.0.1:1' }, 403],
    ['a name that begins as ours', '/health', { host: '127.0.0.1.evil.example:PORT' }, 403],
    ['a foreign Origin', '/health', { origin: 'http://evil.example' }, 403],
    ['the Origin null', '/health', { origin: 'null' }, 403],
    ['our Origin over https', '/health', { origin: 'https://127.0.0.1:PORT' }, 403],
    ['another port as Origin', '/health', { origin: 'http://127.0.0.1:1' }, 403],
  ] as const)('refuses %s', async (_what, path, headers, status) => {
    const filled = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, value.replace('PORT', String(door.port))]),
    );
    expect((await ask(path, filled)).status).toBe(status);
  });

  it('refuses a foreign Host or Origin even with the right token', async () => {
    expect((await ask('/', { ...key(), host: 'evil.example' })).status).toBe(403);
    expect(
      (
        await ask(
          '/request',
          { ...key(), origin: 'http://evil.example', 'content-type': 'application/json' },
          'POST',
          '{"name":"system.status"}',
        )
      ).status,
    ).toBe(403);
  });

  it('lets in the token, our own names and Origin, and shows /health and /metrics to all on this machine', async () => {
    expect((await ask('/', key())).body).toBe('<!doctype html>screen');
    expect(
      (await ask('/', { ...key(), host: `localhost:${door.port}`, origin: `http://localhost:${door.port}` })).status,
    ).toBe(200);
    expect(JSON.parse((await ask('/health')).body)).toMatchObject({ status: 'degraded', mode: 'none' });
    const metrics = await ask('/metrics');
    expect(metrics.body).toMatch(/^tapedeck_status\{state="degraded"\} 1$/m);
    expect(metrics.body).toMatch(/^tapedeck_http_refused_total\{reason="host"\} [1-9]/m);
  });

  it('turns a token in the address into a cookie and a clean address, and takes the cookie from then on', async () => {
    const welcome = await ask(`/?token=${door.token}&lang=ko`);
    expect(welcome).toMatchObject({ status: 303, headers: { location: '/?lang=ko' } });
    const set = welcome.headers['set-cookie']?.[0] ?? '';
    expect(set).toMatch(/; Path=\/; HttpOnly; SameSite=Strict$/);
    expect((await ask('/', { cookie: `other=1; ${set.split(';')[0]}` })).status).toBe(200);
    expect((await ask(`//evil.example/?token=${door.token}`)).headers.location).toBe('/evil.example/');
  });

  it('sends the headers that keep the page to itself', async () => {
    const page = await ask('/', key());
    expect(page.headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'cache-control': 'no-store',
    });
    const policy = page.headers['content-security-policy'] ?? '';
    expect(policy).toContain("default-src 'none'; script-src 'self';");
    expect(policy).toContain(`connect-src 'self' ws://127.0.0.1:${door.port};`);
    expect((await ask('/assets/a-1234.js', key())).headers['cache-control']).toMatch(/immutable/);
  });
});

describe('the address that is printed', () => {
  const everyAddress = ['0.0.0.0'];
  if (networkInterfaces().lo?.some((one) => one.family === 'IPv6')) everyAddress.push('::');
  it.each(everyAddress)('reaches the host that listens on every address (%s)', async (address) => {
    const wide = await openDoor({ host, version: '0', port: 0, address, screen: null });
    if (!wide.ok) throw new Error(wide.failure.message);
    try {
      // The same way as every command of the terminal: the address of host.json, and its key.
      const { url, token } = readHostFile(data) ?? { url: '', token: '' };
      expect(url).toBe(wide.value.url);
      const answer = await fetch(`${url}/request`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: '{"name":"system.status","input":{}}',
      });
      expect([answer.status, await answer.json()]).toMatchObject([200, { ok: true, value: { recording: false } }]);
    } finally {
      await wide.value.close();
    }
  });
});

describe('files', () => {
  it.each([
    '/../secret.txt',
    '/..%2fsecret.txt',
    '/%2e%2e/secret.txt',
    '/%2e%2e%2fsecret.txt',
    '/..%5csecret.txt',
    '/..\\secret.txt',
    '/%252e%252e/secret.txt',
    '/assets/../../secret.txt',
    '/assets/..%00/secret.txt',
    '/exports/../secret.json',
    '/exports/..%2fsecret.json',
    '/exports/%2e%2e/settings.json',
    '/exports/..%2f..%2fsecret.txt',
    '/exports//etc/passwd',
    '/exports/%2fetc%2fpasswd',
    '/exports/link.txt',
    '/exports/POD-20261120T090000Z',
    '/exports/%',
    '/C:/Windows/win.ini',
    '/host.json',
  ])('%s leads nowhere', async (path) => {
    const answer = await ask(path, key());
    expect([400, 404]).toContain(answer.status);
    expect(answer.body).not.toContain('secret\n');
    expect(answer.body).not.toBe('secret');
  });

  it('gives an export as a download, and refuses other methods', async () => {
    const file = await ask('/exports/POD-20261120T090000Z/trades.csv', key());
    expect(file).toMatchObject({
      status: 200,
      body: 'a,b\n',
      headers: { 'content-disposition': "attachment; filename*=UTF-8''trades.csv" },
    });
    expect((await ask('/', key(), 'DELETE')).status).toBe(405);
  });

  it('shows the report of an extract as a page without any rights', async () => {
    const page = await ask('/exports/POD-20261120T090000Z/report.html', key());
    expect(page).toMatchObject({
      status: 200,
      headers: { 'content-disposition': "inline; filename*=UTF-8''report.html" },
    });
    const policy = String(page.headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toMatch(/; sandbox$/);
    expect(policy).not.toContain('script');
    expect((await ask('/exports/POD-20261120T090000Z/report.html')).status).toBe(401);
  });

  it('keeps host.json for its owner, and refuses a taken port by name', async () => {
    expect(statSync(join(data, 'host.json')).mode & 0o777).toBe(0o600);
    const second = await openDoor({ host, version: '0', port: door.port, address: '127.0.0.1', screen: null });
    expect(second).toMatchObject({
      ok: false,
      failure: { code: 'door.port-taken', message: expect.stringContaining(`port ${door.port}`) },
    });
  });
});

describe('requests', () => {
  const post = (body: string, headers: Record<string, string> = { 'content-type': 'application/json' }) =>
    ask('/request', { ...key(), ...headers }, 'POST', body);

  it('answers in Results, and names what is wrong', async () => {
    expect(JSON.parse((await post('{"name":"system.status"}')).body)).toMatchObject({
      ok: true,
      value: { status: 'degraded' },
    });
    expect(JSON.parse((await post('{"name":"nothing"}')).body)).toMatchObject({
      ok: false,
      failure: { code: 'request.unknown' },
    });
    expect(JSON.parse((await post('{"name":"system.choose","input":{"mode":"x"}}')).body)).toMatchObject({
      ok: false,
      failure: { code: 'request.invalid' },
    });
    expect(JSON.parse((await post('{"name":"gaps.list"}')).body)).toMatchObject({
      ok: false,
      failure: { code: 'process.gone' },
    });
    expect(JSON.parse((await post('[]')).body)).toMatchObject({ ok: false, failure: { code: 'request.invalid' } });
  });

  it('refuses what is not JSON, not declared as JSON, or too large', async () => {
    expect((await post('{')).status).toBe(400);
    expect((await post('{}', { 'content-type': 'text/plain' })).status).toBe(415);
    expect((await post(JSON.stringify({ name: 'x'.repeat(1024 ** 2) }))).status).toBe(413);
    expect((await ask('/request', key())).status).toBe(405);
  });

  it('survives bytes that are no HTTP', async () => {
    const socket = connect(door.port, '127.0.0.1');
    const closed = new Promise((resolve) => socket.on('close', resolve));
    socket.on('error', () => undefined);
    // Unread, the answer would keep the socket open.
    socket.resume();
    socket.end(Buffer.from([0, 1, 2, 255, 254, 13, 10, 13, 10]));
    await closed;
    expect((await ask('/health')).status).toBe(200);
  });
});

describe('screens', () => {
  const refusedWith = (path: string, headers: Record<string, string>): Promise<number> =>
    new Promise((resolve, reject) => {
      const socket = new WebSocket(`ws://127.0.0.1:${door.port}${path}`, { headers });
      socket.on('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0));
      socket.on('open', () => reject(new Error('was let in')));
      socket.on('error', () => undefined);
    });

  it('refuses sockets without the key, from elsewhere, and to other places', async () => {
    expect(await refusedWith('/screen', {})).toBe(401);
    expect(await refusedWith('/screen', { ...key(), origin: 'http://evil.example' })).toBe(403);
    expect(await refusedWith('/screen', { ...key(), host: 'evil.example' })).toBe(403);
    expect(await refusedWith('/other', key())).toBe(404);
  });

  it('carries requests and events, the latest value first', async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${door.port}/screen`, {
      headers: { cookie: `tapedeck-${door.port}=${door.token}` },
    });
    const messages: Record<string, unknown>[] = [];
    socket.on('message', (message) => messages.push(JSON.parse(message.toString()) as Record<string, unknown>));
    await new Promise((resolve) => socket.on('open', resolve));
    socket.send(JSON.stringify({ t: 'subscribe', id: 1, name: 'system.state' }));
    socket.send(JSON.stringify({ t: 'request', id: 2, name: 'system.settings', input: {} }));
    socket.send(JSON.stringify({ t: 'request', id: 3, name: 'system.open-folder', input: { path: '.' } }));
    await vi.waitFor(() => expect(messages.length).toBeGreaterThanOrEqual(4));
    expect(messages[0]).toMatchObject({ t: 'event', id: 1, seq: 1, value: { mode: 'none', host: 'headless' } });
    expect(messages.find((message) => message.id === 2)).toMatchObject({ t: 'reply', result: { ok: true } });
    expect(messages.find((message) => message.id === 3)).toMatchObject({
      result: { ok: false, failure: { code: 'system.no-desktop' } },
    });
    const closed = new Promise<number>((resolve) => socket.on('close', resolve));
    socket.send(Buffer.from([1, 2, 3]));
    expect(await closed).toBe(1007);
  });
});
