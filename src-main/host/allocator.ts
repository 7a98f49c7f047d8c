// What processes of ours are told by environment, because what it is for reads nothing else and reads it once, when a process starts:
// glibc's allocator (other systems ignore it) and libuv's pool of threads.
import type { ProcessName } from './child.ts';

/**
 * By itself glibc raises, at each large block that is freed, the size below which blocks come from its heap, up to 32 MiB; buffers of megabytes then
 * lie scattered in that heap, and what is free between them never goes back to the system: each burst leaves a step in the resident memory. A fixed
 * bound keeps large buffers in mappings of their own, which go back when they are freed, and two arenas instead of eight per core hold less in reserve.
 * Measured in docs/benchmarks.md (Scale). Source: mallopt(3): setting M_TRIM_THRESHOLD, to its usual value here, also ends the raising of
 * M_MMAP_THRESHOLD; M_ARENA_MAX.
 */
const TOLD = { MALLOC_ARENA_MAX: '2', MALLOC_TRIM_THRESHOLD_: '131072' };

/** The environment of a process of ours; what the user has set stays. */
export function allocatorEnv(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...TOLD, ...env };
}

/**
 * The same of a child. A disk that hangs holds threads of the collector's pool (journal, its sync, what was asked of venues, log), and the names of
 * venues are looked up by the same pool: with libuv's usual four no line could dial until the disk is back.
 */
export function childEnv(name: ProcessName, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...(name === 'collector' ? { UV_THREADPOOL_SIZE: '8' } : {}), ...allocatorEnv(env) };
}
