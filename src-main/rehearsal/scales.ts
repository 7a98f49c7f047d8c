// Choosing ticks, lots and zeros of an instrument: what every venue's naming needs.
import { POWERS_OF_TEN } from './bytes.ts';

/** Exact powers of ten, from 10^-15 on. */
export function powerOfTen(exponent: number): number {
  return exponent >= 0
    ? (POWERS_OF_TEN[exponent] ?? 10 ** exponent)
    : 1 / (POWERS_OF_TEN[-exponent] ?? 10 ** -exponent);
}

export function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
