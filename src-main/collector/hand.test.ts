// An operator's hand on real lines at a venue on loopback: nothing is lost while the other line stands, and what is given up is told.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { unwrap } from '../../src-shared/base/result.ts';
import { binanceSpot } from '../feeds/binance/binance.ts';
import { renewByHand, startByHand, stopByHand } from './hand.ts';
import type { Line } from './line.ts';
import { live, openRig, type Rig, within } from './rig.fixture.ts';
import { binanceTrade } from './transports/loopback.ts';

let rig: Rig;
let first: Line;
let second: Line;

beforeEach(async () => {
  rig = await openRig();
  first = rig.make(binanceSpot);
  second = rig.make(binanceSpot, { line: 1 });
  for (const line of rig.lines) line.want(['BTCUSDT']);
  for (const line of rig.lines) await live(line);
});
afterEach(async () => {
  await rig.close();
});

const codeOf = (result: { ok: boolean; failure?: { code: string } }): string | undefined => result.failure?.code;

test('a stopped line closes in the open, stays closed and is told as stopped; the other one goes on', async () => {
  unwrap(stopByHand(rig.lines, first.id, false));
  await expect.poll(() => first.state().state, within).toBe('stopped');
  first.renew('the computer slept', true);
  first.want(['BTCUSDT', 'ETHUSDT']);
  second.want(['BTCUSDT', 'ETHUSDT']);
  await expect.poll(() => second.state().acknowledged, within).toBe(2);
  expect(first.state()).toMatchObject({ state: 'stopped', acknowledged: 0, reconnects: 0, note: null });
  expect(second.state().state).toBe('live');
  expect((await rig.controls('line-stopped')).map(({ lineNo }) => lineNo)).toEqual([1]);
  expect(await rig.controls('close')).toMatchObject([
    { lineNo: 1, reason: 'stopped by hand', planned: true, byHand: true },
  ]);
  unwrap(startByHand(rig.lines, first.id));
  await live(first);
  expect(first.state().acknowledged).toBe(2);
  expect((await rig.controls('line-started')).map(({ lineNo }) => lineNo)).toEqual([1]);
});

test('the line that alone carries something is stopped only when that is said', async () => {
  unwrap(stopByHand(rig.lines, first.id, false));
  await expect.poll(() => first.state().state, within).toBe('stopped');
  expect(codeOf(stopByHand(rig.lines, second.id, false))).toBe('recording.last-line');
  expect(second.state().state).toBe('live');
  unwrap(stopByHand(rig.lines, second.id, true));
  await expect.poll(() => second.state().state, within).toBe('stopped');
  expect(codeOf(stopByHand(rig.lines, second.id, true))).toBe('recording.line-stopped');
  expect(codeOf(renewByHand(rig.lines, second.id))).toBe('recording.line-stopped');
  expect(codeOf(startByHand(rig.lines, 'nobody'))).toBe('recording.no-line');
});

test('two lines of a market never renew at once, and every trade meanwhile is in the journal', async () => {
  const say = (id: number): void => {
    for (const client of rig.venue.clients) client.send(binanceTrade('BTCUSDT', id));
  };
  // The venue is slow to acknowledge, so that a renewal lasts.
  const { onText } = rig.venue;
  const held: (() => void)[] = [];
  rig.venue.onText = (client, text) => {
    held.push(() => onText(client, text));
  };
  expect(unwrap(renewByHand(rig.lines, first.id))).toEqual({ waits: false });
  await expect.poll(() => held.length, within).toBe(1);
  expect(first.state().state).toBe('renewing');
  expect(codeOf(renewByHand(rig.lines, second.id))).toBe('recording.other-renews');
  expect(second.isRenewing).toBe(false);
  for (let id = 1; id <= 20; id += 1) say(id);
  for (const go of held.splice(0)) go();
  rig.venue.onText = onText;
  await expect
    .poll(() => {
      say(21);
      return first.state().renewals;
    }, within)
    .toBe(1);
  await live(first);
  const entries = await rig.recorded();
  for (const lineNo of [1, 2]) {
    const seen = new Set(
      entries.flatMap(({ line, control, text }) =>
        line === lineNo && control === null ? (/"t":(\d+)/.exec(text)?.[1] ?? []) : [],
      ),
    );
    for (let id = 1; id <= 20; id += 1) expect(seen.has(String(id)), `line ${lineNo} trade ${id}`).toBe(true);
  }
  expect(first.state().reconnects).toBe(0);
});

test('a halt outlasts nothing: a line stopped by hand stays stopped when recording goes on', async () => {
  unwrap(stopByHand(rig.lines, first.id, false));
  await expect.poll(() => first.state().state, within).toBe('stopped');
  for (const line of rig.lines) line.halt('disk full');
  await expect.poll(() => second.state().state, within).toBe('halted');
  for (const line of rig.lines) line.resume();
  await live(second);
  expect(first.state().state).toBe('stopped');
});
