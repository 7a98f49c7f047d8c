// Each of the four verdicts is produced by what happens at simulated venues, and is right against the ledger.
import { describe, expect, it } from 'vitest';
import { verdictDrill, wrongVerdicts } from './verdict.ts';

const ids = /^(binance|okx) |^gate spot /;
const single = /^(bybit|upbit) /;

describe('verdicts', () => {
  it('proven by ids, covered by two lines, unproved on one, incomplete after an outage, and right each time', async () => {
    const { calm, outage, repaired } = await verdictDrill();
    expect(calm.length).toBeGreaterThanOrEqual(26);
    expect(wrongVerdicts([...calm, ...outage, ...repaired])).toEqual([]);
    // Instruments that are listed and never trade have nothing to be judged by but coverage.
    const traded = calm.filter(({ printed }) => printed > 0);
    const said = (streams: typeof calm, which: RegExp): string[] => [
      ...new Set(
        streams.filter(({ stream, printed }) => which.test(stream) && printed > 0).map(({ verdict }) => verdict),
      ),
    ];
    expect(traded).toHaveLength(26);
    expect(said(calm, ids)).toEqual(['proven']);
    expect(said(calm, /^(kucoin|phemex) |^gate perp /)).toEqual(['covered']);
    expect(said(calm, single)).toEqual(['unproved']);
    // Phemex gives its newest trades on every subscription: its windows may be whole in spite of the outage.
    const away = outage.filter(({ stream, printed }) => printed > 0 && !/^phemex /.test(stream));
    expect(away.map(({ verdict }) => verdict)).toEqual(away.map(() => 'incomplete'));
    expect(away.filter(({ rows, printed }) => rows >= printed)).toEqual([]);
    expect(said(repaired, ids)).toEqual(['proven']);
    const whole = repaired.filter(({ stream, printed }) => printed > 0 && /^(binance|okx|gate|upbit) /.test(stream));
    expect(whole.filter(({ rows, printed }) => rows !== printed)).toEqual([]);
  });
});
