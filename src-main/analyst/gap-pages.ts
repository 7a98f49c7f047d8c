// All gaps of a window, however many there are, in pages that the store answers between two commits.
import { ok, type Result } from '../../src-shared/base/result.ts';
import type { Gap } from '../../src-shared/market/gap.ts';
import type { ParentPort } from '../base/parent-port.ts';
import type { SnapshotWindow } from './snapshot.ts';

const PAGE = 20_000;

/** Ends with the first page that fails. */
export async function* gapPages(
  ask: ParentPort['ask'],
  { fromUs, toUs }: SnapshotWindow,
): AsyncGenerator<Result<readonly Gap[]>> {
  const window = { ...(fromUs === undefined ? {} : { fromUs }), ...(toUs === undefined ? {} : { toUs }) };
  let after: Gap | undefined;
  do {
    const found = await ask('gaps.list', { ...window, order: 'id', limit: PAGE, ...(after ? { after } : {}) });
    if (!found.ok) {
      yield found;
      return;
    }
    const { gaps } = found.value;
    yield ok(gaps);
    after = gaps.length < PAGE ? undefined : gaps.at(-1);
  } while (after);
}
