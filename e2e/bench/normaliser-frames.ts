// Frames for the bench of decode cost: many of each layout that a venue sends today (feeds.md's samples), with symbols, prices, ids and
// times that change from frame to frame as they do in life. Made anew each time, the same each time.
import type { Market, Venue } from '../../src-shared/market/instrument.ts';

export interface FrameCase {
  readonly venue: Venue;
  readonly market: Market;
  readonly name: string;
  /** What the normaliser calls this market. */
  readonly exchange:
    | 'binance'
    | 'binance-futures'
    | 'bybit-spot'
    | 'bybit'
    | 'okex'
    | 'okex-swap'
    | 'kucoin'
    | 'kucoin-futures'
    | 'gate-io'
    | 'gate-io-futures'
    | 'phemex'
    | 'upbit';
  readonly tradesPerFrame: number;
  readonly frames: readonly string[];
}

const COINS = ['BTC', 'ETH', 'XRP', 'SOL', 'DOGE', 'ADA', 'LINK', 'AVAX', 'SUI', 'LTC', 'DOT', 'TRX'];

/** mulberry32, as in the tests of damage. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

interface Print {
  readonly coin: string;
  readonly price: string;
  readonly qty: string;
  readonly buy: boolean;
  readonly ms: number;
  readonly id: number;
  readonly n: number;
}

/** One print after the other, the numbers' lengths mixed. */
function printer(priceScale: number, qtyScale: number): () => Print {
  const next = random(20261121);
  let ms = 1788336082402;
  let n = 0;
  return () => {
    n += 1;
    ms += next(40);
    const price = (1000 + next(90_000_000)) / 1000;
    return {
      coin: COINS[next(COINS.length)] ?? 'BTC',
      price: price.toFixed(priceScale),
      qty: ((1 + next(5_000_000)) / 10_000).toFixed(qtyScale),
      buy: next(2) === 0,
      ms,
      id: 3_735_683_259 + n,
      n,
    };
  };
}

function frames(count: number, priceScale: number, qtyScale: number, make: (print: () => Print) => string): string[] {
  const print = printer(priceScale, qtyScale);
  return Array.from({ length: count }, () => make(print));
}

const COUNT = 2000;
/** All rows of one frame are of one symbol. */
const rowsOf = (print: () => Print, rows: number): Print[] => {
  const first = print();
  return [first, ...Array.from({ length: rows - 1 }, () => ({ ...print(), coin: first.coin }))];
};
const uuid = (n: number): string =>
  `2a74ac78-${(n % 65_536).toString(16).padStart(4, '0')}-5c32-9d1f-${(n * 7919).toString(16).padStart(12, '0')}`;
const digits = (text: string): string => text.replace('.', '').replace(/^0+/, '');

function bybit(rows: number): (print: () => Print) => string {
  return (print) => {
    const list = rowsOf(print, rows);
    const data = list.map(
      ({ coin, price, qty, buy, ms, n }) =>
        `{"T":${ms},"s":"${coin}USDT","S":"${buy ? 'Buy' : 'Sell'}","v":"${qty}","p":"${price}","L":"${buy ? 'ZeroPlusTick' : 'MinusTick'}","i":"${uuid(n)}","BT":false,"RPI":false,"seq":${457514743450 + n}}`,
    );
    return `{"topic":"publicTrade.${list[0]?.coin}USDT","type":"snapshot","ts":${(list[0]?.ms ?? 0) + 1},"data":[${data}]}`;
  };
}

function bybitSpot(print: () => Print): string {
  const { coin, price, qty, buy, ms, n } = print();
  return `{"topic":"publicTrade.${coin}USDT","type":"snapshot","ts":${ms + 1},"data":[{"i":"${2290000000735683259n + BigInt(n)}","T":${ms},"p":"${price}","v":"${qty}","S":"${buy ? 'Buy' : 'Sell'}","seq":${87514743450 + n},"s":"${coin}USDT","BT":false,"RPI":false}]}`;
}

function phemexPerp(rows: number): (print: () => Print) => string {
  return (print) => {
    const list = rowsOf(print, rows).reverse();
    const data = list.map(({ price, qty, buy, ms }) => `[${ms}240233,"${buy ? 'Buy' : 'Sell'}","${price}","${qty}"]`);
    return `{"sequence":67412126177,"symbol":"${list[0]?.coin}USDT","trades_p":[${data}],"type":"incremental"}`;
  };
}

