// Files of a folder by the path of a URL, for the screen and for exports. Promises: nothing outside the folder is ever opened, whatever the path says.
import { realpathSync, statSync } from 'node:fs';
import { extname, join, sep } from 'node:path';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.csv': 'text/csv; charset=utf-8',
  '.jsonl': 'application/x-ndjson; charset=utf-8',
  '.parquet': 'application/vnd.apache.parquet',
};

export interface FoundFile {
  readonly path: string;
  readonly bytes: number;
  readonly type: string;
}

/** A part of a path that is a plain name: no separator of any system, no dots alone, no drive, no control character. */
function plainName(part: string): boolean {
  return part !== '' && part !== '.' && part !== '..' && !/[/\\:]|\p{Cc}/u.test(part);
}

/** The regular file that `urlPath` (still percent-encoded) names under `root`; undefined for anything else, links that lead outside included. */
export function findFile(root: string, urlPath: string): FoundFile | undefined {
  let parts: string[];
  try {
    parts = urlPath
      .replace(/^\//, '')
      .split('/')
      .map((part) => decodeURIComponent(part));
  } catch {
    // Not percent-encoding: no file has such a name.
    return undefined;
  }
  if (!parts.every(plainName)) return undefined;
  try {
    const inside = realpathSync(root);
    const path = realpathSync(join(inside, ...parts));
    if (!path.startsWith(inside + sep)) return undefined;
    const found = statSync(path);
    return found.isFile()
      ? { path, bytes: found.size, type: types[extname(path).toLowerCase()] ?? 'application/octet-stream' }
      : undefined;
  } catch {
    // Missing, or not to be read: both are "not found" to the asker.
    return undefined;
  }
}

/**
 * What the screen's page may do: only its own files and its own host. Styles set through the DOM's style objects stay possible.
 * `connect` names further addresses for the page's own connection (the WebSocket's).
 */
export function contentSecurityPolicy(connect: readonly string[]): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "style-src-attr 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    `connect-src ${["'self'", ...connect].join(' ')}`,
    "worker-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
