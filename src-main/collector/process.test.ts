// The collector as the process that it is: killed at any moment it is subscribed again within two seconds, and everything
// that it had made durable is there.
import { type ChildProcess, fork, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { CollectorMeter } from '../../src-shared/contract/recording.ts';
import { settingsSchema } from '../../src-shared/contract/settings.ts';
import type { ChildEnvelope } from '../../src-shared/contract/wire.ts';
import type { ControlRecord } from '../journal/control.ts';
import { openReader } from '../journal/reader.ts';
import { acknowledgeBinance, binanceTrade, type Loopback, openLoopback } from './transports/loopback.ts';

interface Collector {
  readonly child: ChildProcess;
  readonly said: ChildEnvelope[];
  meter(): CollectorMeter | null;
  exited(): number | string | null;
}

let dir: string;
let venue: Loopback;
let printing: NodeJS.Timeout;
let printed = 0;
const children: ChildProcess[] = [];
const within = { timeout: 20_000, interval: 5 };

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'collector-'));
  venue = await openLoopback();
  venue.onText = acknowledgeBinance();
  venue.onRequest = (_request, response) => response.writeHead(503).end();
  printing = setInterval(() => {
    printed += 1;
    for (const client of venue.clients) if (client.said.length > 0) client.send(binanceTrade('BTCUSDT', printed));
  }, 1);
});
afterEach(async () => {
  clearInterval(printing);
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await venue.close();
  rmSync(dir, { recursive: true, force: true });
});

