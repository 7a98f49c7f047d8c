// Lines that share an address, an endpoint, an outage: never more connections than allowed, never a storm, overlapping ones apart.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { RateBudget } from '../base/net.ts';
import { binanceSpot } from '../feeds/binance/binance.ts';
import { RenewGate, Spares, Spread } from './gates.ts';
import { live, openRig, type Rig, within } from './rig.fixture.ts';
import { binanceTrade } from './transports/loopback.ts';

let rig: Rig;
beforeEach(async () => {
  rig = await openRig();
});
afterEach(() => rig.close());

const openNow = (): number => rig.venue.clients.filter(({ socket }) => socket.readyState < 3).length;

test('a line whose time has come waits while the other changes over at once, and then does so itself', async () => {
  const [first, second] = [0, 1].map((n) => rig.make(binanceSpot, { line: n }));
  if (!first || !second) throw new Error('no lines');
  for (const line of [first, second]) {
    line.want(['BTCUSDT']);
    await live(line);
  }
  first.renew('the venue announces an end', true);
  second.renew('age', false);
  expect([first.state().state, second.state().state]).toEqual(['renewing', 'live']);
  rig.ticks.push(() => {
    for (const { socket, send } of rig.venue.clients) if (socket.readyState === 1) send(binanceTrade('BTCUSDT', 9));
  });
  await expect.poll(() => first.state().renewals, within).toBe(1);
  await expect.poll(() => second.state().renewals, within).toBe(1);
});

test('two lines that cannot wait renew both; a third waits for both', () => {
  const gate = new RenewGate();
  for (const line of [0, 1]) gate.force(line);
  expect(gate.enter(2)).toBe(false);
  gate.leave(0);
  expect([gate.enter(2), gate.enter(1)]).toEqual([false, true]);
  gate.leave(1);
  gate.leave(1);
  expect(gate.enter(2)).toBe(true);
});

describe('an address that may hold few connections', () => {
  test('renewals wait for the spare one, urgent or not, and the limit is never exceeded', async () => {
    const spares = new Spares(1);
    let most = 0;
    rig.venue.onUpgrade = () => {
      most = Math.max(most, openNow() + 1);
    };
    const lines = [0, 1, 2, 3].map((n) =>
      rig.make(binanceSpot, { line: n % 2, slot: n >> 1, context: { spares, gate: new RenewGate() } }),
    );
    for (const line of lines) line.want(['BTCUSDT']);
    for (const line of lines) await live(line);
    let id = 0;
    const printing = setInterval(() => {
      id += 1;
      for (const { socket, send } of rig.venue.clients) if (socket.readyState === 1) send(binanceTrade('BTCUSDT', id));
    }, 5);
    for (const line of lines) line.renew('the computer slept', true);
    await expect.poll(async () => (await rig.controls('close')).length, within).toBe(4);
    for (const line of lines) await live(line);
    clearInterval(printing);
    expect(rig.venue.clients.length).toBe(8);
    expect(most).toBe(5);
    expect(lines.map((line) => line.state().reconnects)).toEqual([0, 0, 0, 0]);
  });

  test('a renewal that fails, and a line that is lost while it renews, give the spare one back', async () => {
    const spares = new Spares(1);
    const line = rig.make(binanceSpot, { context: { spares } });
    line.want(['BTCUSDT']);
    await live(line);
    rig.venue.refuse = { status: 500 };
    line.renew('asked for', true);
    await expect.poll(() => line.state().note ?? '', within).toContain('renewal failed');
    expect(spares.take()).toBe(true);
    spares.give();
    rig.venue.refuse = null;
    rig.venue.onText = () => undefined;
    line.renew('asked for', true);
    await expect.poll(() => rig.venue.clients.length, within).toBe(2);
    expect(spares.take()).toBe(false);
    rig.venue.clients[0]?.cut();
    await expect.poll(() => line.state().reconnects, within).toBe(1);
    expect(spares.take()).toBe(true);
  });
});

