// Tests of what an operator is told before settings are applied: every difference once, and honestly what it costs.
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ok } from '../../src-shared/base/result.ts';
import { settingsSchema } from '../../src-shared/contract/settings.ts';
import { silentLog } from '../base/log.ts';
import { Router } from './router.ts';
import { judgeSettings } from './settings.ts';
import { changesBetween } from './settings-change.ts';
import { previewSymbols } from './settings-preview.ts';
import { keepVersion, listVersions, readVersion, VERSIONS_KEPT } from './settings-versions.ts';

const dir = mkdtempSync(join(tmpdir(), 'tapedeck-change-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const upbit = { markets: ['spot'], symbols: { quote: ['KRW'] } };
const settings = (value: object) => settingsSchema.parse({ version: 1, ...value });

describe('what changes', () => {
  it('is named by place, with what it does', () => {
    const before = settings({
      venues: { upbit, okx: { markets: ['spot'] }, gate: { markets: ['spot'], enabled: false } },
    });
    const after = settings({
      venues: {
        upbit: { ...upbit, lines: 2, symbols: ['KRW-BTC'] },
        okx: { markets: ['spot'], enabled: false },
        gate: { markets: ['spot', 'perp'], enabled: false },
        bybit: { markets: ['spot'] },
      },
      alerts: { lagSeconds: 5 },
      notices: { upbit: {} },
    });
    const seen = changesBetween(before, after).map(({ path, effect }) => `${path.join('.')} ${effect}`);
    expect(seen.sort()).toEqual([
      'alerts.lagSeconds at-once',
      'notices.upbit at-once',
      'venues.bybit opens',
      'venues.gate.markets at-once',
      'venues.okx.enabled closes',
      'venues.upbit.lines reopens',
      'venues.upbit.symbols reopens',
    ]);
    expect(changesBetween(before, before)).toEqual([]);
  });

  it('gives every issue its place, for the field that it belongs to', () => {
    const draft = {
      version: 1,
      venuse: {},
      venues: { upbit: { ...upbit, lines: 3 } },
      notices: { upbit: { everySeconds: 0.1 } },
    };
    expect(
      judgeSettings(draft)
        .issues.map(({ path }) => path.join('.'))
        .sort(),
    ).toEqual(['notices.upbit.everySeconds', 'venues.upbit.lines', 'venuse']);
    const words = { version: 1, venues: { upbit: { ...upbit, symbols: ['KRW-BTC', 'krw-eth'] } } };
    expect(judgeSettings(words)).toMatchObject({
      settings: null,
      issues: [
        { path: ['venues', 'upbit', 'symbols', 1], message: expect.stringContaining('did you mean "KRW-ETH"?') },
      ],
    });
    expect(judgeSettings({ version: 1, disk: { warnBytes: 1, haltBytes: 2 } }).issues).toMatchObject([
      { path: ['disk', 'warnBytes'] },
    ]);
  });
});

describe('older versions', () => {
  it('are kept, the last ten, and nothing else is ever read', async () => {
    const path = join(dir, 'settings.json');
    expect(await keepVersion(path, 1e15)).toMatchObject({ ok: true });
    expect(await listVersions(path)).toEqual([]);
    for (let n = 0; n < VERSIONS_KEPT + 3; n += 1) {
      writeFileSync(path, JSON.stringify({ version: 1, n }));
      expect(await keepVersion(path, 1e15 + n * 1000)).toMatchObject({ ok: true });
    }
    const versions = await listVersions(path);
    expect(versions).toHaveLength(VERSIONS_KEPT);
    expect(readdirSync(join(dir, 'settings.versions'))).toHaveLength(VERSIONS_KEPT);
    expect(versions[0]?.savedUs).toBe(1e15 + 12_000);
    expect(await readVersion(path, versions[0]?.name ?? '')).toEqual({ ok: true, value: { version: 1, n: 12 } });
    expect(await readVersion(path, '../settings.json')).toMatchObject({ ok: false });
  });
});

describe('what a choice of symbols makes', () => {
  it('is counted out of the lists that were kept, and says what it does not know', async () => {
    const router = new Router(silentLog());
    const limit = { venue: 'phemex', streamsPerConnection: 2, connectionsPerAddress: 5 };
    router.own('collector', {
      request: async () =>
        ok({
          markets: [
            { ...limit, market: 'spot' },
            { ...limit, market: 'perp' },
          ],
        }),
    });
    const folder = join(dir, 'record');
    mkdirSync(join(folder, 'symbols'), { recursive: true });
    const one = (symbol: string, quote: string, state: string) => ({
      venue: 'phemex',
      market: 'spot',
      symbol,
      base: symbol.slice(1, 4),
      quote,
      contractSize: '1',
      state,
      listedUs: null,
    });
    writeFileSync(
      join(folder, 'symbols', 'phemex-spot.json'),
      JSON.stringify([
        one('sBTCUSDT', 'USDT', 'trading'),
        one('sETHUSDT', 'USDT', 'trading'),
        one('sSOLUSDT', 'USDT', 'trading'),
        one('sBTCEUR', 'EUR', 'trading'),
        one('sOLDUSDT', 'USDT', 'ended'),
      ]),
    );
    const seat = { router, log: silentLog(), recordDir: () => folder };
    const ask = { venue: 'phemex', markets: ['spot', 'perp'], lines: 2 } as const;
    expect(await previewSymbols(seat, { ...ask, markets: [...ask.markets], symbols: { quote: ['USDT'] } })).toEqual({
      markets: [
        { market: 'spot', listed: 4, chosen: 3, unknown: [], connections: 4, allowed: 5 },
        { market: 'perp', listed: null, chosen: null, unknown: [], connections: null, allowed: 5 },
      ],
    });
    const named = await previewSymbols(seat, { ...ask, markets: ['spot'], symbols: ['sBTCUSDT', 'sBTCUSD'] });
    expect(named.markets).toMatchObject([{ chosen: 2, unknown: ['sBTCUSD'], connections: 2 }]);
  });
});
