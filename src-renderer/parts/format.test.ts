// Figures as people read them; a wrong unit or zone would be believed.
import { describe, expect, it } from 'vitest';
import { parseIso } from '../../src-shared/base/time.ts';
import { en } from '../i18n/en.ts';
import { ko } from '../i18n/ko.ts';
import {
  baseName,
  formatAge,
  formatBareClock,
  formatBytes,
  formatClock,
  formatCount,
  formatDuration,
  formatOffset,
  formatPercent,
  formatPrice,
  formatRate,
  formatShare,
  formatShort,
  formatSpan,
  formatTime,
  NOTHING,
} from './format.ts';

const at = parseIso('2026-11-20T15:04:05.123456Z') ?? 0;

describe('numbers', () => {
  it('group digits and say nothing for nothing', () => {
    expect(formatCount(1234567)).toBe('1,234,567');
    expect(formatCount(null)).toBe(NOTHING);
    expect(formatCount(Number.NaN)).toBe(NOTHING);
    expect(formatRate(0)).toBe('0');
    expect(formatRate(3.14)).toBe('3.1');
    expect(formatRate(104_233.7)).toBe('104,234');
  });

  it('shorten for axes', () => {
    expect([0, 999, 1500, 2_000_000, 3e9].map(formatShort)).toEqual(['0', '999', '1.5k', '2M', '3G']);
  });

  it('write bytes in binary units', () => {
    expect([0, 1023, 1536, 5 * 1024 ** 3, 200 * 1024 ** 3].map(formatBytes)).toEqual([
      '0 B',
      '1023 B',
      '1.5 KiB',
      '5.0 GiB',
      '200 GiB',
    ]);
  });

  it('write prices without exponents', () => {
    expect(formatPrice(0.0000401084)).toBe('0.0000401084');
    expect(formatPrice(61837.63)).toBe('61,837.6');
    expect(formatPrice(3.5)).toBe('3.5');
    expect(formatPrice(1_234_567)).toBe('1,234,567');
    expect(formatPrice(0)).toBe('0');
  });

  it('always sign percents and offsets', () => {
    expect(formatPercent(12.345)).toBe('+12.35 %');
    expect(formatPercent(-0.5, 1)).toBe('−0.5 %');
    expect(formatPercent(0)).toBe('±0.00 %');
    expect([-20, 0, 3.5].map(formatOffset)).toEqual(['−20 s', 't0', '+3.5 s']);
  });

  it('never round a part to the whole, nor away', () => {
    const shares = [0, 1 / 5000, 0.001, 0.0314, 0.42, 0.996, 4999 / 5000, 1, null];
    expect(shares.map(formatShare)).toEqual([
      '0 %',
      '< 0.1 %',
      '0.1 %',
      '3.1 %',
      '42 %',
      '99.6 %',
      '> 99.9 %',
      '100 %',
      '–',
    ]);
  });
});

describe('durations', () => {
  it('take the unit that fits, without gaps between the units', () => {
    const written = [0.42, 9.96, 999.4, 999.6, 59_949, 59_950, 90_000, 3_599_600, 7_500_000, 2.5 * 86_400_000];
    expect(written.map((ms) => formatDuration(ms, en.units))).toEqual([
      '0.4 ms',
      '10 ms',
      '999 ms',
      '1.0 s',
      '59.9 s',
      '1 m 00 s',
      '1 m 30 s',
      '1 h 00 m',
      '2 h 05 m',
      '2 d 12 h',
    ]);
    expect(formatDuration(-1500, en.units)).toBe('−1.5 s');
    expect(formatDuration(null, en.units)).toBe(NOTHING);
  });

  it('speak Korean', () => {
    expect(formatDuration(90_000, ko.units)).toBe('1분 30초');
    expect(formatDuration(812 * 3_600_000, ko.units)).toBe('33일 20시간');
    expect(formatAge(12_340, ko.units)).toBe('12초');
    expect(formatAge(10, en.units)).toBe('1 s');
  });
});

describe('times', () => {
  it('carry their zone, and roll the day over in Korea', () => {
    expect(formatTime(at, 'UTC')).toBe('2026-11-20 15:04:05 UTC');
    expect(formatTime(at, 'KST')).toBe('2026-11-21 00:04:05 KST');
    expect(formatTime(at, 'KST', 'micro')).toBe('2026-11-21 00:04:05.123456 KST');
    expect(formatClock(at, 'UTC', 'milli')).toBe('15:04:05.123 UTC');
    expect(formatClock(at, 'UTC', 'minute')).toBe('15:04 UTC');
    const day = formatTime(at, 'UTC').slice(0, 10);
    expect(formatSpan(at, at + 3_600_000_000, 'UTC')).toBe(`${day} 15:04 – 16:04 UTC`);
    expect(formatSpan(at - 86_400_000_000, at, 'UTC')).toMatch(new RegExp(`^\\S+ 15:04 – ${day} 15:04 UTC$`));
    expect(formatBareClock(at, 'KST')).toBe('00:04:05');
    expect(formatTime(null, 'UTC')).toBe(NOTHING);
  });
});

describe('paths', () => {
  it('end in their last name on every system', () => {
    expect(baseName('/data/exports/SOL-20261120T090000Z')).toBe('SOL-20261120T090000Z');
    expect(baseName('C:\\data\\exports\\SOL\\')).toBe('SOL');
    expect(baseName('SOL')).toBe('SOL');
  });
});
