// PROCESS 4: the simulated venues. Started by the host it speaks the child's protocol; started by hand (the CLI's `rehearse`) it prints
// one JSON line when it listens and ends cleanly, its ledger whole, on SIGTERM or Ctrl-C.
import { join } from 'node:path';
import { z } from 'zod';
import { FailureError, reasonOf } from '../../src-shared/base/result.ts';
import { type Log, openLog } from '../base/log.ts';
import { openParentPort } from '../base/parent-port.ts';
import { outliveReaders, printed } from '../base/readers.ts';
import { demoRecipe, rehearseCommand } from './command.ts';
import { type Rehearsal, type RehearsalOptions, startRehearsal } from './rehearsal.ts';

const STATE_EVERY_MS = 250;
/** The recorder leaves at the same time as a rule; it is not waited for any longer. */
const CLIENTS_LEAVE_MS = 2000;

const optionsSchema = z.object({
  /** A path, or the recipe itself; the demo when null or absent. */
  recipe: z
    .union([z.string(), z.record(z.string(), z.unknown())])
    .nullish()
    .transform((recipe) => recipe ?? demoRecipe()),
  port: z
    .number()
    .int()
    .min(0)
    .max(65_535)
    .nullish()
    .transform((port) => port ?? 0),
  ledger: z
    .string()
    .nullish()
    .transform((path) => path ?? null),
});

async function runChild(): Promise<void> {
  const port = openParentPort('rehearsal');
  const start = await port.started;
  const log: Log = openLog(start.dataDir, 'rehearsal');
  const options = optionsSchema.parse(start.options);
  const recipe = typeof options.recipe === 'string' ? options.recipe : 'given by the host';
  const past = join(start.dataDir, 'simulated-past');
  const rehearsal = await open({ recipe: options.recipe, port: options.port, ledger: options.ledger, past }, log);
  let troubled = false;
  const publish = (): void => {
    const trouble = rehearsal.past?.trouble ?? null;
    if (trouble !== null && !troubled)
      log.warn(`what the simulated venues print is not kept for their next start: ${trouble}`);
    troubled = trouble !== null;
    port.publish('rehearsal.state', {
      port: rehearsal.port,
      url: rehearsal.url,
      settings: rehearsal.settings,
      ledger: rehearsal.ledger ?? '',
      recipe,
      elapsedSeconds: rehearsal.elapsedSeconds(),
      firstListingUs: rehearsal.firstListingUs(),
      printed: rehearsal.printed(),
    });
  };
  const timer = setInterval(publish, STATE_EVERY_MS);
  port.onDrain(async (reason) => {
    clearInterval(timer);
    publish();
    await rehearsal.halt(CLIENTS_LEAVE_MS);
    await rehearsal.close();
    log.info({ reason, printed: rehearsal.printed() }, 'the simulated venues closed');
  });
  publish();
  port.ready();
  const { port: listens, ledger } = rehearsal;
  log.info({ port: listens, recipe, ledger, past: rehearsal.past?.trades }, 'the simulated venues are open');
}

/** A port that is taken by something else is no reason to stay down: any free one does, and the settings name it. */
async function open(options: RehearsalOptions, log: Log): Promise<Rehearsal> {
  try {
    return await startRehearsal({ ids: 'clock', ...options });
  } catch (error) {
    if (!(error instanceof FailureError) || error.failure.code !== 'rehearsal.port' || options.port === 0) throw error;
    log.warn({ port: options.port }, `${error.failure.message}; another port is taken`);
    return startRehearsal({ ids: 'clock', ...options, port: 0 });
  }
}

if (process.send !== undefined || Reflect.has(process, 'parentPort')) {
  try {
    await runChild();
  } catch (error) {
    // What an operator can mend (a recipe, a port) is said in a line; where it happened in the program is of no use to him.
    if (!(error instanceof FailureError)) throw error;
    process.stderr.write(`rehearsal: ${error.failure.message.replaceAll(/\s*\n\s*/g, ' ')}\n`);
    await printed();
    process.exit(1);
  }
} else {
  outliveReaders();
  try {
    await rehearseCommand();
  } catch (error) {
    process.stderr.write(`rehearse: ${reasonOf(error)}\n`);
    process.exitCode = 1;
  }
}
