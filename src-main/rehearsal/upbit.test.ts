// The simulated Upbit keeps the venue's protocol, trades and notices.
import { afterEach, describe, expect, it } from 'vitest';
import { connect, get, readLedger, scratchFile, tradeOf, until, upbitUrl } from './listener.fixture.ts';
import type { RecipeInput } from './recipe.ts';
import { type Rehearsal, startRehearsal } from './rehearsal.ts';

const base: RecipeInput = {
  version: 1,
  instruments: [
    { base: 'BTC', price: 61837.63, ratePerSecond: 150 },
    { base: 'XRP', price: 0.5931, ratePerSecond: 100 },
    { base: 'POD', price: 0.0421, ratePerSecond: 50, venues: ['binance:spot'] },
  ],
};

let running: Rehearsal | null = null;
afterEach(async () => {
  await running?.close();
  running = null;
});

async function start(more: Partial<RecipeInput> = {}, ledger: string | null = null): Promise<number> {
  running = await startRehearsal({ recipe: { ...base, ...more }, ledger });
  return running.port;
}

const wants = (codes: string[], more: Record<string, unknown> = {}, format = 'DEFAULT'): object => [
  { ticket: 'x' },
  { type: 'trade', codes, ...more },
  { format },
];

describe('Upbit over WebSocket', () => {
  it('sends binary frames without an acknowledgement, the last trade of each code first', async () => {
    const port = await start();
    await until(() => (running?.printed() ?? 0) > 200);
    const upbit = await connect(upbitUrl(port));
    upbit.send(wants(['KRW-BTC', 'KRW-XRP', 'KRW-NOSUCH']));
    await until(() => upbit.texts.length > 10);
    expect(upbit.binary.every((binary) => binary)).toBe(true);
    expect(
      upbit.texts.slice(0, 2).map((text) => /"code":"([^"]+)".*"stream_type":"SNAPSHOT"\}$/.exec(text)?.[1]),
    ).toEqual(['KRW-BTC', 'KRW-XRP']);
    expect(upbit.texts.slice(2).every((text) => text.endsWith('"stream_type":"REALTIME"}'))).toBe(true);
    expect(upbit.texts[0]).toMatch(
      /^\{"type":"trade","code":"KRW-BTC","timestamp":\d{13},"trade_date":"[\d-]{10}","trade_time":"[\d:]{8}","trade_timestamp":\d{13},"trade_price":\d+000\.00000000,"trade_volume":\d+\.\d{8},"ask_bid":"(ASK|BID)",/,
    );
    const sid = /"trade_timestamp":(\d{13}).*"sequential_id":(\d{17}),/.exec(upbit.texts[0] ?? '');
    expect(sid?.[2]?.slice(0, 13)).toBe(sid?.[1]);
  });

  it('leaves the snapshot out when only real time is wanted, and writes short names when asked', async () => {
    const port = await start();
    await until(() => (running?.printed() ?? 0) > 200);
    const upbit = await connect(upbitUrl(port));
    upbit.send(wants(['KRW-BTC'], { is_only_realtime: true }, 'SIMPLE'));
    await until(() => upbit.texts.length > 3);
    expect(upbit.texts[0]).toMatch(
      /^\{"ty":"trade","cd":"KRW-BTC","tms":\d{13},.*"tp":[\d.]+,"tv":[\d.]+,"ab":"(ASK|BID)",.*"sid":\d{17},.*"st":"REALTIME"\}$/,
    );
  });

  it('replaces the whole set with each request', async () => {
    const port = await start();
    const upbit = await connect(upbitUrl(port));
    upbit.send(wants(['KRW-BTC'], { is_only_realtime: true }));
    await until(() => upbit.texts.length > 5);
    upbit.send(wants(['KRW-XRP'], { is_only_realtime: true }));
    const at = await until(() => upbit.texts.findIndex((text) => text.includes('KRW-XRP')) + 1);
    await until(() => upbit.texts.length > at + 20);
    expect(upbit.texts.slice(at).some((text) => text.includes('KRW-BTC'))).toBe(false);
  });

  it('does not deliver a market that opened after the request until the list is sent again', async () => {
    const port = await start({ listing: [{ coin: 'POD', atSeconds: 0, newInstrumentsAfterSeconds: 0.5 }] });
    const upbit = await connect(upbitUrl(port));
    upbit.send(wants(['KRW-BTC', 'KRW-POD'], { is_only_realtime: true }));
    await until(() => upbit.texts.length > 150);
    expect(upbit.texts.some((text) => text.includes('KRW-POD'))).toBe(false);
    expect((await get(port, '/upbit-spot/v1/market/all?is_details=true')).text).toContain('"market":"KRW-POD"');
    upbit.send(wants(['KRW-BTC', 'KRW-POD'], { is_only_realtime: true }));
    await until(() => upbit.texts.some((text) => text.includes('KRW-POD')));
  });

  it('answers PING, names errors, closes what is idle', async () => {
    const port = await start({ limits: { idleSeconds: 1 } });
    const upbit = await connect(upbitUrl(port));
    upbit.send('PING');
    await until(() => upbit.texts.includes('{"status":"UP"}'));
    expect(upbit.binary[0]).toBe(true);
    upbit.send('not json');
    upbit.send([{ type: 'trade', codes: ['KRW-BTC'] }]);
    upbit.send([{ ticket: 'x' }]);
    await until(() => upbit.texts.length === 4);
    expect(upbit.texts[1]).toContain('WRONG_FORMAT');
    expect(upbit.texts[2]).toContain('NO_TICKET');
    expect(upbit.texts[3]).toContain('NO_TYPE');
    await until(() => upbit.closed);
  });

  it('cuts who asks more than five times a second, and limits requests that name an Origin', async () => {
    const port = await start({ limits: { connects: 100 } });
    const upbit = await connect(upbitUrl(port));
    for (let n = 0; n < 6; n += 1) upbit.send(wants(['KRW-BTC']));
    await until(() => upbit.closed);
    await connect(upbitUrl(port), { headers: { Origin: 'https://example.org' } });
    await expect(connect(upbitUrl(port), { headers: { Origin: 'https://example.org' } })).rejects.toThrow('429');
    await connect(upbitUrl(port));
  });

  it('takes five connections a second', async () => {
    const port = await start();
    const tries = await Promise.allSettled(Array.from({ length: 8 }, () => connect(upbitUrl(port))));
    expect(tries.filter((one) => one.status === 'fulfilled').length).toBe(5);
  });
});

