// A crowded console over hours, compressed: its heap does not grow. Short in npm test; the long day: TAPEDECK_DAY_HOURS=8.
import { crowd } from './crowd.ts';
import { heapBytes } from './main-thread.ts';
import { standIn } from './stand-in.ts';
import { expect, test } from './tapedeck.ts';

const HOURS = Number(process.env.TAPEDECK_DAY_HOURS ?? 0.2);
const SLOPE_MIB_PER_HOUR = 1;
/** A short day is judged by what it grew in all: its slope would be the noise of one collection. */
const SHORT_GROWTH_MIB = 2;
const STEP_S = 2;

test(`the heap does not grow in ${HOURS} h of meters, compressed`, async ({ page, bench }) => {
  const steps = Math.round((HOURS * 3600) / STEP_S);
  test.setTimeout(120_000 + steps * 1500);
  const host = await bench.host([]);
  await page.clock.install({ time: new Date('2026-11-20T09:00:00Z') });
  await standIn(page, crowd);
  await page.goto(host.address('#/live'));
  await page.clock.runFor(3000);
  await page.getByTestId('panel-live').waitFor();
  const client = await page.context().newCDPSession(page);
  const points: { readonly hours: number; readonly mib: number }[] = [];
  // The history of five minutes fills first: its memory is taken once.
  const warm = Math.min(Math.round(steps / 3), Math.round(600 / STEP_S));
  const every = Math.max(1, Math.round((steps - warm) / 12));
  for (let step = 0; step <= steps; step += 1) {
    await page.clock.runFor(STEP_S * 1000);
    if (step >= warm && (step - warm) % every === 0) {
      points.push({ hours: (step * STEP_S) / 3600, mib: (await heapBytes(client)) / 1024 ** 2 });
    }
  }
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [hours, mib] = [mean(points.map((point) => point.hours)), mean(points.map((point) => point.mib))];
  const over = points.reduce((sum, point) => sum + (point.hours - hours) ** 2, 0);
  const slope = points.reduce((sum, point) => sum + (point.hours - hours) * (point.mib - mib), 0) / over;
  const growth = (points.at(-1)?.mib ?? 0) - (points[0]?.mib ?? 0);
  const told = {
    hours: HOURS,
    points: points.map((point) => Number(point.mib.toFixed(2))),
    mibPerHour: slope,
    growth,
  };
  console.log(`heap: ${JSON.stringify(told)}`);
  if (HOURS >= 4) expect(slope).toBeLessThan(SLOPE_MIB_PER_HOUR);
  else expect(growth).toBeLessThan(SHORT_GROWTH_MIB);
});
