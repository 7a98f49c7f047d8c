// Turns the command into one of our programs: same process id, same terminal, so that a signal to the command is a signal to the program.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';

/** src-main, whatever file of it asks. */
export const srcMain = dirname(import.meta.dirname);

/** Where compiled code is kept between runs. */
const compileCache = join(srcMain, '..', 'node_modules', '.cache', 'tapedeck');

export function programEnv(): NodeJS.ProcessEnv {
  return { ...process.env, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? compileCache };
}

/** Never returns. Where a process cannot be replaced (Windows) the program runs as a child that ends when the command does. */
export async function become(script: string, args: readonly string[]): Promise<never> {
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
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => child.kill(signal));
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) => {
    child.once('error', () => resolve([1, null]));
    child.once('exit', (...end) => resolve(end));
  });
  process.exit(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
}