describe('Upbit over REST', () => {
  it('gives every printed trade, newest first, page by page', async () => {
    const ledger = scratchFile('ledger.jsonl');
    const port = await start({ limits: { restPerSecond: 1000 } }, ledger);
    await until(() => (running?.printed() ?? 0) > 1200);
    await running?.stopPrinting();
    const printed = readLedger(ledger).trades.filter((trade) => trade.symbol === 'KRW-BTC');
    const ids: string[] = [];
    let cursor = '';
    for (;;) {
      const page = await get(port, `/upbit-spot/v1/trades/ticks?market=KRW-BTC&count=37${cursor}`);
      expect(page.status).toBe(200);
      const found = [
        ...page.text.matchAll(/"trade_price":([\d.]+),"trade_volume":([\d.]+),.*?"sequential_id":(\d+)\}/g),
      ];
      if (found.length === 0) break;
      for (const [, price, qty, id = ''] of found) {
        expect(printed.find((trade) => trade.id === id)).toMatchObject({ price, qty });
        ids.push(id);
      }
      cursor = `&cursor=${ids.at(-1)}`;
    }
    expect(ids).toEqual(
      printed
        .map((trade) => trade.id)
        .sort()
        .reverse(),
    );
  });

  it('takes ten requests a second, then 429', async () => {
    const port = await start();
    const replies = await Promise.all(
      Array.from({ length: 25 }, () => get(port, '/upbit-spot/v1/trades/ticks?market=KRW-BTC&count=1')),
    );
    expect(replies.filter((reply) => reply.status === 200).length).toBeLessThanOrEqual(20);
    expect(replies.some((reply) => reply.status === 429 && reply.text.includes('too_many_requests'))).toBe(true);
  });

  it('knows `to` and refuses what it does not know', async () => {
    const port = await start();
    await until(() => (running?.printed() ?? 0) > 200);
    expect((await get(port, '/upbit-spot/v1/trades/ticks?market=KRW-NOPE')).status).toBe(404);
    expect((await get(port, '/upbit-spot/v1/trades/ticks?market=KRW-BTC&days_ago=9')).status).toBe(400);
    expect((await get(port, '/upbit-spot/v1/trades/ticks?market=KRW-BTC&days_ago=1&count=5')).text).toBe('[]');
  });
});

describe('the notice page', () => {
  const path = '/upbit-notices/api/v1/announcements?os=web&page=1&per_page=20&category=trade';

  it('answers 304 until a listing is published, then shows it first with its time in KST', async () => {
    const port = await start({ listing: [{ coin: 'POD', atSeconds: 1, quotes: ['KRW', 'USDT'] }] });
    const first = await get(port, path);
    const etag = first.headers.get('etag') ?? '';
    expect(etag).not.toBe('');
    expect(first.text).not.toContain('(POD) 신규');
    expect((await get(port, path, { 'If-None-Match': etag })).status).toBe(304);
    let changed = first;
    await until(() => {
      void get(port, path, { 'If-None-Match': etag }).then((reply) => {
        changed = reply;
      });
      return changed.status === 200 && changed.text.includes('(POD)');
    });
    const page = JSON.parse(changed.text) as {
      success: boolean;
      data: { notices: Record<string, unknown>[]; total_count: number };
    };
    const notice = page.data.notices[0];
    expect(notice).toMatchObject({
      title: '돌핀(POD) 신규 거래지원 안내 (KRW, USDT 마켓)',
      category: '거래',
      need_new_badge: true,
    });
    expect(String(notice?.first_listed_at)).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+09:00$/);
    expect(Math.abs(Date.parse(String(notice?.first_listed_at)) - Date.now())).toBeLessThan(10_000);
    expect((await get(port, `/upbit-notices/api/v1/announcements/${String(notice?.uuid)}`)).text).toContain('<table>');
  });
});

it('a received trade equals its ledger row', async () => {
  const ledger = scratchFile('ledger.jsonl');
  const port = await start({}, ledger);
  const upbit = await connect(upbitUrl(port));
  upbit.send(wants(['KRW-XRP'], { is_only_realtime: true }));
  await until(() => upbit.texts.length > 30);
  await running?.stopPrinting();
  const rows = readLedger(ledger).trades.filter((trade) => trade.symbol === 'KRW-XRP');
  const received = upbit.texts.map(tradeOf);
  const from = rows.findIndex((trade) => trade.id === received[0]?.id);
  expect(received).toEqual(rows.slice(from, from + received.length));
});
