// The host: one data folder, its children, its settings, and the router that screens and commands talk to.
// Promises: the folder is held by nobody else; what runs fits the chosen mode; closing drains everything in bounded time.
import { existsSync, readdirSync, statfsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Failure, fail, ok, type Result, reasonOf } from '../../src-shared/base/result.ts';
import type { StoreMeter } from '../../src-shared/contract/archive.ts';
import type { EventValue } from '../../src-shared/contract/index.ts';
import type { Status } from '../../src-shared/contract/system.ts';
import { type Log, openLog } from '../base/log.ts';
import { type ChildPort, type ProcessName, processNames } from './child.ts';
import { readChoice, rehearsalInside } from './choice.ts';
import { claimPurpose, prepareDataFolder } from './data-folder.ts';
import { HealthWatch } from './health/health-watch.ts';
import { type HostLock, takeHostLock } from './host-lock.ts';
import { hostRequests } from './host-requests.ts';
import { OnDemand } from './on-demand.ts';
import { type Plan, planOf, processesOf, purposeOf } from './plan.ts';
import { Router } from './router.ts';
import { checkSettings, offlineSettings, readSettings } from './settings.ts';
import { type Mode, statusOf, withAlerts } from './status.ts';
import { type ChildTiming, SupervisedChild, usualTiming } from './supervised-child.ts';

export type { Mode } from './status.ts';

/** settings: the file named, or what was chosen on the folder before, or its settings.json; without any of them the mode is none. */
export type Wanted =
  | { readonly kind: 'settings'; readonly file: string | null }
  | { readonly kind: 'rehearsal'; readonly recipe: string | null }
  | { readonly kind: 'offline' };

export interface HostOptions {
  readonly dataDir: string;
  readonly wanted: Wanted;
  readonly kind: 'desktop' | 'headless';
  readonly version: string;
  readonly children: ChildPort;
  /** Opens a folder in the desktop's file browser; null where there is none. */
  readonly openFolder: ((path: string) => Promise<Result<void>>) | null;
  readonly timing?: ChildTiming;
  /** How long the analyst stays without being asked, ms. */
  readonly analystIdleMs?: number;
  /** Time limit for all children to leave, ms. */
  readonly drainMs?: number;
}

export interface Host {
  readonly dataDir: string;
  /** Where this mode records: the data folder, or its `rehearsal` when simulated trades were chosen on a folder meant for real ones. */
  recordDir(): string;
  readonly router: Router;
  readonly log: Log;
  readonly startedUs: number;
  mode(): Mode;
  status(): Status;
  readonly health: HealthWatch;
  children(): Readonly<Record<string, number | null>>;
  /** Resolves when every child of the mode is ready (at once in mode none); a Failure when one is held. */
  up(): Promise<Result<void>>;
  /** Drains and gives the folder back. Names children that had to be killed. */
  close(reason: string): Promise<{ readonly killed: readonly ProcessName[] }>;
}

const DRAIN_MS = 10_000;
const STATE_MS = 250;
/** Simulated venues print nothing for so long before their recorder is told to leave. */
const VENUES_HALT_MS = 800;

/** Failures: those of the data folder, the lock and the settings; nothing runs then. */
export async function openHost(options: HostOptions): Promise<Result<Host>> {
  const folder = prepareDataFolder(options.dataDir, { create: options.wanted.kind !== 'offline' });
  if (!folder.ok) return folder;
  const lock = await takeHostLock(folder.value);
  if (!lock.ok) return lock;
  const host = new RunningHost(options, folder.value, lock.value);
  const begun = await host.begin();
  if (begun.ok) return ok(host);
  await host.close('it could not start');
  return begun;
}

class RunningHost implements Host {
  readonly dataDir: string;
  readonly router: Router;
  readonly log: Log;
  readonly startedUs = Date.now() * 1000;
  readonly #options: HostOptions;
  readonly #lock: HostLock;
  readonly health: HealthWatch;
  readonly #children: Readonly<Record<ProcessName, SupervisedChild>>;
  readonly #analyst: OnDemand;
  readonly #ticker: NodeJS.Timeout;
  readonly #changed = new Set<() => void>();
  #plan: Plan;
  /** One change of the plan at a time. */
  #turn: Promise<unknown> = Promise.resolve();
  #grown = { headFrame: 0, durableFrame: 0, journalBytes: 0 };
  #lastStore: StoreMeter | undefined;
  /** Where the simulated venues listened last: a restart takes the same place. */
  #venuePort = 0;
  /** What is wrong with the settings that the simulated venues gave. */
  #unusable: Failure | undefined;
  #closing: Promise<{ readonly killed: readonly ProcessName[] }> | undefined;
  #lockTrouble: string | null = null;