function startCollector(symbols: string[] | 'all' = ['BTCUSDT']): Collector {
  const child = fork(join(import.meta.dirname, 'main.ts'), [], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  children.push(child);
  const said: ChildEnvelope[] = [];
  let end: number | string | null = null;
  child.on('message', (message) => said.push(message as ChildEnvelope));
  child.on('exit', (code, signal) => {
    end = signal ?? code;
  });
  const settings = settingsSchema.parse({
    version: 1,
    venues: {
      binance: {
        markets: ['spot'],
        symbols,
        lines: 2,
        endpoints: { spot: { ws: venue.ws, rest: venue.rest } },
      },
    },
    disk: { haltBytes: 1 },
  });
  child.send({ t: 'start', dataDir: dir, settings, options: {} });
  return {
    child,
    said,
    meter: () => {
      const latest = said.findLast((message) => message.t === 'publish');
      return latest?.t === 'publish' ? (latest.value as CollectorMeter) : null;
    },
    exited: () => end,
  };
}

function emptyProcessMs(): number {
  const began = performance.now();
  spawnSync(process.execPath, ['-e', '0']);
  return performance.now() - began;
}

const isLive = (collector: Collector): boolean =>
  collector.meter()?.lines.length === 2 && collector.meter()?.lines.every(({ state }) => state === 'live') === true;

async function journalOf(): Promise<{ frames: number; last: number; controls: ControlRecord[]; ids: Set<number> }> {
  const reader = openReader(join(dir, 'journal'), null, { standalone: true });
  const controls: ControlRecord[] = [];
  const ids = new Set<number>();
  let frames = 0;
  let last = 0;
  for (let batch = await reader.read(); batch; batch = await reader.read()) {
    expect(batch.damage).toEqual([]);
    for (let i = 0; i < batch.count; i += 1) {
      frames += 1;
      last = batch.frame[i] as number;
      const at = batch.payloadOffset[i] as number;
      const text = batch.bytes.toString('utf8', at, at + (batch.payloadLength[i] as number));
      if (batch.kind[i] === 1) controls.push(JSON.parse(text) as ControlRecord);
      const id = /"t":(\d+)/.exec(text);
      if (id) ids.add(Number(id[1]));
    }
  }
  await reader.close();
  return { frames, last, controls, ids };
}

test('kill -9, again and again: back within two seconds, every durable frame is there, no number twice', async () => {
  let durable = 0;
  for (let round = 0; round < 4; round += 1) {
    const clientsBefore = venue.clients.length;
    const began = performance.now();
    const collector = startCollector();
    await expect
      .poll(() => venue.clients.slice(clientsBefore).filter(({ said }) => said.length > 0).length, within)
      .toBe(2);
    // Others share this machine while the tests run: what an empty process takes says how much of it is ours. The drill measures the percentile.
    const tookMs = performance.now() - began;
    expect(tookMs).toBeLessThan(Math.max(6000, 60 * emptyProcessMs()));
    await expect.poll(() => isLive(collector), within).toBe(true);
    const seen = printed;
    await expect.poll(() => printed, within).toBeGreaterThan(seen + 200);
    await expect.poll(() => collector.meter()?.durableFrame ?? 0, within).toBeGreaterThan(durable + 100);
    durable = collector.meter()?.durableFrame ?? 0;
    collector.child.kill('SIGKILL');
    await expect.poll(() => collector.exited(), within).toBe('SIGKILL');
    const found = await journalOf();
    expect(found.last).toBeGreaterThanOrEqual(durable);
    expect(found.frames).toBe(found.last);
    expect(found.controls.filter(({ type }) => type === 'start').length).toBe(round + 1);
  }
});

test('draining closes the lines in the open, syncs, says goodbye and leaves with 0', async () => {
  const collector = startCollector();
  await expect.poll(() => isLive(collector), within).toBe(true);
  expect(collector.said.map(({ t }) => t).filter((t) => t === 'hello' || t === 'ready')).toEqual(['hello', 'ready']);
  const meter = collector.meter();
  expect(meter).toMatchObject({ recording: true, halt: null, lostFrames: 0 });
  collector.child.send({ t: 'drain', reason: 'test' });
  await expect.poll(() => collector.exited(), within).toBe(0);
  expect(collector.said.at(-1)).toMatchObject({ t: 'goodbye', reason: 'test' });
  const { controls } = await journalOf();
  expect(controls.slice(-3).map(({ type }) => type)).toEqual(['close', 'close', 'stop']);
  const again = startCollector();
  await expect.poll(() => isLive(again), within).toBe(true);
  expect((await journalOf()).controls.findLast(({ type }) => type === 'start')).toMatchObject({
    clean: true,
    cutBytes: 0,
  });
});

test('a host that is gone is a drain; requests are answered; sleep renews every line', async () => {
  const collector = startCollector();
  await expect.poll(() => isLive(collector), within).toBe(true);
  const ask = async (id: number, name: string, input: unknown): Promise<unknown> => {
    collector.child.send({ t: 'request', id, name, input });
    await expect.poll(() => collector.said.some((m) => m.t === 'reply' && m.id === id), within).toBe(true);
    return collector.said.find((m) => m.t === 'reply' && m.id === id);
  };
  expect(await ask(1, 'recording.renew-line', { id: 'nobody' })).toMatchObject({
    result: { ok: false, failure: { code: 'recording.no-line' } },
  });
  await ask(2, 'recording.power', { state: 'suspend' });
  await ask(3, 'recording.power', { state: 'resume' });
  await expect.poll(() => venue.clients.length, within).toBe(4);
  await expect.poll(() => venue.clients.slice(0, 2).every(({ socket }) => socket.readyState === 3), within).toBe(true);
  await ask(4, 'recording.halt', { reason: 'operator' });
  await expect.poll(() => collector.meter(), within).toMatchObject({ recording: false, halt: 'operator' });
  await ask(5, 'recording.resume', {});
  await expect.poll(() => isLive(collector) && collector.meter()?.recording, within).toBe(true);
  collector.child.disconnect();
  await expect.poll(() => collector.exited(), within).toBe(0);
  const types = (await journalOf()).controls.map(({ type }) => type);
  for (const type of ['suspend', 'wake', 'halt', 'resume', 'stop']) expect(types).toContain(type);
});

test('a long symbol list is read on a thread of its own, and all of it is subscribed', async () => {
  const entries = Array.from({ length: 3000 }, (_, i) => {
    const filters = '{"filterType":"PRICE_FILTER","minPrice":"0.00000100"},'.repeat(10).slice(0, -1);
    return `{"symbol":"C${i}USDT","status":"TRADING","baseAsset":"C${i}","quoteAsset":"USDT","filters":[${filters}]}`;
  });
  const body = `{"timezone":"UTC","serverTime":1723161255343,"symbols":[${entries.join(',')}]}`;
  expect(body.length).toBeGreaterThan(1024 ** 2);
  venue.onRequest = (_request, response) => response.end(body);
  const collector = startCollector('all');
  await expect.poll(() => collector.meter()?.lines.filter(({ state }) => state === 'live').length, within).toBe(6);
  expect(collector.meter()?.lines.map(({ id, wanted }) => `${id} ${wanted}`)).toEqual([
    'binance:spot:0 1024',
    'binance:spot:0/1 1024',
    'binance:spot:0/2 952',
    'binance:spot:1 1024',
    'binance:spot:1/1 1024',
    'binance:spot:1/2 952',
  ]);
});
