// What was chosen on the first screen, kept in the data folder: the next start goes on with it instead of asking again.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { fail, ok, type Result, reasonOf } from '../../src-shared/base/result.ts';
import { replaceFile } from '../base/files.ts';
import { prepareDataFolder } from './data-folder.ts';
import { type Plan, planOf } from './plan.ts';
import { offlineSettings } from './settings.ts';

const choiceSchema = z.object({ mode: z.enum(['live', 'rehearsal']) });
export type Choice = z.infer<typeof choiceSchema>['mode'];

/** null: nothing was chosen yet, or nobody can tell; then the folder's settings say what is recorded. */
export function readChoice(dataDir: string): Choice | null {
  const path = join(dataDir, 'choice.json');
  if (!existsSync(path)) return null;
  try {
    const read = choiceSchema.safeParse(JSON.parse(readFileSync(path, 'utf8')));
    return read.success ? read.data.mode : null;
  } catch {
    // Unreadable is as good as not there: the first screen asks again.
    return null;
  }
}

/** Failure: `settings.unwritable`. */
export async function keepChoice(dataDir: string, mode: Choice): Promise<Result<void>> {
  if (readChoice(dataDir) === mode) return ok(undefined);
  const path = join(dataDir, 'choice.json');
  try {
    await replaceFile(path, `${JSON.stringify({ mode })}\n`);
    return ok(undefined);
  } catch (error) {
    return fail('settings.unwritable', `settings cannot be written to ${path}: ${reasonOf(error)}`);
  }
}

/** A rehearsal beside the real recording of a folder: it has a folder of its own inside. Failures: those of a data folder. */
export function rehearsalInside(dataDir: string): Result<Plan> {
  const prepared = prepareDataFolder(join(dataDir, 'rehearsal'), { create: true });
  if (!prepared.ok) return prepared;
  return ok({ ...planOf('rehearsal', dataDir, offlineSettings()), recordDir: prepared.value });
}
