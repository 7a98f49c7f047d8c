// A candle's volume keeps every digit, whatever form the venue writes it in; what is no volume is refused.
import { describe, expect, it } from 'vitest';
import { countOf, minuteUs, volumeText } from './candle-cells.ts';
import { JsonNumber } from './exact-json.ts';

describe('volumes', () => {
  it.each([
    ['12.34567890123456789', '12.34567890123456789'],
    ['0', '0'],
    ['1E+2', '100'],
    ['1.5e3', '1500'],
    ['1.23456e2', '123.456'],
    ['1e-8', '0.00000001'],
    ['9.37e-5', '0.0000937'],
    ['0.00', '0.00'],
  ])('%s is %s', (written, plain) => {
    expect(volumeText(new JsonNumber(written))).toBe(plain);
    expect(volumeText(written)).toBe(plain);
  });

  it.each(['', '-1', 'NaN', '1.', '.5', '1e', '1e999', '0x10', '1 ', '1'.repeat(41)])('%s is refused', (written) => {
    expect(volumeText(written)).toBeUndefined();
  });

  it('refuses what is neither text nor number', () => {
    expect(volumeText(null)).toBeUndefined();
    expect(volumeText(undefined)).toBeUndefined();
    expect(volumeText([])).toBeUndefined();
  });
});

describe('minutes and counts', () => {
  it('are whole', () => {
    expect(minuteUs(new JsonNumber('1795000020000'))).toBe(1_795_000_020_000_000);
    expect(minuteUs(new JsonNumber('1795000020001'))).toBeUndefined();
    expect(minuteUs('1795000020000')).toBeUndefined();
    expect(countOf(new JsonNumber('17'))).toBe(17);
    expect(countOf(new JsonNumber('17.0'))).toBeUndefined();
    expect(countOf(new JsonNumber('18446744073709551615'))).toBeUndefined();
  });
});
