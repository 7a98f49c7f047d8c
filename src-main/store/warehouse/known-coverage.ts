// Coverage as people and queries are told it.
import type { Coverage } from '../../../src-shared/market/gap.ts';
import type { OpenArchive } from './archive.ts';

export type CoverageFilter = Parameters<OpenArchive['catalog']['coverage']['list']>[0];

/**
 * What lines carried. `writing`: somebody writes the journal. While nobody does, a line that was open when the recorder ended was heard until its
 * last frame and not a moment longer, whatever nobody was left to write down.
 */
export function knownCoverage(archive: OpenArchive, filter: CoverageFilter, writing: boolean): Coverage[] {
  if (writing) return archive.catalog.coverage.list(filter);
  return archive.catalog.coverage.carried(filter).flatMap(({ lineNo, ...one }) => {
    const toUs = one.toUs ?? Math.max(one.fromUs, archive.heardUs(lineNo) ?? one.fromUs);
    return filter.fromUs !== undefined && toUs < filter.fromUs ? [] : [{ ...one, toUs }];
  });
}
