// Tests of the desktop host against a stand-in of the `electron` module: children, window, port, power, and the way out.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { childEnv } from '../host/allocator.ts';
import { desktopArguments, startDesktop } from './desktop.ts';
import { NativeLanguage } from './language.ts';
import { app, type FakeChild, type FakeWindow, ipcMain, powerMonitor, state } from './stand-in.ts';

vi.mock('electron', () => import('./stand-in.ts'));

const dir = mkdtempSync(join(tmpdir(), 'tapedeck-desktop-'));
const data = join(dir, 'data');
const places = { mainDir: join(dir, 'main'), rendererDir: join(dir, 'renderer'), preload: join(dir, 'preload.cjs') };

const meter = {
  atUs: 1,
  recording: true,
  halt: null,
  headFrame: 1,
  durableFrame: 1,
  journalBytes: 1,
  bufferedBytes: 0,
  bufferLimitBytes: 1,
  lostFrames: 0,
  durableDelayMs: { p50: 1, p99: 1, max: 1 },
  loopDelayMs: { p99: 1, max: 1 },
  framesPerSecond: 1,
  bytesPerSecond: 1,
  rssBytes: 1,
  lines: [],
};

function child(name: string, nth = -1): FakeChild {
  const found = state.children.filter((one) => one.entry.endsWith(`${name}.js`)).at(nth);
  if (!found) throw new Error(`${name} was not started`);
  return found;
}

function greet(name: string, pid: number): FakeChild {
  const one = child(name);
  one.pid = pid;
  one.say({ t: 'hello', process: name, pid });
  one.say({ t: 'ready' });
  return one;
}

function only(): FakeWindow {
  const window = state.windows[0];
  if (!window) throw new Error('there is no window');
  return window;
}

beforeAll(async () => {
  mkdirSync(places.mainDir, { recursive: true });
  mkdirSync(places.rendererDir, { recursive: true });
  mkdirSync(data);
  for (const name of ['collector', 'store']) writeFileSync(join(places.mainDir, `${name}.js`), '');
  writeFileSync(join(places.rendererDir, 'index.html'), 'screen');
  writeFileSync(join(data, 'settings.json'), '{"version":1}');
  await startDesktop(['--data', data, '--enable-logging'], places);
});

afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe('desktop', () => {
  it('reads its arguments beside Chromium switches', () => {
    expect(desktopArguments(['--data', '/x', '--no-sandbox', '--rehearsal'])).toEqual({
      dataDir: '/x',
      wanted: { kind: 'rehearsal', recipe: null },
    });
    expect(desktopArguments([]).dataDir).toMatch(/Tapedeck$/);
  });

  it('keeps the window sandboxed and its own page in it', async () => {
    expect(only().options.webPreferences).toMatchObject({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
    });
    expect(only().url).toBe('tapedeck://app/');
    expect(app.paths.userData).toBe(join(data, 'desktop'));
    const kept = vi.fn();
    for (const name of ['will-navigate', 'will-redirect', 'will-attach-webview'])
      only().webContents.emit(name, { preventDefault: kept });
    expect(kept).toHaveBeenCalledTimes(3);
    expect(only().webContents.openHandler?.({ url: 'https://upbit.com/notice' })).toEqual({ action: 'deny' });
    expect(only().webContents.openHandler?.({ url: 'file:///etc/passwd' })).toEqual({ action: 'deny' });
    expect(state.external).toEqual(['https://upbit.com/notice']);
    const granted = vi.fn();
    state.permission?.(null, 'media', granted);
    expect(granted).toHaveBeenCalledWith(false);
    expect(state.permissionCheck?.()).toBe(false);
  });

  it('serves the built screen and nothing else', async () => {
    const page = await state.serve?.({ url: 'tapedeck://app/', method: 'GET' });
    expect(await page?.text()).toBe('screen');
    expect(page?.headers.get('content-security-policy')).toMatch(/default-src 'none'; script-src 'self'/);
    for (const url of ['tapedeck://app/..%2fdata/settings.json', 'tapedeck://other/', 'tapedeck://app/none.js']) {
      expect((await state.serve?.({ url, method: 'GET' }))?.status).toBe(404);
    }
  });

  it('hands a port to its own page only, and routes what comes over it', () => {
    const { webContents } = only();
    const ask = (frame: unknown): boolean =>
      ipcMain.emit('tapedeck-port-wanted', { sender: webContents, senderFrame: frame });
    ask({ url: 'tapedeck://app/' });
    ask({ url: 'https://evil.example/' });
    ask(null);
    expect(webContents.posted).toEqual([]);
    ask(webContents.mainFrame);
    expect(webContents.posted).toMatchObject([{ channel: 'tapedeck-port' }]);
    const port = state.channels[0]?.port1;
    expect(port?.started).toBe(true);
    port?.emit('message', { data: { t: 'subscribe', id: 1, name: 'system.state' } });
    expect(port?.posted).toMatchObject([{ t: 'event', id: 1, seq: 1, value: { host: 'desktop', mode: 'live' } }]);
    only().emit('unresponsive');
    port?.emit('message', { data: { t: 'subscribe', id: 2, name: 'system.state' } });
    expect(port?.posted).toHaveLength(1);
    only().emit('responsive');
    expect(port?.posted.at(-1)).toMatchObject({ id: 2 });
    for (const id of [1, 2]) port?.emit('message', { data: { t: 'unsubscribe', id } });
  });

  it('answers for itself over a pipe of its own, whichever recorder is shown', async () => {
    const { webContents } = only();
    ipcMain.emit('tapedeck-desktop-wanted', { sender: webContents, senderFrame: { url: 'https://evil.example/' } });
    ipcMain.emit('tapedeck-desktop-wanted', { sender: webContents, senderFrame: webContents.mainFrame });
    expect(webContents.posted.map(({ channel }) => channel)).toEqual(['tapedeck-port', 'tapedeck-desktop']);
    const port = state.channels.at(-1)?.port1;
    port?.emit('message', { data: { t: 'subscribe', id: 1, name: 'desktop.recorders' } });
    expect(port?.posted).toMatchObject([{ value: { attached: null, state: 'local', canKeep: true } }]);
    port?.emit('message', {
      data: { t: 'request', id: 2, name: 'desktop.attach', input: { url: 'http://10.1.2.3', token: 'x' } },
    });
    await vi.waitFor(() =>
      expect(port?.posted.at(-1)).toMatchObject({ id: 2, result: { failure: { code: 'remote.insecure' } } }),
    );
    port?.emit('close');
  });

  it('speaks as the screen does in its menu and questions, and again at its next start', async () => {
    const { webContents } = only();
    ipcMain.emit('tapedeck-desktop-wanted', { sender: webContents, senderFrame: webContents.mainFrame });
    const port = state.channels.at(-1)?.port1;
    const choose = async (id: number, language: string): Promise<void> => {
      port?.emit('message', { data: { t: 'request', id, name: 'desktop.language', input: { language } } });
      await vi.waitFor(() => expect(port?.posted.at(-1)).toMatchObject({ id, result: { ok: true } }));
    };
    expect(state.menu.map((one) => one.label)).toEqual(['파일', '편집', '보기']);
    await choose(1, 'en');
    expect(state.menu.map((one) => one.label)).toEqual(['File', 'Edit', 'View']);
    const later = new NativeLanguage(join(data, 'desktop'), () => 'ko-KR');
    expect(later.words.stay).toBe('Keep recording');
    await choose(2, 'ko');
    expect(state.menu.map((one) => one.label)).toEqual(['파일', '편집', '보기']);
    expect(new NativeLanguage(join(data, 'desktop'), () => 'en-US').words.stay).toBe('계속 기록');
    expect(new NativeLanguage(join(dir, 'nowhere'), () => 'en-US').words.stay).toBe('Keep recording');
    await choose(3, 'en');
    port?.emit('close');
  });

  it('starts children, keeps the computer awake while they record, and tells the collector of sleep', async () => {
    const collector = greet('collector', 101);
    greet('store', 102);
    expect(collector.posted[0]).toMatchObject({ t: 'start', dataDir: data, options: { mode: 'live' } });
    expect(collector.env).toEqual(childEnv('collector', process.env));
    collector.say({ t: 'publish', name: 'recording.meter', value: meter });
    await vi.waitFor(() => expect(state.blockers.size).toBe(1));
    powerMonitor.emit('suspend');
    powerMonitor.emit('resume');
    const told = () => collector.posted.filter((message) => message.t === 'request');
    await vi.waitFor(() =>
      expect(told()).toMatchObject([
        { name: 'recording.power', input: { state: 'suspend' } },
        { input: { state: 'resume' } },
      ]),
    );
  });

  it('takes only the first exit of a child, never posts to it again, and starts another', async () => {
    const store = child('store');
    const before = store.posted.length;
    store.end(0);
    store.end(11);
    await vi.waitFor(() => expect(child('store')).not.toBe(store));
    expect(state.children.filter((one) => one.entry.endsWith('store.js'))).toHaveLength(2);
    expect(store.posted).toHaveLength(before);
    greet('store', 103);
  });

  it('lets the computer sleep when the collector is gone', async () => {
    child('collector').end(1);
    await vi.waitFor(() => expect(state.blockers.size).toBe(0));
    await vi.waitFor(() => expect(child('collector').pid).toBeUndefined());
    greet('collector', 104).say({ t: 'publish', name: 'recording.meter', value: meter });
  });

  it('shows the window again for a second start', () => {
    app.emit('second-instance');
    expect(only().focused).toBe(1);
    expect(state.windows).toHaveLength(1);
  });

  it('opens folders of the data folder, and nothing else', async () => {
    state.menu[0]?.submenu?.[0]?.click?.();
    await vi.waitFor(() => expect(state.opened).toEqual([data]));
    const port = state.channels[0]?.port1;
    for (const [id, path] of [
      [11, '..'],
      [12, 'settings.json'],
      [13, dir],
    ] as const) {
      port?.emit('message', { data: { t: 'request', id, name: 'system.open-folder', input: { path } } });
    }
    await vi.waitFor(() =>
      expect(port?.posted.slice(-3)).toMatchObject(
        Array(3).fill({ result: { failure: { code: 'system.no-folder' } } }),
      ),
    );
    expect(state.opened).toHaveLength(1);
    port?.emit('close');
  });

  it('asks before a closing window ends the recording', async () => {
    const event = { preventDefault: vi.fn() };
    only().emit('close', event);
    expect(event.preventDefault).toHaveBeenCalledTimes(process.platform === 'darwin' ? 0 : 1);
    expect(state.questions).toEqual(process.platform === 'darwin' ? [] : ['Stop recording?']);
    expect(app.quits).toBe(0);
  });

  it('reloads a screen that died, but not for ever', () => {
    for (let n = 0; n < 9; n += 1)
      only().webContents.emit('render-process-gone', {}, { reason: 'crashed', exitCode: 1 });
    expect(only().webContents.reloads).toBe(3);
  });

  it('drains before it quits, once', async () => {
    const event = { preventDefault: vi.fn() };
    app.emit('before-quit', event);
    app.emit('before-quit', event);
    expect(event.preventDefault).toHaveBeenCalledTimes(2);
    for (const name of ['collector', 'store']) {
      await vi.waitFor(() => expect(child(name).posted.at(-1)).toMatchObject({ t: 'drain' }));
      child(name).say({ t: 'goodbye', reason: 'the app quits' });
      child(name).end(0);
    }
    await vi.waitFor(() => expect(app.quits).toBeGreaterThan(0));
    const last = { preventDefault: vi.fn() };
    app.emit('before-quit', last);
    expect(last.preventDefault).not.toHaveBeenCalled();
  });

  it('gives up in words when the folder cannot be used, and leaves when it runs already', async () => {
    writeFileSync(join(dir, 'file'), '');
    await startDesktop(['--data', join(dir, 'file')], places);
    expect(state.errors).toEqual([expect.stringMatching(/is a file, not a folder/)]);
    expect(app.exits).toEqual([1]);
    app.lock = false;
    const quits = app.quits;
    await startDesktop(['--data', data], places);
    expect(app.quits).toBe(quits + 1);
  });
});
