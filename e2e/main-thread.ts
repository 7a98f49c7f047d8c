// What the page's main thread did while something was measured: every task with the time it took and the time it ran itself.
import type { Browser, CDPSession, Page } from '@playwright/test';
import { z } from 'zod';
import { FixedWork } from './house/fixed-work.ts';
import { type Bound, Judgement, UNEVEN } from './house/judgement.ts';
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
  // A trace without the page in it would keep every bound.
  expect(tasks.some(({ cpuMs }) => cpuMs > 0)).toBe(true);
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

/** Strict: what is above its bound once is above it. */
const TRIES = strict ? 1 : 3;
/** As often where the machine takes the processor away while it is measured. */
const UNEVEN_TRIES = strict ? 1 : 6;
/**
 * What a page costs is what it costs at least: whoever else uses the processor only ever adds to it, for moments. What is above its bound is
 * measured again, beside fixed work that says what the machine adds; what is above the bound in every turn is judged by that, and said.
 */
export async function judge(measure: () => Promise<readonly Bound[]>): Promise<void> {
  const judgement = new Judgement(strict);
  let work: FixedWork | null = null;
  try {
    for (let turn = 1, tries = TRIES; turn <= tries; turn += 1) {
      const began = Date.now();
      const bounds = await measure();
      const machine = work?.since(began) ?? null;
      judgement.turn(bounds, machine);
      if (judgement.above().length === 0) return;
      for (const { name, value, limit } of judgement.above())
        console.warn(
          `ABOVE ITS BOUND, turn ${turn} of ${tries}: ${name} is ${value.toFixed(2)}, of ${limit.toFixed(2)}`,
        );
      if (turn >= TRIES && judgement.broken().length === 0) break;
      if (machine && Math.max(machine.slow, machine.clock) > UNEVEN) tries = UNEVEN_TRIES;
      if (turn < tries) work ??= await FixedWork.begin();
    }
  } finally {
    await work?.end();
  }
  for (const line of judgement.excused()) console.warn(`EXCUSED BY THE MACHINE: ${line}`);
  expect(judgement.broken()).toEqual([]);
}

/** A frame at 55 a second, ms. */
export const FRAME_MS = 1000 / 55;

/** A machine that shows fewer frames of nothing than this is none to judge smoothness by; the bound is as if it showed so many. */
const LEAST_BARE = 40;

/** How long a frame took, of what it may take: 55 a second of the 60 that the browser shows where nothing is done, or as large a part of fewer. */
export function frameBound(name: string, framesPerSecond: number, bareFramesPerSecond: number): Bound {
  const bare = strict ? 60 : Math.min(60, Math.max(LEAST_BARE, bareFramesPerSecond));
  return { name, value: 1000 / framesPerSecond, limit: FRAME_MS * (60 / bare), kind: 'clock' };
}

/** Frames a second of plain text that is scrolled as fast, before the busy page is there: what browser and machine can show at most. */
export async function bareFramesPerSecond(browser: Browser): Promise<number> {
  const page = await browser.newPage();
  try {
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.setContent(
      '<pre style="height: 760px; margin: 0; overflow: auto; font-size: 13px; line-height: 24px"></pre>',
    );
    return await page.locator('pre').evaluate(async (box) => {
      const line = (_: unknown, n: number): string =>
        `${n} binance spot C${n % 997}USDT ${1000 + (n % 89)}.0000 `.repeat(3);
      box.textContent = Array.from({ length: 2000 }, line).join('\n');
      let frames = 0;
      const began = performance.now();
      await new Promise<void>((done) => {
        const frame = (now: number): void => {
          frames += 1;
          box.scrollTop += 84;
          if (now - began < 1000) requestAnimationFrame(frame);
          else done();
        };
        requestAnimationFrame(frame);
      });
      return (frames * 1000) / (performance.now() - began);
    });
  } finally {
    await page.close();
  }
}
