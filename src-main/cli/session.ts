// A command's way to the data: the running host of the folder, or a host of its own that only reads and leaves with the command.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { Agent, request as httpRequest } from 'node:http';
import { basename, dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { FailureError, fail, failureSchema, ok, type Result, reasonOf } from '../../src-shared/base/result.ts';
import { contract, type RequestInput, type RequestName, type RequestOutput } from '../../src-shared/contract/index.ts';
import { readHostFile } from '../host/host-file.ts';
import { hostOf } from '../host/host-lock.ts';
import { lastWords } from '../host/last-words.ts';
import { programEntry, programEnv } from './become.ts';

export interface Session {
  /** True when no host records into this folder: this command reads it by itself. */
  readonly offline: boolean;
  /** Where what is asked for was recorded. */
  readonly dataDir: string;
  /** The checked answer; failures are thrown as FailureError. */
  ask<N extends RequestName>(name: N, input: RequestInput<N>, signal?: AbortSignal): Promise<RequestOutput<N>>;
  close(): Promise<void>;
}

interface Door {
  readonly url: string;
  readonly token: string;
}

const STARTING_MS = 15_000;
/** A store that has frames to read and brings none of them in for that long does not do so later either. */
const STUCK_MS = 60_000;
const readySchema = z.object({ event: z.literal('ready'), url: z.string(), token: z.string() });
const replySchema = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), value: z.unknown() }),
  z.object({ ok: z.literal(false), failure: failureSchema }),
]);

/** Failures: `data.missing`, and those of a host that cannot start. */
export async function openSession(dataDir: string): Promise<Session> {
  const folder = resolve(dataDir);
  if (!existsSync(folder))
    throw failure(
      'data.missing',
      `data folder ${folder} does not exist; name the one that was recorded into with --data`,
    );
  const running = await runningDoor(folder);
  const recording = running ?? (await rehearsalDoor(folder));
  if (recording) return sessionOf(recording, folder, false, async () => undefined);
  const held = recordedIn(folder);
  const { door, child } = await startOffline(held);
  const session = sessionOf(door, held, true, async () => {
    child.kill('SIGTERM');
    if (child.exitCode === null && child.signalCode === null) await new Promise((done) => child.once('exit', done));
  });
  try {
    await caughtUp(session);
  } catch (error) {
    await session.close();
    throw error;
  }
  return session;
}

/** What a folder keeps a rehearsal in that was chosen on a first screen that could also have recorded real venues. */
const REHEARSAL = 'rehearsal';

/** The door of the host that records a rehearsal into this folder from the folder above it. */
async function rehearsalDoor(folder: string): Promise<Door | undefined> {
  if (basename(folder) !== REHEARSAL) return undefined;
  const above = await runningDoor(dirname(folder));
  if (!above) return undefined;
  const asked = await post(above, new Agent(), { name: 'system.status', input: {} }, undefined);
  const status = contract['system.status'].output.safeParse(asked.ok ? asked.value : undefined);
  return status.success && 'rehearsal' in status.data.children ? above : undefined;
}

/** Where a folder that nobody records into holds what was recorded. */
function recordedIn(folder: string): string {
  const inside = join(folder, REHEARSAL);
  return !existsSync(join(folder, 'journal')) && existsSync(join(inside, 'journal')) ? inside : folder;
}

/** The door of the running host; waits while it is starting. */
async function runningDoor(folder: string): Promise<Door | undefined> {
  const end = performance.now() + STARTING_MS;
  for (;;) {
    const pid = hostOf(folder);
    if (pid === undefined) return undefined;
    const file = readHostFile(folder);
    if (file?.pid === pid) return file;
    if (performance.now() > end) {
      throw failure(
        'host.silent',
        `the host with pid ${pid} holds ${folder} but wrote no readable host.json within ${STARTING_MS / 1000} s; are you the user who started it?`,
      );
    }
    await delay(20);
  }
}

