// Tests of /metrics as Prometheus and the people behind it read it: what is not known is not 0, names say their unit, and every one is written down.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { LineState } from '../../src-shared/contract/recording.ts';
import { openEndpoint } from './endpoint.ts';
import type { Host } from './host.ts';
import { statusOf } from './status.ts';

const line: LineState = {
  id: 'upbit:spot:0',
  venue: 'upbit',
  market: 'spot',
  state: 'live',
  url: 'wss://upbit.example',
  address: null,
  wanted: 3,
  acknowledged: 2,
  connectedUs: 0,
  maxAgeMs: null,
  renewals: 0,
  reconnects: 1,
  lastFrameAgeMs: 1500,
  lastDataAgeMs: 1500,
  frames: 8,
  bytes: 900,
  note: null,
} as LineState;
const collector = {
  atUs: 1_800_000_000_000_000,
  recording: true,
  lines: [line],
  refusals: [
    {
      venue: 'upbit',
      market: 'spot',
      address: null,
      sinceUs: 1_799_999_988_000_000,
      untilUs: 1_800_000_002_000_000,
      note: 'too many',
    },
  ],
  halt: null,
  loopDelayMs: { p99: 2 },
  durableDelayMs: { p99: 9 },
  bufferedBytes: 10,
  lostFrames: 1,
  rssBytes: 5,
};
const store = {
  frame: 7,
  lagFrames: 1,
  lagMs: 250,
  totals: {
    frames: 7,
    control: 2,
    data: 4,
    other: 1,
    rejected: 0,
    ticks: 9,
    stored: 8,
    duplicates: 1,
    rejectedRows: 3,
  },
  gaps: { open: 1, repairing: 0, repaired: 2, partial: 0, unrecoverable: 0, venueHole: 4 },
  disk: { freeBytes: 100, usedBytes: 10, fullInHours: 1.5, state: 'ok', note: null },
  queryableDelayMs: { p99: 80 },
  quarantined: 0,
  rssBytes: 6,
};

/** The page of a host whose halves have said this; undefined: nothing yet. */
async function pageOf(said: { collector?: unknown; store?: unknown; lastStore?: unknown }): Promise<string> {
  const host = {
    status: () =>
      statusOf({
        mode: 'live',
        pid: 1,
        markets: 1,
        children: [{ process: 'store', state: 'ready', pid: 7, restarts: 0, note: null }],
        collector: said.collector,
        store: said.store,
        headFrame: said.collector ? 9 : 0,
        durableFrame: said.collector ? 8 : 0,
        journalBytes: 400,
        lastStore: said.lastStore,
        freeBytes: 100,
      } as Parameters<typeof statusOf>[0]),
    mode: () => 'live',
    startedUs: 1_700_000_000_000_000,
    health: { active: [{ rule: 'line-down', severity: 'bad' }] },
    router: { screens: 0, latest: (name: string) => (name === 'store.meter' ? said.store : said.collector) },
  };
  const endpoint = openEndpoint(host as unknown as Host, '1.2.3', { token: 0 });
  try {
    return await endpoint.metrics();
  } finally {
    endpoint.close();
  }
}

const namesIn = (text: string): string[] => [...new Set(text.match(/\btapedeck_[a-z0-9_]+/g) ?? [])].sort();

describe('/metrics', () => {
  it('tells each figure under a name that says its unit, with its type and meaning', async () => {
    const page = await pageOf({ collector, store });
    const types = new Map([...page.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map((found) => [found[1], found[2]]));
    const helps = new Set([...page.matchAll(/^# HELP (\S+) \S.+$/gm)].map((found) => found[1]));
    for (const [, name = '', labels = ''] of page.matchAll(/^([a-z0-9_]+)(?:\{(.*?)\})? -?[0-9.e+-]+$/gm)) {
      expect([types.has(name), helps.has(name)], name).toEqual([true, true]);
      expect(types.get(name), name).toBe(name.endsWith('_total') ? 'counter' : 'gauge');
      expect(name, 'seconds and bytes are the units').not.toMatch(/_(?:ms|us|hours|minutes|kb|mb|total_.*)$/);
      expect(labels).not.toMatch(/[A-Z]/);
    }
    expect(page).toContain('tapedeck_venue_refuses_seconds{venue="upbit",market="spot",address=""} 12\n');
    expect(page).toContain('tapedeck_disk_full_in_seconds 5400\n');
    expect(page).toContain('tapedeck_store_lag_seconds 0.25\n');
    expect(page).toContain('tapedeck_gaps{state="venue-hole"} 4\n');
    expect(page).toContain('tapedeck_alerts{rule="line-down",severity="bad"} 1\n');
    expect(page).toContain('tapedeck_alerts{rule="disk",severity="bad"} 0\n');
  });

  it('adds up: the kinds of one counter are parts of one whole', async () => {
    const page = await pageOf({ collector, store });
    const sum = (name: string): number =>
      [...page.matchAll(new RegExp(`^${name}\\{.*\\} (\\d+)$`, 'gm'))].reduce(
        (all, found) => all + Number(found[1]),
        0,
      );
    expect([sum('tapedeck_frames_total'), sum('tapedeck_ticks_total')]).toEqual([7, 9]);
  });

  it('leaves out what nobody has said yet: a counter that began with 0 would leap by the whole life of the folder', async () => {
    const page = await pageOf({ collector });
    expect(page).toContain('tapedeck_journal_durable_frame 8\n');
    expect(page).not.toMatch(/^tapedeck_(?:frames_total|ticks_total|gaps|store_|disk_used)/m);
    expect(await pageOf({})).not.toMatch(/^tapedeck_(?:journal_|line_|lost_)/m);
  });

  it('does not tell as of now what was true when a store that is gone last spoke', async () => {
    const page = await pageOf({ collector, lastStore: store });
    expect(page).not.toMatch(/^tapedeck_(?:store_lag|disk_full|queryable|quarantined)/m);
    expect(page).toContain('tapedeck_store_frame 7\n');
    expect(page).toContain('tapedeck_ticks_total{outcome="stored"} 8\n');
    expect(page).toContain('tapedeck_gaps{state="open"} 1\n');
  });

  it('is written down whole, and nothing is written down that it does not tell', async () => {
    const docs = readFileSync(join(import.meta.dirname, '../../docs/monitoring.md'), 'utf8');
    expect(namesIn(docs)).toEqual(namesIn(await pageOf({ collector, store })));
  });
});
