// The support bundle: a .tar.gz of what somebody who helps wants to see. Promises: no trade, no token, no password is in it.
import { basename } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { formatFileTime, type Us } from '../../../src-shared/base/time.ts';
import { logFiles, openIfThere } from './log-pages.ts';

const zip = promisify(gzip);
/** The newest of each process's log. */
const LOG_BYTES = 2 * 1024 ** 2;
const SECRET_KEY = /token|secret|password|passphrase|credential|authorization|api[-_]?key/i;
const REMOVED = '[removed]';

export interface BundleParts {
  readonly nowUs: Us;
  /** Name to value, written as JSON. */
  readonly documents: Readonly<Record<string, unknown>>;
  readonly logFolders: readonly string[];
}

export async function makeBundle(parts: BundleParts): Promise<{ name: string; bytes: Buffer; files: string[] }> {
  const folder = `tapedeck-support-${formatFileTime(parts.nowUs)}`;
  const entries: { name: string; content: Buffer }[] = Object.entries(parts.documents).map(([name, value]) => ({
    name: `${name}.json`,
    content: Buffer.from(`${JSON.stringify(withoutSecrets(value), null, 2)}\n`),
  }));
  for (const file of await logFiles(parts.logFolders)) {
    if (file.age > 0) continue;
    const content = await lastBytes(file.path, Math.min(LOG_BYTES, file.bytes), file.bytes);
    if (content === null) continue;
    entries.push({ name: `logs/${basename(file.path)}`, content: Buffer.from(cleanText(content)) });
  }
  const blocks = entries.flatMap(({ name, content }) => tarEntry(`${folder}/${name}`, content, parts.nowUs));
  const bytes = await zip(Buffer.concat([...blocks, Buffer.alloc(1024)]));
  return { name: `${folder}.tar.gz`, bytes, files: entries.map(({ name }) => name) };
}

/** null: the file is not there any more. */
async function lastBytes(path: string, bytes: number, size: number): Promise<string | null> {
  const handle = await openIfThere(path);
  if (!handle) return null;
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(bytes), 0, bytes, size - bytes);
    const text = buffer.toString('utf8', 0, bytesRead);
    // The first line is cut when there is more before it.
    return bytes < size ? text.slice(text.indexOf('\n') + 1) : text;
  } finally {
    await handle.close();
  }
}

/** Values under names that sound secret, and what addresses carry of users, passwords and keys. */
export function withoutSecrets(value: unknown): unknown {
  if (typeof value === 'string') return cleanText(value);
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      SECRET_KEY.test(key) && inner !== null ? REMOVED : withoutSecrets(inner),
    ]),
  );
}

function cleanText(text: string): string {
  return text
    .replaceAll(/(\b[a-z][a-z+.-]*:\/\/)[^\s/@"']+@/gi, `$1${REMOVED}@`)
    .replaceAll(/([?&][^=&\s"']*(?:token|key|secret|signature|password|auth)[^=&\s"']*=)[^&\s"']+/gi, `$1${REMOVED}`)
    .replaceAll(/(\bBearer\s+)[A-Za-z0-9._~+/-]+=*/gi, `$1${REMOVED}`)
    .replaceAll(/("[^"]*(?:token|secret|password|passphrase|api[-_]?key)[^"]*"\s*:\s*)"[^"]*"/gi, `$1"${REMOVED}"`);
}

const BLOCK = 512;

/** One file in the ustar form: header block, content, zeros to the next block. */
function tarEntry(name: string, content: Buffer, nowUs: Us): Buffer[] {
  const header = Buffer.alloc(BLOCK);
  const octal = (value: number, length: number): string => `${value.toString(8).padStart(length - 1, '0')}\0`;
  header.write(name, 0, 100);
  header.write(octal(0o600, 8), 100);
  header.write(octal(0, 8), 108);
  header.write(octal(0, 8), 116);
  header.write(octal(content.length, 12), 124);
  header.write(octal(Math.floor(nowUs / 1_000_000), 12), 136);
  header.fill(0x20, 148, 156);
  header.write('0', 156);
  header.write('ustar\0', 257);
  header.write('00', 263);
  header.write(
    `${header
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, '0')}\0 `,
    148,
  );
  return [header, content, Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK)];
}
