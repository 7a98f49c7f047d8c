// The coin of an instrument as people know it: venues sell cheap coins by the thousand under names like 1000PEPE or 1MBABYDOGE.
import { multiplyDecimals } from '../../src-shared/base/decimal.ts';
import type { Instrument } from '../../src-shared/market/instrument.ts';

/** 1000PEPE, 10000SATS, 1000000MOG; 1M in front of at least four letters (1MBABYDOGE). */
const BUNDLE = /^(?:(10{3,6})(?=[A-Z]{2})|1M(?=[A-Z]{4}))/;

/** The same instrument with its base named as the coin and its contract size in coins: a listing of PEPE concerns 1000PEPEUSDT too. */
export function inCoins(instrument: Instrument): Instrument {
  const found = BUNDLE.exec(instrument.base);
  if (!found) return instrument;
  const base = instrument.base.slice(found[0].length);
  const { contractSize } = instrument;
  if (contractSize === null) return { ...instrument, base };
  return { ...instrument, base, contractSize: multiplyDecimals(contractSize, found[1] ?? '1000000') ?? null };
}
