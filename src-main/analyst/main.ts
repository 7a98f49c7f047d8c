// PROCESS 3, the analyst: SQL and whatever reads many rows, on demand, at the lowest priority, and the first to die when memory runs out.
// The same file is the watch beside it, a thread that ends the process when it grows beyond its bound: DuckDB's own limit does not count every byte.
import { isMainThread } from 'node:worker_threads';

if (isMainThread) {
  // Two queries, an export, pages, bars and counts each hold a thread of the pool while they run.
  process.env.UV_THREADPOOL_SIZE = '12';
  const { serve } = await import('./serve.ts');
  await serve(new URL(import.meta.url));
} else {
  const { watch } = await import('./watch.ts');
  watch();
}
