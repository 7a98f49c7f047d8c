// Every recorded KuCoin frame, spot, linear and inverse, decodes to what it holds.
import { describeBaseQuantities, describeRecorded, found, type ScannedRow } from '../recorded.fixture.ts';
import type { RecordedFrame } from '../recorded-frames.fixture.ts';
import { kucoinPerp, kucoinSpot } from './kucoin.ts';

function rows({ raw, market }: RecordedFrame): readonly ScannedRow[] {
  const row = {
    symbol: found(raw, /"symbol":"([^"]+)"/),
    channel: market === 'spot' ? 'match' : 'execution',
    id: found(raw, /"tradeId":"([^"]+)"/),
    price: found(raw, /"price":"?([\d.]+)/),
    qty: found(raw, /"size":"?([\d.]+)/),
    side: found(raw, /"side":"(\w+)"/),
    eventUs: Number(found(raw, /"(?:time|ts)":"?(\d{16})\d{3}\b/)),
  };
  return [row];
}

/** BTC/USDT is BTC-USDT on spot and XBTUSDTM, XBTUSDM or XBTMH21 among the contracts. */
const isPair = (pair: string, symbol: string): boolean =>
  symbol === pair.replace('/', '-') || symbol.startsWith(pair.replace(/\/.*/, '').replace('BTC', 'XBT'));

const feedOf = (frame: RecordedFrame) => (frame.market === 'spot' ? kucoinSpot : kucoinPerp);

describeRecorded('kucoin', feedOf, rows, { isPair });
// The list of contracts is not recorded; the multiplier is that of GET /api/v1/contracts/XBTUSDTM.
describeBaseQuantities('kucoin', feedOf, [[kucoinSpot, 'KUCOIN.0.06']], 2, { XBTUSDTM: '0.001' });
