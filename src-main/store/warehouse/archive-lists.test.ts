// The lists of streams and instruments that queries use are read again when they may have changed, whoever changed them, and only then.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Instrument } from '../../../src-shared/market/instrument.ts';
import { openArchive } from './archive.ts';
import { type Catalog, openCatalog } from './catalog.ts';

let dir: string;
let catalog: Catalog;
let archive: ReturnType<typeof openArchive>;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tapedeck-lists-'));
  catalog = openCatalog(dir);
  const unused = {} as Parameters<typeof openArchive>[0];
  archive = openArchive({ ...unused, dataDir: dir, catalog }, () => 0);
});
afterEach(() => {
  catalog.close();
  rmSync(dir, { recursive: true, force: true });
});

const stream = (no: number) => ({ no, venue: 'okx', market: 'perp', symbol: `C${no}`, channel: 'trades-all' }) as const;
const contract = (symbol: string, contractSize: string): Instrument => ({
  venue: 'okx',
  market: 'perp',
  symbol,
  base: symbol,
  quote: 'USDT',
  contractSize,
  state: 'trading',
  listedUs: null,
});

test('what is written is there at once; what is not written is not read again', () => {
  expect(archive.streams()).toEqual([]);
  catalog.streams.put([stream(1)], 0);
  const seen = archive.streams();
  expect(seen).toEqual([stream(1)]);
  expect(archive.streams()).toBe(seen);
  catalog.instruments.put([contract('C1', '0.1')], 10);
  expect(archive.streamRow(stream(1))).toMatchObject({ contractSize: '0.1', sizedUs: 0 });
  catalog.instruments.put([contract('C1', '0.01')], 20);
  expect(archive.streamRow(stream(1))).toMatchObject({ contractSize: '0.01', sizedUs: 20 });
});

test('what another process writes is there at once, too', () => {
  expect(archive.streams()).toEqual([]);
  const other = openCatalog(dir);
  other.streams.put([stream(1)], 0);
  other.close();
  expect(archive.streams()).toEqual([stream(1)]);
});

test('what was seen inside a step that was taken back is not kept', () => {
  expect(() =>
    catalog.transaction(() => {
      catalog.streams.put([stream(1)], 0);
      expect(archive.streams()).toEqual([stream(1)]);
      throw new Error('taken back');
    }),
  ).toThrow('taken back');
  expect(archive.streams()).toEqual([]);
});
