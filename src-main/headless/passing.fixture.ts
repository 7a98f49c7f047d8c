// A host's side of its children, whose stderr nobody reads: starts one that prints without end and counts its own turns: see node-child.test.ts.
import { outliveReaders, printed } from '../base/readers.ts';
import { nodeChildren } from './node-child.ts';

outliveReaders();
const entry = process.argv[2] ?? '';
let passed = 0;
const child = nodeChildren({ entry: () => entry, compileCache: null }).spawn('store', {
  message: () => {
    passed += 1;
    process.send?.(passed);
  },
  exit: () => undefined,
});
process.on('message', async () => {
  child.kill();
  process.stderr.write('the last word\n');
  await printed();
  process.exit(7);
});