describe('an outage of everything', () => {
  test('connections that were lost together come back spread and within the budget of their endpoint', async () => {
    const budgets = [new RateBudget({ weight: 5, perMs: 800 }), new RateBudget({ weight: 100, perMs: 1000 })];
    const spread = new Spread();
    const times = new Map<string, number[]>();
    const lines = Array.from({ length: 32 }, (_, n) =>
      rig.make(
        { ...binanceSpot, connectUrl: (endpoint) => `${endpoint}/${n % 2}` },
        { slot: n, context: { spread, connects: budgets[n % 2] as RateBudget } },
      ),
    );
    for (const line of lines) line.want(['BTCUSDT']);
    for (const line of lines) await live(line);
    rig.venue.onUpgrade = ({ url = '' }) => times.set(url, [...(times.get(url) ?? []), performance.now()]);
    const cutMs = performance.now();
    for (const client of rig.venue.clients) client.cut();
    await expect.poll(() => rig.venue.clients.length, within).toBe(64);
    for (const line of lines) await live(line);
    const [limited, free] = [times.get('/0') ?? [], times.get('/1') ?? []];
    expect([limited.length, free.length]).toEqual([16, 16]);
    // Five at once and five for every 800 ms since: on their way they can only become later.
    for (const [i, ms] of limited.entries()) expect(ms - cutMs).toBeGreaterThan(Math.floor(i / 5) * 800 - 50);
    // The first are answered at once, the rest over a while.
    expect((free[0] as number) - cutMs).toBeLessThan(1000);
    expect((free.at(-1) as number) - (free[0] as number)).toBeGreaterThan(100);
    expect(lines.every((line) => line.state().reconnects === 1)).toBe(true);
  });

  test('single losses wait for nothing', () => {
    const spread = new Spread();
    const waits = Array.from({ length: 50 }, (_, i) => spread.lost(i * 600));
    expect(waits.every((ms) => ms === 0)).toBe(true);
    const together = Array.from({ length: 50 }, () => spread.lost(100_000));
    expect(together[0]).toBe(0);
    expect(Math.max(...together)).toBeGreaterThan(100);
    expect(Math.max(...together)).toBeLessThanOrEqual(3000);
  });
});

test('connections that overlap are apart in the journal where equal rows are counted', async () => {
  const { journal } = rig;
  const slot = { venue: 'binance', market: 'spot', line: 0, role: 'live' } as const;
  const lineNo = journal.line({ ...slot, slot: 0 });
  const twinNo = journal.line({ ...slot, slot: 10_000, twinOf: lineNo });
  const line = rig.make(binanceSpot, { context: { twinNo } });
  line.want(['BTCUSDT']);
  await live(line);
  const opened: number[] = [];
  for (let renewal = 1; renewal <= 2; renewal += 1) {
    line.renew('asked for', true);
    await expect.poll(() => rig.venue.clients.at(renewal)?.said.length, within).toBe(1);
    const [old, next] = rig.venue.clients.slice(-2);
    for (const client of [old, next]) client?.send(binanceTrade('BTCUSDT', renewal));
    await expect.poll(async () => (await rig.controls('close')).length, within).toBe(renewal);
  }
  const entries = await rig.recorded();
  const trades = entries.filter(({ text }) => text.includes('"e":"trade"'));
  for (const id of [1, 2]) {
    const own = trades.filter(({ text }) => text.includes(`"t":${id},`)).map((entry) => entry.line);
    expect(own.sort()).toEqual([lineNo, twinNo].sort());
  }
  for (const { control, line: no } of entries) if (control?.type === 'open') opened.push(no);
  expect(opened).toEqual([lineNo, twinNo, lineNo]);
  expect((await rig.controls('wanted')).map((record) => record.lineNo)).toEqual([lineNo]);
  const closed = await rig.controls('close');
  expect(closed.map(({ lineNo: no, connection }) => [no, connection])).toEqual([
    [lineNo, 1],
    [twinNo, 2],
  ]);
});

test('a renewal that fails does not make the next one share a number with the connection that it overlaps', async () => {
  const { journal } = rig;
  const slot = { venue: 'binance', market: 'spot', line: 0, role: 'live' } as const;
  const lineNo = journal.line({ ...slot, slot: 0 });
  const twinNo = journal.line({ ...slot, slot: 10_000, twinOf: lineNo });
  const line = rig.make(binanceSpot, { context: { twinNo } });
  line.want(['BTCUSDT']);
  await live(line);
  rig.venue.refuse = { status: 503 };
  line.renew('asked for', true);
  await expect.poll(() => line.state().note, within).toContain('renewal failed');
  rig.venue.refuse = null;
  line.renew('asked for', true);
  await expect.poll(() => rig.venue.clients.at(1)?.said.length, within).toBe(1);
  for (const client of rig.venue.clients) client.send(binanceTrade('BTCUSDT', 1));
  await expect.poll(async () => (await rig.controls('close')).length, within).toBe(1);
  const trades = (await rig.recorded()).filter(({ text }) => text.includes('"e":"trade"'));
  expect(trades.map((entry) => entry.line).sort()).toEqual([lineNo, twinNo].sort());
});
