// Test fixture: one frame of every Gate layout, hand-made from the v4 pages. Never shipped.

const spot = (row: string, head = '"time":1788336082,"time_ms":1788336082402,'): string =>
  `{${head}"channel":"spot.trades","event":"update","result":{${row}}}`;
const futures = (rows: string, head = '"time":1788347173,"time_ms":1788347173800,'): string =>
  `{${head}"channel":"futures.trades","event":"update","result":[${rows}]}`;

const TAIL = '"side":"sell","currency_pair":"BTC_USDT","amount":"0.000021","price":"77474"';

export const gateSamples: readonly string[] = [
  spot(
    `"id":217831625,"id_market":217831625,"create_time":1788336082,"create_time_ms":"1788336082402.208000",${TAIL},"range":"217831625-217831625"`,
  ),
  spot(
    `"id":217831625,"id_market":217831625,"create_time_ms":"1788336082402.208",${TAIL},"range":"217831623-217831625"`,
    '"time_ms":1788336082402,',
  ),
  spot(
    `"id":217831625,"create_time":1788336082,"create_time_ms":"1788336082402.2084",${TAIL.replace('sell', 'buy')}`,
    '"time":1788336082,',
  ),
  spot(
    `"id":9007199254740993,"id_market":9007199254740993,"create_time_ms":"1788336082402",${TAIL.replace('77474', '90071992547.40993001')},"range":"9007199254740993-9007199254740993"`,
  ),
  futures(
    '{"id":825348721,"size":-2,"create_time":1788347173,"create_time_ms":1788347173767,"price":"76520","contract":"BTC_USDT"}',
  ),
  futures(
    '{"id":825348721,"size":"0.3","create_time":1788347173,"create_time_ms":1788347173767,"price":"76520.10","contract":"BTC_USDT","is_internal":true}',
  ),
  futures(
    '{"size":50,"id":15366793,"create_time":1616327563,"create_time_ms":1616327563918,"price":"56233.3","contract":"BTC_USDT"}',
    '"time":1616327563,',
  ),
  futures(
    '{"contract":"MOB_USDT","create_time":1667469835,"create_time_ms":1667469835931,"id":927273,"price":"0.836","size":"-90.5"}',
    '"time":1667469835,',
  ),
  futures(
    '{"contract":"MOB_USDT","create_time":1667469835,"create_time_ms":1667469835931,"id":927273,"price":0.836,"size":-90}',
    '"time":1667469835,',
  ),
  futures(
    '{"size":-19,"id":48081,"create_time":1615253386,"price":"53560.5","contract":"BTC_USDT"}',
    '"time":1615253386,',
  ),
];

/** Several trades in one frame, as the futures channel sends them. */
export const gateTriple = futures(
  [
    '{"id":10,"size":1,"create_time":1788347173,"create_time_ms":1788347173767,"price":"2.5","contract":"AB_USDT"}',
    '{"id":11,"size":-12,"create_time":1788347173,"create_time_ms":1788347173767,"price":"2.50","contract":"AB_USDT"}',
    '{"id":12,"size":3,"create_time":1788347173,"create_time_ms":1788347173768,"price":"2.6","contract":"AB_USDT"}',
  ].join(','),
);
