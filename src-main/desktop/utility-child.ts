// The Child port over Electron's utilityProcess: each child is a built entry beside the main bundle.
// Exit codes of utility processes mean little and `exit` may come twice: what counts is hello, beat and goodbye, read by the supervisor.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type UtilityProcess, utilityProcess } from 'electron';
import { reasonOf } from '../../src-shared/base/result.ts';
import { printAside } from '../base/readers.ts';
import { childEnv } from '../host/allocator.ts';
import type { Child, ChildEvents, ChildPort, ProcessName } from '../host/child.ts';
import { lastWords } from '../host/last-words.ts';

const WORDS = 2000;

/** `mainDir`: the folder of the built entries. A path inside an archive works: the entries are loaded by Electron itself. */
export function utilityChildren(mainDir: string): ChildPort {
  return { spawn: (name, events) => spawnUtility(name, join(mainDir, `${name}.js`), events) };
}

function spawnUtility(name: ProcessName, entry: string, events: ChildEvents): Child {
  if (!existsSync(entry)) return unborn(`${entry} does not exist; run the build`, events);
  const child = forked(name, entry);
  if (typeof child === 'string') return unborn(child, events);
  // Marked before anyone hears of the end: posting to a child in its `exit` ends the main process in some versions.
  let dead = false;
  let words = '';
  const listen = (chunk: Buffer): void => {
    printAside(chunk);
    words = (words + chunk.toString()).slice(-WORDS);
  };
  child.stdout?.on('data', listen);
  child.stderr?.on('data', listen);
  child.on('message', (raw: unknown) => {
    if (!dead) events.message(raw);
  });
  child.on('error', (type, location) => {
    words = `${words}\n${type} at ${location}`.slice(-WORDS);
  });
  child.on('exit', (code) => {
    if (dead) return;
    dead = true;
    setImmediate(() => events.exit({ code, signal: null, words: lastWords(words) }));
  });
  return {
    get pid() {
      return child.pid ?? null;
    },
    post: (message) => {
      if (!dead) child.postMessage(message);
    },
    kill: () => {
      if (dead) return;
      // utilityProcess.kill asks politely; a child that stands still needs more.
      if (child.pid === undefined || process.platform === 'win32') child.kill();
      else killNow(child.pid);
    },
  };
}

/** The process, or why there is none: for want of memory fork may throw. */
function forked(name: ProcessName, entry: string): UtilityProcess | string {
  try {
    return utilityProcess.fork(entry, [], {
      stdio: ['ignore', 'pipe', 'pipe'],
      serviceName: `Tapedeck ${name}`,
      env: childEnv(name, process.env),
    });
  } catch (error) {
    return `${entry} cannot be started: ${reasonOf(error)}`;
  }
}

function killNow(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It is gone already; its `exit` is on the way.
  }
}

function unborn(words: string, events: ChildEvents): Child {
  setImmediate(() => events.exit({ code: null, signal: null, words }));
  return { pid: null, post: () => undefined, kill: () => undefined };
}
