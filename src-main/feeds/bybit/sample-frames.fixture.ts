// Test fixture: one frame of every layout that Bybit sends, hand-made from its documents, with one to several rows. Never shipped.

const LINEAR =
  '{"T":1758841135823,"s":"BTCUSDT","S":"Buy","v":"0.020","p":"109378.90","L":"ZeroPlusTick","i":"2a74ac78-1c5f-5b31-9112-a178eb6023af","BT":false,"RPI":false,"seq":457514743450}';
const SPOT =
  '{"i":"2240000000970262966","T":1761520812163,"p":"114513.1","v":"0.00862","S":"Sell","seq":111156121170,"s":"BTCUSDC","BT":false,"RPI":true}';
const OLDER =
  '{"T":1672304486865,"s":"BTCUSDT","S":"Sell","v":"0.001","p":"16578.50","L":"PlusTick","i":"20f43950-d8dd-5b31-9112-a178eb6023af","BT":false}';

const linear = (...rows: string[]): string =>
  `{"topic":"publicTrade.BTCUSDT","type":"snapshot","ts":1758841135824,"data":[${rows.join(',')}]}`;
const spot = (...rows: string[]): string =>
  `{"topic":"publicTrade.BTCUSDC","ts":1761520812165,"type":"snapshot","data":[${rows.join(',')}]}`;
const another = (row: string, digit: number): string =>
  row.replace('23af"', `23a${digit}"`).replace('2966"', `296${digit}"`);

export const bybitSamples: readonly string[] = [
  linear(LINEAR),
  linear(LINEAR, another(LINEAR, 1), another(LINEAR, 2)),
  linear(OLDER),
  spot(SPOT),
  spot(SPOT, another(SPOT, 7), another(SPOT, 8), another(SPOT, 9)),
  spot(SPOT.replace('2240000000970262966', '970262966')),
  spot(SPOT.replace('114513.1', '90071992.547409930')),
  spot(SPOT.replace('0.00862', '90071992547409930.01')),
];

/** Rows of a sample. */
export function bybitRows(sample: string): number {
  return sample.split('"seq":').length - 1 || 1;
}
