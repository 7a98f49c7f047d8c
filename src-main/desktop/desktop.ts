// The desktop host: the same recorder, its screen in a window. Thin: what only a desktop can do, and nothing of recording itself.
// Promises: one instance per data folder, awake while it records, the collector told of sleep and waking, and everything drained before it quits.
import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import {
  app,
  type BrowserWindow,
  dialog,
  type MessageBoxOptions,
  powerMonitor,
  powerSaveBlocker,
  shell,
} from 'electron';
import { type Failure, fail, ok } from '../../src-shared/base/result.ts';
import { prepareDataFolder } from '../host/data-folder.ts';
import { type Door, openDoor } from '../host/door.ts';
import { type Host, openHost, type Wanted } from '../host/host.ts';
import { NativeLanguage } from './language.ts';
import { setMenu, wordsOf } from './menu.ts';
import { AttachedRecorder } from './recorders.ts';
import { RemoteBook } from './remote-book.ts';
import { utilityChildren } from './utility-child.ts';
import { openWindow, registerScheme, serveScreen, type WindowOptions } from './window-screen.ts';

export interface DesktopPlaces {
  /** Built entries of the children. */
  readonly mainDir: string;
  readonly rendererDir: string;
  readonly preload: string;
}

/** What the command line asks for; Chromium's own switches are let through. */
export function desktopArguments(argv: readonly string[]): { dataDir: string; wanted: Wanted } {
  const { values } = parseArgs({
    args: [...argv],
    strict: false,
    options: {
      data: { type: 'string' },
      settings: { type: 'string' },
      rehearsal: { type: 'boolean' },
      recipe: { type: 'string' },
    },
  });
  const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);
  const rehearsal = values.rehearsal === true || text(values.recipe) !== null;
  return {
    dataDir: resolve(text(values.data) ?? join(homedir(), rehearsal ? 'Tapedeck-rehearsal' : 'Tapedeck')),
    wanted: rehearsal
      ? { kind: 'rehearsal', recipe: text(values.recipe) }
      : { kind: 'settings', file: text(values.settings) },
  };
}

/** Resolves when the window is open, or the app is on its way out. */
export async function startDesktop(argv: readonly string[], places: DesktopPlaces): Promise<void> {
  const { dataDir, wanted } = desktopArguments(argv);
  const giveUp = (failure: Failure, words = wordsOf(app.getLocale())): void => {
    process.stderr.write(`tapedeck: ${failure.message}\n`);
    dialog.showErrorBox(words.failed, failure.message);
    app.exit(1);
  };
  const folder = prepareDataFolder(dataDir, { create: true });
  if (!folder.ok) return giveUp(folder.failure);
  // The window's own files beside the data: Electron's single-instance lock then holds per data folder.
  const profile = join(folder.value, 'desktop');
  mkdirSync(profile, { recursive: true });
  app.setPath('userData', profile);
  if (!app.requestSingleInstanceLock()) {
    app.quit();
    return;
  }
  registerScheme();
  await app.whenReady();
  const language = new NativeLanguage(profile, () => app.getLocale());

  const opened = await openHost({
    dataDir: folder.value,
    wanted,
    kind: 'desktop',
    version: app.getVersion(),
    children: utilityChildren(places.mainDir),
    openFolder: async (path) => {
      const trouble = await shell.openPath(path);
      return trouble === '' ? ok(undefined) : fail('system.no-folder', `${path} cannot be opened: ${trouble}`);
    },
  });
  if (!opened.ok) return giveUp(opened.failure, language.words);
  const host = opened.value;
  // The command line and /health reach this host as they reach a headless one.
  const door = await openDoor({ host, version: app.getVersion(), port: 0, address: '127.0.0.1', screen: null });
  if (!door.ok) host.log.error({ failure: door.failure }, door.failure.message);
  keepAwake(host);
  followPower(host);
  live(host, door.ok ? door.value : undefined, language, {
    router: host.router,
    recorders: new AttachedRecorder(host.router, host.log, await RemoteBook.open(profile, host.log)),
    log: host.log,
    rendererDir: places.rendererDir,
    preload: places.preload,
    title: 'Tapedeck',
  });
}

/** Windows and the end of the app. */
function live(host: Host, door: Door | undefined, language: NativeLanguage, options: WindowOptions): void {
  let window: BrowserWindow | undefined;
  let left = false;
  let leaving: Promise<void> | undefined;
  const leave = (reason: string): Promise<void> => {
    leaving ??= (async () => {
      await host.close(reason);
      await door?.close();
      left = true;
    })();
    return leaving;
  };
  const show = (): void => {
    if (window && !window.isDestroyed()) {
      if (window.isMinimized()) window.restore();
      window.show();
      window.focus();
      return;
    }
    const next = openWindow(options);
    window = next;
    next.on('close', (event) => {
      // On a Mac an app lives on without its window; elsewhere closing it ends the recording, which is asked first.
      if (leaving || process.platform === 'darwin' || !recording(host)) return;
      event.preventDefault();
      const { words } = language;
      const question: MessageBoxOptions = {
        type: 'warning',
        message: words.stopTitle,
        detail: words.stopText,
        buttons: [words.stay, words.stop],
        defaultId: 0,
        cancelId: 0,
      };
      void dialog.showMessageBox(next, question).then(({ response }) => {
        if (response === 1) app.quit();
      });
    });
    // Windows logs off without asking: what can still be drained is drained.
    next.on('session-end', () => void leave('the session ends'));
  };
  const open = (path: string) => (): void => {
    void host.router.request('system.open-folder', { path }).then((result) => {
      if (!result.ok) host.log.warn({ failure: result.failure }, result.failure.message);
    });
  };
  serveScreen(options);
  options.recorders.onShown(() => window?.webContents.reload());
  const name = (): void =>
    setMenu(language.words, { openData: open('.'), openExports: open('exports') }, app.isPackaged);
  name();
  options.recorders.onLanguage((spoken) => {
    if (language.choose(spoken, host.log)) name();
  });
  app.on('second-instance', show);
  app.on('activate', show);
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit();
  });
  app.on('before-quit', (event) => {
    if (left) return;
    event.preventDefault();
    void leave('the app quits').then(() => app.quit());
  });
  powerMonitor.on('shutdown', () => void leave('the computer shuts down'));
  show();
}

function recording(host: Host): boolean {
  return host.router.latest('recording.meter')?.recording ?? false;
}

/** The system must not fall asleep while trades are recorded; the display may. */
function keepAwake(host: Host): void {
  let blocker: number | undefined;
  host.router.listen('system.state', () => {
    if (recording(host) && blocker === undefined) blocker = powerSaveBlocker.start('prevent-app-suspension');
    else if (!recording(host) && blocker !== undefined) {
      powerSaveBlocker.stop(blocker);
      blocker = undefined;
    }
  });
}

/** Sleep is written into the journal; on waking every line connects at once instead of finding out that it is dead. */
function followPower(host: Host): void {
  const tell = (state: 'suspend' | 'resume') => (): void => {
    void host.router.request('recording.power', { state }).then((result) => {
      if (!result.ok) {
        host.log.warn(
          { failure: result.failure, state },
          `the collector was not told of ${state}: ${result.failure.message}`,
        );
      }
    });
  };
  powerMonitor.on('suspend', tell('suspend'));
  powerMonitor.on('resume', tell('resume'));
}
