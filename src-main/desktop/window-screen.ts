// The Screen port over a MessagePort: our one window, its page served from the build under a scheme of our own, and the port handed to it.
// Promises: sandboxed, isolated, no navigation, no new windows, no permissions; a port goes to our own page only.
import { readFile } from 'node:fs/promises';
import {
  BrowserWindow,
  type IpcMainEvent,
  ipcMain,
  MessageChannelMain,
  type MessagePortMain,
  protocol,
  session,
  shell,
} from 'electron';
import type { Log } from '../base/log.ts';
import type { Router } from '../host/router.ts';
import type { Screen, ScreenEvents } from '../host/screen.ts';
import { contentSecurityPolicy, findFile } from '../host/static-files.ts';
import type { AttachedRecorder } from './recorders.ts';

const SCHEME = 'tapedeck';
const ORIGIN = `${SCHEME}://app`;
const RELOADS_PER_MINUTE = 3;

/** Must be called before the app is ready. */
export function registerScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ]);
}

export interface WindowOptions {
  readonly router: Router;
  readonly recorders: AttachedRecorder;
  readonly log: Log;
  readonly rendererDir: string;
  readonly preload: string;
  readonly title: string;
}

/** Files of the screen, and who may speak to the main process. Once, when the app is ready. */
export function serveScreen(options: WindowOptions): void {
  protocol.handle(SCHEME, async (request) => {
    const url = new URL(request.url);
    const remote =
      url.host === 'app' && request.method === 'GET' && url.pathname.startsWith('/exports/')
        ? options.recorders.export(url.pathname)
        : null;
    if (remote) return remote;
    const file =
      url.host === 'app'
        ? findFile(options.rendererDir, url.pathname === '/' ? '/index.html' : url.pathname)
        : undefined;
    if (!file || request.method !== 'GET') return new Response('there is no such file\n', { status: 404 });
    return new Response(new Uint8Array(await readFile(file.path)), {
      headers: {
        'content-type': file.type,
        'content-security-policy': contentSecurityPolicy([]),
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
      },
    });
  });
  session.defaultSession.setPermissionRequestHandler((_contents, _permission, answer) => answer(false));
  session.defaultSession.setPermissionCheckHandler(() => false);
  /** The frame when it is our own page; what else asks is said and gets nothing. */
  const ours = (event: IpcMainEvent): boolean => {
    const frame = event.senderFrame;
    const own = frame !== null && frame === event.sender.mainFrame && frame.url.startsWith(`${ORIGIN}/`);
    if (!own) options.log.warn({ url: frame?.url ?? null }, 'a page that is not ours asked for a port');
    return own;
  };
  // The recorder that is shown, which may be a remote one.
  ipcMain.on('tapedeck-port-wanted', (event) => {
    if (!ours(event)) return;
    const { port1, port2 } = new MessageChannelMain();
    const window = BrowserWindow.fromWebContents(event.sender);
    options.recorders.serve(
      port1,
      () => event.sender.postMessage('tapedeck-port', null, [port2]),
      () => attachOwn(options.router, port1, window),
    );
  });
  // The desktop itself, whichever recorder is shown: the way back must not depend on the network.
  ipcMain.on('tapedeck-desktop-wanted', (event) => {
    if (!ours(event)) return;
    const { port1, port2 } = new MessageChannelMain();
    attachOwn(options.router, port1, BrowserWindow.fromWebContents(event.sender));
    event.sender.postMessage('tapedeck-desktop', null, [port2]);
  });
}

export function openWindow(options: WindowOptions): BrowserWindow {
  const window = new BrowserWindow({
    width: 1440,
    height: 900,
    minWidth: 720,
    minHeight: 480,
    title: options.title,
    show: false,
    backgroundColor: '#0e1116',
    webPreferences: {
      preload: options.preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
      spellcheck: false,
    },
  });
  const { webContents } = window;
  window.once('ready-to-show', () => window.show());
  webContents.on('will-navigate', (event) => event.preventDefault());
  webContents.on('will-redirect', (event) => event.preventDefault());
  webContents.on('will-attach-webview', (event) => event.preventDefault());
  webContents.setWindowOpenHandler(({ url }) => {
    // A notice is read in the operator's own browser, never in here.
    if (URL.parse(url)?.protocol === 'https:') void shell.openExternal(url);
    return { action: 'deny' };
  });
  let reloads: number[] = [];
  webContents.on('render-process-gone', (_event, { reason, exitCode }) => {
    options.log.error({ reason, exitCode }, `the screen died: ${reason}`);
    reloads = [...reloads.filter((at) => performance.now() - at < 60_000), performance.now()];
    if (reason !== 'clean-exit' && reloads.length <= RELOADS_PER_MINUTE) webContents.reload();
  });
  window
    .loadURL(`${ORIGIN}/`)
    .catch((error: unknown) => options.log.error({ reason: String(error) }, 'the screen could not be loaded'));
  return window;
}

/** Joins the port with the own recorder; the returned function ends it. */
function attachOwn(router: Router, port: MessagePortMain, window: BrowserWindow | null): () => void {
  let events: ScreenEvents | undefined;
  // A port does not tell how much waits in it; a page that does not respond is all that can be seen.
  let stuck = false;
  const stick = (): void => {
    stuck = true;
  };
  const loosen = (): void => {
    stuck = false;
    events?.drained();
  };
  window?.on('unresponsive', stick);
  window?.on('responsive', loosen);
  let over = false;
  const end = (): void => {
    if (over) return;
    over = true;
    window?.off('unresponsive', stick);
    window?.off('responsive', loosen);
    port.close();
    events?.closed();
  };
  const screen: Screen = {
    name: `window ${window?.id ?? 'unknown'}`,
    post: (message) => {
      if (!over) port.postMessage(message);
    },
    congested: () => stuck,
    listen: (next) => {
      events = next;
      port.on('message', ({ data }) => {
        if (!over) next.message(data);
      });
      port.on('close', end);
      port.start();
    },
  };
  router.attach(screen);
  return end;
}
