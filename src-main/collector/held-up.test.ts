// A recorder that was stopped or starved for a while: what came meanwhile lies unread in its sockets and must be read before
// anything is judged; a connection that died meanwhile is found all the same.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { binanceSpot } from '../feeds/binance/binance.ts';
import type { Line } from './line.ts';
import { live, openRig, type Rig, within } from './rig.fixture.ts';
import { binanceTrade } from './transports/loopback.ts';

let rig: Rig;
beforeEach(async () => {
  rig = await openRig();
});
afterEach(() => rig.close());

/** Nothing of this process runs meanwhile, as when it is stopped; then timers that are due run before any socket is read. */
function standStill(line: Line, ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
  line.tick(performance.now());
}

test('what came while the recorder was held up is recorded, and the connection that brought it stays', async () => {
  const line = rig.make(binanceSpot, { limits: { deadAfterMs: 2500 } });
  line.want(['BTCUSDT']);
  await live(line);
  const sent = [1, 2, 3].map((id) => binanceTrade('BTCUSDT', id));
  for (const message of sent) rig.venue.clients[0]?.send(message);
  standStill(line, 3000);
  await expect.poll(() => line.state().frames, within).toBe(4);
  const data = (await rig.recorded()).filter(({ control }) => !control).map(({ text }) => text);
  expect(data.slice(1)).toEqual(sent);
  expect(line.state()).toMatchObject({ state: 'live', reconnects: 0 });
  expect(await rig.controls('close')).toEqual([]);
});

test('a connection that died meanwhile is found its time of silence later, and covers only up to its last frame', async () => {
  const line = rig.make(binanceSpot, { limits: { deadAfterMs: 1000, pingWhenSilentMs: 60_000 } });
  line.want(['BTCUSDT']);
  await live(line);
  rig.venue.clients[0]?.freeze();
  const frozenUs = rig.clock.nowUs();
  standStill(line, 2500);
  const goesOn = performance.now();
  await expect.poll(() => line.state().reconnects, within).toBe(1);
  expect(performance.now() - goesOn).toBeGreaterThanOrEqual(1000);
  const [close] = await rig.controls('close');
  expect(close).toMatchObject({
    planned: false,
    reason: expect.stringMatching(/^no frame for (?:[3-9]|\d\d)\d{3} ms$/),
  });
  expect(close?.lastFrameUs).toBeLessThanOrEqual(frozenUs);
});
