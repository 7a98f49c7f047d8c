// Test fixture: one frame of every layout that the venues send, hand-made from their documents, beside the recorded ones. Never shipped.

const TRADE =
  '{"e":"trade","E":1723161255343,"s":"BTCUSDT","t":3735683259,"p":"61837.63000000","q":"0.02000000","T":1723161255342,"m":true,"M":true}';
const AGGREGATE_NQ =
  '{"e":"aggTrade","E":1781416439080,"a":3339472008,"s":"BTCUSDT","p":"64339.20","q":"0.123","nq":"0.123","f":7786568797,"l":7786568801,"T":1781416438926,"m":true}';
const AGGREGATE_REORDERED =
  '{"e":"aggTrade","E":1781416439080,"s":"BTCUSDT","a":3339472008,"p":"64339.20","q":"0.123","nq":"0.000","f":7786568797,"l":7786568801,"T":1781416438926,"m":false}';
const AGGREGATE =
  '{"e":"aggTrade","E":1626992741575,"a":16599292,"s":"CTKUSDT","p":"1.01100","q":"10","f":23961322,"l":23961322,"T":1626992741421,"m":false}';
const AGGREGATE_SPOT =
  '{"e":"aggTrade","E":1633998523963,"s":"NKNUSDT","a":15683430,"p":"0.35280000","q":"58.00000000","f":19862790,"l":19862790,"T":1633998523963,"m":false,"M":true}';
const RAW_PERP =
  '{"e":"trade","E":1723161256560,"T":1723161256560,"s":"ETHUSDT","t":4308068523,"p":"2681.62","q":"1.000","X":"MARKET","m":true}';

const combined = (stream: string, event: string): string => `{"stream":"${stream}","data":${event}}`;

export const binanceSamples: readonly string[] = [
  TRADE,
  combined('btcusdt@trade', TRADE),
  combined('btcusdt@trade', TRADE.replaceAll('1723161255342', '1723161255342123')),
  combined('币安人生usdt@trade', TRADE.replace('BTCUSDT', '币安人生USDT')),
  combined('btcusdt@aggTrade', AGGREGATE_NQ),
  combined('btcusdt@aggTrade', AGGREGATE_REORDERED),
  combined('ctkusdt@aggTrade', AGGREGATE),
  combined('nknusdt@aggTrade', AGGREGATE_SPOT),
  combined('ethusdt@trade', RAW_PERP),
  combined('btcusdt@trade', TRADE.replace('3735683259', '9007199254740993')),
  combined('btcusdt@trade', TRADE.replace('61837.63000000', '90071992.54740993')),
  AGGREGATE_NQ,
  RAW_PERP,
];

export const upbitSamples: readonly string[] = [
  '{"type":"trade","code":"KRW-BTC","timestamp":1788335180423,"trade_date":"2026-09-02","trade_time":"01:06:20","trade_timestamp":1788335180377,"trade_price":106691000.00000000,"trade_volume":0.00009372,"ask_bid":"ASK","prev_closing_price":106000000.00000000,"change":"RISE","change_price":691000.00000000,"sequential_id":17883351803770004,"best_ask_price":106692000,"best_ask_size":0.43139478,"best_bid_price":106691000,"best_bid_size":0.01990656,"stream_type":"SNAPSHOT"}',
  '{"type":"trade","code":"KRW-ETH","timestamp":1788335180423,"trade_date":"2026-09-02","trade_time":"01:06:20","trade_timestamp":1788335180377,"trade_price":5691000.00000000,"trade_volume":0.00009372,"ask_bid":"BID","prev_closing_price":5600000.00000000,"change":"FALL","change_price":-91000.00000000,"sequential_id":17883351803770004,"stream_type":"REALTIME"}',
  '{"type":"trade","code":"KRW-BTC","timestamp":1788335180423,"trade_timestamp":1788335180377,"trade_price":106691000.00000000,"trade_volume":0.00009372,"ask_bid":"ASK","sequential_id":17883351803770004,"stream_type":"SNAPSHOT"}',
  '{"ty":"trade","cd":"KRW-LAMB","tms":1618678262712,"td":"2021-04-17","ttm":"16:51:02","ttms":1618678262000,"tp":127.0,"tv":46.48838371,"ab":"BID","pcp":123.00000000,"c":"RISE","cp":4.00000000,"sid":1618678262000003,"st":"REALTIME"}',
  '{"ty":"trade","cd":"USDT-LAMB","tms":1688678262712,"td":"2023-07-06","ttm":"21:17:42","ttms":1688678262712345,"tp":0.00000115,"tv":1.1E-7,"ab":"ASK","pcp":123.00000000,"c":"EVEN","cp":0.0,"sid":16886782627120003,"bap":1.0,"bas":2.0,"bbp":3.0,"bbs":4.0,"st":"REALTIME"}',
];
