// What tests of lines need: a venue on loopback, a journal, lines that are ticked, and the journal read back.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { unwrap } from '../../src-shared/base/result.ts';
import { RateBudget } from '../base/net.ts';
import type { Feed, FeedLimits } from '../feeds/feed.ts';
import type { ControlRecord } from '../journal/control.ts';
import { openReader } from '../journal/reader.ts';
import { type JournalOptions, type JournalWriter, openJournal } from '../journal/writer.ts';
import { WallClock } from './clock.ts';
import { RenewGate, Spread } from './gates.ts';
import { Line, type LineContext } from './line.ts';
import { PATIENCE, type Patience } from './subscriptions.ts';
import { acknowledgeBinance, type Loopback, openLoopback } from './transports/loopback.ts';

export const within = { timeout: 15_000, interval: 5 };

export interface Entry {
  readonly line: number;
  readonly control: ControlRecord | null;
  readonly text: string;
}

export interface Rig {
  readonly venue: Loopback;
  readonly journal: JournalWriter;
  readonly lines: Line[];
  readonly clock: WallClock;
  /** Ticked with the lines. */
  readonly ticks: ((nowMs: number) => void)[];
  make(feed: Feed, options?: RigLine): Line;
  recorded(): Promise<Entry[]>;
  controls<T extends ControlRecord['type']>(
    type: T,
  ): Promise<(Extract<ControlRecord, { type: T }> & { lineNo: number })[]>;
  close(): Promise<void>;
}

export interface RigLine {
  readonly limits?: Partial<FeedLimits>;
  readonly line?: number;
  readonly slot?: number;
  readonly patience?: Partial<Patience>;
  readonly suspects?: readonly string[];
  readonly context?: Partial<LineContext>;
}

export async function openRig(options: JournalOptions = {}): Promise<Rig> {
  const dir = mkdtempSync(join(tmpdir(), 'rig-'));
  const venue = await openLoopback();
  venue.onText = acknowledgeBinance();
  const journal = unwrap(await openJournal(dir, options));
  const clock = new WallClock();
  const gate = new RenewGate();
  const spread = new Spread();
  const lines: Line[] = [];
  const ticks: ((nowMs: number) => void)[] = [];
  const ticker = setInterval(() => {
    for (const line of lines) line.tick(performance.now());
    for (const tick of ticks) tick(performance.now());
  }, 20);
  const rig: Rig = {
    venue,
    journal,
    lines,
    clock,
    ticks,
    make: (feed, { limits = {}, line = 0, slot = 0, patience = {}, suspects = [], context = {} } = {}) => {
      const { venue: name, market } = feed;
      const made = new Line({
        id: `${name}:${market}:${line}${slot > 0 ? `/${slot}` : ''}`,
        feed: { ...feed, limits: { ...feed.limits, ...limits } },
        url: feed.dial ? venue.ws : feed.connectUrl(venue.ws),
        lineNo: journal.line({ venue: name, market, line, role: 'live', slot }),
        line,
        slot,
        journal,
        clock,
        connects: new RateBudget({ weight: 100, perMs: 1000 }),
        gate,
        spread,
        suspects: (symbols) => symbols.filter((symbol) => suspects.includes(symbol)),
        patience: { ...PATIENCE, ...patience },
        ...context,
      });
      lines.push(made);
      return made;
    },
    recorded: async () => {
      unwrap(await journal.flush());
      const reader = openReader(dir, null);
      const entries: Entry[] = [];
      for (let batch = await reader.read(); batch; batch = await reader.read()) {
        for (let i = 0; i < batch.count; i += 1) {
          const at = batch.payloadOffset[i] as number;
          const text = batch.bytes.toString('utf8', at, at + (batch.payloadLength[i] as number));
          const control = batch.kind[i] === 1 ? (JSON.parse(text) as ControlRecord) : null;
          entries.push({ line: batch.lineNo[i] as number, control, text });
        }
      }
      await reader.close();
      return entries;
    },
    controls: async <T extends ControlRecord['type']>(type: T) => {
      const found = (await rig.recorded()).flatMap(({ control, line }) =>
        control?.type === type ? [{ ...control, lineNo: line }] : [],
      );
      return found as (Extract<ControlRecord, { type: T }> & { lineNo: number })[];
    },
    close: async () => {
      for (const line of lines.splice(0)) await line.close('test over');
      clearInterval(ticker);
      await journal.close();
      await venue.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
  return rig;
}

export async function live(line: Line): Promise<void> {
  await expect.poll(() => line.state().state, within).toBe('live');
}
