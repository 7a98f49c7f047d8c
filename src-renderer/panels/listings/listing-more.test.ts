// The small decisions around a listing: which address may be opened, what was preferred, which window is meant, who leads.
import { expect, it } from 'vitest';
import type { Manifest } from '../../../src-shared/market/listing.ts';
import { parseAlerts } from './alert-preferences.ts';
import { fileAddress, filesOf } from './files.ts';
import { safeAddress } from './source-table.tsx';
import { bestLead, firstPrice, shownStreams } from './window/streams.ts';
import { jobOfItem, windowItem } from './window/window-item.ts';

it('opens https and nothing else', () => {
  expect(safeAddress('https://upbit.com/notice?id=1')).toBe('https://upbit.com/notice?id=1');
  for (const url of [
    null,
    '',
    'http://upbit.com/',
    'javascript:alert(1)',
    ' javascript:alert(1)',
    'data:text/html,x',
    'https://user:word@upbit.com/',
    '//upbit.com/',
    'file:///etc/passwd',
  ])
    expect(safeAddress(url), String(url)).toBeNull();
});

it('reads preferences piece by piece, and off when in doubt', () => {
  expect(parseAlerts('{"sound":true,"system":"yes"}')).toEqual({ sound: true, system: false });
  for (const text of [null, '{broken', 'null', '[]', '7'])
    expect(parseAlerts(text)).toEqual({ sound: false, system: false });
});

it('tells a window from a listing by its address', () => {
  expect(jobOfItem(windowItem('a:b'))).toBe('a:b');
  for (const item of [null, '', 'upbit:1', 'operator:window:1']) expect(jobOfItem(item)).toBeNull();
});

const stream = (instrument: string, rows: number): Manifest['streams'][number] => ({
  instrument,
  venue: 'upbit',
  market: 'spot',
  symbol: instrument,
  channel: 'trade',
  rows,
  verdict: 'proven',
  reasons: [],
  gaps: [],
});
const lead = (by: 'abnormal' | 'move', ...names: string[]) => ({
  by,
  order: names.map((instrument, at) => ({ instrument, channel: 'trade', us: at, lagUs: at * 1000, recvLagUs: null })),
});
const manifest: Manifest = {
  version: 1,
  coin: 'X',
  window: { fromUs: 0, toUs: 10 },
  clocks: { publishedUs: 5, detectedUs: 6, atUs: 5, firstTradeUs: {} },
  leads: [lead('abnormal', 'b'), lead('move', 'b', 'a')],
  streams: [stream('none', 0), stream('a', 3), stream('b', 2)],
  files: [{ path: 'trades.csv', format: 'csv', rows: 5, sha256: 'f', bytes: 9 }],
  createdUs: 20,
};

it('leads by the measure that tells of most streams, and puts silent streams last', () => {
  expect(bestLead(manifest)?.by).toBe('move');
  const shown = shownStreams(manifest);
  expect(shown.map((one) => [one.stream.instrument, one.lagUs])).toEqual([
    ['a', 1000],
    ['b', 0],
    ['none', null],
  ]);
  expect(shown.map(firstPrice)).toEqual([null, null, null]);
  const { leads: _, ...without } = manifest;
  expect(bestLead(without)).toBeNull();
});

it('names the files of an extract, safe in an address', () => {
  expect(filesOf(manifest).map(({ path, rows }) => [path, rows])).toEqual([
    ['report.html', null],
    ['trades.csv', 5],
    ['manifest.json', null],
  ]);
  expect(fileAddress('/data/exports/코인 #1', 'a?b.csv')).toBe('/exports/%EC%BD%94%EC%9D%B8%20%231/a%3Fb.csv');
});
