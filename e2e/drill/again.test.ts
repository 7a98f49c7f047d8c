// A rehearsal that is recorded into the same folder again: its venues know what they printed before, so nothing of the time between is lost.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { marketKeys } from '../../src-main/rehearsal/registry.ts';
import type { Gap } from '../../src-shared/market/gap.ts';
import { allSubscribed, ask, type Running, type Status, startCommand, status, stop, until } from './processes.ts';

it('loses nothing between two runs, whether the first was stopped or its host was killed', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'tapedeck-again-'));
  const data = join(dir, 'data');
  const recipe = join(dir, 'recipe.json');
  const venues = [...marketKeys];
  const instruments = [
    { base: 'BTC', price: 61837.63, ratePerSecond: 12, venues },
    { base: 'ETH', price: 2681.62, ratePerSecond: 8, venues },
  ];
  writeFileSync(recipe, JSON.stringify({ version: 1, seed: 11, instruments }));
  let host: Running | undefined;
  const record = async (): Promise<number> => {
    host = await startCommand(['record', '--data', data, '--rehearsal', recipe]);
    const stored = (await status(data))?.totals.stored ?? 0;
    const runs = (value: Status): boolean => allSubscribed(value) && value.totals.stored > stored + 1000;
    await until('trades are stored', () => status(data), runs, 60_000);
    return Date.now() * 1000;
  };
  const gaps = async (): Promise<Gap[]> => (await ask<{ gaps: Gap[] }>(data, 'gaps.list'))?.gaps ?? [];
  try {
    let sinceUs = await record();
    for (const end of ['SIGTERM', 'SIGKILL'] as const) {
      if (host) await stop(host, end);
      const beforeUs = sinceUs - 10_000_000;
      sinceUs = await record();
      const since = (all: readonly Gap[]): Gap[] =>
        all.filter((gap) => gap.cause === 'process-down' && gap.fromUs > beforeUs);
      const own = await until(
        `the gaps after ${end} have ended`,
        gaps,
        // One of a venue that lagged on a slow machine begins by as much before the end.
        (found) => since(found).length > 0 && found.every((gap) => gap.state !== 'open' && gap.state !== 'repairing'),
        180_000,
        200,
      );
      expect(since(own).length).toBeGreaterThan(marketKeys.length);
      expect((await gaps()).filter((gap) => gap.state !== 'repaired')).toEqual([]);
      expect(await status(data)).toMatchObject({ gaps: { partial: 0, unrecoverable: 0 } });
    }
  } finally {
    if (host) await stop(host, 'SIGTERM');
    rmSync(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
});
