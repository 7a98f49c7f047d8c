// Where sealed hours lie and how their files are named: market-data/trade/year=/month=/day=/hour=/part-0001.parquet.
import { mkdir, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { HOUR_US, type Us } from '../../../src-shared/base/time.ts';
import { syncDirectory } from '../../base/files.ts';

const ROOT = 'market-data/trade';
const PART = /^part-(\d{4,})\.parquet$/;
const FOLDER = /^market-data\/trade\/year=(\d{4})\/month=(\d{2})\/day=(\d{2})\/hour=(\d{2})$/;

/** The folder of an hour, relative to the data folder, with forward slashes. */
export function partitionOf(hourUs: Us): string {
  const at = new Date(hourUs / 1000);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${ROOT}/year=${String(at.getUTCFullYear()).padStart(4, '0')}/month=${two(at.getUTCMonth() + 1)}/day=${two(at.getUTCDate())}/hour=${two(at.getUTCHours())}`;
}

/** The hour of a folder, or undefined when it is not one of ours. */
export function hourOfPartition(folder: string): Us | undefined {
  const found = FOLDER.exec(folder);
  if (!found) return undefined;
  const [, year, month, day, hour] = found;
  const us = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour)) * 1000;
  return us % HOUR_US === 0 && partitionOf(us) === folder ? us : undefined;
}

/** Creates the folder so that it survives a power cut: each new level is synced into the one above. */
export async function makeDurableFolder(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true });
  if (first === undefined) return;
  const top = dirname(first);
  for (let at = path; ; at = dirname(at)) {
    await syncDirectory(at);
    if (at === top || at === dirname(at)) return;
  }
}

/** The next name that was never used in this partition. */
export async function nextPart(folder: string, used: readonly string[]): Promise<string> {
  const names = [...(await readdir(folder)), ...used.map((path) => path.slice(path.lastIndexOf('/') + 1))];
  const highest = Math.max(0, ...names.map((name) => Number(PART.exec(name)?.[1] ?? 0)));
  return `part-${String(highest + 1).padStart(4, '0')}.parquet`;
}

export interface FoundPart {
  /** Relative to the data folder. */
  readonly path: string;
  readonly hourUs: Us;
}

/** Every part file on disk, and what an interrupted seal left unfinished. */
export async function findParts(dataDir: string): Promise<{ parts: FoundPart[]; unfinished: string[] }> {
  const parts: FoundPart[] = [];
  const unfinished: string[] = [];
  const walk = async (folder: string, depth: number): Promise<void> => {
    const entries = await readdir(join(dataDir, folder), { withFileTypes: true });
    const hourUs = depth === 4 ? hourOfPartition(folder) : undefined;
    for (const entry of entries) {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory() && depth < 4) await walk(path, depth + 1);
      else if (hourUs !== undefined && PART.test(entry.name)) parts.push({ path, hourUs });
      else if (hourUs !== undefined && entry.name.endsWith('.parquet.new')) unfinished.push(path);
    }
  };
  await mkdir(join(dataDir, ROOT), { recursive: true });
  await walk(ROOT, 0);
  return { parts, unfinished };
}
