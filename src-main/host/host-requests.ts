// The requests that the host itself answers: its state, its settings, what to record, and folders on a desktop.
import { existsSync, realpathSync, statSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';
import { fail, ok, type Result, reasonOf } from '../../src-shared/base/result.ts';
import type { RequestName, RequestOutput } from '../../src-shared/contract/index.ts';
import type { Settings } from '../../src-shared/contract/settings.ts';
import { replaceFile } from '../base/files.ts';
import type { Handlers, RequestContext } from '../base/parent-port.ts';
import { analysesRequests } from './analyses.ts';
import type { ProcessName } from './child.ts';
import { keepChoice, rehearsalInside } from './choice.ts';
import { claimPurpose } from './data-folder.ts';
import { type HealthRoom, healthHandlers } from './health/health-requests.ts';
import type { Host } from './host.ts';
import { type Plan, planOf, purposeOf } from './plan.ts';
import type { RequestTarget } from './router.ts';
import { checkSettings, judgeSettings, liveSettings, readSettings } from './settings.ts';
import { changesBetween } from './settings-change.ts';
import { previewSymbols } from './settings-preview.ts';
import { keepVersion, listVersions, readVersion } from './settings-versions.ts';

/** What the requests need of the host. */
export interface HostSeat extends HealthRoom, Pick<Host, 'router' | 'log'> {
  /** Ends what runs and starts this instead. */
  begin(plan: Plan): Promise<Result<void>>;
  /** Goes on with what runs, by other settings; names the processes that had to be started anew for it. */
  adopt(plan: Plan): Promise<Result<ProcessName[]>>;
  restart(name: ProcessName): Promise<Result<void>>;
  readonly openFolder: ((path: string) => Promise<Result<void>>) | null;
}

export function hostRequests(seat: HostSeat): RequestTarget {
  const handlers: Handlers = {
    ...analysesRequests({ dataDir: seat.dataDir, nowUs: () => Date.now() * 1000 }),
    'system.status': () => ok(seat.status()),
    'system.meters': () =>
      ok({
        collector: seat.router.latest('recording.meter') ?? null,
        store: seat.router.latest('store.meter') ?? null,
      }),
    'system.settings': () => ok({ settings: seat.plan().settings, path: seat.plan().settingsPath }),
    'system.choose': async ({ mode }) => done(await (mode === 'live' ? chooseLive(seat) : chooseRehearsal(seat))),
    'system.apply-settings': ({ settings }) => applySettings(seat, settings),
    'settings.check': ({ settings }) => ok(checkDraft(seat, settings)),
    'settings.preview': async (question) => ok(await previewSymbols(seat, question)),
    'settings.versions': async () => ok({ versions: await listVersions(seat.plan().settingsPath) }),
    'settings.version': async ({ name }) => {
      const settings = await readVersion(seat.plan().settingsPath, name);
      return settings.ok ? ok({ settings: settings.value }) : settings;
    },
    'system.restart': async ({ process: name }) => done(await seat.restart(name)),
    'system.open-folder': async ({ path }) => done(await openFolder(seat, path)),
    ...healthHandlers(seat),
  };
  return {
    request: async (name, input, signal) => {
      const handler = Object.hasOwn(handlers, name)
        ? (handlers[name as RequestName] as
            | ((input: unknown, context: RequestContext) => Result<unknown> | Promise<Result<unknown>>)
            | undefined)
        : undefined;
      return handler ? handler(input, { signal }) : fail('request.unknown', `the host does not answer ${name}`);
    },
  };
}

function done(result: Result<void>): Result<Record<string, never>> {
  return result.ok ? ok({}) : result;
}

async function chooseLive(seat: HostSeat): Promise<Result<void>> {
  const path = join(seat.dataDir, 'settings.json');
  if (!existsSync(path)) {
    const written = await write(path, liveSettings());
    if (!written.ok) return written;
  }
  const settings = await readSettings(path);
  if (!settings.ok) return settings;
  const begun = await seat.begin(planOf('live', seat.dataDir, settings.value));
  return begun.ok ? keepChoice(seat.dataDir, 'live') : begun;
}

async function chooseRehearsal(seat: HostSeat): Promise<Result<void>> {
  const plan = rehearsalInside(seat.dataDir);
  if (!plan.ok) return plan;
  const begun = await seat.begin(plan.value);
  return begun.ok ? keepChoice(seat.dataDir, 'rehearsal') : begun;
}

/** Why settings cannot be changed just now; null: they can. */
function fixedBecause({ mode }: Plan): string | null {
  if (mode === 'rehearsal') return 'in a rehearsal the settings come with the simulated venues';
  return mode === 'offline' ? 'the data folder is only read, nothing is recorded by these settings' : null;
}

function checkDraft(seat: HostSeat, value: unknown): RequestOutput<'settings.check'> {
  const { settings, issues } = judgeSettings(value);
  const plan = seat.plan();
  return { issues, changes: settings ? changesBetween(plan.settings, settings) : [], fixed: fixedBecause(plan) };
}

async function applySettings(seat: HostSeat, value: unknown): Promise<Result<{ restarted: string[] }>> {
  const before = seat.plan();
  const fixed = fixedBecause(before);
  if (fixed !== null) return fail('settings.fixed', `settings cannot be changed in mode ${before.mode}: ${fixed}`);
  const checked = checkSettings(value, 'settings');
  if (!checked.ok) return checked;
  const { settingsPath } = before;
  const plan = { ...planOf('live', seat.dataDir, checked.value), settingsPath };
  const purpose = purposeOf(plan);
  const claimed = purpose === null ? ok(undefined) : claimPurpose(plan.recordDir, purpose);
  if (!claimed.ok) return claimed;
  const kept = await keepVersion(settingsPath, Date.now() * 1000);
  if (!kept.ok) return kept;
  const written = await write(settingsPath, checked.value);
  if (!written.ok) return written;
  if (before.mode !== 'live') {
    const begun = await seat.begin(plan);
    const chosen = begun.ok ? await keepChoice(seat.dataDir, 'live') : begun;
    return chosen.ok ? ok({ restarted: [] }) : chosen;
  }
  const adopted = await seat.adopt(plan);
  return adopted.ok ? ok({ restarted: adopted.value }) : adopted;
}

async function write(path: string, settings: Settings): Promise<Result<void>> {
  try {
    await replaceFile(path, `${JSON.stringify(settings, null, 2)}\n`);
    return ok(undefined);
  } catch (error) {
    return fail('settings.unwritable', `settings cannot be written to ${path}: ${reasonOf(error)}`);
  }
}

async function openFolder(seat: HostSeat, path: string): Promise<Result<void>> {
  const asked = resolve(seat.recordDir(), path);
  if (!seat.openFolder) return fail('system.no-desktop', `this host has no desktop to open ${asked} on`);
  const folder = folderInside(seat.dataDir, asked);
  return folder === undefined
    ? fail('system.no-folder', `${asked} is not a folder of ${seat.dataDir}`)
    : seat.openFolder(folder);
}

/** The real path of a folder inside another; a desktop would run a program that it is asked to open. */
function folderInside(root: string, path: string): string | undefined {
  if (!existsSync(path)) return undefined;
  const [outer, inner] = [realpathSync(root), realpathSync(path)];
  return (inner === outer || inner.startsWith(outer + sep)) && statSync(inner).isDirectory() ? inner : undefined;
}