function phemexSpot(rows: number): (print: () => Print) => string {
  return (print) => {
    const list = rowsOf(print, rows).reverse();
    const data = list.map(
      ({ price, qty, buy, ms }) => `[${ms}240233,"${buy ? 'Buy' : 'Sell'}",${digits(price)},${digits(qty)}]`,
    );
    return `{"sequence":77702250,"symbol":"s${list[0]?.coin}USDT","trades":[${data}],"type":"incremental"}`;
  };
}

function gateFutures(rows: number): (print: () => Print) => string {
  return (print) => {
    const list = rowsOf(print, rows);
    const data = list.map(
      ({ coin, price, buy, ms, n }) =>
        `{"id":${825348721 + n},"size":${buy ? '' : '-'}${1 + (n % 97)},"create_time":${Math.floor(ms / 1000)},"create_time_ms":${ms},"price":"${price}","contract":"${coin}_USDT"}`,
    );
    const ms = list.at(-1)?.ms ?? 0;
    return `{"time":${Math.floor(ms / 1000)},"time_ms":${ms + 3},"channel":"futures.trades","event":"update","result":[${data}]}`;
  };
}

function okx(print: () => Print, instrument: string): string {
  const { coin, price, qty, buy, ms, id } = print();
  const instId = `${coin}-${instrument}`;
  return `{"arg":{"channel":"trades-all","instId":"${instId}"},"data":[{"instId":"${instId}","tradeId":"${id}","px":"${price}","sz":"${qty}","side":"${buy ? 'buy' : 'sell'}","ts":"${ms}"}]}`;
}

