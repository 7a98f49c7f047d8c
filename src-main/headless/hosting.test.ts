// Tests of the host with real child processes: they are greeted, routed to, restarted, held and drained; one host per folder.
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { flushed } from '../base/log.ts';
import { allocatorEnv } from '../host/allocator.ts';
import type { ProcessName } from '../host/child.ts';
import { type Host, type HostOptions, openHost } from '../host/host.ts';
import { takeHostLock } from '../host/host-lock.ts';
import { usualTiming } from '../host/supervised-child.ts';
import { nodeChildren } from './node-child.ts';

const open: Host[] = [];
const folders: string[] = [];

function folder(everySeconds = 2): string {
  const path = mkdtempSync(join(tmpdir(), 'tapedeck-host-'));
  folders.push(path);
  const settings = { version: 1, venues: { upbit: { markets: ['spot'] } }, notices: { upbit: { everySeconds } } };
  writeFileSync(join(path, 'settings.json'), JSON.stringify(settings));
  return path;
}

const fixture = join(import.meta.dirname, 'fixture-child.ts');
const children = nodeChildren({ entry: () => fixture, args: (name: ProcessName) => [name], compileCache: null });

async function start(dataDir: string, more: Partial<HostOptions> = {}): Promise<Host> {
  const opened = await openHost({
    dataDir,
    wanted: { kind: 'settings', file: null },
    kind: 'headless',
    version: '0',
    children,
    openFolder: null,
    ...more,
  });
  if (!opened.ok) throw new Error(opened.failure.message);
  open.push(opened.value);
  return opened.value;
}

/** The store's pid once it is another one than before and ready. */
async function another(host: Host, name: 'collector' | 'store', before: number | null): Promise<number> {
  return vi.waitFor(
    () => {
      const state = host.router.latest('system.state')?.children.find((child) => child.process === name);
      if (state?.state !== 'ready' || state.pid === null || state.pid === before)
        throw new Error(`${name} is ${state?.state}`);
      return state.pid;
    },
    { timeout: 15_000, interval: 5 },
  );
}

afterEach(async () => {
  for (const host of open.splice(0)) await host.close('the test ended');
  for (const path of folders.splice(0)) rmSync(path, { recursive: true, force: true });
});

