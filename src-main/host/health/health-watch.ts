// Looks once a second at what the processes say, keeps the book of alerts, and tells screens about both.
// Promises: what is shown as wrong is what /health and system.status call wrong; a screen that is closed changes nothing.
import { performance } from 'node:perf_hooks';
import { MINUTE_US, type Us } from '../../../src-shared/base/time.ts';
import type { Alert, ProcessLife } from '../../../src-shared/contract/health.ts';
import type { RequestInput } from '../../../src-shared/contract/index.ts';
import type { Gap } from '../../../src-shared/market/gap.ts';
import type { Log } from '../../base/log.ts';
import { rssBytes } from '../../base/resident.ts';
import type { Plan } from '../plan.ts';
import type { Router } from '../router.ts';
import type { SupervisedChild } from '../supervised-child.ts';
import { AlertBook } from './alert-book.ts';
import { AlertLog } from './alert-log.ts';
import { type DueGaps, type Facts, judge } from './alert-rules.ts';
import { dueGaps } from './due-gaps.ts';
import { Growth, LostGrowth } from './growth.ts';
import { LifeRecord } from './life-record.ts';

const LOOK_MS = 1000;
const GAPS_EVERY_MS = 5000;
const ENDED_TOLD = 20;

export interface HealthSeat {
  readonly router: Router;
  readonly log: Log;
  readonly startedUs: Us;
  plan(): Plan;
  /** The children of the present mode. */
  children(): readonly SupervisedChild[];
}

export class HealthWatch {
  readonly #seat: HealthSeat;
  readonly #own = new LifeRecord();
  readonly #timer: NodeJS.Timeout;
  #book = new AlertBook();
  #alertLog: AlertLog | null = null;
  /** The folder whose alerts the book holds. */
  #folder: string | null = null;
  #opening: Promise<void> = Promise.resolve();
  #deaths = new Map<string, number>();
  #dueGaps: DueGaps | null | undefined;
  #gapsAskedMs = Number.NEGATIVE_INFINITY;
  #quarantine = new Growth();
  #lost = new LostGrowth();
  #toldText = '';

  constructor(seat: HealthSeat) {
    this.#seat = seat;
    this.#own.started();
    this.#timer = setInterval(() => this.look(), LOOK_MS);
    this.#timer.unref();
  }

  get active(): Alert[] {
    return this.#book.active;
  }

  /** Newest first. */
  history(beforeUs: Us | undefined, limit: number): { alerts: Alert[]; more: boolean } {
    const all = this.#book.ended.filter((alert) => beforeUs === undefined || (alert.untilUs ?? 0) < beforeUs);
    return { alerts: all.slice(0, limit), more: all.length > limit };
  }

  acknowledge(ids: readonly string[] | undefined): number {
    const changed = this.#book.acknowledge(ids, Date.now() * 1000);
    this.#keep(changed);
    this.#tell();
    return changed.length;
  }

