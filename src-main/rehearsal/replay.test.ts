// The replay sends recorded frames unchanged, in order, to everyone who subscribes.
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { connect, get, perpUrl, spotUrl, until } from './listener.fixture.ts';
import { readRecordedFrames, recordedFramesFolder, startReplay } from './replay.ts';

describe('replay', () => {
  it('acknowledges, then sends each frame as it was, long ones too', async () => {
    const frames = Array.from(
      { length: 500 },
      (_, n) => `{"e":"trade","s":"BTCUSDT","t":${n},"pad":"${'x'.repeat(n * 300)}"}`,
    );
    const replay = await startReplay({ frames: { 'binance:spot': frames } });
    const first = await connect(spotUrl(replay.port));
    const second = await connect(spotUrl(replay.port));
    for (const one of [first, second]) one.send({ method: 'SUBSCRIBE', params: ['btcusdt@trade'], id: 5 });
    await replay.done;
    await until(() => first.texts.length === 501 && second.texts.length === 501);
    expect(first.texts).toEqual(['{"result":null,"id":5}', ...frames]);
    expect(second.texts).toEqual(first.texts);
    expect(replay.sent('binance:spot')).toBe(1000);
    expect((await get(replay.port, '/binance-spot/api/v3/exchangeInfo')).text).toContain('"symbol":"BTCUSDT"');
    await replay.close();
  });

  it('plays the recordings', async () => {
    const folder = recordedFramesFolder();
    if (folder === null) {
      console.warn('recorded frames are missing: set TAPEDECK_FRAMES to their folder to replay them');
      return;
    }
    const recorded = readRecordedFrames(join(folder, 'binance.bulk.jsonl.gz'));
    const spot = recorded.filter((frame) => frame.market === 'spot').map((frame) => frame.raw);
    const perp = recorded.filter((frame) => frame.market === 'linear-perp').map((frame) => frame.raw);
    const replay = await startReplay({ frames: { 'binance:spot': spot, 'binance:perp': perp } });
    const listeners = [await connect(spotUrl(replay.port)), await connect(perpUrl(replay.port))];
    for (const one of listeners) one.send({ method: 'SUBSCRIBE', params: ['btcusdt@trade'], id: 1 });
    await until(() => listeners.every((one, at) => one.texts.length === 1 + (at === 0 ? spot : perp).length), 30_000);
    expect(listeners[0]?.texts.slice(1)).toEqual(spot);
    expect(listeners[1]?.texts.slice(1)).toEqual(perp);
    expect(replay.settings.venues.binance?.symbols).toEqual(['BTCUSDT', 'ETHUSDT']);
    await replay.close();
  });
});
