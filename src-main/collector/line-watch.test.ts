// A line that misses what the other one delivers is found and renewed; quiet symbols, late lines and repeats are no reason.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { binanceSpot } from '../feeds/binance/binance.ts';
import type { ControlRecord } from '../journal/control.ts';
import type { Heard } from './heard.ts';
import { LineWatch, type WatchedConnection, type WatchedLine } from './line-watch.ts';
import { live, openRig, type Rig, within } from './rig.fixture.ts';
import { binanceTrade } from './transports/loopback.ts';

const S = 1_000_000;

/** Two lines in simulated time: messages are the symbol's name. */
class Pair {
  nowUs = 1000 * S;
  /** How far somebody has set the wall clock. */
  setUs = 0;
  readonly said: Extract<ControlRecord, { type: 'behind' }>[] = [];
  readonly renewed: string[] = [];
  readonly sides = [this.#side(0), this.#side(1)] as const;
  readonly #watch = new LineWatch({
    feed: { symbolOf: (frame) => Buffer.from(frame).toString() },
    journal: {
      control: (_lineNo, record) => {
        if (record.type === 'behind') this.said.push(record);
        return 1;
      },
    },
    clock: {
      nowUs: () => this.nowUs + this.setUs,
      earliestUs: (ms) => Math.round(ms * 1000 + Math.min(0, this.setUs)),
    },
  });
  #due: { atUs: number; line: number; symbol: string }[] = [];

  #side(line: number): { line: WatchedLine; connection: MutableConnection; standing: boolean } {
    const side = {
      standing: true,
      connection: {
        number: 1,
        lineNo: line + 1,
        openedMs: 1_000_000,
        acknowledged: new Set(['A', 'B', 'C', 'D']),
        dataFrames: 0,
        dataBytes: 0,
        heard: null as Heard | null,
      },
      line: {
        slot: 0,
        get standing(): WatchedConnection | null {
          return side.standing ? side.connection : null;
        },
        renew: () => {
          this.renewed.push(String(line));
        },
      },
    };
    return side;
  }

  /** A message that the line gets at this time from now, s. */
  send(line: number, symbol: string, atS: number): void {
    this.#due.push({ atUs: this.nowUs + atS * S, line, symbol });
  }

  /** Time goes on; a tick each quarter of a second. */
  run(seconds: number): void {
    const untilUs = this.nowUs + seconds * S;
    this.#due.sort((a, b) => a.atUs - b.atUs);
    while (this.nowUs < untilUs) {
      this.nowUs += S / 4;
      while (this.#due[0] && this.#due[0].atUs <= this.nowUs) {
        const { line, symbol, atUs } = this.#due.shift() as { atUs: number; line: number; symbol: string };
        const { connection } = this.sides[line as 0 | 1];
        connection.dataFrames += 1;
        connection.dataBytes += 150;
        connection.heard?.saw(Buffer.from(symbol), atUs);
      }
      this.#watch.tick(
        this.nowUs / 1000,
        this.sides.map(({ line }) => [line]),
      );
    }
  }
}

type MutableConnection = { -readonly [K in keyof WatchedConnection]: WatchedConnection[K] };

