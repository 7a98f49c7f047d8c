// Brings a SQLite file to the newest numbered migration of resources/sql, each in one transaction, in order, once.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type Database from 'better-sqlite3';

const NAME = /^(\d{4})-.+\.sql$/;

/** The folder of the migrations: resources/sql beside the sources, or beside the bundle. TAPEDECK_RESOURCES names another resources folder. */
export function migrationsFolder(): string {
  const named = process.env.TAPEDECK_RESOURCES;
  if (named) return join(named, 'sql');
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const candidate = join(folder, 'resources', 'sql');
    if (existsSync(candidate)) return candidate;
    if (dirname(folder) === folder) throw new Error('resources/sql was not found beside the program');
  }
}

/** Throws when the file was written by a newer version, or a migration fails (then nothing of it has happened). */
export function migrate(database: Database.Database, folder = migrationsFolder()): number {
  const files = readdirSync(folder)
    .flatMap((name) => {
      const found = NAME.exec(name);
      return found ? [{ number: Number(found[1]), name }] : [];
    })
    .toSorted((a, b) => a.number - b.number);
  const newest = files.at(-1)?.number ?? 0;
  const present = Number(database.pragma('user_version', { simple: true }));
  if (present > newest) throw new Error(`the catalog is of version ${present}, this program knows ${newest}`);
  for (const file of files) {
    if (file.number <= present) continue;
    database.transaction(() => {
      database.exec(readFileSync(join(folder, file.name), 'utf8'));
      database.pragma(`user_version = ${file.number}`);
    })();
  }
  return newest;
}
