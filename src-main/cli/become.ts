// Turns the command into one of our programs: same process id, same terminal, so that a signal to the command is a signal to the program.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { allocatorEnv } from '../host/allocator.ts';
import { entryOf } from '../host/entries.ts';
import { compileCache, top } from './compile-cache.ts';

export function programEnv(): NodeJS.ProcessEnv {
  return { ...allocatorEnv(process.env), NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? compileCache };
}

/** The entry of a program that a command starts. */
export function programEntry(program: 'headless' | 'rehearsal'): string {
  return entryOf(top, program);
}

/** Never returns. Where a process cannot be replaced (Windows) the program runs as a child that ends when the command does. */
export async function become(program: 'headless' | 'rehearsal', args: readonly string[]): Promise<never> {
  const script = programEntry(program);
  if (process.execve && process.platform !== 'win32') {
    const env = Object.fromEntries(
      Object.entries(programEnv()).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
    );
    process.execve(process.execPath, [process.execPath, script, ...args], env);
  }
  const child = spawn(process.execPath, [script, ...args], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: programEnv(),
  });
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) => {
    child.once('error', () => resolve([1, null]));
    child.once('exit', (...end) => resolve(end));
  });
  process.exit(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
}
