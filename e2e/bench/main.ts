// The benches of docs/benchmarks.md.
//   npm run bench -- throughput|latency|all [--runs N] [--trades N] [--seconds N]
import { parseArgs } from 'node:util';
import { latencyBench } from './latency.ts';
import { throughputBench } from './throughput.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string', default: '5' },
    trades: { type: 'string', default: '6000000' },
    seconds: { type: 'string', default: '60' },
  },
});
const which = positionals[0] ?? 'all';
if (!['throughput', 'latency', 'all'].includes(which)) {
  console.error(`unknown bench "${which}": throughput, latency or all`);
  process.exit(2);
}
const say = (text: string): void => console.error(text);
if (which === 'throughput' || which === 'all') {
  console.log(
    JSON.stringify(
      {
        bench: 'throughput',
        ...(await throughputBench({ runs: Number(values.runs), trades: Number(values.trades), say })),
      },
      null,
      2,
    ),
  );
}
if (which === 'latency' || which === 'all') {
  console.log(
    JSON.stringify({ bench: 'latency', ...(await latencyBench({ seconds: Number(values.seconds) })) }, null, 2),
  );
}
