// Starts Tapedeck's own commands as an operator would, and talks to the running host. Every drill and bench stands on these.
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export const top = join(dirname(fileURLToPath(import.meta.url)), '../..');
const cli = join(top, 'src-main/cli/main.ts');

export interface Running {
  readonly child: ChildProcess;
  readonly ready: Record<string, unknown>;
  /** What it said with this event, now or later; fails after a minute and a half. */
  said(event: string): Promise<Record<string, unknown>>;
  /** Resolves with the exit code, or the signal's name. */
  readonly ended: Promise<number | string>;
  readonly errors: () => string;
}

/** Starts a command that prints one JSON line with event "ready" and stays. */
export async function startCommand(
  args: readonly string[],
  options: { timeoutMs?: number; env?: NodeJS.ProcessEnv } = {},
): Promise<Running> {
  const child = spawn(process.execPath, [cli, ...args], {
    cwd: top,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...options.env },
  });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errors = (errors + chunk.toString()).slice(-20_000);
  });
  const ended = new Promise<number | string>((resolve) =>
    child.once('exit', (code, signal) => resolve(code ?? signal ?? 'unknown')),
  );
  const lines = createInterface({ input: child.stdout });
  const heard = new Map<unknown, Record<string, unknown>>();
  lines.on('line', (line) => {
    if (!line.startsWith('{')) return;
    const value = JSON.parse(line) as Record<string, unknown>;
    heard.set(value.event, value);
  });
  const ready = await new Promise<Record<string, unknown>>((resolve, reject) => {
    const timer = setTimeout(() => {
      // Nobody would end it: who asked has nothing in hand.
      child.kill();
      reject(new Error(`${args[0]} was not ready in time: ${errors}`));
    }, options.timeoutMs ?? 60_000);
    lines.on('line', () => {
      const value = heard.get('ready');
      if (!value) return;
      clearTimeout(timer);
      resolve(value);
    });
    void ended.then((end) => {
      clearTimeout(timer);
      reject(new Error(`${args[0]} ended (${end}) before it was ready: ${errors}`));
    });
  });
  return {
    child,
    ready,
    said: (event) =>
      until(
        `${args[0]} says ${event}`,
        async () => heard.get(event),
        () => true,
      ),
    ended,
    errors: () => errors,
  };
}

/** Runs a command to its end; its output goes to a file when one is named. */
export async function runCommand(
  args: readonly string[],
  options: { input?: string; outFile?: string } = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  const outFd = options.outFile === undefined ? undefined : openSync(options.outFile, 'w');
  const child = spawn(process.execPath, [cli, ...args], { cwd: top, stdio: ['pipe', outFd ?? 'pipe', 'pipe'] });
  if (outFd !== undefined) closeSync(outFd);
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => err.push(chunk));
  child.stdin?.end(options.input ?? '');
  const code = await new Promise<number>((resolve) => child.once('close', (value) => resolve(value ?? 1)));
  return { code, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() };
}

/** Stops a command in the wanted way and gives its exit code. */
export async function stop(running: Running, signal: NodeJS.Signals = 'SIGTERM'): Promise<number | string> {
  if (running.child.exitCode === null && running.child.signalCode === null) running.child.kill(signal);
  return running.ended;
}

/** One request to the host of a data folder, over its HTTP door. Undefined when nobody answers. */
export async function ask<T>(dataDir: string, name: string, input: unknown = {}): Promise<T | undefined> {
  const path = join(dataDir, 'host.json');
  if (!existsSync(path)) return undefined;
  const host = JSON.parse(readFileSync(path, 'utf8')) as { url: string; token: string };
  try {
    const reply = await fetch(new URL('/request', host.url), {
      method: 'POST',
      headers: { authorization: `Bearer ${host.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ name, input }),
      signal: AbortSignal.timeout(10_000),
    });
    const result = (await reply.json()) as { ok: boolean; value?: T };
    return result.ok ? result.value : undefined;
  } catch (error) {
    // The host is down, or going down: the caller asks again until its own time limit.
    if (error instanceof TypeError || (error instanceof DOMException && error.name === 'TimeoutError'))
      return undefined;
    throw error;
  }
}

/** Asks again and again until the check holds; fails with the last value seen. */
export async function until<T>(
  what: string,
  probe: () => Promise<T | undefined>,
  good: (value: T) => boolean,
  timeoutMs = 90_000,
  everyMs = 100,
): Promise<T> {
  const end = performance.now() + timeoutMs;
  let last: T | undefined;
  while (performance.now() < end) {
    last = await probe();
    if (last !== undefined && good(last)) return last;
    await delay(everyMs);
  }
  throw new Error(`${what}: not so within ${timeoutMs} ms; last seen ${JSON.stringify(last)?.slice(0, 2000)}`);
}

export interface Status {
  readonly status: string;
  readonly recording: boolean;
  readonly pid: number;
  readonly children: Record<string, number | null>;
  readonly journal: { headFrame: number; durableFrame: number; bytes: number };
  readonly store: { frame: number; lagFrames: number; lagMs: number };
  readonly totals: Record<
    'frames' | 'control' | 'data' | 'other' | 'rejected' | 'ticks' | 'stored' | 'duplicates',
    number
  >;
  readonly lines: { id: string; state: string; wanted: number; acknowledged: number; reconnects: number }[];
  readonly gaps: Record<string, number>;
}

export const status = (dataDir: string): Promise<Status | undefined> => ask<Status>(dataDir, 'system.status');

/** True when every live line has all that it wants. */
export function allSubscribed(value: Status): boolean {
  return (
    value.recording &&
    value.lines.length > 0 &&
    value.lines.every((line) => line.state === 'live' && line.acknowledged >= line.wanted)
  );
}
