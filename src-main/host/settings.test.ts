// Tests of what a person reads when the settings file, or the data folder, is not right.
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { settingsSchema } from '../../src-shared/contract/settings.ts';
import { claimPurpose, prepareDataFolder } from './data-folder.ts';
import { checkSettings, liveSettings, readSettings } from './settings.ts';

const dir = mkdtempSync(join(tmpdir(), 'tapedeck-settings-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const binance = (more: Record<string, unknown>) => ({
  version: 1,
  venues: { binance: { markets: ['spot'], ...more } },
});

describe('settings', () => {
  it.each([
    [{ version: 1, venuse: {} }, 'unknown key "venuse"; did you mean "venues"?'],
    [
      { version: 1, venues: { binence: { markets: ['spot'] } } },
      'unknown key "binence" in venues; did you mean "binance"?',
    ],
    [binance({ symbol: ['BTCUSDT'] }), 'unknown key "symbol" in venues.binance; did you mean "symbols"?'],
    [
      binance({ endpoints: { spot: { wss: 'ws://x' } } }),
      'unknown key "wss" in venues.binance.endpoints.spot; did you mean "ws"?',
    ],
    [binance({ endpoints: { sport: {} } }), 'unknown key "sport" in venues.binance.endpoints; did you mean "spot"?'],
    [
      binance({ markets: ['spto'] }),
      'venues.binance.markets[0]: "spto" is none of "spot", "perp", "stock"; did you mean "spot"?',
    ],
    [binance({ markets: [] }), 'venues.binance.markets: []'],
    [binance({ lines: 3 }), 'venues.binance.lines: 3 must be 1 or 2'],
    [binance({ enabled: 'yes' }), 'venues.binance.enabled: "yes" must be a boolean'],
    [
      binance({ symbols: { quotes: ['USDT'] } }),
      'unknown key "quotes" in venues.binance.symbols; did you mean "quote"?',
    ],
    [
      binance({ symbols: 'some' }),
      'venues.binance.symbols: "some" must be "all", a list like ["BTCUSDT"], {"quote": ["USDT"]} or {"coin": ["BTC"]}',
    ],
    [
      binance({ symbols: ['btcusdt'] }),
      'venues.binance.symbols[0]: "btcusdt" is not written as the venue writes it; did you mean "BTCUSDT"?',
    ],
    [binance({ symbols: ['BTCUSDT', 'BTCUSDT'] }), 'venues.binance.symbols[1]: "BTCUSDT" is named twice'],
    [binance({ symbols: ['BTCUSDT, ETHUSDT'] }), 'holds a blank, comma or quote'],
    [
      binance({ endpoints: { spot: { ws: 'http://x' } } }),
      'venues.binance.endpoints.spot.ws: "http://x" must begin with ws:// or wss://',
    ],
    [{ version: 1, venues: { binance: {} } }, 'venues.binance.markets: array is missing'],
    [
      { version: 1, venues: { upbit: { markets: ['perp'] } } },
      'venues.upbit.markets[0]: upbit perp is not recorded by this version; it records binance (spot, perp), bybit (spot, perp), okx (spot, perp), kucoin (spot, perp), gate (spot, perp), phemex (spot, perp) and upbit (spot)',
    ],
    [{ version: 2 }, 'version: 2 must be 1'],
    [{ version: 1, notices: { upbit: { everySeconds: 0.1 } } }, 'notices.upbit.everySeconds: 0.1'],
    [[], 'the file: [] must be an object'],
  ])('%j is refused by name', (value, words) => {
    const checked = checkSettings(value, 'settings.json');
    expect(checked).toMatchObject({
      ok: false,
      failure: { code: 'settings.invalid', message: expect.stringContaining(`settings.json: `) },
    });
    expect(checked.ok ? '' : checked.failure.message).toContain(words);
  });

  it('names every trouble, not just the first', () => {
    const checked = checkSettings({ version: 1, a: 1, b: 2, venues: { upbit: { markets: ['spot'], c: 3 } } }, 'f');
    expect(checked.ok ? [] : checked.failure.detail).toMatchObject({
      issues: [expect.stringContaining('"c"'), expect.stringContaining('"a"'), expect.stringContaining('"b"')],
    });
  });

  it('reads a file, and says why it cannot', async () => {
    const path = join(dir, 's.json');
    expect(await readSettings(path)).toMatchObject({
      ok: false,
      failure: { code: 'settings.unreadable', message: expect.stringContaining(path) },
    });
    writeFileSync(path, '{"version":1,}');
    expect(await readSettings(path)).toMatchObject({
      ok: false,
      failure: { code: 'settings.not-json', message: expect.stringContaining(path) },
    });
    writeFileSync(path, '\uFEFF{"version":1}');
    expect(await readSettings(path)).toMatchObject({ ok: true, value: { venues: {}, retention: { hotHours: 2 } } });
  });

  it('writes live settings that it would read', () => {
    expect(checkSettings(JSON.parse(JSON.stringify(liveSettings())), 'x')).toEqual({
      ok: true,
      value: settingsSchema.parse(liveSettings()),
    });
  });
});

describe('data folder', () => {
  it('makes a missing one, or says that it is missing', () => {
    expect(prepareDataFolder(join(dir, 'none'), { create: false })).toMatchObject({
      ok: false,
      failure: { code: 'data.missing', message: expect.stringContaining(join(dir, 'none')) },
    });
    expect(prepareDataFolder(join(dir, 'a', 'b'), { create: true })).toEqual({ ok: true, value: join(dir, 'a', 'b') });
  });

  it('names a file in its place, itself or on the way', () => {
    writeFileSync(join(dir, 'file'), '');
    for (const path of [join(dir, 'file'), join(dir, 'file', 'deeper')]) {
      expect(prepareDataFolder(path, { create: true })).toMatchObject({
        ok: false,
        failure: { code: 'data.not-a-folder', message: expect.stringMatching(/choose another folder with --data/) },
      });
    }
  });

  it.runIf(process.getuid?.() !== 0)('names a folder that may not be written to', () => {
    const locked = join(dir, 'locked');
    mkdirSync(locked);
    chmodSync(locked, 0o555);
    expect(prepareDataFolder(locked, { create: true })).toMatchObject({
      ok: false,
      failure: { code: 'data.not-writable' },
    });
    chmodSync(locked, 0o755);
  });

  it('keeps real and simulated trades apart', () => {
    const folder = join(dir, 'purpose');
    mkdirSync(folder);
    expect(claimPurpose(folder, 'live').ok).toBe(true);
    mkdirSync(join(folder, 'journal'));
    writeFileSync(join(folder, 'journal', '00000000000000000001.journal'), '');
    expect(claimPurpose(folder, 'live').ok).toBe(true);
    expect(claimPurpose(folder, 'rehearsal')).toMatchObject({ ok: false, failure: { code: 'data.purpose' } });
  });

  it('does not say of a folder that it holds trades while it holds none: a first start that failed decides nothing', () => {
    const folder = join(dir, 'unused');
    mkdirSync(join(folder, 'journal'), { recursive: true });
    expect(claimPurpose(folder, 'rehearsal').ok).toBe(true);
    expect(claimPurpose(folder, 'live').ok).toBe(true);
    mkdirSync(join(folder, 'market-data', 'trade', 'year=2026'), { recursive: true });
    expect(claimPurpose(folder, 'rehearsal')).toMatchObject({ ok: false, failure: { code: 'data.purpose' } });
  });
});
