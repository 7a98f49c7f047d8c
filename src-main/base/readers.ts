// What a process prints, and those who may stop reading it.

/** From now on nothing ends because what is printed finds no reader any more: a terminal that was closed, a host that was killed. */
export function outliveReaders(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
}
