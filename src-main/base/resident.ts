// The memory of this process, for meters and beats.

let knownBytes = 0;

/**
 * Resident memory, bytes. Node opens a file for it, which fails when the computer has no descriptor left: then it is what was read last, for
 * a figure that cannot be had is no reason to end a recorder.
 */
export function rssBytes(): number {
  try {
    knownBytes = process.memoryUsage.rss();
  } catch {
    // What was read last stands.
  }
  return knownBytes;
}
