// The remote recorders that were attached before. Promises: a token is kept only through the system's own store of secrets, never as it is.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { safeStorage } from 'electron';
import { z } from 'zod';
import { reasonOf } from '../../src-shared/base/result.ts';
import { replaceFile } from '../base/files.ts';
import type { Log } from '../base/log.ts';

const FILE = 'remotes.json';
const MOST = 20;
const keptSchema = z.array(z.object({ url: z.string(), secret: z.string().nullable() }));
type Kept = z.infer<typeof keptSchema>[number];

export class RemoteBook {
  readonly canKeep: boolean;
  readonly #path: string;
  readonly #log: Log;
  #kept: readonly Kept[];
  /** Tokens of this session, also where none can be kept. */
  readonly #tokens = new Map<string, string>();

  private constructor(path: string, log: Log, canKeep: boolean, kept: readonly Kept[]) {
    this.#path = path;
    this.#log = log;
    this.canKeep = canKeep;
    this.#kept = kept;
  }

  /** When the app is ready: the system's store is not there before. */
  static async open(folder: string, log: Log): Promise<RemoteBook> {
    const path = join(folder, FILE);
    // Without a keyring Linux would only disguise it.
    const disguise = process.platform === 'linux' && safeStorage.getSelectedStorageBackend() === 'basic_text';
    const canKeep = !disguise && (await safeStorage.isAsyncEncryptionAvailable());
    return new RemoteBook(path, log, canKeep, await readKept(path, log));
  }

  get list(): { url: string; kept: boolean }[] {
    return this.#kept.map(({ url, secret }) => ({ url, kept: secret !== null }));
  }

  /** undefined: it must be given. */
  async tokenOf(url: string): Promise<string | undefined> {
    const known = this.#tokens.get(url);
    const secret = this.#kept.find((one) => one.url === url)?.secret ?? null;
    if (known !== undefined || secret === null || !this.canKeep) return known;
    try {
      return (await safeStorage.decryptStringAsync(Buffer.from(secret, 'base64'))).result;
    } catch (error) {
      this.#log.warn(
        { url, reason: reasonOf(error) },
        `the token of ${url} cannot be read any more and must be given anew`,
      );
      return undefined;
    }
  }

  /** The newest first. keep: the token too, where that is safe. */
  async remember(url: string, token: string, keep: boolean): Promise<void> {
    this.#tokens.set(url, token);
    const secret = keep && this.canKeep ? (await safeStorage.encryptStringAsync(token)).toString('base64') : null;
    this.#kept = [{ url, secret }, ...this.#kept.filter((one) => one.url !== url)].slice(0, MOST);
    await this.#write();
  }

  async forget(url: string): Promise<void> {
    this.#tokens.delete(url);
    this.#kept = this.#kept.filter((one) => one.url !== url);
    await this.#write();
  }

  async #write(): Promise<void> {
    try {
      await replaceFile(this.#path, `${JSON.stringify(this.#kept)}\n`, 0o600);
    } catch (error) {
      this.#log.warn({ path: this.#path }, `the list of recorders is not kept: ${reasonOf(error)}`);
    }
  }
}

async function readKept(path: string, log: Log): Promise<readonly Kept[]> {
  try {
    return keptSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (!missing) log.warn({ path }, `the list of recorders cannot be read: ${reasonOf(error)}`);
    return [];
  }
}