describe('host with real children', () => {
  it('brings the analyst when it is asked, ends it when nobody asks, and back again', async () => {
    const host = await start(folder(), { analystIdleMs: 100 });
    await host.up();
    expect(host.children().analyst).toBeUndefined();
    const first = await host.router.ask('analysis.schema', {});
    const pid = host.children().analyst;
    expect(first).toMatchObject({ ok: true, value: { functions: [{ name: String(pid) }] } });
    await vi.waitFor(() => expect(host.children().analyst).toBeUndefined(), { timeout: 60_000 });
    const second = await host.router.ask('analysis.schema', {});
    expect(second.ok && second.value.functions[0]?.name).not.toBe(String(pid));
    expect(host.status().reasons.join()).not.toContain('analyst');
    expect((await host.close('test')).killed).toEqual([]);
  });

  it('starts, answers, routes between children, and drains with nobody killed', async () => {
    const host = await start(folder());
    expect(await host.up()).toEqual({ ok: true, value: undefined });
    expect(host.status()).toMatchObject({
      status: 'ok',
      recording: true,
      totals: { frames: 7, ticks: 9 },
      journal: { headFrame: 9, durableFrame: 8 },
    });
    expect(await host.router.request('gaps.list', {})).toEqual({ ok: true, value: { gaps: [] } });
    // The collector asks the store through the host before it answers.
    expect(await host.router.request('recording.halt', { reason: 'x' })).toEqual({ ok: true, value: {} });
    expect(await host.close('done')).toEqual({ killed: [] });
  });

  it.runIf(process.platform === 'linux')('tells the allocator of a child what keeps its memory flat', async () => {
    const host = await start(folder());
    await host.up();
    const told = readFileSync(`/proc/${host.children().store}/environ`, 'utf8').split('\0');
    const mine = Object.entries(allocatorEnv(process.env)).filter(([name]) => name.startsWith('MALLOC_'));
    expect(mine.map(([name]) => name)).toEqual(expect.arrayContaining(['MALLOC_ARENA_MAX', 'MALLOC_TRIM_THRESHOLD_']));
    expect(told).toEqual(expect.arrayContaining(mine.map(([name, value]) => `${name}=${value}`)));
    // What the user sets himself stays.
    expect(allocatorEnv({ MALLOC_ARENA_MAX: '7' })).toMatchObject({ MALLOC_ARENA_MAX: '7' });
    // A disk that hangs must not hold all threads that names are looked up by.
    const collector = readFileSync(`/proc/${host.children().collector}/environ`, 'utf8').split('\0');
    expect(collector).toContain(`UV_THREADPOOL_SIZE=${process.env.UV_THREADPOOL_SIZE ?? 8}`);
  });

  it('brings a killed child back within a second, at once the first time, and keeps the other', async () => {
    const host = await start(folder());
    await host.up();
    const { collector, store } = host.children();
    const at = performance.now();
    process.kill(store ?? 0, 'SIGKILL');
    await another(host, 'store', store ?? null);
    expect(performance.now() - at).toBeLessThan(5000);
    expect(host.children().collector).toBe(collector);
  });

  it('forgets what a dead child said, and answers those who wait for it with a retry', async () => {
    const host = await start(folder());
    await host.up();
    const waiting = host.router.request('recording.resume', {});
    expect(await waiting).toMatchObject({ ok: false, failure: { code: 'process.gone', retry: true } });
    expect(host.router.latest('recording.meter')).toBeUndefined();
    expect(host.status()).toMatchObject({ status: 'degraded', recording: false, journal: { headFrame: 9 } });
    await another(host, 'collector', null);
  });

  it('passes a cancellation on to the child', async () => {
    const host = await start(folder());
    await host.up();
    const gone = new AbortController();
    const waiting = host.router.request('listings.extract-wait', { jobId: '1' }, gone.signal);
    gone.abort();
    expect(await waiting).toMatchObject({ ok: false, failure: { code: 'request.cancelled' } });
  });

  it('holds a child that dies five times before it was ready, and says so', async () => {
    const host = await start(folder(3), { timing: { ...usualTiming, backoffMs: [0, 1] } });
    expect(await host.up()).toMatchObject({
      ok: false,
      failure: { code: 'process.held', message: expect.stringMatching(/told to die/) },
    });
    await vi.waitFor(
      () =>
        expect(host.status()).toMatchObject({
          status: 'halted',
          reasons: expect.arrayContaining([expect.stringMatching(/collector is held: ended 5 times.*told to die/)]),
        }),
      15_000,
    );
    expect(await host.router.request('recording.resume', {})).toMatchObject({
      ok: false,
      failure: { code: 'process.gone', retry: false },
    });
  });

  it.runIf(process.platform === 'linux')('holds a child that the system does not start, and stays', async () => {
    // Longer than an argument may be: as for want of memory, fork throws instead of telling an error.
    const tooLong = nodeChildren({ entry: () => fixture, args: () => ['x'.repeat(1024 ** 2)], compileCache: null });
    const host = await start(folder(), { children: tooLong, timing: { ...usualTiming, backoffMs: [0, 1] } });
    expect(await host.up()).toMatchObject({
      ok: false,
      failure: { code: 'process.held', message: expect.stringMatching(/cannot be started: .*E2BIG/) },
    });
  });

  it('ends a child that says no hello, and one that does not leave when asked', async () => {
    const mute = await start(folder(), {
      children: nodeChildren({
        entry: () => join(import.meta.dirname, 'fixture-mute.ts'),
        args: () => [],
        compileCache: null,
      }),
      timing: { ...usualTiming, helloMs: 300, backoffMs: [0, 1], deathsToHold: 2 },
    });
    expect(await mute.up()).toMatchObject({ ok: false, failure: { code: 'process.held' } });
    const stubborn = await start(folder(4), { drainMs: 400 });
    await stubborn.up();
    expect(await stubborn.close('done')).toEqual({ killed: ['collector', 'store'] });
  });

  it('reports a child that stands still, and does not end it', async () => {
    const host = await start(folder(), { timing: { ...usualTiming, unresponsiveMs: 700 } });
    await host.up();
    const pid = host.children().store ?? 0;
    process.kill(pid, 'SIGSTOP');
    await vi.waitFor(() => expect(host.status().reasons.join()).toMatch(/store: unresponsive/), 10_000);
    process.kill(pid, 'SIGCONT');
    await vi.waitFor(() => expect(host.status().status).toBe('ok'), 10_000);
    expect(host.children().store).toBe(pid);
  });

  it('refuses a second host on the folder by pid, and takes over the lock of a dead one', async () => {
    const dataDir = folder();
    const host = await start(dataDir);
    await host.up();
    const lock = JSON.parse(readFileSync(join(dataDir, 'host.lock'), 'utf8')) as Record<string, unknown>;
    // As another process would see it: the holder lives under another pid than the asker's.
    writeFileSync(join(dataDir, 'host.lock'), JSON.stringify({ ...lock, pid: process.ppid, start: null }));
    expect(await takeHostLock(dataDir)).toMatchObject({
      ok: false,
      failure: { code: 'host.busy', message: expect.stringContaining(`pid ${process.ppid};`) },
    });
    // The same number, but a process that began at another time: the holder is dead.
    writeFileSync(join(dataDir, 'host.lock'), JSON.stringify({ ...lock, pid: process.ppid, start: '1', children: [] }));
    expect((await takeHostLock(dataDir)).ok).toBe(process.platform === 'linux');
  });

  it('leaves in order where its lock cannot be removed, as on a disk that became read-only, and says so', async () => {
    const dataDir = folder();
    const host = await start(dataDir);
    await host.up();
    // A folder stands in the way also for a user who may do everything.
    rmSync(join(dataDir, 'host.lock'));
    mkdirSync(join(dataDir, 'host.lock'));
    expect(await host.close('done')).toEqual({ killed: [] });
    await flushed(host.log);
    const log = readFileSync(join(dataDir, 'logs', 'host.log'), 'utf8');
    expect(log).toContain('host.lock is not removed: ');
    expect(log).toContain('"host left"');
  });

  it('writes new settings, keeps the older ones, and starts again only what cannot take them as it runs', async () => {
    const dataDir = folder();
    const host = await start(dataDir);
    await host.up();
    const { collector: before = null, store } = host.children();
    expect(await host.router.request('system.apply-settings', { settings: { version: 1, notice: {} } })).toMatchObject({
      ok: false,
      failure: { message: expect.stringContaining('unknown key "notice"; did you mean "notices"?') },
    });
    expect(
      await host.router.request('system.apply-settings', {
        settings: { version: 1, notices: { upbit: { everySeconds: 5 } } },
      }),
    ).toEqual({ ok: true, value: { restarted: ['collector'] } });
    await another(host, 'collector', before);
    expect(host.children().store).toBe(store);
    const versions = await host.router.ask('settings.versions', {});
    const name = versions.ok ? (versions.value.versions[0]?.name ?? '') : '';
    expect(await host.router.ask('settings.version', { name })).toEqual({
      ok: true,
      value: {
        settings: { version: 1, venues: { upbit: { markets: ['spot'] } }, notices: { upbit: { everySeconds: 2 } } },
      },
    });
    expect(await host.router.ask('settings.version', { name: '../settings.json' })).toMatchObject({
      ok: false,
      failure: { code: 'settings.no-version' },
    });
    expect(JSON.parse(readFileSync(join(dataDir, 'settings.json'), 'utf8'))).toMatchObject({
      notices: { upbit: { everySeconds: 5 } },
    });
  });

  it('goes on when a rehearsal cannot begin, for its folder is a file', async () => {
    const dataDir = folder();
    const host = await start(dataDir);
    await host.up();
    writeFileSync(join(dataDir, 'rehearsal'), '');
    const { store } = host.children();
    expect(await host.router.request('system.choose', { mode: 'rehearsal' })).toMatchObject({
      ok: false,
      failure: { code: 'data.not-a-folder', message: expect.stringContaining(join(dataDir, 'rehearsal')) },
    });
    expect(host.mode()).toBe('live');
    expect(host.children().store).toBe(store);
    rmSync(join(dataDir, 'rehearsal'));
    expect(await host.router.request('system.choose', { mode: 'rehearsal' })).toEqual({ ok: true, value: {} });
    expect((await host.close('done')).killed).toEqual([]);
  });

  it('starts nothing before something was chosen', async () => {
    const dataDir = folder();
    rmSync(join(dataDir, 'settings.json'));
    const host = await start(dataDir);
    expect(await host.up()).toMatchObject({ ok: true });
    expect(host.router.latest('system.state')).toMatchObject({ mode: 'none', children: [] });
    expect(host.children()).toEqual({ collector: null, store: null });
    expect(await host.router.request('system.choose', { mode: 'live' })).toEqual({ ok: true, value: {} });
    expect(await host.up()).toMatchObject({ ok: true });
    expect(host.mode()).toBe('live');
  });

  it.each(['SIGTERM', 'SIGKILL'])('goes on with what was chosen on the first screen after %s', async (end) => {
    const dataDir = folder();
    rmSync(join(dataDir, 'settings.json'));
    const again = async (host: Host): Promise<Host> => {
      // What a killed host leaves behind is what it wrote: its folder, copied while it runs.
      if (end === 'SIGTERM') await host.close('test');
      const next = end === 'SIGTERM' ? dataDir : folder();
      if (next !== dataDir) {
        rmSync(next, { recursive: true });
        cpSync(dataDir, next, { recursive: true, filter: (path) => !path.endsWith('host.lock') });
      }
      return start(next);
    };
    const host = await start(dataDir);
    expect(await host.router.request('system.choose', { mode: 'rehearsal' })).toEqual({ ok: true, value: {} });
    expect(host.mode()).toBe('rehearsal');
    const second = await again(host);
    expect(second.mode()).toBe('rehearsal');
    expect(second.recordDir()).toBe(join(second.dataDir, 'rehearsal'));
    // And out of it again: settings and choice say live.
    expect(await second.router.request('system.choose', { mode: 'live' })).toEqual({ ok: true, value: {} });
    await second.close('test');
    const third = await start(second.dataDir);
    expect(third.mode()).toBe('live');
    // A rehearsal that was chosen after real venues is what was chosen last, whatever settings lie there.
    expect(await third.router.request('system.choose', { mode: 'rehearsal' })).toEqual({ ok: true, value: {} });
    await third.close('test');
    expect((await start(second.dataDir)).mode()).toBe('rehearsal');
  });
});
