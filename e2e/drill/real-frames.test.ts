// The two recorded bulk days of Binance, in the venue's own wire format over a local WebSocket, through the whole way: none missing, no gap, every digit.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readRecordedFrames, recordedFramesFolder, startReplay } from '../../src-main/rehearsal/replay.ts';
import { checkBalance } from './audit.ts';
import { runCommand, startCommand, status, stop, until } from './processes.ts';

const found = recordedFramesFolder();
if (found === null)
  console.warn('SKIPPED: real frames through the whole way: no recorded frames (set TAPEDECK_FRAMES to their folder)');

interface Row {
  market: string;
  symbol: string;
  channel: string;
  id: string;
  price: string;
  qty: string;
  side: string;
  eventUs: number;
}

it.runIf(found !== null)('both bulk days are stored whole', async () => {
  const all = readRecordedFrames(join(found ?? '', 'binance.bulk.jsonl.gz'));
  const raws = (market: string): string[] => all.filter((frame) => frame.market === market).map((frame) => frame.raw);
  const frames = { 'binance:spot': raws('spot'), 'binance:perp': raws('linear-perp') };
  const printed = all.reduce((sum, frame) => sum + frame.trades_in_raw, 0);
  expect(printed).toBeGreaterThan(20_000);
  const dir = mkdtempSync(join(tmpdir(), 'tapedeck-real-'));
  const replay = await startReplay({ frames, lines: 1 });
  try {
    const settings = join(dir, 'settings.json');
    writeFileSync(settings, JSON.stringify(replay.settings));
    const data = join(dir, 'data');
    const running = await startCommand(['record', '--data', data, '--settings', settings]);
    try {
      const seen = await until(
        'all is stored',
        () => status(data),
        (value) => value.totals.stored >= printed,
        60_000,
      );
      checkBalance(seen.totals);
      expect(seen.totals).toMatchObject({ stored: printed, ticks: printed, duplicates: 0, rejected: 0 });
      expect(seen.gaps).toMatchObject({ open: 0, repairing: 0, partial: 0, unrecoverable: 0 });
    } finally {
      expect(await stop(running)).toBe(0);
    }
    const gaps = await runCommand(['gaps', '--data', data, '--json']);
    expect(JSON.parse(gaps.stdout)).toEqual({ gaps: [] });
    const ticks = await runCommand([
      'ticks',
      '--data',
      data,
      '--from',
      '2024-01-01T00:00:00Z',
      '--to',
      '2025-01-01T00:00:00Z',
    ]);
    const rows = ticks.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Row);
    // The expectation is read from the raw text by hand, not by our decoder.
    const wanted = all
      .filter((frame) => frame.trades_in_raw === 1)
      .map(({ raw, market }) => {
        const of = (pattern: RegExp): string => pattern.exec(raw)?.[1] ?? '';
        return [
          market === 'spot' ? 'spot' : 'perp',
          of(/"s":"([^"]+)"/),
          of(/"t":(\d+)/),
          of(/"p":"([^"]+)"/),
          of(/"q":"([^"]+)"/),
          raw.includes('"m":true') ? 'sell' : 'buy',
          `${of(/"T":(\d+)/)}000`,
        ].join(' ');
      });
    const got = rows.map((row) =>
      [row.market, row.symbol, row.id, row.price, row.qty, row.side, String(row.eventUs)].join(' '),
    );
    expect(got.sort()).toEqual(wanted.sort());
  } finally {
    await replay.close();
    rmSync(dir, { recursive: true, force: true });
  }
});
