// Test fixture: one frame of every layout that KuCoin sends or sent, hand-made from its documents. Never shipped.

export const kucoinSpotSamples: readonly string[] = [
  '{"topic":"/market/match:BTC-USDT","type":"message","subject":"trade.l3match","data":{"makerOrderId":"6a6717c36bce220007404013","price":"65215.6","sequence":"23715934308417536","side":"sell","size":"0.04915634","symbol":"BTC-USDT","takerOrderId":"6a6717cb536fcb0007901fdd","time":"1785141195448000000","tradeId":"23715934308417536","type":"match"}}',
  '{"topic":"/market/match:LYXe-USDT","type":"message","subject":"trade.l3match","data":{"symbol":"LYXe-USDT","price":"3.120","size":"12","side":"buy","sequence":"9007199254740991","tradeId":"9007199254740991","time":"1785141195448123456","type":"match"}}',
  '{"data":{"symbol":"SNX-BTC","sequence":"1612712745710","side":"buy","size":"12.2091","price":"0.00028776","takerOrderId":"6085c0a36ac0850006c4b00b","time":"1619378339919173052","type":"match","makerOrderId":"6085c0a082ed340006c05dd9","tradeId":"6085c0a378577837f306b46e"},"subject":"trade.l3match","topic":"/market/match:SNX-BTC","type":"message"}',
  '{"type":"message","topic":"/market/match:BTC-USDT","subject":"trade.l3match","data":{"sequence":"1545896669145","type":"match","symbol":"BTC-USDT","side":"buy","price":"0.08200000000000000000","size":"0.01022222000000000000","tradeId":"5c24c5da03aa673885cd67aa","takerOrderId":"5c24c5d903aa6772d55b371e","makerOrderId":"5c2187d003aa677bd09d5c93","time":"1545913818099033203"}}',
];

export const kucoinPerpSamples: readonly string[] = [
  '{"topic":"/contractMarket/execution:XBTUSDTM","type":"message","subject":"match","sn":1942648200120,"data":{"symbol":"XBTUSDTM","sequence":1942648200120,"side":"buy","size":2,"price":"76468.6","takerOrderId":"484590665674690560","makerOrderId":"484590651955064832","tradeId":"1942648200120","ts":1788348620000000000}}',
  '{"topic":"/contractMarket/execution:ETHUSDTM","type":"message","subject":"match","data":{"symbol":"ETHUSDTM","sequence":1743169228057,"side":"sell","size":5,"price":"3137.30","takerOrderId":"166754573174730752","makerOrderId":"166754559966867456","tradeId":"1743169228057","ts":1712570590399000000}}',
  '{"data":{"makerUserId":"5e568500eb029b0008715785","symbol":"XBTUSDTM","sequence":8267947,"side":"buy","size":16,"price":57850.5,"takerOrderId":"6057bc95660a7d0006dc1171","makerOrderId":"6057bc92652ce800067e841a","takerUserId":"601f35b4d42fad0006b2df21","tradeId":"6057bc953c7feb667195bac9","ts":1616362645429686578},"subject":"match","topic":"/contractMarket/execution:XBTUSDTM","type":"message"}',
  '{"data":{"symbol":"SHIBUSDTM","sequence":31319,"side":"sell","size":1510,"price":9.1E-6,"ts":1616363046546528915,"tradeId":"6057be2677a0c431d1d1f5b6"},"subject":"match","topic":"/contractMarket/execution:SHIBUSDTM","type":"message"}',
];

/** A row of GET /api/v1/market/histories and one of GET /api/v1/trade/history, of the first frame of each kind. */
export const kucoinSpotRow =
  '{"sequence":"23715934308417536","price":"65215.6","size":"0.04915634","side":"sell","time":1785141195448000000}';
export const kucoinPerpRow =
  '{"sequence":1942648200120,"contractId":1,"tradeId":"1942648200120","makerOrderId":"484590651955064832","takerOrderId":"484590665674690560","ts":1788348620000000000,"size":2,"price":"76468.6","side":"buy"}';
