// What is in the ledger is what was printed, and an unhurt connection receives exactly that.
import { describe, expect, it } from 'vitest';
import { settingsSchema } from '../../src-shared/contract/settings.ts';
import {
  connect,
  type LedgerRow,
  perpUrl,
  readLedger,
  scratchFile,
  spotUrl,
  tradeOf,
  until,
  upbitUrl,
} from './listener.fixture.ts';
import { startRehearsal } from './rehearsal.ts';

const keyOf = (trade: LedgerRow): string => `${trade.venue} ${trade.market} ${trade.symbol} ${trade.id}`;

describe('a rehearsal', () => {
  it('sends what the ledger holds, exactly, on every market', async () => {
    const ledger = scratchFile('ledger.jsonl');
    const rehearsal = await startRehearsal({
      recipe: { version: 1, generator: { count: 30, ticksPerSecond: 4000 } },
      ledger,
      symbols: 'listed',
    });
    const { port, settings } = rehearsal;
    const symbols = (venue: 'binance' | 'upbit'): string[] => {
      const given = settings.venues[venue]?.symbols;
      return Array.isArray(given) ? given : [];
    };
    const spot = await connect(spotUrl(port, '/stream'));
    const perp = await connect(perpUrl(port));
    const upbit = await connect(upbitUrl(port));
    spot.send({
      method: 'SUBSCRIBE',
      params: symbols('binance').map((symbol) => `${symbol.toLowerCase()}@trade`),
      id: 1,
    });
    perp.send({
      method: 'SUBSCRIBE',
      params: symbols('binance').map((symbol) => `${symbol.toLowerCase()}@aggTrade`),
      id: 1,
    });
    upbit.send([{ ticket: 'x' }, { type: 'trade', codes: symbols('upbit'), is_only_realtime: true }]);
    await until(() => [spot, perp, upbit].every((one) => one.texts.length > 2000));
    await rehearsal.stopPrinting();
    const { trades } = readLedger(ledger);
    expect(trades.length).toBe(rehearsal.printed());
    for (const [listener, venue, market] of [
      [spot, 'binance', 'spot'],
      [perp, 'binance', 'perp'],
      [upbit, 'upbit', 'spot'],
    ] as const) {
      const own = trades.filter((trade) => trade.venue === venue && trade.market === market);
      const last = own.at(-1);
      await until(() => listener.texts.some((text) => last && text.includes(last.id)));
      const received = listener.texts.map(tradeOf).filter((trade) => trade !== null);
      const from = own.findIndex((trade) => received[0] && keyOf(trade) === keyOf(received[0]));
      expect(from).toBeGreaterThanOrEqual(0);
      expect(received).toEqual(own.slice(from));
    }
    await rehearsal.close();
    const end = readLedger(ledger);
    expect(end.remarks.at(-1)).toMatchObject({ end: true, printed: end.trades.length });
  });

  it('prints the same trades again for the same seed, but for the clock', async () => {
    const play = async (): Promise<string[]> => {
      const ledger = scratchFile('ledger.jsonl');
      const rehearsal = await startRehearsal({
        recipe: { version: 1, seed: 77, generator: { count: 9, ticksPerSecond: 2000 }, durationSeconds: 0.5 },
        ledger,
      });
      const { startedMs } = rehearsal;
      await rehearsal.finished;
      await rehearsal.close();
      return readLedger(ledger).trades.map((trade) => {
        const id = trade.venue === 'upbit' ? trade.id.slice(13) : trade.id;
        return `${trade.venue} ${trade.symbol} ${trade.channel} ${id} ${trade.price} ${trade.qty} ${trade.side} ${trade.eventUs - startedMs * 1000}`;
      });
    };
    const once = await play();
    expect(once.length).toBeGreaterThan(500);
    expect(await play()).toEqual(once);
  });

  it('gives complete settings that lead to itself', async () => {
    const rehearsal = await startRehearsal({
      recipe: { version: 1, instruments: [{ base: 'BTC', price: 6e4, ratePerSecond: 5 }] },
    });
    const settings = settingsSchema.parse(rehearsal.settings);
    expect(settings.venues.binance).toMatchObject({
      markets: ['spot', 'perp'],
      lines: 2,
      endpoints: { perp: { ws: `ws://127.0.0.1:${rehearsal.port}/binance-perp` } },
    });
    expect(settings.notices.upbit?.endpoint).toBe(`http://127.0.0.1:${rehearsal.port}/upbit-notices`);
    await rehearsal.close();
  });

  it('cuts a reader that falls too far behind, and only that one', async () => {
    const rehearsal = await startRehearsal({
      recipe: {
        version: 1,
        generator: { count: 10, ticksPerSecond: 60_000, venues: ['binance:spot'] },
        limits: { backlogBytes: 500_000 },
      },
    });
    const names = Array.from({ length: 10 }, (_, n) => `r000${n}usdt@trade`).join('/');
    const slow = await connect(spotUrl(rehearsal.port, `/stream?streams=${names}`));
    const quick = await connect(spotUrl(rehearsal.port, `/stream?streams=${names}`));
    slow.ws.pause();
    await until(() => rehearsal.connections('binance:spot') === 1, 20_000);
    const before = quick.texts.length;
    await until(() => quick.texts.length > before + 1000);
    expect(quick.closed).toBeNull();
    slow.ws.terminate();
    await rehearsal.close();
  });

  it('floods: contiguous ids, real times, exactly as many as asked, none before all are subscribed', async () => {
    const ledger = scratchFile('ledger.jsonl');
    const rehearsal = await startRehearsal({
      recipe: {
        version: 1,
        generator: { count: 4, ticksPerSecond: 20_000, venues: ['binance:spot'] },
        flood: { trades: 100_000 },
      },
      ledger,
    });
    const listener = await connect(spotUrl(rehearsal.port));
    expect(rehearsal.printed()).toBe(0);
    const beganUs = Date.now() * 1000;
    listener.send({ method: 'SUBSCRIBE', params: [0, 1, 2, 3].map((n) => `r000${n}usdt@trade`), id: 1 });
    await rehearsal.finished;
    await rehearsal.stopPrinting();
    await until(() => listener.texts.length - 1 === rehearsal.printed());
    const received = listener.texts.map(tradeOf).filter((trade) => trade !== null);
    expect(received).toEqual(readLedger(ledger).trades);
    expect(
      received.every((trade) => trade.eventUs >= beganUs - 5000 && trade.eventUs <= Date.now() * 1000 + 5000),
    ).toBe(true);
    await rehearsal.close();
  });
});