describe('two lines compared', () => {
  test('a symbol that only one line delivers: said with its last data, within seconds, once, and renewed', () => {
    const pair = new Pair();
    pair.run(2);
    for (let i = 0; i < 60; i += 1) {
      pair.send(0, 'A', i / 2);
      pair.send(0, 'B', i / 2 + 0.01);
      pair.send(1, 'B', i / 2 + 0.02);
      if (i < 20) pair.send(1, 'A', i / 2 + 0.05);
    }
    const lastUs = pair.nowUs + 9.55 * S;
    pair.run(9.75);
    expect(pair.said).toEqual([]);
    pair.run(9);
    expect(pair.said).toMatchObject([{ connection: 1, silent: [{ symbol: 'A', fromUs: lastUs }] }]);
    expect(pair.renewed).toEqual(['1']);
    pair.run(12);
    expect(pair.said.length).toBe(1);
  });

  test.each([-3600, 3600])('a clock that is set by %i s meanwhile hides nothing and blames nobody', (setS) => {
    const pair = new Pair();
    pair.run(2);
    for (let i = 0; i < 80; i += 1) {
      for (const line of [0, 1]) pair.send(line, 'B', i / 2 + line / 100);
      pair.send(0, 'A', i / 2);
      if (i < 40) pair.send(1, 'A', i / 2 + 0.05);
    }
    const lastUs = pair.nowUs + 19.55 * S;
    pair.run(10);
    pair.setUs = setS * S;
    pair.run(10);
    expect(pair.said).toEqual([]);
    pair.run(9);
    expect(pair.said).toMatchObject([{ silent: [{ symbol: 'A', fromUs: lastUs + Math.min(0, setS) * S }] }]);
  });

  test('a symbol that never came on one line counts from the connection’s beginning', () => {
    const pair = new Pair();
    pair.run(2);
    for (let i = 0; i < 20; i += 1) pair.send(1, 'C', i);
    pair.run(10);
    expect(pair.said).toMatchObject([{ silent: [{ symbol: 'C', fromUs: 1000 * S }] }]);
    expect(pair.renewed).toEqual(['0']);
  });

  test.each([0.05, 0.9, 2.5])(
    'a line that is %d s later than the other is not behind, in bursts and between them',
    (lateS) => {
      const pair = new Pair();
      pair.run(2);
      for (let burst = 0; burst < 20; burst += 1) {
        for (let i = 0; i < 200; i += 1) {
          const at = burst * 9 + i / 60;
          const symbol = 'ABCD'[i % 4] as string;
          pair.send(burst % 2, symbol, at);
          pair.send(1 - (burst % 2), symbol, at + lateS);
        }
      }
      pair.run(200);
      expect(pair.said).toEqual([]);
      expect(pair.renewed).toEqual([]);
    },
  );

  test('quiet symbols and a single message more on one line are no evidence', () => {
    const pair = new Pair();
    pair.run(2);
    pair.send(0, 'A', 1);
    pair.send(0, 'A', 500);
    for (let i = 0; i < 10; i += 1) {
      pair.send(0, 'B', i * 60);
      pair.send(1, 'B', i * 60 + 0.2);
    }
    pair.run(700);
    expect(pair.said).toEqual([]);
  });

  test('what a venue repeats after a request that replaces the set is no evidence', () => {
    const pair = new Pair();
    pair.run(2);
    for (let i = 0; i < 12; i += 1) {
      pair.sides[0].connection.heard?.ignore(pair.nowUs + 2 * S);
      pair.send(0, 'A', 0.5);
      pair.run(15);
    }
    expect(pair.said).toEqual([]);
  });

  test('on busy lines symbols are listened for part of the time, and a silent one is found all the same', () => {
    const pair = new Pair();
    pair.run(2);
    let heard = 0;
    for (let second = 0; second < 120; second += 1) {
      for (const { connection } of pair.sides) connection.dataFrames += 5000;
      for (const [line, lateS] of [0, 2.5].entries()) {
        for (let i = 0; i < 4; i += 1) pair.send(line, 'B', i / 4 + lateS);
      }
      if (second < 60) pair.send(1, 'A', 0.1);
      pair.send(0, 'A', 0.1);
      if (pair.sides[0].connection.heard?.listens) heard += 1;
      pair.run(1);
      if (second === 60) expect(pair.said).toEqual([]);
    }
    expect(heard).toBeLessThan(45);
    expect(pair.said.map(({ silent }) => silent.map(({ symbol }) => symbol))).toEqual([['A']]);
    expect(pair.said[0]?.silent[0]?.fromUs).toBeLessThanOrEqual(1062.2 * S);
    expect(pair.renewed).toEqual(['1']);
  });

  test('less than half of the messages over a while is behind, for every symbol from the window’s beginning', () => {
    const pair = new Pair();
    pair.run(2);
    for (let i = 0; i < 1000; i += 1) {
      const symbol = 'ABCD'[i % 4] as string;
      pair.send(0, symbol, i / 10);
      if (i < 200 || i % 16 < 4) pair.send(1, symbol, i / 10 + 0.1);
    }
    pair.run(20);
    expect(pair.said).toEqual([]);
    const beganUs = pair.nowUs;
    pair.run(60);
    expect(pair.said.length).toBe(1);
    expect(pair.said[0]?.silent.map(({ symbol }) => symbol).sort()).toEqual(['A', 'B', 'C', 'D']);
    for (const { fromUs } of pair.said[0]?.silent ?? []) expect(fromUs).toBeLessThanOrEqual(beganUs + 5 * S);
    expect(pair.renewed).toEqual(['1']);
  });

  test('a line that is away or renewing is not compared, and what follows begins anew', () => {
    const pair = new Pair();
    pair.run(2);
    for (let i = 0; i < 40; i += 1) pair.send(0, 'A', i / 2);
    pair.sides[1].standing = false;
    pair.run(20);
    expect(pair.said).toEqual([]);
    pair.sides[1].standing = true;
    pair.sides[1].connection.number = 2;
    pair.run(5);
    expect(pair.said).toEqual([]);
  });

  test('a line that is behind again soon after its renewal is renewed a while later, for it covers those symbols no longer', () => {
    const pair = new Pair();
    pair.run(2);
    for (let i = 0; i < 200; i += 1) pair.send(0, 'A', i);
    pair.run(10);
    expect(pair.renewed).toEqual(['1']);
    const { connection } = pair.sides[1];
    Object.assign(pair.sides[1], { connection: { ...connection, number: 2, heard: null } });
    pair.run(15);
    expect(pair.said.map((one) => one.connection)).toEqual([1, 2]);
    expect(pair.renewed).toEqual(['1']);
    pair.run(60);
    expect(pair.renewed).toEqual(['1', '1']);
  });

  test('a line that stays behind after its renewals is renewed ever less often', () => {
    const pair = new Pair();
    pair.run(2);
    for (let i = 0; i < 3600; i += 1) pair.send(0, 'A', i);
    for (let minute = 0; minute < 60; minute += 1) {
      pair.run(60);
      // Each renewal gives a new connection, which misses the symbol again.
      const { connection } = pair.sides[1];
      Object.assign(pair.sides[1], { connection: { ...connection, number: connection.number + 1, heard: null } });
    }
    expect(pair.said.length).toBeGreaterThan(30);
    expect(pair.renewed.length).toBeLessThan(12);
    expect(pair.renewed.length).toBeGreaterThan(4);
  });
});

