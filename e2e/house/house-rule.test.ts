// The house rule: who may import whom, which package has which owner, and what may lie at the top. Denied unless it is written here.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join, posix, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const top = join(dirname(fileURLToPath(import.meta.url)), '../..');
const shared = ['src-shared/base', 'src-shared/market', 'src-shared/contract'];
const base = ['src-main/base', ...shared];

/** Folder -> folders that its files may import (itself is always allowed). The longest matching folder decides. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  'src-shared/base': [],
  'src-shared/market': ['src-shared/base'],
  'src-shared/contract': ['src-shared/base', 'src-shared/market'],
  'src-main/base': shared,
  'src-main/feeds': shared,
  'src-main/journal': base,
  'src-main/collector': ['src-main/feeds', 'src-main/journal', ...base],
  'src-main/store': ['src-main/feeds', 'src-main/journal', ...base],
  'src-main/store/pipeline': ['src-main/feeds', ...shared],
  'src-main/store/warehouse': ['src-main/store/pipeline', 'src-main/feeds', 'src-main/journal', ...base],
  'src-main/store/sinks': ['src-main/store/warehouse', ...base],
  'src-main/store/jobs': ['src-main/store/warehouse', 'src-main/feeds', 'src-main/journal', ...base],
  'src-main/analyst': base,
  'src-main/rehearsal': ['src-main/feeds', ...base],
  'src-main/host': base,
  'src-main/desktop': ['src-main/host', ...base],
  'src-main/headless': ['src-main/host', ...base],
  'src-main/cli': ['src-main/host', 'src-main/feeds', ...base],
  'src-main': ['src-main/base'],
  'src-renderer/link': shared,
  'src-renderer/state': ['src-renderer/link', ...shared],
  'src-renderer/parts': ['src-renderer/i18n', ...shared],
  'src-renderer/i18n': shared,
  'src-renderer/panels': [
    'src-renderer/link',
    'src-renderer/state',
    'src-renderer/parts',
    'src-renderer/i18n',
    ...shared,
  ],
  'src-renderer': [
    'src-renderer/link',
    'src-renderer/state',
    'src-renderer/parts',
    'src-renderer/i18n',
    'src-renderer/panels',
    ...shared,
  ],
  e2e: ['src-shared/base', 'src-shared/market', 'src-shared/contract'],
  'e2e/drill': ['src-main', ...base],
  'e2e/bench': ['e2e/drill', 'src-main', ...base],
};

/** Package -> folders whose files may import it. Others are free. */
const packageOwners: Readonly<Record<string, readonly string[]>> = {
  electron: ['src-main/desktop'],
  ws: ['src-main/collector/transports', 'src-main/headless', 'src-main/desktop', 'src-main/rehearsal'],
  ioredis: ['src-main/collector/transports'],
  '@duckdb/node-api': ['src-main/base'],
  '@duckdb/node-bindings': ['src-main/base'],
  'better-sqlite3': ['src-main/store/warehouse'],
  recharts: ['src-renderer/parts'],
  uplot: ['src-renderer/parts'],
  'lightweight-charts': ['src-renderer/parts'],
  '@codemirror/view': ['src-renderer/parts'],
  '@codemirror/state': ['src-renderer/parts'],
  '@codemirror/lang-sql': ['src-renderer/parts'],
  pino: ['src-main/base'],
  'prom-client': ['src-main/base'],
  commander: ['src-main/cli'],
};

const topLevel =
  /^(package\.json|package-lock\.json|electron\.vite\.config\.ts|tsconfig\.json|src-main|src-renderer|src-shared|resources|e2e|docs|README\.md|LICENSE|\..+)$/;

const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: top,
  encoding: 'utf8',
})
  .split('\n')
  .filter((path) => path !== '');
const sources = tracked.filter((path) => /^(src-|e2e\/).*\.tsx?$/.test(path));

