// A stand-in for the `electron` module in tests: what the desktop asks of it is noted, and its events can be raised.
import { EventEmitter } from 'node:events';

class FakePort extends EventEmitter {
  readonly posted: unknown[] = [];
  started = false;
  postMessage(message: unknown): void {
    this.posted.push(message);
  }
  closed = false;
  start(): void {
    this.started = true;
  }
  close(): void {
    this.closed = true;
  }
}

class FakeContents extends EventEmitter {
  readonly mainFrame = { url: 'tapedeck://app/' };
  readonly posted: { channel: string; ports: unknown[] }[] = [];
  reloads = 0;
  openHandler: ((details: { url: string }) => { action: string }) | undefined;
  setWindowOpenHandler(handler: (details: { url: string }) => { action: string }): void {
    this.openHandler = handler;
  }
  postMessage(channel: string, _message: unknown, ports: unknown[]): void {
    this.posted.push({ channel, ports });
  }
  reload(): void {
    this.reloads += 1;
  }
}

export class FakeWindow extends EventEmitter {
  readonly id: number;
  readonly options: { webPreferences: Record<string, unknown> };
  readonly webContents = new FakeContents();
  url = '';
  shown = 0;
  focused = 0;
  destroyed = false;
  constructor(options: { webPreferences: Record<string, unknown> }) {
    super();
    this.options = options;
    this.id = state.windows.push(this);
  }
  static fromWebContents(contents: unknown): FakeWindow | null {
    return state.windows.find((window) => window.webContents === contents) ?? null;
  }
  async loadURL(url: string): Promise<void> {
    this.url = url;
  }
  show(): void {
    this.shown += 1;
  }
  focus(): void {
    this.focused += 1;
  }
  restore(): void {}
  isDestroyed(): boolean {
    return this.destroyed;
  }
  isMinimized(): boolean {
    return false;
  }
}

export class FakeChild extends EventEmitter {
  readonly posted: { t: string }[] = [];
  readonly entry: string;
  readonly env: NodeJS.ProcessEnv;
  pid: number | undefined;
  kills = 0;
  constructor(entry: string, env: NodeJS.ProcessEnv) {
    super();
    this.entry = entry;
    this.env = env;
  }
  postMessage(message: { t: string }): void {
    if (this.pid === undefined) throw new Error('posted to a child that is not there');
    this.posted.push(message);
  }
  kill(): boolean {
    this.kills += 1;
    return true;
  }
  /** As the child would say it. */
  say(message: unknown): void {
    this.emit('message', message);
  }
  end(code: number): void {
    this.emit('exit', code);
  }
}

class FakeApp extends EventEmitter {
  readonly paths: Record<string, string> = {};
  readonly isPackaged = false;
  lock = true;
  quits = 0;
  exits: number[] = [];
  locale = 'ko-KR';
  setPath(name: string, path: string): void {
    this.paths[name] = path;
  }
  requestSingleInstanceLock(): boolean {
    return this.lock;
  }
  async whenReady(): Promise<void> {}
  getVersion(): string {
    return '1.2.3';
  }
  getLocale(): string {
    return this.locale;
  }
  quit(): void {
    this.quits += 1;
  }
  exit(code: number): void {
    this.exits.push(code);
  }
}

type Serve = (request: { url: string; method: string }) => Promise<Response>;

/** What was asked of the stand-in so far. */
export const state = {
  windows: [] as FakeWindow[],
  children: [] as FakeChild[],
  channels: [] as MessageChannelMain[],
  errors: [] as string[],
  questions: [] as string[],
  opened: [] as string[],
  external: [] as string[],
  blockers: new Set<number>(),
  serve: undefined as Serve | undefined,
  permission: undefined as
    | ((contents: unknown, permission: string, answer: (granted: boolean) => void) => void)
    | undefined,
  permissionCheck: undefined as (() => boolean) | undefined,
  menu: [] as { label?: string; submenu?: { label?: string; click?: () => void }[] }[],
  answer: 0,
};

export const app = new FakeApp();
export const ipcMain = new EventEmitter();
export const powerMonitor = new EventEmitter();
export const BrowserWindow = FakeWindow;
export class MessageChannelMain {
  readonly port1 = new FakePort();
  readonly port2 = new FakePort();
  constructor() {
    state.channels.push(this);
  }
}
export const protocol = {
  registerSchemesAsPrivileged: (): void => undefined,
  handle: (_scheme: string, serve: Serve): void => {
    state.serve = serve;
  },
};
export const session = {
  defaultSession: {
    setPermissionRequestHandler: (handler: typeof state.permission): void => {
      state.permission = handler;
    },
    setPermissionCheckHandler: (handler: typeof state.permissionCheck): void => {
      state.permissionCheck = handler;
    },
  },
};
export const shell = {
  openExternal: async (url: string): Promise<void> => {
    state.external.push(url);
  },
  openPath: async (path: string): Promise<string> => {
    state.opened.push(path);
    return '';
  },
};
export const dialog = {
  showErrorBox: (_title: string, text: string): void => {
    state.errors.push(text);
  },
  showMessageBox: async (_window: unknown, question: { message: string }): Promise<{ response: number }> => {
    state.questions.push(question.message);
    return { response: state.answer };
  },
};
export const Menu = {
  buildFromTemplate: (template: typeof state.menu): typeof state.menu => template,
  setApplicationMenu: (menu: typeof state.menu): void => {
    state.menu = menu;
  },
};
/** A store of secrets that turns text round; none where a test says so. */
export const safeStorage = {
  available: true,
  getSelectedStorageBackend: (): string => 'gnome_libsecret',
  isAsyncEncryptionAvailable: async (): Promise<boolean> => safeStorage.available,
  encryptStringAsync: async (text: string): Promise<Buffer> => Buffer.from([...text].reverse().join('')),
  decryptStringAsync: async (secret: Buffer): Promise<{ result: string; shouldReEncrypt: boolean }> => ({
    result: [...secret.toString()].reverse().join(''),
    shouldReEncrypt: false,
  }),
};
let nextBlocker = 0;
export const powerSaveBlocker = {
  start: (): number => {
    nextBlocker += 1;
    state.blockers.add(nextBlocker);
    return nextBlocker;
  },
  stop: (id: number): void => {
    state.blockers.delete(id);
  },
};
export const utilityProcess = {
  fork: (entry: string, _args: readonly string[], options: { readonly env?: NodeJS.ProcessEnv }): FakeChild => {
    const child = new FakeChild(entry, options.env ?? process.env);
    state.children.push(child);
    return child;
  },
};
