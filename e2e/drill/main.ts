// The long drills of an operator and of a release. Each has a short version inside `npm test`.
//   npm run drill -- kill|power|blocked|pump|faults|limits|repair|reconcile|verdict|scale|sql|all [--kills N] [--cuts N] [--seconds N] [--seed N]
//     [--lines 1|2] [--minutes N] [--gaps N] [--outage SECONDS] [--streams N] [--warm MILLIONS]
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { marketKeys } from '../../src-main/rehearsal/registry.ts';
import { faultDrill } from './faults.ts';
import { killDrill } from './kill.ts';
import { limitsDrill } from './limits.ts';
import { blockedDrill, pumpDrill } from './load.ts';
import { wrongFigures } from './numbers.ts';
import { powerDrill } from './power.ts';
import { top } from './processes.ts';
import { reconcileDrill } from './reconcile.ts';
import { listedRecipe } from './recorded-lists.ts';
import { repairDrill } from './repair.ts';
import { scaleDrill } from './scale.ts';
import { sqlDrill } from './sql.ts';
import { verdictDrill, wrongVerdicts } from './verdict.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    kills: { type: 'string', default: '200' },
    cuts: { type: 'string', default: '200' },
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
    recipe: { type: 'string' },
    lines: { type: 'string', default: '2' },
    minutes: { type: 'string', default: '30' },
    gaps: { type: 'string', default: '1000' },
    outage: { type: 'string', default: '600' },
    streams: { type: 'string', default: '3' },
    warm: { type: 'string', default: '0' },
    keep: { type: 'boolean', default: false },
  },
});
const which = positionals[0] ?? 'all';
const seed = Number(values.seed);
const say = (text: string): void => console.error(`${new Date().toISOString()} ${text}`);

/** A report that holds what no drill may find ends with 1. */
function tell(drill: string, report: object): void {
  console.log(JSON.stringify({ drill, ...report }, null, 2));
  const wrong = wrongFigures(report);
  if (wrong.length === 0) return;
  say(`${drill}: must be 0: ${wrong.join(', ')}`);
  process.exitCode = 1;
}

const recipe = (name: string): string => values.recipe ?? join(top, 'resources/recipes', name);

if (
  ![
    'kill',
    'power',
    'blocked',
    'pump',
    'faults',
    'limits',
    'repair',
    'reconcile',
    'verdict',
    'scale',
    'sql',
    'all',
  ].includes(which)
) {
  console.error(
    `unknown drill "${which}": kill, power, blocked, pump, faults, limits, repair, reconcile, verdict, scale, sql or all`,
  );
  process.exit(2);
}
if (which === 'kill' || which === 'all') {
  const report = await killDrill({
    kills: Number(values.kills),
    seed,
    recipe: recipe('drill.json'),
    calmMs: [200, 2500],
    keep: values.keep,
    say,
  });
  tell('kill', report);
}
if (which === 'power' || which === 'all') {
  tell('power', await powerDrill({ cuts: Number(values.cuts), seed, recipe: recipe('power.json'), say }));
}
if (which === 'blocked' || which === 'all') {
  tell('blocked', await blockedDrill({ seconds: Number(values.seconds), recipe: recipe('drill.json'), say }));
}
if (which === 'pump' || which === 'all') {
  tell('pump', await pumpDrill({ seconds: Number(values.seconds), recipe: recipe('pump.json'), say }));
}
if (which === 'faults' || which === 'all') {
  const report = await faultDrill({
    recipe: recipe('seven-faults.json'),
    lines: values.lines === '1' ? 1 : 2,
    seconds: Number(values.minutes) * 60,
    reconcile: true,
    keep: values.keep,
    say,
  });
  tell('faults', report);
}
if (which === 'limits' || which === 'all') {
  const listed = listedRecipe();
  if (listed) {
    const report = await limitsDrill({ listed, seconds: Number(values.seconds), say });
    tell('limits', report);
  } else {
    say('limits: not run, the recorded lists are missing');
    process.exitCode = 1;
  }
}
if (which === 'repair' || which === 'all') {
  const report = await repairDrill({
    // Some venues do not allow every symbol that they list.
    gaps: Math.ceil(Number(values.gaps) * 1.1),
    outageSeconds: Number(values.outage),
    calmSeconds: 60,
    markets: marketKeys,
    ticksPerSecond: Number(values.gaps),
    timeoutSeconds: 1800,
    keep: values.keep,
    say,
  });
  tell('repair', report);
}
if (which === 'reconcile' || which === 'all') {
  const streams = Number(values.streams);
  const report = await reconcileDrill({ streams, markets: marketKeys, keep: values.keep, say });
  tell('reconcile', report);
}
if (which === 'verdict' || which === 'all') {
  const report = await verdictDrill({ say });
  const wrong = wrongVerdicts([...report.calm, ...report.outage, ...report.repaired]);
  tell('verdict', { wrong, ...report });
}
if (which === 'sql' || which === 'all') {
  const report = await sqlDrill({ recipe: recipe('power.json'), say });
  tell('sql', report);
}
if (which === 'scale' || which === 'all') {
  const report = await scaleDrill({
    minutes: Number(values.minutes),
    recipe: recipe('scale.json'),
    warm: Number(values.warm) * 1e6,
    say,
  });
  tell('scale', report);
}