function importsOf(path: string): string[] {
  const text = readFileSync(join(top, path), 'utf8');
  const found: string[] = [];
  for (const pattern of [
    /^\s*(?:import|export)\s[^'"`;]*?from\s*['"]([^'"]+)['"]/gm,
    /^\s*import\s*['"]([^'"]+)['"]/gm,
    /\bimport\(\s*['"]([^'"]+)['"]/g,
    /\brequire\(\s*['"]([^'"]+)['"]/g,
  ]) {
    for (const match of text.matchAll(pattern)) found.push(match[1] ?? '');
  }
  return found;
}

function ruleOf(path: string): string {
  const names = Object.keys(mayImport).filter((folder) => path.startsWith(`${folder}/`));
  return names.sort((a, b) => b.length - a.length)[0] ?? '';
}

/** The process or shared room of a file: two processes never import each other. */
function allowed(from: string, to: string): boolean {
  const rule = ruleOf(from);
  if (rule === '') return false;
  if (to.startsWith(`${rule}/`)) {
    // Inside one room everything may be imported, but a room with rules of its own inside stays closed both ways unless named.
    const inner = ruleOf(to);
    return (
      inner === rule || rule === 'src-main/store' || rule === 'src-renderer' || (mayImport[rule] ?? []).includes(inner)
    );
  }
  return (mayImport[rule] ?? []).some((folder) => to.startsWith(`${folder}/`));
}

function packageOf(specifier: string): string {
  const parts = specifier.split('/');
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? '');
}

const under = (path: string, folders: readonly string[]): boolean =>
  folders.some((folder) => path.startsWith(`${folder}/`));

describe('the house rule', () => {
  it('reads enough files to mean something', () => {
    expect(sources.length).toBeGreaterThan(20);
  });

  it('every import of our own files is allowed by the design', () => {
    const broken: string[] = [];
    for (const path of sources) {
      for (const specifier of importsOf(path)) {
        if (!specifier.startsWith('.')) continue;
        const clean = specifier.split('?')[0] ?? specifier;
        const target = posix.normalize(posix.join(posix.dirname(path), clean));
        if (target === 'package.json' || /\.(css|svg|json|sql)$/.test(target)) continue;
        if (!allowed(path, target)) broken.push(`${path} imports ${target}`);
      }
    }
    expect(broken).toEqual([]);
  });

  it('panels never import each other', () => {
    const broken: string[] = [];
    for (const path of sources.filter((name) => name.startsWith('src-renderer/panels/'))) {
      const panel = path.split('/')[2] ?? '';
      if (!path.startsWith(`src-renderer/panels/${panel}/`)) continue;
      for (const specifier of importsOf(path).filter((name) => name.startsWith('.'))) {
        const target = posix.normalize(posix.join(posix.dirname(path), specifier));
        if (target.startsWith('src-renderer/panels/') && !target.startsWith(`src-renderer/panels/${panel}/`))
          broken.push(`${path} imports ${target}`);
      }
    }
    expect(broken).toEqual([]);
  });

  it('a package with an owner is imported by its owner only', () => {
    const broken: string[] = [];
    for (const path of sources.filter((name) => name.startsWith('src-'))) {
      for (const specifier of importsOf(path)) {
        const owners = packageOwners[packageOf(specifier)];
        if (owners && !under(path, owners)) broken.push(`${path} imports ${specifier}`);
      }
    }
    expect(broken).toEqual([]);
  });

  it('the language and the pure rooms know no clock, file, socket or process', () => {
    const broken: string[] = [];
    for (const path of sources) {
      const pure = path.startsWith('src-shared/') || under(path, ['src-main/feeds', 'src-main/store/pipeline']);
      if (!pure || /\.(test|fixture)\.ts$/.test(path)) continue;
      for (const specifier of importsOf(path)) {
        if (specifier.startsWith('node:')) broken.push(`${path} imports ${specifier}`);
        if (path.startsWith('src-shared/') && !specifier.startsWith('.') && specifier !== 'zod')
          broken.push(`${path} imports ${specifier}`);
      }
    }
    expect(broken).toEqual([]);
  });

  it('nothing lies at the top that the layout does not name', () => {
    const names = new Set(tracked.map((path) => path.split('/')[0] ?? ''));
    expect([...names].filter((name) => !topLevel.test(name))).toEqual([]);
  });

  it('the lock file keeps npm ci from compiling better-sqlite3', () => {
    // The package ships its binary and says "gypfile": false, but npm reads that from the lock file only, where it has to be written by hand.
    const lock = JSON.parse(readFileSync(join(top, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { gypfile?: boolean }>;
    };
    expect(lock.packages['node_modules/better-sqlite3']?.gypfile).toBe(false);
  });

  it('every source begins by saying what it is for', () => {
    const silent = sources.filter((path) => !/^(#!.*\n)?\s*(\/\/|\/\*)/.test(readFileSync(join(top, path), 'utf8')));
    expect(silent).toEqual([]);
  });

  it('no file names a path of a developer machine', () => {
    const named = tracked
      .filter((path) => /\.(ts|tsx|md|json|css|html|yml|sql)$/.test(path) && path !== 'package-lock.json')
      .filter((path) => /\/(home|root|Users)\/[a-z]/.test(readFileSync(join(top, path), 'utf8')));
    expect(named.map((path) => relative('.', path))).toEqual([]);
  });
});
