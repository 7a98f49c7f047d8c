// Frames that the journal's memory could not hold are told before anything else that says that their line delivers: a recorder that is
// killed at any record leaves a journal in which a line with lost frames is not unbroken.
import { afterEach, expect, test } from 'vitest';
import { binanceSpot } from '../feeds/binance/binance.ts';
import { type Entry, live, openRig, type Rig, within } from './rig.fixture.ts';
import { binanceTrade } from './transports/loopback.ts';

let rig: Rig;
afterEach(() => rig.close());

/** Large messages of one symbol until the memory, of which nothing is synced, is full: some of them are refused, smaller ones would find room. */
async function overflow(lines: number): Promise<void> {
  rig = await openRig({ memoryBytes: 1024 ** 2, syncMs: 3_600_000 });
  for (let no = 0; no < lines; no += 1) {
    const line = rig.make(binanceSpot, { line: no });
    line.want(['BTCUSDT']);
    await live(line);
  }
  const large = binanceTrade('BTCUSDT', 1) + ' '.repeat(100_000);
  for (let i = 0; i < 20; i += 1) rig.venue.clients[0]?.send(large);
  await expect.poll(() => rig.lines[0]?.state().frames, within).toBe(21);
  expect(rig.journal.stats().refused).toBeGreaterThan(0);
}

const kindOf = ({ control, text }: Entry): string =>
  control ? control.type : text.length > 100_000 ? 'large' : text.includes('"e":"trade"') ? 'small' : 'other';

test('a message that would still find room waits for the loss to be told', async () => {
  await overflow(1);
  const [client] = rig.venue.clients;
  client?.send(binanceTrade('BTCUSDT', 2));
  await expect.poll(() => rig.lines[0]?.state().frames, within).toBe(22);
  await expect.poll(async () => (await rig.controls('lost')).length, within).toBe(1);
  client?.send(binanceTrade('BTCUSDT', 3));
  await expect.poll(() => rig.lines[0]?.state().frames, within).toBe(23);
  const entries = await rig.recorded();
  const kinds = entries.map(kindOf);
  expect(kinds.slice(kinds.lastIndexOf('large'))).toEqual(['large', 'lost', 'small']);
  const [lost] = await rig.controls('lost');
  expect(lost?.frames).toBe(rig.journal.stats().refused);
  expect(kinds.filter((kind) => kind === 'large').length + (lost?.frames ?? 0)).toBe(21);
});

test('a sign of life after a loss waits for it too; that of a line which lost nothing does not', async () => {
  await overflow(2);
  const before = rig.journal.stats().headFrame;
  const quiet = (): boolean => rig.lines.every((line) => (line.state().lastFrameAgeMs ?? 0) > 1000);
  await expect.poll(quiet, within).toBe(true);
  for (const { socket } of rig.venue.clients) socket.ping();
  await expect.poll(() => rig.journal.stats().headFrame, within).toBeGreaterThan(before);
  // Both were asked alike, and the first line was the first to answer.
  await expect.poll(async () => (await rig.controls('lost')).length, within).toBe(1);
  const [lost] = await rig.controls('lost');
  const alive = (await rig.recorded()).flatMap(({ line, control }) =>
    control?.type === 'alive' || control?.type === 'lost' ? [[line, control.type]] : [],
  );
  const other = alive.find(([line]) => line !== lost?.lineNo)?.[0];
  expect(alive).toEqual([
    [other, 'alive'],
    [lost?.lineNo, 'lost'],
  ]);
});
