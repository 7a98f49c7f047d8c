// A coin sold by the thousand is found under its own name, and its quantities count coins.
import { expect, it } from 'vitest';
import type { Instrument } from '../../src-shared/market/instrument.ts';
import { inCoins } from './coin.ts';

const named = (base: string, contractSize: string | null = '1'): Instrument => ({
  venue: 'binance',
  market: 'perp',
  symbol: `${base}USDT`,
  base,
  quote: 'USDT',
  contractSize,
  state: 'trading',
  listedUs: null,
});

it.each([
  ['1000PEPE', '1', 'PEPE', '1000'],
  ['10000SATS', '1', 'SATS', '10000'],
  ['1000000MOG', '1', 'MOG', '1000000'],
  ['1MBABYDOGE', '1', 'BABYDOGE', '1000000'],
  ['1000SHIB', '0.1', 'SHIB', '100.0'],
  ['1000FLOKI', null, 'FLOKI', null],
  ['1INCH', '1', '1INCH', '1'],
  ['1000X', '1', '1000X', '1'],
  ['BTC', '0.01', 'BTC', '0.01'],
  ['100PEPE', '1', '100PEPE', '1'],
])('%s of %s coins is %s of %s', (base, size, coin, coins) => {
  expect(inCoins(named(base, size))).toMatchObject({ base: coin, contractSize: coins, symbol: `${base}USDT` });
});
