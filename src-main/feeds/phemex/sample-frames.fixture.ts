// Test fixture: one frame of every layout that Phemex sends, hand-made from its documents. Never shipped.

const SPOT =
  '{"sequence":77702250,"symbol":"sBTCUSDT","trades":[[1591268224163281134,"Buy",24025000000,10576000]],"type":"incremental"}';
const PERP =
  '{"dts":1788346442564928876,"mts":1788346442406331636,"sequence":67412126177,"symbol":"BTCUSDT","trades_p":[[1788346442396240233,"Buy","76426.7","0.091"]]}';

export const phemexSamples: readonly string[] = [
  SPOT,
  PERP,
  // Two of one ns, two that are equal in all, newest first.
  '{"sequence":1167852,"symbol":"sBTCUSDT","trades":[[1573716998128563500,"Buy",867350000000,560000],[1573716995033683000,"Sell",867340000000,520000],[1573716995033683000,"Buy",867330000000,510000],[1573716988636291300,"Buy",867350000000,120000],[1573716988636291300,"Buy",867350000000,120000]],"type":"snapshot"}',
  '{"sequence":77663551,"symbol":"1000SHIBUSDT","trades_p":[[1666856062351916300,"Sell","0.011203","669"],[1666854025545354000,"Buy","0.0112","1"]],"type":"snapshot"}',
  '{"dts":1788346442564928876,"mts":1788346442406331636,"sequence":7,"symbol":"sIRENPUSD","trades":[[1788346442396240233,"Sell",1,9007199254740993]]}',
  // A contract settled in coins: price by 10^4, quantity in contracts.
  '{"sequence":17652789830,"symbol":"BTCUSD","trades":[[1625342246173227295,"Buy",330005000,10]],"type":"incremental"}',
  // Not newest first.
  '{"sequence":9,"symbol":"cETHUSD","trades":[[1625342246173227295,"Buy",22000000,10],[1625342246173227296,"Sell",22000500,11],[1625342246173226999,"Sell",22000500,12]],"type":"incremental"}',
];

/** A snapshot as it comes after a subscription: newest first. */
export function phemexSnapshot(symbol: string, rows: number): string {
  const spot = symbol.startsWith('s');
  const list = Array.from({ length: rows }, (_, i) => {
    const ns = 1788346442396240233n - BigInt(i) * 41_000_777n;
    const price = spot ? String(7642670000000 - i * 1000000) : `"${(76426.7 - i * 0.1).toFixed(1)}"`;
    const qty = spot ? String(9100000 + i * 100) : `"${(0.091 + i * 0.001).toFixed(3)}"`;
    return `[${ns},"${i % 3 === 0 ? 'Sell' : 'Buy'}",${price},${qty}]`;
  });
  return `{"sequence":67412126177,"symbol":"${symbol}","${spot ? 'trades' : 'trades_p'}":[${list.join(',')}],"type":"snapshot"}`;
}
