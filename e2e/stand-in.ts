// A host that answers inside the page, in the shapes of the contract: as many gaps and lines as a test wants, without a recorder that costs time of its own.
import type { Page } from '@playwright/test';
import type { StoreMeter } from '../src-shared/contract/archive.ts';
import type { EventValue } from '../src-shared/contract/index.ts';
import type { CollectorMeter, LineState } from '../src-shared/contract/recording.ts';
import type { Gap } from '../src-shared/market/gap.ts';
import { venues } from '../src-shared/market/instrument.ts';

export interface Crowd {
  readonly streams: number;
  readonly gaps: number;
  readonly ticksPerSecond: number;
}

const STREAMS_PER_CONNECTION = 100;
const T0_US = 1_790_000_000_000_000;

function linesOf(streams: number): LineState[] {
  const connections = Math.ceil(streams / STREAMS_PER_CONNECTION);
  return Array.from({ length: connections * 2 }, (_, n): LineState => {
    const venue = venues[n % venues.length] ?? 'binance';
    return {
      id: `${venue}:spot:${n % 2}/${n >> 1}`,
      venue,
      market: 'spot',
      line: n % 2,
      state: n % 17 === 0 ? 'connecting' : 'live',
      wanted: STREAMS_PER_CONNECTION,
      acknowledged: n % 17 === 0 ? 40 : STREAMS_PER_CONNECTION,
      lastFrameAgeMs: n % 90,
      lastDataAgeMs: n % 300,
      connectedUs: T0_US,
      reconnects: n % 3,
      renewals: n % 5,
      maxAgeMs: 86_400_000,
      address: null,
      frames: 100_000 + n,
      bytes: 30_000_000,
      url: `wss://${venue}.example/stream`,
      note: n % 17 === 0 ? 'closed with code 1006' : null,
    };
  });
}

function valuesOf(crowd: Crowd) {
  const system: EventValue<'system.state'> = {
    version: '0.0.0',
    mode: 'live',
    host: 'headless',
    dataDir: 'stand-in',
    startedUs: T0_US,
    nowUs: T0_US,
    children: ['collector', 'store'].map((process, n) => ({
      process,
      pid: 100 + n,
      state: 'ready',
      restarts: 0,
      note: null,
    })),
  };
  const collector: CollectorMeter = {
    atUs: T0_US,
    recording: true,
    halt: null,
    headFrame: 1_000_000,
    durableFrame: 1_000_000,
    journalBytes: 4e9,
    bufferedBytes: 1_000_000,
    bufferLimitBytes: 256 * 1024 ** 2,
    lostFrames: 0,
    durableDelayMs: { p50: 6, p99: 18, max: 31 },
    loopDelayMs: { p99: 8, max: 20 },
    framesPerSecond: crowd.ticksPerSecond,
    bytesPerSecond: crowd.ticksPerSecond * 180,
    rssBytes: 200e6,
    lines: linesOf(crowd.streams),
    refusals: [],
  };
  const store: StoreMeter = {
    atUs: T0_US,
    frame: 999_000,
    lagFrames: 1000,
    lagMs: 120,
    queryableDelayMs: { p50: 130, p99: 400 },
    storingDelayMs: { p50: 90, p99: 300 },
    totals: {
      frames: 1e6,
      control: 10,
      data: 999_980,
      other: 10,
      rejected: 0,
      ticks: 1e6,
      stored: 5e5,
      duplicates: 5e5,
      rejectedRows: 0,
    },
    tradesPerSecond: crowd.ticksPerSecond / 2,
    ticksPerSecond: crowd.ticksPerSecond,
    venues: venues.map((venue) => ({
      venue,
      tradesPerSecond: crowd.ticksPerSecond / 2 / venues.length,
      trades: 5e5,
      ticksPerSecond: crowd.ticksPerSecond / venues.length,
      ticks: 1e6,
      arrivalMs: { p50: 20, p99: 90 },
    })),
    gaps: { open: crowd.gaps, repairing: 0, repaired: 12, partial: 0, unrecoverable: 0, venueHole: 0 },
    disk: { freeBytes: 75e9, usedBytes: 12e9, fullInHours: 310, state: 'ok', note: null },
    quarantined: 0,
    rssBytes: 400e6,
    notes: [],
  };
  const gap: Gap = {
    id: 'gap-',
    venue: 'binance',
    market: 'spot',
    symbol: 'COINUSDT',
    channel: 'trade',
    state: 'open',
    cause: 'disconnect',
    fromUs: T0_US,
    toUs: T0_US + 4_000_000,
    fromId: '1000000',
    toId: '1000090',
    deadlineUs: null,
    attempts: 2,
    evidence: ['line 0 closed: code 1006', 'the next id is 1000090, 1000000 was the last'],
    openedUs: T0_US,
    closedUs: null,
  };
  return { system, collector, store, gap, gaps: crowd.gaps, venues: [...venues] };
}

