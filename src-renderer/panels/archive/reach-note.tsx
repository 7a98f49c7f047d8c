// How far an answer reaches: of a day that still grows, and whenever hours that are not sealed were left out.
import type { Reach } from '../../../src-shared/contract/days.ts';
import { usePreferences } from '../../i18n/preferences.ts';
import { useText } from '../../i18n/text.ts';
import { formatClock, formatTime } from '../../parts/format.ts';

export function ReachNote({ reach, growing }: { readonly reach: Reach | null | undefined; readonly growing: boolean }) {
  const text = useText();
  const words = text.archive.instrument;
  const zone = usePreferences((preferences) => preferences.zone);
  if (!reach || (!growing && reach.hotUntilUs !== null)) return null;
  const { hotUntilUs, sealedUntilUs, note } = reach;
  const sealed = sealedUntilUs === null ? words.sealedOnly : words.sealedUntil(formatTime(sealedUntilUs, zone));
  const told = hotUntilUs === null ? sealed : words.reach(formatClock(hotUntilUs, zone));
  return (
    <span className="faint cut archive-reach" title={text.common.note(note) || told} data-testid="archive-reach">
      {told}
    </span>
  );
}
