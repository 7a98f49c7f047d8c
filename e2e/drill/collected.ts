// Memory of a running Node process right after a forced collection: what is held, without what V8 has not tidied up yet. Through Node's inspector,
// which opens on loopback at SIGUSR1 and is closed again, for one process at a time.
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';

/** Node's own; every process opens the same. */
const INSPECTOR = 'http://127.0.0.1:9229/json/list';
const WAIT_MS = 60_000;

const targetsSchema = z.tuple([z.object({ webSocketDebuggerUrl: z.string() })]);
const answerSchema = z.object({ id: z.number(), result: z.unknown() });
const usageSchema = z.object({ result: z.object({ value: z.object({ heapUsed: z.number(), external: z.number() }) }) });

export interface Collected {
  /** Resident, MB: with what native parts hold and what allocators keep for reuse. */
  readonly residentMb: number;
  /** What JavaScript holds, buffers outside of its heap included, MB. */
  readonly heldMb: number;
}

export interface Resident {
  /** All of it, MB. */
  readonly residentMb: number;
  /** Without pages of files, MB. */
  readonly anonymousMb: number;
}

/** Resident memory of a process; Linux only. */
export function resident(pid: number): Resident {
  const told = readFileSync(`/proc/${pid}/status`, 'utf8');
  const mb = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(told)?.[1] ?? Number.NaN) / 1024;
  return { residentMb: mb('VmRSS'), anonymousMb: mb('RssAnon') };
}

async function inspectorOf(pid: number): Promise<string> {
  process.kill(pid, 'SIGUSR1');
  const deadline = performance.now() + WAIT_MS;
  for (;;) {
    const answer = await fetch(INSPECTOR).catch(() => null);
    if (answer) return targetsSchema.parse(await answer.json())[0].webSocketDebuggerUrl;
    if (performance.now() > deadline) throw new Error(`process ${pid} opened no inspector within ${WAIT_MS} ms`);
    await delay(50);
  }
}

/** Collects all garbage of the process and says what stays. Takes about a third of a second of the process's time. */
export async function collected(pid: number): Promise<Collected> {
  const socket = new WebSocket(await inspectorOf(pid));
  const waiting = new Map<number, (result: unknown) => void>();
  socket.addEventListener('message', (event) => {
    const answer = answerSchema.safeParse(JSON.parse(String(event.data)));
    if (answer.success) waiting.get(answer.data.id)?.(answer.data.result);
  });
  await new Promise((opened, failed) => {
    socket.addEventListener('open', opened, { once: true });
    socket.addEventListener('error', failed, { once: true });
  });
  let last = 0;
  const call = (method: string, params: object = {}): Promise<unknown> =>
    new Promise((answered, failed) => {
      last += 1;
      const timer = setTimeout(() => failed(new Error(`${method} was not answered by process ${pid}`)), WAIT_MS);
      waiting.set(last, (result) => {
        clearTimeout(timer);
        answered(result);
      });
      socket.send(JSON.stringify({ id: last, method, params }));
    });
  await call('HeapProfiler.enable');
  await call('HeapProfiler.collectGarbage');
  // What was freed is given back to the system by a thread of its own.
  await delay(300);
  const { residentMb } = resident(pid);
  const usage = usageSchema.parse(
    await call('Runtime.evaluate', { expression: 'process.memoryUsage()', returnByValue: true }),
  ).result.value;
  // Closing while somebody is connected would block the process until he leaves: it closes a moment after we have left.
  await call('Runtime.evaluate', {
    expression: 'setTimeout(() => process.getBuiltinModule("node:inspector").close(), 300)',
  });
  const closed = new Promise((done) => socket.addEventListener('close', done, { once: true }));
  socket.close();
  await Promise.race([closed, delay(WAIT_MS)]);
  // The next process needs the port.
  for (let tries = 0; (await fetch(INSPECTOR).catch(() => null)) !== null; tries += 1) {
    if (tries === 100) throw new Error(`the inspector of process ${pid} stays open`);
    await delay(50);
  }
  return { residentMb, heldMb: (usage.heapUsed + usage.external) / 2 ** 20 };
}
