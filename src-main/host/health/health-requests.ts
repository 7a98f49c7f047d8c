// What screens ask about the whole: the history of alerts, logs a page at a time, and the support bundle.
import { join } from 'node:path';
import { ok } from '../../../src-shared/base/result.ts';
import type { Handlers } from '../../base/parent-port.ts';
import type { Host } from '../host.ts';
import type { Plan } from '../plan.ts';
import { makeBundle } from './bundle.ts';
import type { HealthWatch } from './health-watch.ts';
import { logPage } from './log-pages.ts';

export interface HealthRoom extends Pick<Host, 'dataDir' | 'recordDir' | 'status' | 'startedUs'> {
  readonly version: string;
  plan(): Plan;
  readonly watch: HealthWatch;
}

const HISTORY_IN_BUNDLE = 500;

export function healthHandlers(room: HealthRoom): Handlers {
  const folders = (): string[] => [join(room.dataDir, 'logs'), join(room.recordDir(), 'logs')];
  return {
    'health.history': ({ beforeUs, limit }) => ok(room.watch.history(beforeUs, limit)),
    'health.acknowledge': ({ ids }) => ok({ acknowledged: room.watch.acknowledge(ids) }),
    'health.logs': (question) => logPage(folders(), question),
    'health.bundle': async () => {
      const { mode, settings } = room.plan();
      const { name, bytes, files } = await makeBundle({
        nowUs: Date.now() * 1000,
        documents: {
          about: {
            version: room.version,
            mode,
            platform: process.platform,
            arch: process.arch,
            versions: process.versions,
            startedUs: room.startedUs,
          },
          status: room.status(),
          processes: room.watch.processes(),
          alerts: { active: room.watch.active, ...room.watch.history(undefined, HISTORY_IN_BUNDLE) },
          settings,
        },
        logFolders: folders(),
      });
      return ok({ name, base64: bytes.toString('base64'), files });
    },
  };
}
