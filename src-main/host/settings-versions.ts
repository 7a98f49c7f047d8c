// The settings that were in force before, kept beside settings.json: the last ten, each a file that could be put back by hand.
import { copyFile, mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fail, ok, type Result, reasonOf } from '../../src-shared/base/result.ts';
import { formatFileTime } from '../../src-shared/base/time.ts';

export const VERSIONS_KEPT = 10;

interface Version {
  readonly name: string;
  readonly savedUs: number;
}

/** `settings.json` keeps its versions in `settings.versions`. */
function folderOf(settingsPath: string): string {
  return join(dirname(settingsPath), `${basename(settingsPath, '.json')}.versions`);
}

/** Copies what is in force aside before it is replaced; nothing when there is nothing yet. */
export async function keepVersion(settingsPath: string, nowUs: number): Promise<Result<void>> {
  const folder = folderOf(settingsPath);
  try {
    await stat(settingsPath);
  } catch {
    // Nothing is in force yet: there is nothing to keep.
    return ok(undefined);
  }
  try {
    await mkdir(folder, { recursive: true });
    const sequence = String(Math.floor(nowUs / 1000) % 1000).padStart(3, '0');
    await copyFile(settingsPath, join(folder, `${formatFileTime(nowUs)}-${sequence}.json`));
    const versions = await listVersions(settingsPath);
    for (const { name } of versions.slice(VERSIONS_KEPT)) await rm(join(folder, name), { force: true });
    return ok(undefined);
  } catch (error) {
    return fail('settings.unwritable', `the settings in force cannot be kept in ${folder}: ${reasonOf(error)}`);
  }
}

/** Newest first. */
export async function listVersions(settingsPath: string): Promise<Version[]> {
  const folder = folderOf(settingsPath);
  let names: string[];
  try {
    names = await readdir(folder);
  } catch {
    // No folder: no version was kept yet.
    return [];
  }
  const versions = names
    .filter((name) => /^\d{8}T\d{6}Z-\d{3}\.json$/.test(name))
    .map((name) => ({ name, savedUs: timeOf(name) }));
  return versions.sort((a, b) => (a.name < b.name ? 1 : -1));
}

function timeOf(name: string): number {
  const [, year, month, day, hour, minute, second, ms] =
    /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z-(\d{3})/.exec(name)?.map(Number) ?? [];
  return Date.UTC(year ?? 0, (month ?? 1) - 1, day ?? 1, hour ?? 0, minute ?? 0, second ?? 0, ms ?? 0) * 1000;
}

/** Failures `settings.no-version`, `settings.not-json`. */
export async function readVersion(settingsPath: string, name: string): Promise<Result<unknown>> {
  const known = await listVersions(settingsPath);
  if (!known.some((version) => version.name === name))
    return fail('settings.no-version', `there is no older version named ${JSON.stringify(name)}`);
  try {
    const value: unknown = JSON.parse(await readFile(join(folderOf(settingsPath), name), 'utf8'));
    return ok(value);
  } catch (error) {
    return fail('settings.not-json', `the version ${name} cannot be read: ${reasonOf(error)}`);
  }
}
