// The benches of docs/benchmarks.md.
//   npm run bench -- throughput|mix|latency|replay|extract|decode|normaliser|all [--runs N] [--trades N] [--seconds N]
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { top } from '../drill/processes.ts';
import { latencyBench } from './latency.ts';
import { mixBench } from './mix.ts';
import { throughputBench } from './throughput.ts';

/** Benches of one part, each a program beside the part, or here where it compares with something that is not ours. */
const programs: Readonly<Record<string, string>> = {
  replay: 'src-main/store/bench/replay.bench.ts',
  extract: 'src-main/store/bench/extract.bench.ts',
  decode: 'src-main/feeds/bench/decode.bench.ts',
  normaliser: 'e2e/bench/normaliser.ts',
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string', default: '5' },
    trades: { type: 'string', default: '6000000' },
    seconds: { type: 'string', default: '60' },
  },
});
const which = positionals[0] ?? 'all';
const names = ['throughput', 'mix', 'latency', ...Object.keys(programs)];
if (which !== 'all' && !names.includes(which)) {
  console.error(`unknown bench "${which}": ${names.join(', ')} or all`);
  process.exit(2);
}
const say = (text: string): void => console.error(text);
for (const name of which === 'all' ? names : [which]) {
  const program = programs[name];
  if (program) {
    const { status } = spawnSync(process.execPath, [join(top, program)], { stdio: 'inherit' });
    if (status !== 0) process.exit(status ?? 1);
  } else if (name === 'throughput') {
    const report = await throughputBench({ runs: Number(values.runs), trades: Number(values.trades), say });
    console.log(JSON.stringify({ bench: name, ...report }, null, 2));
  } else if (name === 'mix') {
    const report = await mixBench({ runs: Number(values.runs), trades: Number(values.trades), say });
    console.log(JSON.stringify({ bench: name, ...report }, null, 2));
  } else {
    console.log(JSON.stringify({ bench: name, ...(await latencyBench({ seconds: Number(values.seconds) })) }, null, 2));
  }
}
