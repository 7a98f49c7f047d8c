// What a test's own code costs, on a machine that others use too.

/** What this thread worked since then, ms: however long it was not let run is not its own. */
export function workedMs(since: NodeJS.CpuUsage): number {
  const { user, system } = process.threadCpuUsage(since);
  return (user + system) / 1000;
}
