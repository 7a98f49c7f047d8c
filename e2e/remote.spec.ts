// Another recorder in the desktop's window: the built screen between two real hosts. Electron's main process is stood in for by this test,
// which passes envelopes on as it does; the real one is tested beside its code.
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { WebSocket } from 'ws';
import { expect, figure, type Host, smallRecipe, test, waitForRecording } from './tapedeck.ts';

interface Envelope {
  readonly t: string;
  readonly id: number;
  readonly name?: string;
  readonly input?: { readonly url?: string; readonly token?: string };
}

/** What Electron's main process does for the page: a pipe to the recorder that is shown, and one to the desktop itself. */
async function standIn(page: Page, own: Host, remote: Host): Promise<void> {
  let shown = own;
  const sockets = new Set<WebSocket>();
  const tell = (id: string, message: unknown): Promise<unknown> =>
    page.evaluate(([pipe, text]) => Reflect.get(window, 'standInReceive')(pipe, text), [
      id,
      JSON.stringify(message),
    ] as const);
  const recorders = () => ({
    attached: shown === own ? null : remote.ready.url,
    state: shown === own ? 'local' : 'open',
    note: null,
    remotes: shown === own ? [] : [{ url: remote.ready.url, kept: true }],
    canKeep: true,
  });
  const open = new Map<string, WebSocket>();
  await page.exposeFunction('standInOpen', async (pipe: string, id: string) => {
    if (pipe === 'tapedeck-desktop') return;
    const socket = new WebSocket(`${shown.ready.url.replace(/^http/, 'ws')}/screen`, {
      headers: { authorization: `Bearer ${shown.ready.token}` },
    });
    sockets.add(socket);
    open.set(id, socket);
    await new Promise<void>((resolve, reject) => socket.once('open', () => resolve()).once('error', reject));
    socket.on('message', (data) => void tell(id, JSON.parse(data.toString())).catch(() => socket.terminate()));
  });
  await page.exposeFunction('standInSend', async (pipe: string, id: string, text: string) => {
    if (pipe !== 'tapedeck-desktop') {
      open.get(id)?.send(text);
      return;
    }
    const message = JSON.parse(text) as Envelope;
    if (message.t === 'subscribe') {
      await tell(id, { t: 'event', id: message.id, seq: 1, value: recorders() });
    }
    if (message.t !== 'request') return;
    const right = message.name === 'desktop.detach' || message.input?.token === remote.ready.token;
    const result = right
      ? { ok: true, value: message.name === 'desktop.attach' ? { url: remote.ready.url } : {} }
      : { ok: false, failure: { code: 'remote.refused', message: 'does not take this token', retry: false } };
    await tell(id, { t: 'reply', id: message.id, result });
    if (!right) return;
    shown = message.name === 'desktop.attach' ? remote : own;
    for (const socket of sockets) socket.terminate();
    open.clear();
    await page.reload();
  });
  await page.addInitScript(() => {
    Object.defineProperty(window, 'tapedeck', { value: { host: 'desktop' } });
    const call = (name: string, ...args: string[]): Promise<void> => Reflect.get(window, name)(...args);
    const ports = new Map<string, MessagePort>();
    let next = 0;
    Reflect.set(window, 'standInReceive', (id: string, text: string) => ports.get(id)?.postMessage(JSON.parse(text)));
    for (const pipe of ['tapedeck-port', 'tapedeck-desktop']) {
      window.addEventListener('message', (event) => {
        if (event.source !== window || event.data !== `${pipe}-wanted`) return;
        const { port1, port2 } = new MessageChannel();
        next += 1;
        const id = String(next);
        ports.set(id, port1);
        port1.onmessage = ({ data }) => void call('standInSend', pipe, id, JSON.stringify(data));
        void call('standInOpen', pipe, id).then(() => window.postMessage(pipe, location.origin, [port2]));
      });
    }
  });
}

test('another recorder is shown by address and token, and the own one again', async ({ page, bench }) => {
  const own = await bench.host([], join(bench.dir, 'own'));
  const remote = await bench.host(['--recipe', bench.recipe(smallRecipe())], join(bench.dir, 'remote'));
  await standIn(page, own, remote);
  await page.goto(own.address());
  // Nothing is set up on this computer: the way to another recorder is there all the same.
  await expect(page.getByTestId('first-run')).toBeVisible();
  await page.keyboard.press('Control+k');
  await page.keyboard.type('another recorder');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('recorders')).toContainText('This computer');
  await expect(page.getByTestId('remote-bar')).toBeHidden();

  await page.getByTestId('recorder-url').fill(remote.ready.url);
  await page.getByTestId('recorder-token').fill('wrong');
  await page.getByTestId('recorder-attach').click();
  await expect(page.getByRole('alert')).toContainText('does not take this token');
  await page.getByTestId('recorder-token').fill(remote.ready.token);
  await page.keyboard.press('Enter');

  const bar = page.getByTestId('remote-bar');
  await expect(bar).toContainText(remote.ready.url);
  await waitForRecording(page);
  await expect(page.getByTestId('status-host')).toHaveAttribute('title', new RegExp(`${bench.dir}/remote`));
  expect(page.url()).not.toContain(remote.ready.token);
  await page.getByTestId('nav-live').click();
  await expect.poll(() => figure(page, 'ticks-per-second')).toBeGreaterThan(20);

  await page.keyboard.press('Control+k');
  await page.keyboard.type('recorder of this computer');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('first-run')).toBeVisible();
  await expect(bar).toBeHidden();
});