  processes(): ProcessLife[] {
    const { user, system } = process.cpuUsage();
    this.#own.beat(rssBytes(), user + system);
    const host: ProcessLife = {
      process: 'host',
      pid: process.pid,
      state: 'ready',
      note: null,
      restarts: 0,
      ...this.#own.view(),
      startedUs: this.#seat.startedUs,
    };
    return [host, ...this.#seat.children().map((child) => ({ ...child.state(), ...child.life.view() }))];
  }

  look(): void {
    const plan = this.#seat.plan();
    this.#follow(plan.recordDir);
    const nowUs = Date.now() * 1000;
    this.#askGaps(plan);
    this.#book.lineHold(plan.settings.alerts.lineSeconds);
    const changed = this.#book.look(judge(this.#facts(plan, nowUs)), nowUs, performance.now());
    for (const alert of changed) this.#say(alert);
    this.#keep(changed);
    this.#tell();
    const { disk } = plan.settings;
    this.#seat.router.publish('host', 'health.processes', {
      processes: this.processes(),
      disk: {
        warnBytes: disk.warnBytes,
        pruneBytes: Math.max(disk.haltBytes * 2, disk.warnBytes / 2),
        haltBytes: disk.haltBytes,
        resumeBytes: disk.haltBytes * 1.25,
      },
    });
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#opening;
    await this.#alertLog?.close();
  }

  #facts(plan: Plan, nowUs: Us): Facts {
    const { router } = this.#seat;
    const store = router.latest('store.meter');
    return {
      nowUs,
      recording: plan.mode === 'live' || plan.mode === 'rehearsal',
      children: this.#seat.children().map((child) => {
        const { unwanted } = child.life;
        const died = unwanted > (this.#deaths.get(child.name) ?? 0);
        this.#deaths.set(child.name, unwanted);
        const end = child.life.view().ends[0];
        const words = end ? [end.how, end.words].filter((part) => part !== '').join(': ') : '';
        return { ...child.state(), died, words: died ? words : '' };
      }),
      collector: router.latest('recording.meter'),
      store,
      clockOffsetMs: store?.clockOffsetMs ?? null,
      dueGaps: this.#dueGaps,
      quarantineGrowth: store ? this.#quarantine.look(store.quarantined, nowUs) : null,
      lostGrowth: store ? this.#lost.look(store.gaps, nowUs) : null,
      limits: plan.settings.alerts,
      haltBytes: plan.settings.disk.haltBytes,
      warnBytes: plan.settings.disk.warnBytes,
    };
  }

  /** Another folder has alerts of its own. */
  #follow(folder: string): void {
    if (folder === this.#folder) return;
    this.#folder = folder;
    const before = this.#alertLog;
    this.#alertLog = null;
    this.#book = new AlertBook();
    this.#quarantine = new Growth();
    this.#lost = new LostGrowth();
    this.#opening = this.#opening.then(async () => {
      await before?.close();
      const { alertLog, kept } = await AlertLog.open(folder, this.#seat.log);
      if (this.#folder !== folder) return;
      // What was found while the file was read is found again in a second.
      this.#book = new AlertBook(kept);
      this.#alertLog = alertLog;
    });
  }

  #askGaps(plan: Plan): void {
    const now = performance.now();
    const { router } = this.#seat;
    if (router.latest('store.meter') === undefined) {
      this.#dueGaps = undefined;
      return;
    }
    if (now - this.#gapsAskedMs < GAPS_EVERY_MS) return;
    this.#gapsAskedMs = now;
    const list = async (asked: RequestInput<'gaps.list'>): Promise<readonly Gap[] | undefined> => {
      const answer = await router.ask('gaps.list', asked);
      return answer.ok ? answer.value.gaps : undefined;
    };
    void dueGaps(list, Date.now() * 1000, plan.settings.alerts.gapMinutes * MINUTE_US).then((due) => {
      this.#dueGaps = due;
    });
  }

  #say(alert: Alert): void {
    const { rule, subject, severity, note, untilUs } = alert;
    const what = subject === '' ? rule : `${rule} ${subject}`;
    if (untilUs !== null) this.#seat.log.info({ alert: rule, subject }, `over: ${what}`);
    else this.#seat.log[severity === 'bad' ? 'error' : 'warn']({ alert: rule, subject }, `alert: ${what}: ${note}`);
  }

  #keep(changed: readonly Alert[]): void {
    // A folder that is only read is left as it is.
    if (this.#seat.plan().mode === 'offline') return;
    this.#alertLog?.write(changed, () => [...this.#book.active, ...this.#book.ended]);
  }

  #tell(): void {
    const value = { active: this.#book.active, ended: this.#book.ended.slice(0, ENDED_TOLD) };
    const text = JSON.stringify(value);
    if (text === this.#toldText) return;
    this.#toldText = text;
    this.#seat.router.publish('host', 'health.alerts', value);
  }
}