  constructor(options: HostOptions, dataDir: string, lock: HostLock) {
    this.#options = options;
    this.#lock = lock;
    this.dataDir = dataDir;
    this.log = openLog(dataDir, 'host');
    this.router = new Router(this.log);
    this.#plan = planOf('none', this.dataDir, offlineSettings());
    this.health = new HealthWatch({
      router: this.router,
      log: this.log,
      startedUs: this.startedUs,
      plan: () => this.#plan,
      children: () => processesOf[this.#plan.mode].map((name) => this.#children[name]),
    });
    this.#children = {
      collector: this.#child('collector'),
      store: this.#child('store'),
      rehearsal: this.#child('rehearsal'),
      analyst: this.#child('analyst'),
    };
    this.#analyst = new OnDemand(this.#children.analyst, {
      refusal: () => this.#analystRefusal(),
      busy: () =>
        [
          ...(this.router.latest('analysis.runs')?.runs ?? []),
          ...(this.router.latest('analysis.exports')?.exports ?? []),
        ].some((work) => work.endedUs === null),
      ...(options.analystIdleMs === undefined ? {} : { idleMs: options.analystIdleMs }),
    });
    this.router.own(
      'host',
      hostRequests({
        dataDir,
        version: options.version,
        startedUs: this.startedUs,
        watch: this.health,
        recordDir: () => this.recordDir(),
        router: this.router,
        status: () => this.status(),
        plan: () => this.#plan,
        log: this.log,
        begin: (plan) => this.#begin(plan),
        adopt: (plan) => this.#adopt(plan),
        restart: (name) => this.#restartChild(name),
        openFolder: options.openFolder,
      }),
    );
    for (const name of processNames) this.router.own(name, name === 'analyst' ? this.#analyst : this.#children[name]);
    this.router.listen('recording.meter', (meter) => {
      this.#grown = { headFrame: meter.headFrame, durableFrame: meter.durableFrame, journalBytes: meter.journalBytes };
    });
    this.router.listen('store.meter', (meter) => {
      this.#lastStore = meter;
    });
    this.router.listen('rehearsal.state', (state) => this.#venuesMoved(state));
    this.#ticker = setInterval(() => this.#publishState(), STATE_MS);
    this.#ticker.unref();
  }

  mode(): Mode {
    return this.#plan.mode;
  }

  recordDir(): string {
    return this.#plan.recordDir;
  }

  /** The children of the mode by name; one that is away has no pid. */
  children(): Readonly<Record<string, number | null>> {
    return {
      collector: null,
      store: null,
      ...Object.fromEntries([...this.#states(), ...this.#summoned()].map((child) => [child.process, child.pid])),
    };
  }

  async begin(): Promise<Result<void>> {
    const { wanted } = this.#options;
    const own = join(this.dataDir, 'settings.json');
    if (wanted.kind === 'rehearsal')
      return this.#begin({ ...planOf('rehearsal', this.dataDir, offlineSettings()), recipe: wanted.recipe });
    const path = wanted.kind === 'settings' && wanted.file !== null ? resolve(wanted.file) : own;
    const chosen = wanted.kind === 'settings' && wanted.file !== null;
    if (wanted.kind === 'settings' && !chosen && readChoice(this.dataDir) === 'rehearsal') {
      const plan = rehearsalInside(this.dataDir);
      return plan.ok ? this.#begin(plan.value) : plan;
    }
    if (!chosen && !existsSync(own)) {
      if (wanted.kind === 'offline') return this.#begin(planOf('offline', this.dataDir, offlineSettings()));
      this.#publishState();
      return ok(undefined);
    }
    const settings = await readSettings(path);
    if (!settings.ok) {
      // A reader does not need the settings to be right.
      if (wanted.kind === 'offline') return this.#begin(planOf('offline', this.dataDir, offlineSettings()));
      return settings;
    }
    return this.#begin({
      ...planOf(wanted.kind === 'offline' ? 'offline' : 'live', this.dataDir, settings.value),
      settingsPath: path,
    });
  }

  status(): Status {
    const seen = statusOf({
      mode: this.#plan.mode,
      pid: process.pid,
      markets: Object.values(this.#plan.settings.venues).reduce(
        (sum, venue) => sum + (venue?.enabled ? venue.markets.length : 0),
        0,
      ),
      children: this.#states(),
      collector: this.router.latest('recording.meter'),
      store: this.router.latest('store.meter'),
      ...this.#grown,
      durableFrame: Math.max(
        this.#grown.durableFrame,
        (this.#lastStore?.frame ?? 0) + (this.#plan.mode === 'offline' ? (this.#lastStore?.lagFrames ?? 0) : 0),
      ),
      journalBytes:
        this.#plan.mode === 'offline' ? bytesOf(join(this.recordDir(), 'journal')) : this.#grown.journalBytes,
      lastStore: this.#lastStore,
      freeBytes: this.#lastStore === undefined ? freeBytesOf(this.dataDir) : 0,
    });
    return { ...withAlerts(seen, this.health.active), children: this.children() };
  }

  async up(): Promise<Result<void>> {
    for (;;) {
      if (this.#closing) return fail('host.closing', 'the host is leaving');
      if (this.#unusable) return { ok: false, failure: this.#unusable };
      const states = this.#states();
      const held = states.find((child) => child.state === 'held');
      if (held) return fail('process.held', `${held.process} does not start: ${held.note ?? 'no reason given'}`);
      const metered = this.#plan.mode === 'none' || this.router.latest('store.meter') !== undefined;
      if (metered && states.every((child) => child.state === 'ready')) return ok(undefined);
      await new Promise<void>((resolve) => this.#onceChanged(resolve));
    }
  }

  close(reason: string): Promise<{ readonly killed: readonly ProcessName[] }> {
    this.#closing ??= (async () => {
      this.log.info({ reason }, `host is leaving: ${reason}`);
      this.#tellChanged();
      await this.#turn;
      const killed = await this.#drainAll(reason);
      this.#analyst.close();
      await this.health.close();
      clearInterval(this.#ticker);
      for (const child of Object.values(this.#children)) child.close();
      if (killed.length > 0) this.log.error({ killed }, `left with force: ${killed.join(', ')}`);
      const left = await this.#lock.release();
      if (left !== null) this.log.warn({ left }, `host.lock is not removed: ${left}`);
      this.log.info('host left');
      return { killed };
    })();
    return this.#closing;
  }

  #child(name: ProcessName): SupervisedChild {
    return new SupervisedChild(
      name,
      this.#options.children,
      {
        start: () => ({
          dataDir: this.#plan.recordDir,
          settings: this.#plan.settings,
          options: {
            mode: this.#plan.mode,
            version: this.#options.version,
            ...(name === 'rehearsal' ? { recipe: this.#plan.recipe, port: this.#venuePort } : {}),
          },
        }),
        published: (event, value) => {
          this.router.publish(name, event, value);
          if (event === 'store.meter') this.#tellChanged();
        },
        asked: (request, input) => this.router.request(request, input),
        changed: () => {
          void this.#noteChildren();
          this.#publishState();
          this.#tellChanged();
          if (name === 'analyst') this.#analyst.changed();
        },
        gone: () => this.router.forget(name),
      },
      this.log,
      this.#options.timing ?? usualTiming,
    );
  }

  async #noteChildren(): Promise<void> {
    const trouble = await this.#lock.children(this.#pids());
    // Children that change while one write is under way all hear the same of it.
    if (trouble !== null && trouble !== this.#lockTrouble)
      this.log.warn({ trouble }, `host.lock cannot be written now: ${trouble}`);
    this.#lockTrouble = trouble;
  }

  /** The analyst while it is there, or while it cannot come. */
  #summoned() {
    const state = this.#children.analyst.state();
    return state.state === 'stopped' ? [] : [state];
  }

  #states() {
    return processesOf[this.#plan.mode].map((name) => this.#children[name].state());
  }

  /** The analyst reads what the store holds. */
  #analystRefusal(): Failure | null {
    const message = this.#closing
      ? 'the host is leaving'
      : processesOf[this.#plan.mode].includes('store')
        ? null
        : 'nothing is recorded yet: choose live venues or a rehearsal';
    return message === null ? null : { code: 'analysis.no-data', message, retry: false };
  }

  #pids(): number[] {
    return processNames.flatMap((name) => this.#children[name].pid ?? []);
  }

  #publishState(): void {
    this.router.publish('host', 'system.state', {
      version: this.#options.version,
      mode: this.#plan.mode,
      host: this.#options.kind,
      dataDir: this.recordDir(),
      startedUs: this.startedUs,
      nowUs: Date.now() * 1000,
      children: [...this.#states(), ...this.#summoned()],
    });
  }

  #onceChanged(then: () => void): void {
    this.#changed.add(then);
  }

  #tellChanged(): void {
    const waiting = [...this.#changed];
    this.#changed.clear();
    for (const then of waiting) then();
  }

  /** Changes of the plan, one after the other. */
  #change(work: () => Promise<Result<void>>): Promise<Result<void>> {
    const next = this.#turn.then(() => (this.#closing ? fail('host.closing', 'the host is leaving') : work()));
    // One that threw is told to whoever asked for it; those behind it, and the leaving, have their turn all the same.
    this.#turn = next.catch(() => undefined);
    return next;
  }

  #begin(plan: Plan): Promise<Result<void>> {
    return this.#change(async () => {
      const purpose = purposeOf(plan);
      const claimed = purpose === null ? ok(undefined) : claimPurpose(plan.recordDir, purpose);
      if (!claimed.ok) return claimed;
      await this.#drainAll(`mode ${plan.mode}`);
      this.#plan = plan;
      this.log.info({ mode: plan.mode, settings: plan.settingsPath, recordDir: plan.recordDir }, `mode ${plan.mode}`);
      // The rehearsal's settings are known once its venues listen; the other two start then.
      if (plan.mode === 'rehearsal') this.#children.rehearsal.start();
      else for (const name of processesOf[plan.mode]) this.#children[name].start();
      this.#publishState();
      return ok(undefined);
    });
  }

  /** Other settings for what runs; a process that cannot take them is started anew, which loses nothing more than its restart. */
  async #adopt(plan: Plan): Promise<Result<ProcessName[]>> {
    const restarted: ProcessName[] = [];
    const { settings } = plan;
    const adopted = await this.#change(async () => {
      // Also what starts by itself from now on takes the new ones.
      this.#plan = plan;
      const takers = [
        ['store', 'archive.apply'],
        ['collector', 'recording.apply'],
      ] as const;
      for (const [name, request] of takers) {
        const taken = await this.router.ask(request, { settings });
        if (taken.ok) continue;
        this.log.warn({ failure: taken.failure }, `${name} is restarted for its settings: ${taken.failure.message}`);
        await this.#children[name].drain('the settings changed', DRAIN_MS);
        this.#children[name].start();
        restarted.push(name);
      }
      this.log.info({ settings: plan.settingsPath, restarted }, 'settings applied');
      return ok(undefined);
    });
    return adopted.ok ? ok(restarted) : adopted;
  }

  #venuesMoved(state: EventValue<'rehearsal.state'>): void {
    if (this.#plan.mode !== 'rehearsal') return;
    this.#venuePort = state.port;
    const known = this.#children.collector.pid !== null || this.#children.collector.state().state === 'restarting';
    const settings = checkSettings(state.settings, 'settings of the rehearsal');
    this.#unusable = settings.ok ? undefined : settings.failure;
    if (!settings.ok) {
      this.log.error({ failure: settings.failure }, settings.failure.message);
      this.#tellChanged();
      return;
    }
    const same = JSON.stringify(settings.value) === JSON.stringify(this.#plan.settings);
    if (known && same) return;
    const moved = this.#change(async () => {
      if (this.#plan.mode !== 'rehearsal') return ok(undefined);
      this.#plan = { ...this.#plan, settings: settings.value };
      if (known) await this.#children.collector.drain('the simulated venues moved', DRAIN_MS);
      this.#children.collector.start();
      this.#children.store.start();
      return ok(undefined);
    });
    moved.catch((error: unknown) => this.log.error({ err: error }, `the venues moved: ${reasonOf(error)}`));
  }

  /**
   * Collector first, so that the store commits all that was recorded. Simulated venues halt before that: a recorder that stops while trades
   * are printed cannot know whether it has the last of them, and asks for them at its next start. One time limit for all.
   */
  async #drainAll(reason: string): Promise<ProcessName[]> {
    const end = performance.now() + (this.#options.drainMs ?? DRAIN_MS);
    const killed: ProcessName[] = [];
    const drain = async (name: ProcessName): Promise<void> => {
      const left = Math.max(250, end - performance.now());
      if (!(await this.#children[name].drain(reason, left))) killed.push(name);
    };
    const venues = drain('rehearsal');
    if (this.#children.collector.state().state === 'ready') await Promise.race([venues, delay(VENUES_HALT_MS)]);
    for (const name of processNames) if (name !== 'rehearsal') await drain(name);
    await venues;
    return killed;
  }

  async #restartChild(name: ProcessName): Promise<Result<void>> {
    if (!processesOf[this.#plan.mode].includes(name)) {
      return fail('process.gone', `${name} does not run in mode ${this.#plan.mode}`);
    }
    return this.#change(async () => {
      await this.#children[name].drain('an operator asked for a restart', DRAIN_MS);
      this.#children[name].start();
      return ok(undefined);
    });
  }
}

/** Free space of a folder, bytes; 0 where it cannot be told, as when the folder went away. */
function freeBytesOf(folder: string): number {
  if (!existsSync(folder)) return 0;
  const found = statfsSync(folder);
  return found.bavail * found.bsize;
}

function bytesOf(folder: string): number {
  if (!existsSync(folder)) return 0;
  return readdirSync(folder)
    .filter((name) => name.includes('.journal'))
    .reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}
