// Every recorded Phemex frame holds as many trades for us as it holds, oldest first, with the same digits.
import { formatDecimal } from '../../../src-shared/base/decimal.ts';
import { describeRecorded, found, type ScannedRow } from '../recorded.fixture.ts';
import type { RecordedFrame } from '../recorded-frames.fixture.ts';
import { phemexPerp, phemexSpot } from './phemex.ts';

/** Rows are found by a pattern, newest first as all recorded frames have them; equal times keep that order, so reversing is enough. */
function rows({ raw, market }: RecordedFrame): readonly ScannedRow[] {
  const symbol = found(raw, /"symbol":"([^"]+)"/);
  const spot = market === 'spot';
  const list = [...raw.matchAll(/\[(\d{16})(\d{3}),"(Buy|Sell)",(\d+),(\d+)\]/g)];
  return list.reverse().map(([, us = '', ns = '', side, price = '', qty = '']) => ({
    symbol,
    channel: 'trade',
    id: `${us}${ns}-${side === 'Buy' ? 'b' : 's'}-${price}-${qty}`,
    firstIdNumber: -1,
    price: formatDecimal(BigInt(price), spot ? 8 : 4),
    qty: formatDecimal(BigInt(qty), spot ? 8 : 0),
    side: side === 'Buy' ? 'buy' : 'sell',
    eventUs: Number(us),
  }));
}

describeRecorded('phemex', ({ market }) => (market === 'spot' ? phemexSpot : phemexPerp), rows);
