// The link under bad conditions: lost, silent, late, reordered and wrong messages. Nothing may hang, go back in time or be taken unread.
import { describe, expect, it } from 'vitest';
import type { UpEnvelope } from '../../src-shared/contract/wire.ts';
import { type Clock, createLinkClient } from './client.ts';
import type { PortListener, Reach } from './port.ts';

interface FakePort {
  readonly listener: PortListener;
  readonly sent: UpEnvelope[];
  closed: boolean;
}

function fakeClock() {
  let now = 0;
  let timers: { at: number; run: () => void }[] = [];
  const clock: Clock = {
    now: () => now,
    random: () => 0.5,
    after: (ms, run) => {
      const timer = { at: now + ms, run };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
  };
  /** Runs what is due, in order; replies of promises settle in between. */
  const pass = async (ms: number): Promise<void> => {
    const end = now + ms;
    for (;;) {
      const due = timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      timers = timers.filter((timer) => timer !== due);
      now = due.at;
      due.run();
      await Promise.resolve();
    }
    now = end;
    await new Promise<void>((resolve) => setImmediate(resolve));
  };
  return { clock, pass };
}

function start(probe?: () => Promise<Reach>) {
  const ports: FakePort[] = [];
  const { clock, pass } = fakeClock();
  const client = createLinkClient({
    clock,
    ...(probe ? { probe } : {}),
    open: (listener) => {
      const port: FakePort = { listener, sent: [], closed: false };
      ports.push(port);
      return {
        send: (envelope) => port.sent.push(envelope),
        close: () => {
          if (port.closed) return;
          port.closed = true;
          listener.closed('closed by the screen');
        },
      };
    },
  });
  const port = (): FakePort => {
    const last = ports.at(-1);
    if (!last) throw new Error('no port was opened');
    return last;
  };
  return { client, ports, port, pass };
}

const changed = (count: number) => ({ count, latest: null });

function subscribeIdOf(port: FakePort, name: string): number {
  const found = port.sent.find((envelope) => envelope.t === 'subscribe' && envelope.name === name);
  if (!found) throw new Error(`nothing subscribed to ${name}`);
  return found.id;
}

describe('requests', () => {
  it('gives the value back, with the contract applied', async () => {
    const { client, port } = start();
    port().listener.opened();
    const answer = client.request('gaps.repair', {});
    const sent = port().sent.find((envelope) => envelope.t === 'request');
    expect(sent).toMatchObject({ name: 'gaps.repair', input: {} });
    port().listener.message({
      t: 'reply',
      id: sent?.id,
      result: { ok: true, value: { jobId: 'r-1', queued: 3, more: 'x' } },
    });
    expect(await answer).toEqual({ ok: true, value: { jobId: 'r-1', queued: 3 } });
  });

  it('refuses a value that is not in the agreed shape, and counts it', async () => {
    const { client, port } = start();
    port().listener.opened();
    const answer = client.request('gaps.repair', {});
    port().listener.message({
      t: 'reply',
      id: port().sent.at(-1)?.id,
      result: { ok: true, value: { queued: 'many' } },
    });
    expect(await answer).toMatchObject({ ok: false, failure: { code: 'link.invalid-reply' } });
    expect(client.state().unreadable).toBe(1);
  });

  it('passes failures on unchanged', async () => {
    const { client, port } = start();
    port().listener.opened();
    const answer = client.request('gaps.repair', {});
    const failure = { code: 'process.not-ready', message: 'store does not answer yet', retry: true };
    port().listener.message({ t: 'reply', id: port().sent.at(-1)?.id, result: { ok: false, failure } });
    expect(await answer).toEqual({ ok: false, failure });
  });

  it('ends at once without a link, and when the link is lost on the way', async () => {
    const { client, port } = start();
    expect(await client.request('gaps.repair', {})).toMatchObject({ ok: false, failure: { code: 'link.lost' } });
    port().listener.opened();
    const answer = client.request('gaps.repair', {});
    port().listener.closed('gone');
    expect(await answer).toMatchObject({ ok: false, failure: { code: 'link.lost', retry: true } });
  });

  it('ends by time-out and tells the host that the answer is no longer wanted', async () => {
    const { client, port, pass } = start();
    port().listener.opened();
    const answer = client.request('gaps.repair', {});
    const id = port().sent.at(-1)?.id;
    // Heard from all the time, so that only the request's own clock ends it.
    for (let passed = 0; passed < 20_000; passed += 1000) {
      port().listener.message({ t: 'event', id: 999, seq: 1, value: null });
      await pass(1000);
    }
    expect(await answer).toMatchObject({ ok: false, failure: { code: 'link.timeout' } });
    expect(port().sent).toContainEqual({ t: 'cancel', id });
  });

  it('is cancelled by its signal', async () => {
    const { client, port } = start();
    port().listener.opened();
    const stop = new AbortController();
    const answer = client.request('gaps.repair', {}, stop.signal);
    stop.abort();
    expect(await answer).toMatchObject({ ok: false, failure: { code: 'request.cancelled' } });
    expect(port().sent.at(-1)).toMatchObject({ t: 'cancel' });
  });
});

describe('events', () => {
  it('never go back in time, and damaged ones are counted, not shown', () => {
    const { client, port } = start();
    port().listener.opened();
    const seen: number[] = [];
    client.subscribe('listings.changed', (value) => seen.push(value.count));
    const id = subscribeIdOf(port(), 'listings.changed');
    const post = (seq: number, value: unknown): void => port().listener.message({ t: 'event', id, seq, value });
    post(1, changed(1));
    post(3, changed(3));
    post(2, changed(2));
    post(3, changed(30));
    post(4, { count: 'four' });
    post(5, changed(5));
    port().listener.message('not an envelope');
    expect(seen).toEqual([1, 3, 5]);
    expect(client.state().unreadable).toBe(2);
  });

  it('a second subscriber has the latest value at once, over one subscription', () => {
    const { client, port } = start();
    port().listener.opened();
    const stopFirst = client.subscribe('listings.changed', () => undefined);
    const id = subscribeIdOf(port(), 'listings.changed');
    port().listener.message({ t: 'event', id, seq: 1, value: changed(7) });
    const seen: number[] = [];
    const stopSecond = client.subscribe('listings.changed', (value) => seen.push(value.count));
    expect(seen).toEqual([7]);
    expect(port().sent.filter((envelope) => envelope.t === 'subscribe')).toHaveLength(1);
    stopFirst();
    expect(port().sent.some((envelope) => envelope.t === 'unsubscribe')).toBe(false);
    stopSecond();
    expect(port().sent.at(-1)).toEqual({ t: 'unsubscribe', id });
  });
});

describe('reconnecting', () => {
  it('subscribes again under a new number and takes values from 1 on', async () => {
    const { client, ports, port, pass } = start();
    port().listener.opened();
    const seen: number[] = [];
    client.subscribe('listings.changed', (value) => seen.push(value.count));
    const first = subscribeIdOf(port(), 'listings.changed');
    port().listener.message({ t: 'event', id: first, seq: 40, value: changed(40) });
    const old = port();
    old.listener.closed('host gone');
    expect(client.state()).toMatchObject({ phase: 'lost', reason: 'host gone' });
    await pass(300);
    expect(ports).toHaveLength(2);
    port().listener.opened();
    const second = subscribeIdOf(port(), 'listings.changed');
    expect(second).not.toBe(first);
    port().listener.message({ t: 'event', id: second, seq: 1, value: changed(41) });
    old.listener.message({ t: 'event', id: second, seq: 2, value: changed(99) });
    expect(seen).toEqual([40, 41]);
    expect(client.state()).toMatchObject({ phase: 'open', recoveries: 1 });
  });

  it('waits longer each time, at most about five seconds, and stays lost since the first loss', async () => {
    const { client, ports, port, pass } = start();
    port().listener.opened();
    await pass(10);
    port().listener.closed('gone');
    const { sinceMs } = client.state();
    const gaps: number[] = [];
    for (let attempt = 0; attempt < 8; attempt += 1) {
      const before = ports.length;
      let waited = 0;
      while (ports.length === before && waited < 10_000) {
        await pass(50);
        waited += 50;
      }
      gaps.push(waited);
      port().listener.closed('still gone');
    }
    expect(gaps.slice(0, 5)).toEqual([250, 500, 1000, 2000, 4000]);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(6000);
    expect(client.state()).toMatchObject({ sinceMs, attempts: 9 });
  });

  it('says what is behind a link that does not open', async () => {
    const { client, port, pass } = start(() => Promise.resolve('refused'));
    port().listener.closed('closed with code 1006');
    await pass(0);
    expect(client.state()).toMatchObject({ phase: 'lost', reach: 'refused' });
  });

  it('asks a silent host, and gives it up when it does not answer', async () => {
    const { client, ports, port, pass } = start();
    port().listener.opened();
    await pass(5000);
    expect(port().sent.at(-1)).toMatchObject({ t: 'request', name: 'system.status' });
    await pass(5000);
    expect(client.state().phase).toBe('lost');
    await pass(300);
    expect(ports).toHaveLength(2);
  });

  it('a host that answers the question stays', async () => {
    const { client, ports, port, pass } = start();
    port().listener.opened();
    await pass(5000);
    const id = port().sent.at(-1)?.id;
    port().listener.message({
      t: 'reply',
      id,
      result: { ok: false, failure: { code: 'x.y', message: 'busy', retry: true } },
    });
    await pass(4000);
    expect(client.state().phase).toBe('open');
    expect(ports).toHaveLength(1);
  });

  it('an attempt that hangs is given up when another is wanted', async () => {
    const { client, ports, port } = start();
    port().listener.closed('gone');
    client.reconnect();
    const hanging = port();
    client.reconnect();
    expect(hanging.closed).toBe(true);
    expect(ports).toHaveLength(3);
    hanging.listener.opened();
    expect(client.state().phase).toBe('lost');
    port().listener.opened();
    expect(client.state().phase).toBe('open');
  });
});
