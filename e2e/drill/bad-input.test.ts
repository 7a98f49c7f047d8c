// Bad input of every kind against the real recorder: each is a clear error or a quarantine, nothing is lost, nothing is let in.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { checkBalance } from './audit.ts';
import { allSubscribed, type Running, runCommand, startCommand, status, stop, until } from './processes.ts';

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'tapedeck-bad-'));
  cleanups.push(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

async function record(args: readonly string[]): Promise<Running> {
  const running = await startCommand(['record', ...args]);
  cleanups.push(async () => {
    await stop(running, 'SIGKILL');
  });
  return running;
}

interface Venue {
  readonly port: number;
  /** Called for each connection once it has been acknowledged. */
  connections: number;
}

/** A Binance spot venue that acknowledges everything and then says what the test wants. */
async function venue(onSubscribed: (socket: WebSocket, connection: number) => void): Promise<Venue> {
  const server: Server = createServer(({ url = '' }, response) => {
    response.setHeader('content-type', 'application/json');
    // A machine that is slow enough asks for what the break between the connections may have cost: nothing.
    if (!url.includes('exchangeInfo')) return response.end('[]');
    response.end(
      JSON.stringify({
        rateLimits: [],
        symbols: [{ symbol: 'BTCUSDT', status: 'TRADING', baseAsset: 'BTC', quoteAsset: 'USDT' }],
      }),
    );
  });
  const sockets = new WebSocketServer({ server });
  const self = { port: 0, connections: 0 };
  sockets.on('connection', (socket) => {
    self.connections += 1;
    const connection = self.connections;
    socket.on('message', (data) => {
      const message = JSON.parse(String(data)) as { method: string; id: number };
      socket.send(JSON.stringify({ result: null, id: message.id }));
      if (message.method === 'SUBSCRIBE') onSubscribed(socket, connection);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  self.port = (server.address() as AddressInfo).port;
  cleanups.push(() => {
    for (const socket of sockets.clients) socket.terminate();
    sockets.close();
    server.close();
  });
  return self;
}

const trade = (id: number, over: Record<string, unknown> = {}): string =>
  JSON.stringify({
    stream: 'btcusdt@trade',
    data: {
      e: 'trade',
      E: Date.now(),
      s: 'BTCUSDT',
      t: id,
      p: '61837.63000000',
      q: '0.02000000',
      T: Date.now(),
      m: true,
      M: true,
      ...over,
    },
  });

function settingsFor(dir: string, port: number): string {
  const path = join(dir, 'settings.json');
  writeFileSync(
    path,
    JSON.stringify({
      version: 1,
      venues: {
        binance: {
          markets: ['spot'],
          symbols: ['BTCUSDT'],
          lines: 1,
          endpoints: { spot: { ws: `ws://127.0.0.1:${port}/x`, rest: `http://127.0.0.1:${port}/x` } },
        },
      },
    }),
  );
  return path;
}

describe('frames that no venue should send', () => {
  it('are quarantined or refused; the good ones beside them are stored, and nothing restarts', async () => {
    const dir = folder();
    const bad: (string | Buffer)[] = [
      'not json at all',
      trade(2).slice(0, 80),
      Buffer.from([0, 255, 254, 128, 7, 0]),
      '['.repeat(200_000),
      `{"stream":"btcusdt@trade","data":${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}}`,
      trade(2).replace('"61837.63000000"', 'NaN'),
      trade(2).replace('"61837.63000000"', 'Infinity'),
      trade(2, { p: 61837.63, t: 'two' }),
      trade(2, { p: '-1.5' }),
      trade(2, { q: '1e5' }),
      trade(2, { t: -2 }),
      trade(2, { m: 'true' }),
      trade(2, { T: 12 }),
      trade(2, { s: 7 }),
      '',
      'null',
      '"e"',
    ];
    const server = await venue((socket, connection) => {
      if (connection === 1) {
        socket.send(trade(1));
        for (const frame of bad) socket.send(frame);
        socket.send(trade(2));
        socket.send(Buffer.from(trade(3)));
        socket.send('x'.repeat(17 * 1024 * 1024));
      } else {
        socket.send(trade(4));
      }
    });
    const data = join(dir, 'data');
    const running = await record(['--data', data, '--settings', settingsFor(dir, server.port)]);
    const seen = await until(
      'the good trades are stored',
      () => status(data),
      (value) => value.totals.stored >= 4 && allSubscribed(value),
    );
    checkBalance(seen.totals);
    expect(seen.totals.stored).toBe(4);
    expect(seen.totals.rejected).toBe(bad.length);
    expect(seen.children).toEqual((running.ready as { children: unknown }).children);
    expect(server.connections).toBe(2);
    expect(await stop(running)).toBe(0);
    const ticks = await runCommand([
      'ticks',
      '--data',
      data,
      '--from',
      '2020-01-01T00:00:00Z',
      '--to',
      '2090-01-01T00:00:00Z',
    ]);
    const rows = ticks.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { id: string; price: string; qty: string });
    expect(rows.map((row) => [row.id, row.price, row.qty])).toEqual(
      ['1', '2', '3', '4'].map((id) => [id, '61837.63000000', '0.02000000']),
    );
  });
});

describe('settings and folders that cannot work', () => {
  const refused = async (args: readonly string[], ...says: (RegExp | string)[]): Promise<void> => {
    const result = await runCommand(['record', ...args]);
    expect(result.code).not.toBe(0);
    expect(result.stdout).toBe('');
    const lines = result.stderr.trim().split('\n');
    expect(lines, result.stderr).toHaveLength(1);
    for (const text of says) expect(result.stderr).toMatch(text);
  };

  it('a typo is refused by name with the nearest key', async () => {
    const dir = folder();
    const path = join(dir, 'settings.json');
    writeFileSync(path, JSON.stringify({ version: 1, venues: { binanse: { markets: ['spot'] } } }));
    await refused(['--data', join(dir, 'a'), '--settings', path], /binanse/, /binance/);
    writeFileSync(path, JSON.stringify({ version: 1, venues: { binance: { markets: ['spot'], simbols: 'all' } } }));
    await refused(['--data', join(dir, 'b'), '--settings', path], /simbols/, /symbols/);
    writeFileSync(path, JSON.stringify({ version: 1, venues: { binance: { markets: ['spot'], lines: 5 } } }));
    await refused(['--data', join(dir, 'c'), '--settings', path], /venues\.binance\.lines/);
    writeFileSync(path, '{"version":1,');
    await refused(['--data', join(dir, 'd'), '--settings', path], /settings\.json/);
    await refused(['--data', join(dir, 'e'), '--settings', join(dir, 'missing.json')], /missing\.json/);
  });

  it('a file in place of the folder is named', async () => {
    const dir = folder();
    writeFileSync(join(dir, 'file'), '');
    await refused(['--data', join(dir, 'file')], /file/);
  });

  it('a read-only disk is named', async (context) => {
    const dir = folder();
    const mount = join(dir, 'mount');
    mkdirSync(mount);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m,ro', 'tmpfs', mount], { stdio: 'pipe' });
    } catch (error) {
      context.skip(`a read-only disk needs the right to mount a tmpfs (${String(error).split('\n')[0]})`);
    }
    cleanups.push(() => {
      execFileSync('umount', ['-l', mount]);
    });
    await refused(['--data', join(mount, 'data')], /EROFS|read-only/i, /mount/);
  });

  it('a second host on the same folder and a taken port are refused, and the first goes on', async () => {
    const dir = folder();
    const server = await venue((socket) => socket.send(trade(1)));
    const data = join(dir, 'data');
    const settings = settingsFor(dir, server.port);
    const first = await record(['--data', data, '--settings', settings]);
    await refused(['--data', data, '--settings', settings], String(first.ready.pid));
    const { port } = new URL(String(first.ready.url));
    await refused(['--data', join(dir, 'other'), '--settings', settings, '--port', port], port);
    expect((await status(data))?.pid).toBe(first.ready.pid);
  });
});

describe('the door', () => {
  it('opens to the token from this machine only', async () => {
    const dir = folder();
    const server = await venue((socket) => socket.send(trade(1)));
    const data = join(dir, 'data');
    const running = await record(['--data', data, '--settings', settingsFor(dir, server.port)]);
    const token = String(running.ready.token);
    const base = new URL(String(running.ready.url)).origin;
    const post = (headers: Record<string, string>): Promise<Response> =>
      fetch(`${base}/request`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: '{"name":"system.status","input":{}}',
      });
    expect((await post({ authorization: `Bearer ${token}` })).status).toBe(200);
    expect((await post({})).status).toBe(401);
    expect((await post({ authorization: `Bearer ${token.slice(0, -1)}x` })).status).toBe(401);
    expect((await post({ authorization: `Bearer ${token}`, origin: 'https://evil.example' })).status).toBe(403);
    expect((await fetch(`${base}/health`)).status).toBe(200);
    const curl = (...args: string[]): string =>
      execFileSync('curl', ['-s', '-o', '/dev/null', '-w', '%{http_code}', '--path-as-is', ...args], {
        encoding: 'utf8',
      });
    expect(curl('-H', 'Host: evil.example', `${base}/health`)).toBe('403');
    for (const path of [
      '/../package.json',
      '/%2e%2e/package.json',
      '/..%2fpackage.json',
      '/assets/../../../package.json',
      '/exports/..%2fhost.json',
      '/exports/../host.json',
      '/exports/x/%2e%2e%2f%2e%2e%2fhost.json',
    ]) {
      expect([path, Number(curl('-H', `Authorization: Bearer ${token}`, base + path))]).toEqual([
        path,
        expect.toSatisfy((code: number) => code >= 400),
      ]);
    }
  });
});

describe('a disk that fills while recording', () => {
  it('halts in the open and resumes by itself when there is room', async (context) => {
    const dir = folder();
    const mount = join(dir, 'mount');
    mkdirSync(mount);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=96m', 'tmpfs', mount], { stdio: 'pipe' });
    } catch (error) {
      context.skip(`a full disk needs the right to mount a tmpfs (${String(error).split('\n')[0]})`);
    }
    cleanups.push(() => {
      execFileSync('umount', ['-l', mount]);
    });
    let id = 0;
    const open = new Set<WebSocket>();
    const server = await venue((socket) => {
      open.add(socket);
      socket.on('close', () => open.delete(socket));
    });
    // The venue prints on while nobody listens.
    let unheard = 0;
    const timer = setInterval(() => {
      id += 1;
      if (open.size === 0) unheard += 1;
      for (const socket of open) socket.send(trade(id));
    }, 20);
    cleanups.push(() => clearInterval(timer));
    const data = join(mount, 'data');
    const settings = settingsFor(dir, server.port);
    const written = JSON.parse(execFileSync('cat', [settings], { encoding: 'utf8' })) as Record<string, unknown>;
    writeFileSync(
      settings,
      JSON.stringify({ ...written, disk: { warnBytes: 32 * 1024 ** 2, haltBytes: 16 * 1024 ** 2 } }),
    );
    const running = await record(['--data', data, '--settings', settings]);
    await until(
      'recording',
      () => status(data),
      (value) => value.totals.stored > 10 && value.recording,
    );
    execFileSync('sh', ['-c', `dd if=/dev/zero of='${join(mount, 'ballast')}' bs=1M count=200 2>/dev/null || true`]);
    // Short trouble is held in memory with the lines open and costs nothing; this one lasts until they are closed.
    const halted = await until(
      'halted in the open, its line closed',
      () => status(data),
      (value) => value.status === 'halted' && !value.recording && value.lines.every((line) => line.state !== 'live'),
    );
    expect(halted.pid).toBe(running.ready.pid);
    // A line that is only just closing may still hear what is printed.
    const heard = unheard;
    await until(
      'some trades printed to nobody',
      async () => unheard,
      (value) => value > heard + 10,
    );
    rmSync(join(mount, 'ballast'));
    const live = await until(
      'recording again by itself',
      () => status(data),
      (value) => value.recording && value.status !== 'halted' && value.lines.some((line) => line.state === 'live'),
      60_000,
    );
    // What was held before the halt may be stored only now: more than that is what came after it.
    const back = await until(
      'trades after the halt are stored',
      () => status(data),
      (value) => value.totals.stored > live.totals.stored + 100,
      60_000,
    );
    checkBalance(back.totals);
    expect(await stop(running)).toBe(0);
    const { gaps } = JSON.parse((await runCommand(['gaps', '--data', data, '--json'])).stdout) as {
      gaps: { cause: string; fromId: string | null; toId: string | null }[];
    };
    const ticks = await runCommand([
      'ticks',
      '--data',
      data,
      '--from',
      '2020-01-01T00:00:00Z',
      '--to',
      '2090-01-01T00:00:00Z',
    ]);
    const ids = ticks.stdout
      .trim()
      .split('\n')
      .map((line) => Number((JSON.parse(line) as { id: string }).id));
    const held = new Set(ids);
    const missing = Array.from({ length: Math.max(...ids) }, (_, index) => index + 1).filter(
      (one) => one > Math.min(...ids) && !held.has(one),
    );
    expect(missing.length).toBeGreaterThan(0);
    const told = (one: number): boolean => gaps.some((gap) => Number(gap.fromId) < one && one < Number(gap.toId));
    expect(missing.filter((one) => !told(one))).toEqual([]);
    expect(gaps.some((gap) => gap.cause === 'halt')).toBe(true);
  });
});
