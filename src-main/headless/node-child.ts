// The Child port over node: each child is a fork with an IPC channel; its stderr is passed on and its end remembered.
import { type ChildProcess, fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { reasonOf } from '../../src-shared/base/result.ts';
import { printAside } from '../base/readers.ts';
import { childEnv } from '../host/allocator.ts';
import type { Child, ChildEvents, ChildPort, ProcessName } from '../host/child.ts';
import { lastWords } from '../host/last-words.ts';

const WORDS = 2000;
const ORPHAN_MS = 5000;

export interface NodeChildOptions {
  /** Entry of a process. */
  readonly entry: (name: ProcessName) => string;
  readonly args?: (name: ProcessName) => readonly string[];
  /** Where compiled code is kept, so that a restart need not compile again. */
  readonly compileCache: string | null;
}

export function nodeChildren(options: NodeChildOptions): ChildPort {
  return { spawn: (name, events) => spawnNode(name, options, events) };
}

function spawnNode(name: ProcessName, options: NodeChildOptions, events: ChildEvents): Child {
  const entry = options.entry(name);
  if (!existsSync(entry)) return unborn(`${entry} does not exist`, events);
  const child = forked(name, entry, options);
  if (typeof child === 'string') return unborn(child, events);
  let words = '';
  let unsent = 0;
  // stdout belongs to the host's own answers: what a child prints goes to stderr.
  child.stdout?.on('data', printAside);
  child.stderr?.on('data', (chunk: Buffer) => {
    printAside(chunk);
    words = (words + chunk.toString()).slice(-WORDS);
  });
  child.on('message', (raw) => events.message(raw));
  child.on('error', (error) => {
    if (child.pid === undefined) events.exit({ code: null, signal: null, words: error.message });
    else words = `${words}\n${error.message}`.slice(-WORDS);
  });
  child.on('disconnect', () => {
    // A child without its channel can no longer be asked for anything: it has a moment to leave by itself.
    const timer = setTimeout(() => child.kill('SIGKILL'), ORPHAN_MS);
    child.once('exit', () => clearTimeout(timer));
  });
  // Its last words may still be in the pipe at `exit`; a moment later they are here.
  child.on('exit', (code, signal) => {
    const tell = (): void => events.exit({ code, signal, words: lastWords(words) });
    if (signal !== null || code === 0) tell();
    else setImmediate(tell);
  });
  return {
    pid: child.pid ?? null,
    post: (message) => {
      if (!child.connected) return;
      child.send(message, (error) => {
        // The channel closed under the message; `exit` follows and answers whoever waits.
        if (error) unsent += 1;
        if (error && unsent === 1) printAside(`${name}: a message could not be sent: ${error.message}\n`);
      });
    },
    kill: () => {
      child.kill('SIGKILL');
    },
  };
}

/** The process, or why there is none: for want of memory fork throws, where for other reasons it tells an error. */
function forked(name: ProcessName, entry: string, { args, compileCache }: NodeChildOptions): ChildProcess | string {
  try {
    return fork(entry, [...(args?.(name) ?? [])], {
      // Pipes of its own: one that is shared with a child waits for its reader again, in the host too.
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      execArgv: ['--disable-warning=ExperimentalWarning'],
      env: {
        ...childEnv(name, process.env),
        ...(compileCache === null ? {} : { NODE_COMPILE_CACHE: compileCache }),
      },
      windowsHide: true,
    });
  } catch (error) {
    return `${entry} cannot be started: ${reasonOf(error)}`;
  }
}

function unborn(words: string, events: ChildEvents): Child {
  setImmediate(() => events.exit({ code: null, signal: null, words }));
  return { pid: null, post: () => undefined, kill: () => undefined };
}