/** From the next navigation on, the page's link ends in the page itself. Meters come four times a second. */
export async function standIn(page: Page, crowd: Crowd): Promise<void> {
  await page.addInitScript((given) => {
    const states = ['open', 'partial', 'unrecoverable', 'repairing'];
    const causes = ['disconnect', 'sequence', 'silent', 'volume'];
    const gapAt = (n: number) => ({
      ...given.gap,
      id: `gap-${String(n).padStart(6, '0')}`,
      venue: given.venues[n % given.venues.length],
      symbol: `C${(n * 7919) % 1250}USDT`,
      state: states[n % states.length],
      cause: causes[(n >> 2) % causes.length],
      fromUs: given.gap.fromUs + n,
    });
    const pages = new Map<string, string>();
    const gapPage = (input: { after?: { id: string }; limit?: number; states?: string[] }): string => {
      const key = JSON.stringify(input);
      const known = pages.get(key);
      if (known !== undefined) return known;
      const from = input.after ? Number(input.after.id.slice(4)) + 1 : 0;
      const count = input.states?.includes('repaired') ? 0 : Math.min(input.limit ?? 1000, given.gaps - from);
      const text = JSON.stringify({ gaps: Array.from({ length: Math.max(0, count) }, (_, n) => gapAt(from + n)) });
      pages.set(key, text);
      return text;
    };
    const answers: Record<string, (input: never) => string> = {
      'gaps.list': gapPage,
      'gaps.coverage': () => '{"coverage":[]}',
      'gaps.reconciled': () => '{"streams":[]}',
      'listings.list': () => '{"listings":[]}',
    };
    const refused =
      '{"ok":false,"failure":{"code":"stand-in.unknown","message":"not answered here","retry":false,"detail":{}}}';
    let beat = 0;
    const events: Record<string, () => object> = {
      'system.state': () => ({ ...given.system, nowUs: Date.now() * 1000 }),
      'recording.meter': () => ({
        ...given.collector,
        atUs: Date.now() * 1000,
        headFrame: given.collector.headFrame + beat * 1000,
        durableFrame: given.collector.durableFrame + beat * 1000,
        lines: given.collector.lines.map((line, n) => ({ ...line, lastFrameAgeMs: (beat * 7 + n) % 90 })),
      }),
      'store.meter': () => ({
        ...given.store,
        atUs: Date.now() * 1000,
        frame: given.store.frame + beat * 1000,
        lagMs: 100 + (beat % 40),
        tradesPerSecond: given.store.tradesPerSecond * (0.9 + (beat % 20) / 100),
        ticksPerSecond: given.store.ticksPerSecond * (0.9 + (beat % 20) / 100),
        venues: given.store.venues.map((venue, n) => ({
          ...venue,
          trades: venue.trades + beat,
          tradesPerSecond: venue.tradesPerSecond + ((beat * 13 + n) % 50),
          ticks: venue.ticks + beat,
          ticksPerSecond: venue.ticksPerSecond + ((beat * 13 + n) % 50),
        })),
      }),
      'gaps.repairs': () => ({ jobs: [] }),
      'listings.changed': () => ({ count: 0, latest: null }),
      'listings.extracts': () => ({ jobs: [] }),
    };
    class StandIn extends EventTarget {
      static readonly CONNECTING = 0;
      static readonly OPEN = 1;
      static readonly CLOSING = 2;
      static readonly CLOSED = 3;
      readyState = 0;
      readonly #subscribed = new Map<number, { name: string; seq: number }>();
      readonly #timer: ReturnType<typeof setInterval>;
      constructor() {
        super();
        setTimeout(() => {
          this.readyState = 1;
          this.dispatchEvent(new Event('open'));
        }, 0);
        this.#timer = setInterval(() => {
          beat += 1;
          for (const [id, { name }] of this.#subscribed) if (name.endsWith('.meter')) this.#tell(id);
        }, 250);
      }
      #say(data: string): void {
        if (this.readyState === 1) this.dispatchEvent(new MessageEvent('message', { data }));
      }
      #tell(id: number): void {
        const subscription = this.#subscribed.get(id);
        const value = subscription && events[subscription.name];
        if (!subscription || !value) return;
        subscription.seq += 1;
        this.#say(JSON.stringify({ t: 'event', id, seq: subscription.seq, value: value() }));
      }
      send(text: string): void {
        const message = JSON.parse(text);
        if (message.t === 'subscribe') {
          this.#subscribed.set(message.id, { name: message.name, seq: 0 });
          setTimeout(() => this.#tell(message.id), 0);
        } else if (message.t === 'unsubscribe') this.#subscribed.delete(message.id);
        else if (message.t === 'request') {
          const answer = answers[message.name];
          const result = answer ? `{"ok":true,"value":${answer(message.input as never)}}` : refused;
          setTimeout(() => this.#say(`{"t":"reply","id":${message.id},"result":${result}}`), 1);
        }
      }
      close(): void {
        this.readyState = 3;
        clearInterval(this.#timer);
      }
    }
    Reflect.set(window, 'WebSocket', StandIn);
  }, valuesOf(crowd));
}