/** Every market of the seven venues. Binance's USDⓈ-M is its raw `@trade`: the normaliser does not read aggregates. */
export function frameCases(): FrameCase[] {
  return [
    {
      venue: 'binance',
      market: 'spot',
      name: 'binance spot @trade',
      exchange: 'binance',
      tradesPerFrame: 1,
      frames: frames(COUNT, 8, 8, (print) => {
        const { coin, price, qty, buy, ms, id } = print();
        return `{"stream":"${coin.toLowerCase()}usdt@trade","data":{"e":"trade","E":${ms + 1},"s":"${coin}USDT","t":${id},"p":"${price}","q":"${qty}","T":${ms},"m":${!buy},"M":true}}`;
      }),
    },
    {
      venue: 'binance',
      market: 'perp',
      name: 'binance perp @trade',
      exchange: 'binance-futures',
      tradesPerFrame: 1,
      frames: frames(COUNT, 2, 3, (print) => {
        const { coin, price, qty, buy, ms, id } = print();
        return `{"stream":"${coin.toLowerCase()}usdt@trade","data":{"e":"trade","E":${ms + 1},"T":${ms},"s":"${coin}USDT","t":${id},"p":"${price}","q":"${qty}","X":"MARKET","m":${!buy}}}`;
      }),
    },
    {
      venue: 'bybit',
      market: 'spot',
      name: 'bybit spot publicTrade',
      exchange: 'bybit-spot',
      tradesPerFrame: 1,
      frames: frames(COUNT, 2, 6, bybitSpot),
    },
    {
      venue: 'bybit',
      market: 'perp',
      name: 'bybit linear publicTrade',
      exchange: 'bybit',
      tradesPerFrame: 1,
      frames: frames(COUNT, 2, 3, bybit(1)),
    },
    {
      venue: 'bybit',
      market: 'perp',
      name: 'bybit linear publicTrade, 8 rows',
      exchange: 'bybit',
      tradesPerFrame: 8,
      frames: frames(COUNT / 4, 2, 3, bybit(8)),
    },
    {
      venue: 'okx',
      market: 'spot',
      name: 'okx spot trades-all',
      exchange: 'okex',
      tradesPerFrame: 1,
      frames: frames(COUNT, 2, 4, (print) => okx(print, 'USDT')),
    },
    {
      venue: 'okx',
      market: 'perp',
      name: 'okx swap trades-all',
      exchange: 'okex-swap',
      tradesPerFrame: 1,
      frames: frames(COUNT, 1, 0, (print) => okx(() => nonZero(print()), 'USDT-SWAP')),
    },
    {
      venue: 'kucoin',
      market: 'spot',
      name: 'kucoin spot match',
      exchange: 'kucoin',
      tradesPerFrame: 1,
      frames: frames(COUNT, 1, 8, (print) => {
        const { coin, price, qty, buy, ms, n } = print();
        const id = 23715934308417536n + BigInt(n) * 131n;
        return `{"topic":"/market/match:${coin}-USDT","type":"message","subject":"trade.l3match","data":{"makerOrderId":"6a65f3c10000000${100_000_000 + n}","price":"${price}","sequence":"${id}","side":"${buy ? 'buy' : 'sell'}","size":"${qty}","symbol":"${coin}-USDT","takerOrderId":"6a65f3c20000000${100_000_000 + n}","time":"${ms}000000","tradeId":"${id}","type":"match"}}`;
      }),
    },
    {
      venue: 'kucoin',
      market: 'perp',
      name: 'kucoin futures execution',
      exchange: 'kucoin-futures',
      tradesPerFrame: 1,
      frames: frames(COUNT, 1, 0, (print) => {
        const { coin, price, qty, buy, ms, n } = nonZero(print());
        return `{"topic":"/contractMarket/execution:${coin}USDTM","type":"message","subject":"match","sn":${1731898226000 + n},"data":{"symbol":"${coin}USDTM","sequence":${1731898226000 + n},"side":"${buy ? 'buy' : 'sell'}","size":${qty},"price":"${price}","takerOrderId":"${320_000_000_000_000_000n + BigInt(n)}","makerOrderId":"${320_000_000_000_000_000n + BigInt(n)}","tradeId":"${1731898226000 + n}","ts":${ms}000000}}`;
      }),
    },
    {
      venue: 'gate',
      market: 'spot',
      name: 'gate spot trades',
      exchange: 'gate-io',
      tradesPerFrame: 1,
      frames: frames(COUNT, 2, 6, (print) => {
        const { coin, price, qty, buy, ms, n } = print();
        const id = 217831625 + n;
        return `{"time":${Math.floor(ms / 1000)},"time_ms":${ms + 2},"channel":"spot.trades","event":"update","result":{"id":${id},"id_market":${id},"create_time":${Math.floor(ms / 1000)},"create_time_ms":"${ms}.208000","side":"${buy ? 'buy' : 'sell'}","currency_pair":"${coin}_USDT","amount":"${qty}","price":"${price}","range":"${id}-${id}"}}`;
      }),
    },
    {
      venue: 'gate',
      market: 'perp',
      name: 'gate futures trades',
      exchange: 'gate-io-futures',
      tradesPerFrame: 1,
      frames: frames(COUNT, 1, 0, gateFutures(1)),
    },
    {
      venue: 'gate',
      market: 'perp',
      name: 'gate futures trades, 5 rows',
      exchange: 'gate-io-futures',
      tradesPerFrame: 5,
      frames: frames(COUNT / 4, 1, 0, gateFutures(5)),
    },
    {
      venue: 'phemex',
      market: 'spot',
      name: 'phemex spot trades',
      exchange: 'phemex',
      tradesPerFrame: 1,
      frames: frames(COUNT, 8, 8, phemexSpot(1)),
    },
    {
      venue: 'phemex',
      market: 'spot',
      name: 'phemex spot trades, 1000 rows',
      exchange: 'phemex',
      tradesPerFrame: 1000,
      frames: frames(12, 8, 8, phemexSpot(1000)),
    },
    {
      venue: 'phemex',
      market: 'perp',
      name: 'phemex perp trades_p',
      exchange: 'phemex',
      tradesPerFrame: 1,
      frames: frames(COUNT, 1, 3, (print) => phemexPerp(1)(() => nonZero(print()))),
    },
    {
      venue: 'phemex',
      market: 'perp',
      name: 'phemex perp trades_p, 1000 rows',
      exchange: 'phemex',
      tradesPerFrame: 1000,
      frames: frames(12, 1, 3, (print) => phemexPerp(1000)(() => nonZero(print()))),
    },
    {
      venue: 'upbit',
      market: 'spot',
      name: 'upbit trade',
      exchange: 'upbit',
      tradesPerFrame: 1,
      frames: frames(COUNT, 8, 8, (print) => {
        const { coin, price, qty, buy, ms, n } = print();
        return `{"type":"trade","code":"KRW-${coin}","timestamp":${ms + 46},"trade_date":"2026-09-02","trade_time":"01:06:20","trade_timestamp":${ms},"trade_price":${price},"trade_volume":${qty},"ask_bid":"${buy ? 'BID' : 'ASK'}","prev_closing_price":106000000.00000000,"change":"RISE","change_price":691000.00000000,"sequential_id":${ms}${String(n % 10_000).padStart(4, '0')},"best_ask_price":106692000,"best_ask_size":0.43139478,"best_bid_price":106691000,"best_bid_size":0.01990656,"stream_type":"REALTIME"}`;
      }),
    },
  ];
}

/** A quantity of few decimals may have been rounded to nothing. */
function nonZero(print: Print): Print {
  return Number(print.qty) > 0 ? print : { ...print, qty: print.qty.includes('.') ? '0.001' : '1' };
}
