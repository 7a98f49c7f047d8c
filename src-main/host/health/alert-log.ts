// The alerts of a folder on disk: one JSON record a change, the newest of an id counts. Bounded: written anew when it has grown.
// Promises: a disk that does not take it loses history, never an alert that is shown now; every refusal is counted and said.
import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { reasonOf } from '../../../src-shared/base/result.ts';
import { type Alert, alertSchema } from '../../../src-shared/contract/health.ts';
import { replaceFile } from '../../base/files.ts';
import type { Log } from '../../base/log.ts';

const FILE = 'alerts.jsonl';
/** Records beyond those that count, before the file is written anew. */
const SURPLUS = 4000;

export class AlertLog {
  readonly #path: string;
  readonly #log: Log;
  #records: number;
  #work: Promise<void> = Promise.resolve();
  #refused = 0;

  private constructor(path: string, log: Log, records: number) {
    this.#path = path;
    this.#log = log;
    this.#records = records;
  }

  static async open(folder: string, log: Log): Promise<{ alertLog: AlertLog; kept: Alert[] }> {
    const path = join(folder, FILE);
    const byId = new Map<string, Alert>();
    let records = 0;
    let unreadable = 0;
    for (const line of (await readText(path, log)).split('\n')) {
      if (line === '') continue;
      records += 1;
      const alert = readAlert(line);
      if (alert) byId.set(alert.id, alert);
      else unreadable += 1;
    }
    if (unreadable > 0) log.warn({ unreadable, path }, `${unreadable} alerts of ${path} could not be read`);
    return { alertLog: new AlertLog(path, log, records), kept: [...byId.values()] };
  }

  /** all: everything that counts, for when the file is written anew. */
  write(changed: readonly Alert[], all: () => readonly Alert[]): void {
    if (changed.length === 0) return;
    const text = textOf(changed);
    this.#work = this.#work.then(async () => {
      this.#records += changed.length;
      try {
        const alerts = this.#records > SURPLUS ? all() : null;
        if (alerts && alerts.length < this.#records - SURPLUS / 2) {
          await replaceFile(this.#path, textOf(alerts));
          this.#records = alerts.length;
        } else await appendFile(this.#path, text, { mode: 0o644 });
      } catch (error) {
        this.#refused += 1;
        if (this.#refused === 1) this.#log.warn({ path: this.#path }, `alerts are not kept: ${reasonOf(error)}`);
      }
    });
  }

  /** Resolves when all that was written is on its way to disk. */
  async close(): Promise<void> {
    await this.#work;
  }
}

function textOf(alerts: readonly Alert[]): string {
  return alerts.map((alert) => `${JSON.stringify(alert)}\n`).join('');
}

async function readText(path: string, log: Log): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (!missing) log.warn({ path }, `the history of alerts cannot be read: ${reasonOf(error)}`);
    return '';
  }
}

function readAlert(line: string): Alert | undefined {
  try {
    return alertSchema.safeParse(JSON.parse(line)).data;
  } catch {
    // A torn last line after a power cut; the caller counts it.
    return undefined;
  }
}
