// Test fixture: one frame of every OKX layout, hand-made from the API guide. Never shipped.

const frame = (channel: string, instId: string, row: string): string =>
  `{"arg":{"channel":"${channel}","instId":"${instId}"},"data":[{"instId":"${instId}",${row}}]}`;

export const okxSamples: readonly string[] = [
  frame(
    'trades-all',
    'BTC-USDT',
    '"tradeId":"130639474","px":"42219.9","sz":"0.12060306","side":"buy","source":"0","ts":"1630048897897"',
  ),
  frame(
    'trades-all',
    'BTC-USDT',
    '"tradeId":"130639475","px":"42219.90","sz":"1","side":"sell","ts":"1781416438926","source":"1","seqId":987654321',
  ),
  frame(
    'trades-all',
    'BTC-USDT-SWAP',
    '"tradeId":"84834539","px":"42.52","sz":"3.75","side":"buy","ts":"1697760012017"',
  ),
  frame(
    'trades-all',
    'BTC-USDT',
    '"tradeId":"9007199254740993","px":"90071992547.40993001","sz":"0.00000001","side":"sell","source":"0","ts":"1781416438926","seqId":1',
  ),
  frame(
    'trades',
    'ETH-USDT-SWAP',
    '"tradeId":"1052","px":"2681.62","sz":"17","side":"sell","ts":"1781416438926","count":"3","source":"0","seqId":1234',
  ),
  frame('trades', 'ETH-USDT', '"tradeId":"77","px":"2681.62","sz":"1.5","side":"buy","ts":"1781416438926","count":"1"'),
  frame('trades', 'UNI-USD-SWAP', '"tradeId":"12883020","px":"5.123","sz":"100","side":"sell","ts":"1652459215150"'),
];

/** Two trades in one frame: not what the venue sends today, yet readable. */
export const okxPair =
  '{"arg":{"channel":"trades","instId":"ETH-USDT"},"data":[{"instId":"ETH-USDT","tradeId":"10","px":"1.5","sz":"2","side":"sell","ts":"1652459215150"},{"instId":"ETH-USDT","tradeId":"11","px":"1.6","sz":"2","side":"buy","ts":"1652459215150"}]}';
