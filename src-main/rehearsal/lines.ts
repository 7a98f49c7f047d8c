// Which connections of a market belong together: a recorder may carry one line over several of them. A line has each name once, so two
// connections with a name in common are of different lines. Connections stay in their line while they stand.
import type { Outlet } from './outlet.ts';

/** A recorder holds two lines at most; a third group is a renewal that overlaps and takes its line's place when the old one closes. */
const LINES = 2;

/** Groups of connections, each with no name twice: [0] and [1] are the lines. Connections without a subscription are in none. */
export function lineGroups(outlets: readonly Outlet[]): Outlet[][] {
  const groups: { readonly outlets: Outlet[]; readonly names: Set<string> }[] = [];
  const groupAt = (at: number): (typeof groups)[number] => {
    while (groups.length <= at) groups.push({ outlets: [], names: new Set() });
    return groups[at]!;
  };
  const free = (at: number, outlet: Outlet): boolean => {
    const { names } = groupAt(at);
    for (const name of outlet.names) if (names.has(name)) return false;
    return true;
  };
  const put = (at: number, outlet: Outlet): void => {
    const group = groupAt(at);
    group.outlets.push(outlet);
    for (const name of outlet.names) group.names.add(name);
    outlet.line = at;
  };
  const subscribed = outlets.filter((outlet) => outlet.names.size > 0);
  const settled = subscribed.filter((outlet) => outlet.line >= 0 && outlet.line < LINES);
  const unsettled: Outlet[] = subscribed.filter((outlet) => !settled.includes(outlet));
  for (const outlet of settled) {
    if (free(outlet.line, outlet)) put(outlet.line, outlet);
    else unsettled.push(outlet);
  }
  for (const outlet of unsettled) {
    let at = 0;
    while (!free(at, outlet)) at += 1;
    put(at, outlet);
  }
  return groups.map((group) => group.outlets);
}