async function startOffline(folder: string): Promise<{ door: Door; child: ChildProcess }> {
  const child = spawn(process.execPath, [programEntry('headless'), '--data', folder, '--offline'], {
    // With the channel it leaves when this command is killed.
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: programEnv(),
  });
  let words = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    words = (words + chunk.toString()).slice(-4000);
  });
  const ended = new Promise<undefined>((done) => child.once('exit', () => done(undefined)));
  const ready = new Promise<Door>((done) => {
    if (!child.stdout) return;
    createInterface({ input: child.stdout }).on('line', (line) => {
      const read = readySchema.safeParse(readJson(line));
      if (read.success) done(read.data);
    });
  });
  const door = await Promise.race([ready, ended]);
  if (door) return { door, child };
  child.kill('SIGTERM');
  await ended;
  const said = words.split('\n').find((line) => line.startsWith('tapedeck: '));
  throw failure(
    'host.offline',
    said?.slice('tapedeck: '.length) ?? `the folder could not be read: ${lastWords(words) || 'no reason given'}`,
  );
}

/** What a recorder left in the journal is stored first, so that the answer holds all of it. */
export async function caughtUp(session: Pick<Session, 'ask' | 'dataDir'>, stuckMs = STUCK_MS): Promise<void> {
  let told = 0;
  let least = Number.POSITIVE_INFINITY;
  let movedMs = performance.now();
  for (;;) {
    const { store } = await session.ask('system.status', {});
    if (store.lagFrames === 0) return;
    if (store.lagFrames < least) {
      least = store.lagFrames;
      movedMs = performance.now();
    } else if (performance.now() - movedMs > stuckMs) {
      throw failure(
        'store.stuck',
        `${store.lagFrames} frames of the journal of ${session.dataDir} are not stored, and for ${Math.round(stuckMs / 1000)} s none was; look into its logs, and at the free space of its disk`,
      );
    }
    if (process.stderr.isTTY && performance.now() - told > 1000) {
      told = performance.now();
      process.stderr.write(`storing what the journal still holds: ${store.lagFrames} frames\n`);
    }
    await delay(20);
  }
}

function sessionOf(door: Door, dataDir: string, offline: boolean, close: () => Promise<void>): Session {
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  return {
    offline,
    dataDir,
    ask: async (name, input, signal) => {
      const reply = await post(door, agent, { name, input }, signal);
      if (!reply.ok) throw new FailureError(reply.failure);
      const output = contract[name].output.safeParse(reply.value);
      if (!output.success)
        throw failure(
          'reply.invalid',
          `${name} was answered in another shape: ${output.error.issues[0]?.path.join('.')} ${output.error.issues[0]?.message}`,
        );
      return output.data as RequestOutput<typeof name>;
    },
    close: async () => {
      agent.destroy();
      await close();
    },
  };
}

function post(
  door: Door,
  agent: Agent,
  body: { name: string; input: unknown },
  signal: AbortSignal | undefined,
): Promise<Result<unknown>> {
  return new Promise((done) => {
    const sent = httpRequest(
      new URL('/request', door.url),
      {
        method: 'POST',
        agent,
        headers: { authorization: `Bearer ${door.token}`, 'content-type': 'application/json' },
        ...(signal ? { signal } : {}),
      },
      (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('error', (error) =>
          done(fail('host.gone', `the host broke off its answer to ${body.name}: ${reasonOf(error)}`, { retry: true })),
        );
        response.on('end', () => {
          const text = Buffer.concat(parts).toString();
          if (response.statusCode !== 200)
            return done(
              fail(
                'host.refused',
                `the host at ${door.url} refused ${body.name}: ${response.statusCode} ${text.trim()}`,
              ),
            );
          const read = replySchema.safeParse(readJson(text));
          if (!read.success) return done(fail('reply.invalid', `the host's answer to ${body.name} cannot be read`));
          done(read.data.ok ? ok(read.data.value) : { ok: false, failure: read.data.failure });
        });
      },
    );
    sent.on('error', (error) =>
      done(fail('host.gone', `the host at ${door.url} does not answer: ${reasonOf(error)}`, { retry: true })),
    );
    sent.end(JSON.stringify(body));
  });
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // undefined is no JSON value, so it can stand for "not JSON"; every caller checks the shape.
    return undefined;
  }
}

export function failure(code: string, message: string): FailureError {
  return new FailureError({ code, message, retry: false });
}
