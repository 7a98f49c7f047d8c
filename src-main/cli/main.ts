// Where the command line begins. What node compiles of it is kept: the next command starts in half the time.
import { enableCompileCache } from 'node:module';
import { compileCache } from './compile-cache.ts';

// Where that folder cannot be written, nothing is kept and nothing else is different.
enableCompileCache(process.env.NODE_COMPILE_CACHE ?? compileCache);
await import('./program.ts');
