// What a process prints, and those who may stop reading it: who is gone, and who stands still.
import { setTimeout as delay } from 'node:timers/promises';

/** What is printed aside waits for its reader in so many bytes of memory. */
const WAITING_BYTES = 1024 ** 2;
const LAST_WORDS_MS = 2000;

let droppedBytes = 0;

/**
 * From now on nothing ends because what is printed finds no reader any more (a terminal that was closed, a host that was killed), and nothing
 * waits for a reader that stands still.
 */
export function outliveReaders(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', () => undefined);
    letFlow(stream);
  }
}

/** Prints to stderr what is of no use to a reader who does not read: while too much waits for him it is dropped, and later said how much. */
export function printAside(text: string | Uint8Array): void {
  const { stderr } = process;
  if (droppedBytes === 0 && stderr.writableLength <= WAITING_BYTES) {
    // Each time: the pipe is the same for all who have it, and a program that begins or ends with it makes it wait again.
    letFlow(stderr);
    stderr.write(text);
    return;
  }
  if (droppedBytes === 0) stderr.once('drain', tellDropped);
  droppedBytes += Buffer.byteLength(text);
}

function tellDropped(): void {
  const bytes = droppedBytes;
  droppedBytes = 0;
  process.stderr.write(`\ntapedeck: nobody read this for a while, ${bytes} bytes were not printed\n`);
}

/** Resolves when what was printed has left this process, or nobody has taken it for a while: for those who end it then. */
export async function printed(): Promise<void> {
  const left = [process.stdout, process.stderr].map((stream) => new Promise((done) => stream.write('', done)));
  await Promise.race([Promise.all(left), delay(LAST_WORDS_MS)]);
}

/** Terminals wait for their reader from the beginning, pipes when another program shares them; files are written as ever. */
function letFlow(stream: NodeJS.WriteStream): void {
  // On Windows a pipe that does not wait loses what is in it when the process ends.
  if (process.platform === 'win32') return;
  const handle: unknown = Reflect.get(stream, '_handle');
  if (typeof handle !== 'object' || handle === null || !('setBlocking' in handle)) return;
  if (typeof handle.setBlocking === 'function') handle.setBlocking(false);
}
