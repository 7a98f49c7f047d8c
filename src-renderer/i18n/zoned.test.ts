// The recorder's times in the reader's zone: the same moment under the right label, and nothing touched that says no zone.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatIso, parseIso } from '../../src-shared/base/time.ts';
import { textsOf } from './text.ts';
import { inZone } from './zoned.ts';

const gap =
  'gap 8-297 (sequence, repairing) from 09:02:39.191 to 09:02:42.198 UTC, ids after 297 and before 300 lies inside the window';
const growing = 'gap 3-1 (disconnect, open) from 2026-11-20 23:59:58.000 still growing UTC lies inside the window';

describe('a sentence of the recorder', () => {
  it('keeps its UTC where the reader chose UTC', () => {
    for (const language of ['en', 'ko'] as const) {
      expect(textsOf(language, 'UTC').common.reason(gap)).toMatch(/09:02:39\.191.*09:02:42\.198 UTC/);
    }
  });

  it.each([
    ['en', gap, 'from 18:02:39.191 to 18:02:42.198 KST,'],
    ['ko', gap, ' 18:02:39.191~18:02:42.198 KST,'],
    ['en', growing, 'from 2026-11-21 08:59:58.000 still growing KST lies'],
    ['ko', growing, ' 2026-11-21 08:59:58.000 KST부터 진행 중'],
    [
      'en',
      'no line covered 2026-12-31 15:00:00.000 to 2027-01-01 14:59:00.000 UTC, and no id beyond it is known',
      'no line covered 2027-01-01 00:00:00.000 to 2027-01-01 23:59:00.000 KST, and',
    ],
    [
      'ko',
      'no line covered 2026-12-31 14:59:59.999 to 2026-12-31 15:00:00.000 UTC',
      '2026-12-31 23:59:59.999~2027-01-01 00:00:00.000 KST를 수신한',
    ],
    ['en', 'no line covered 14:59:40.000 to 15:00:20.000 UTC', '23:59:40.000 to 00:00:20.000 KST'],
    ['ko', "the venue's list no longer holds it since 09:00:00.000 UTC", '18:00:00.000 KST부터'],
    [
      'en',
      'the window is not over yet: the store has read until 09:00:41.000 UTC, 1 s are missing',
      'until 18:00:41.000 KST, 1 s',
    ],
    [
      'ko',
      'the venue lists the instrument at 09:00:00.000 UTC, inside or after the window',
      '상장 시각 18:00:00.000 KST',
    ],
    [
      'ko',
      "the minute 09:02:00.000 UTC differs from the venue's candle: candle says 2 in 2 trades, stored 1 in 1 trades",
      '18:02:00.000 KST의 1분이',
    ],
    [
      'en',
      'nothing is being recorded; the last record is of 2026-11-20T15:04:05.123456Z',
      'of 2026-11-21 00:04:05.123456 KST',
    ],
  ] as const)('is told in KST, in %s: %s', (language, said, shown) => {
    const { reason } = textsOf(language, 'KST').common;
    expect(reason(said)).toContain(shown);
    expect(reason(said)).not.toMatch(/UTC|\dZ/);
  });

  it('says the times of lines and work in KST too', () => {
    const note = 'POD around 2026-11-21T12:49:15.000000Z: 7 trades, incomplete, in /data/exports/POD-20261121T124915Z';
    expect(textsOf('en', 'KST').common.note(note)).toBe(
      'POD around 2026-11-21 21:49:15.000000 KST: 7 trades, incomplete, in /data/exports/POD-20261121T124915Z',
    );
    expect(textsOf('ko', 'KST').common.note(note)).toContain('POD 2026-11-21 21:49:15.000000 KST 전후');
  });

  it('is the same text for as long as neither language nor zone changes', () => {
    expect(textsOf('ko', 'KST')).toBe(textsOf('ko', 'KST'));
    expect(textsOf('ko', 'KST')).not.toBe(textsOf('ko', 'UTC'));
  });
});

describe('a time', () => {
  it.each([
    'retry at 09:00:00',
    'until 18:00:00.000 KST',
    '12:34 UTC',
    'trade 09:00:00 UTCX',
    'at 29:00:00 UTC',
    'no line covered 09:00:00.000 to 24:61:00.000 UTC',
    'x2026-11-20 09:00:00 UTC',
    '/data/2026-11-20T09:00:00Z',
    'HTTP 400: {"from":"2026-11-20T09:00:00Z"}',
    'POD-20261121T124915Z',
    '2026-11-20T09:00:00',
    '',
  ])('is left as it is where it is not one of the recorder with its label: %j', (text) => {
    expect(inZone(text, 'KST')).toBe(text);
  });

  it('is the same moment in both zones, whichever it is', () => {
    const moment = fc.integer({ min: 0, max: Date.UTC(2200, 0) }).map((ms) => ms * 1000);
    fc.assert(
      fc.property(moment, moment, (fromUs, toUs) => {
        const [from, to] = [formatIso(fromUs), formatIso(toUs)];
        const plain = [from, to].map((time) => time.replace('T', ' ').slice(0, 23)).join(' to ');
        const times = inZone(`no line covered ${plain} UTC`, 'KST')
          .replace('no line covered ', '')
          .split(/ to | KST/);
        expect(times.slice(0, 2).map((time) => parseIso(`${time} KST`))).toEqual([fromUs, toUs]);
        expect(parseIso(inZone(from, 'KST'))).toBe(fromUs);
      }),
    );
  });
});