describe('on real sockets', () => {
  let rig: Rig;
  beforeEach(async () => {
    rig = await openRig();
  });
  afterEach(() => rig.close());

  test('the line that goes blind for one symbol is renewed by overlap while the other stands', async () => {
    const lines = [rig.make(binanceSpot), rig.make(binanceSpot, { line: 1 })] as const;
    const watch = new LineWatch({ feed: binanceSpot, journal: rig.journal, clock: rig.clock });
    rig.ticks.push((nowMs) => watch.tick(nowMs, [[lines[0]], [lines[1]]]));
    for (const line of lines) line.want(['AUSDT', 'BUSDT', 'QUIET']);
    for (const line of lines) await live(line);
    const blind = new Set([rig.venue.clients[1]]);
    let id = 0;
    const printing = setInterval(() => {
      id += 1;
      for (const client of rig.venue.clients) {
        if (client.socket.readyState !== 1) continue;
        client.send(binanceTrade('BUSDT', id));
        if (!blind.has(client)) client.send(binanceTrade('AUSDT', id));
      }
    }, 50);
    const began = performance.now();
    await expect.poll(async () => (await rig.controls('behind')).length, within).toBe(1);
    expect(performance.now() - began).toBeLessThan(12_000);
    await expect.poll(() => rig.venue.clients.length, within).toBe(3);
    await expect.poll(async () => (await rig.controls('close')).length, within).toBe(1);
    clearInterval(printing);
    const [behind] = await rig.controls('behind');
    const [close] = await rig.controls('close');
    expect(behind?.silent.map(({ symbol }) => symbol)).toEqual(['AUSDT']);
    expect(close).toMatchObject({ lineNo: behind?.lineNo, planned: true, reason: expect.stringContaining('behind') });
    expect(lines.map((line) => line.state().reconnects)).toEqual([0, 0]);
    expect((await rig.controls('acknowledged')).filter(({ lineNo }) => lineNo === behind?.lineNo).length).toBe(2);
  }, 60_000);
});
