// Which lines are shown, in what they differ, and what stopping one would cost: the words of a confirmation depend on it.
import { describe, expect, it } from 'vitest';
import type { LineState } from '../../../src-shared/contract/recording.ts';
import { ageMs, differences, hostOf, matching, pairsOf, stopCosts, twinOf } from './line-rows.ts';

function line(id: string, more: Partial<LineState> = {}): LineState {
  return {
    id,
    venue: 'binance',
    market: 'spot',
    line: Number(/:(\d)(\/|$)/.exec(id)?.[1] ?? 0),
    state: 'live',
    wanted: 3,
    acknowledged: 3,
    lastFrameAgeMs: 20,
    lastDataAgeMs: 20,
    connectedUs: 1_000_000,
    maxAgeMs: 86_400_000,
    renewals: 0,
    reconnects: 0,
    frames: 10,
    bytes: 1000,
    url: 'wss://stream.example:9443/ws',
    address: null,
    note: null,
    ...more,
  };
}

describe('lines', () => {
  it('stand beside the other connection that carries the same symbols', () => {
    const all = [line('binance:spot:0'), line('binance:spot:0/1'), line('binance:spot:1/1'), line('binance:spot:1')];
    expect(pairsOf(all).map(({ id, lines }) => [id, lines.map((one) => one.id)])).toEqual([
      ['binance:spot', ['binance:spot:0', 'binance:spot:1']],
      ['binance:spot/1', ['binance:spot:0/1', 'binance:spot:1/1']],
    ]);
    expect(twinOf(all, all[1] as LineState)?.id).toBe('binance:spot:1/1');
  });

  it('differ only where one is worse', () => {
    const well = line('binance:spot:0', { bytes: 50_000_000 });
    const ill = line('binance:spot:1', {
      state: 'waiting',
      acknowledged: 0,
      lastFrameAgeMs: 9000,
      lastDataAgeMs: null,
      reconnects: 2,
      bytes: 40_000_000,
    });
    expect([...differences(ill, well)]).toEqual(['state', 'carried', 'frame', 'data', 'reconnects', 'bytes']);
    expect(differences(well, ill).size).toBe(0);
    expect(differences(well, null).size).toBe(0);
  });

  it('are found by words and by trouble, the twin of a line in trouble with it', () => {
    const all = [
      line('binance:spot:0'),
      line('binance:spot:1', { state: 'stopped', acknowledged: 0 }),
      line('upbit:spot:0', { venue: 'upbit', url: 'wss://upbit.example/x' }),
    ];
    const found = (words: string, scope: 'all' | 'trouble' = 'all') =>
      matching(all, { scope, venue: 'all', words }).map(({ id }) => id);
    expect(found('', 'trouble')).toEqual(['binance:spot:0', 'binance:spot:1']);
    expect(found('UPBIT.example')).toEqual(['upbit:spot:0']);
    expect(found('stopped')).toEqual(['binance:spot:1']);
  });

  it('lose nothing when the other one carries everything, and say so only then', () => {
    const one = line('binance:spot:0');
    expect(stopCosts([one, line('binance:spot:1')], one)).toEqual({ loses: false, other: 'binance:spot:1' });
    expect(stopCosts([one, line('binance:spot:1', { acknowledged: 2 })], one)).toEqual({ loses: true });
    expect(stopCosts([one, line('binance:spot:1', { state: 'stopped' })], one)).toEqual({ loses: true });
    expect(stopCosts([one], one)).toEqual({ loses: true });
  });

  it('show the host and the age of the connection', () => {
    expect(hostOf('wss://stream.example:9443/ws')).toBe('stream.example:9443');
    expect(hostOf('not an address')).toBe('not an address');
    expect(ageMs(line('binance:spot:0'), 3_000_000)).toBe(2000);
    expect(ageMs(line('binance:spot:0', { connectedUs: null }), 3_000_000)).toBeNull();
  });
});
