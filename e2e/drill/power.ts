// The power-cut drill: at random moments the whole recorder is frozen, its folder copied, and everything that had not been synced is cut from the
// copied journal, as a power cut would. The recorder is started on the copy and judged against the rehearsal's ledger:
// what the cut took, and the time until then, is stored from the venues' history or lies inside a reported gap.
//   npm run drill -- power [--cuts 200] [--seed 1]
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { cutToLastSync } from '../../src-main/journal/power-cut.ts';
import { type Audit, audit } from './audit.ts';
import { percentile, random } from './numbers.ts';
import { allSubscribed, type Running, startCommand, status, stop, until } from './processes.ts';

export interface PowerReport {
  readonly cuts: number;
  /** Receive time between the last synced frame and the last frame in memory of the file system, ms: what the cut took. */
  readonly lostMs: { p50: number; p95: number; max: number };
  readonly lostFrames: number;
  /** Sums over the copies, each judged by itself. */
  readonly audits: Pick<Audit, 'printed' | 'stored' | 'duplicates' | 'explained' | 'unexplained' | 'foreign'> & {
    readonly doubles: number;
  };
  readonly examples: readonly string[];
}

export async function powerDrill(options: {
  cuts: number;
  seed: number;
  recipe: string;
  cutsPerSession?: number;
  say?: (text: string) => void;
}): Promise<PowerReport> {
  const say = options.say ?? (() => undefined);
  const draw = random(options.seed);
  const lost: number[] = [];
  const sum = { printed: 0, stored: 0, duplicates: 0, explained: 0, unexplained: 0, foreign: 0, doubles: 0 };
  const examples: string[] = [];
  let lostFrames = 0;
  let done = 0;
  while (done < options.cuts) {
    const dir = mkdtempSync(join(tmpdir(), 'tapedeck-power-'));
    const ledger = join(dir, 'ledger.jsonl');
    const settings = join(dir, 'settings.json');
    const venues = await startCommand(['rehearse', '--recipe', options.recipe, '--port', '0', '--ledger', ledger]);
    let host: Running | undefined;
    try {
      writeFileSync(settings, JSON.stringify(venues.ready.settings));
      const data = join(dir, 'data');
      host = await startCommand(['record', '--data', data, '--settings', settings]);
      await until('every stream is subscribed', () => status(data), allSubscribed, 60_000);
      const fromUs = Date.now() * 1000;
      const copies: string[] = [];
      const many = Math.min(options.cutsPerSession ?? 10, options.cuts - done);
      for (let n = 0; n < many; n += 1) {
        await delay(200 + draw() * 800);
        const now = await until(
          'the host answers',
          () => status(data),
          () => true,
        );
        const pids = [now.pid, ...Object.values(now.children).filter((pid) => pid !== null)];
        const copy = join(dir, `cut-${n}`);
        for (const pid of pids) process.kill(pid, 'SIGSTOP');
        try {
          cpSync(data, copy, { recursive: true });
        } finally {
          for (const pid of pids) process.kill(pid, 'SIGCONT');
        }
        rmSync(join(copy, 'host.json'), { force: true });
        rmSync(join(copy, 'host.lock'), { force: true });
        rmSync(join(copy, 'journal', 'writer.lock'), { force: true });
        const cut = cutToLastSync(join(copy, 'journal'));
        lost.push(cut.lostUs / 1000);
        lostFrames += cut.lostFrames;
        copies.push(copy);
      }
      await stop(host, 'SIGTERM');
      // Each copy is started on the same venues, which still remember: what the cut took is reported, and fetched again where they can.
      const restarted: { copy: string; toUs: number }[] = [];
      for (const copy of copies) {
        host = await startCommand(['record', '--data', copy, '--settings', settings]);
        await until('the copy records again', () => status(copy), allSubscribed, 60_000);
        // A gap is told a second after it began, if it has not healed by then.
        await delay(1500);
        restarted.push({ copy, toUs: (Date.now() - 300) * 1000 });
        const code = await stop(host, 'SIGTERM');
        if (code !== 0) throw new Error(`the recorder on ${copy} ended with ${code}: ${host.errors()}`);
      }
      await stop(venues, 'SIGTERM');
      for (const { copy, toUs } of restarted) {
        const judged = await audit(copy, ledger, { fromUs, toUs });
        // A row too few in one copy makes up for none too many in another.
        for (const name of ['printed', 'stored', 'duplicates', 'explained', 'unexplained', 'foreign'] as const)
          sum[name] += Math.abs(judged[name]);
        for (const { doubles } of Object.values(judged.markets)) sum.doubles += doubles;
        examples.push(...judged.examples);
      }
      done += many;
      say(`${done} cuts: ${JSON.stringify(sum)}`);
    } finally {
      if (host) await stop(host, 'SIGKILL');
      await stop(venues, 'SIGKILL');
      rmSync(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    }
  }
  return { cuts: done, lostMs: percentile(lost), lostFrames, audits: sum, examples: examples.slice(0, 20) };
}
