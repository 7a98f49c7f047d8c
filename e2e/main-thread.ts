// What the page's main thread did while something was measured: every task with the time it took and the time it ran itself.
import { availableParallelism, loadavg } from 'node:os';
import type { Browser, CDPSession, Page } from '@playwright/test';
import { z } from 'zod';
import { expect } from './tapedeck.ts';

/** Judges by the clock even on a machine that has no time. */
const strict = process.env.TAPEDECK_SMOOTH_STRICT === '1';

const traceSchema = z.object({
  traceEvents: z.array(
    z.object({
      name: z.string(),
      pid: z.number(),
      tid: z.number(),
      dur: z.number().optional(),
      /** Time that the thread itself ran, µs. */
      tdur: z.number().optional(),
      args: z.object({ name: z.string().optional() }).optional(),
    }),
  ),
});

export interface Task {
  readonly wallMs: number;
  readonly cpuMs: number;
}

/** Tasks of the page's main thread, in ms: how long each took, and how long it ran. */
export function mainTasks(trace: Buffer): Task[] {
  const { traceEvents } = traceSchema.parse(JSON.parse(trace.toString()));
  const mains = new Set(
    traceEvents
      .filter((event) => event.name === 'thread_name' && event.args?.name === 'CrRendererMain')
      .map((event) => `${event.pid}:${event.tid}`),
  );
  return traceEvents
    .filter((event) => event.name.endsWith('RunTask') && mains.has(`${event.pid}:${event.tid}`))
    .map((event) => ({ wallMs: (event.dur ?? 0) / 1000, cpuMs: (event.tdur ?? 0) / 1000 }));
}

export interface Traced<T> {
  readonly value: T;
  readonly longestCpuMs: number;
  readonly cpuMs: number;
  readonly wallMs: number;
}

/** Does something and tells what the main thread did meanwhile. */
export async function traced<T>(browser: Browser, page: Page, work: () => Promise<T>): Promise<Traced<T>> {
  await browser.startTracing(page, { categories: ['toplevel'] });
  const began = performance.now();
  const value = await work();
  const wallMs = performance.now() - began;
  const tasks = mainTasks(await browser.stopTracing());
  return {
    value,
    longestCpuMs: tasks.reduce((most, task) => Math.max(most, task.cpuMs), 0),
    cpuMs: tasks.reduce((sum, task) => sum + task.cpuMs, 0),
    wallMs,
  };
}

export async function heapBytes(client: CDPSession): Promise<number> {
  await client.send('HeapProfiler.collectGarbage');
  const { usedSize } = await client.send('Runtime.getHeapUsage');
  return usedSize;
}

/** Whether the machine has more to do than it can: the clock then says more about it than about the page. */
export function starved(): boolean {
  return (loadavg()[0] ?? 0) > availableParallelism();
}

/** By the clock where the machine has time; else only told. */
export function judgeClock(name: string, value: number, limit: number): void {
  if (value <= limit) return;
  if (starved() && !strict)
    console.warn(`NOT JUDGED by the clock: ${name} took ${value.toFixed(1)} ms on a machine without time`);
  else expect(value, name).toBeLessThanOrEqual(limit);
}
