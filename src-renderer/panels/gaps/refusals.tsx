// Venues that want to be left alone: until when what is asked of them waits, and what they said. A gap that waits for one of them is no gap that is forgotten.
import { HOUR_US } from '../../../src-shared/base/time.ts';
import type { Refusal } from '../../../src-shared/contract/recording.ts';
import type { Gap } from '../../../src-shared/market/gap.ts';
import { usePreferences } from '../../i18n/preferences.ts';
import { useText } from '../../i18n/text.ts';
import { formatClock, formatTime } from '../../parts/format.ts';
import { Mark } from '../../parts/mark.tsx';
import { venueNames } from '../../parts/venue-style.ts';
import { usePresent } from '../../state/live.ts';
import { isAskedFor } from './gap-filter.ts';

const none: readonly Refusal[] = [];

export function Refusals() {
  const refusals = usePresent(({ collector }) => collector?.refusals ?? none);
  if (refusals.length === 0) return null;
  return (
    <ul className="refusals" data-testid="refusals">
      {refusals.map((refusal) => (
        <li key={`${refusal.venue} ${refusal.market} ${refusal.address ?? ''}`}>
          <Told refusal={refusal} />
        </li>
      ))}
    </ul>
  );
}

/** Of the venue of one gap, while somebody still wants the gap filled. */
export function RefusalOf({ gap }: { gap: Gap }) {
  const refusals = usePresent(({ collector }) => collector?.refusals ?? none);
  const [first] = isAskedFor(gap)
    ? refusals.filter(({ venue, market }) => venue === gap.venue && market === gap.market)
    : none;
  if (!first) return null;
  return (
    <p className="gap-refusal" data-testid="gap-refusal">
      <Told refusal={first} />
    </p>
  );
}

/** What failed, then where: of a long line the beginning is seen. */
function reasonFirst(note: string): string {
  const [, url, what] = /^(https?:\S+): (.+)$/s.exec(note) ?? [];
  return url === undefined || what === undefined ? note : `${what} · ${url}`;
}

function Told({ refusal: { venue, market, address, sinceUs, untilUs, note } }: { refusal: Refusal }) {
  const text = useText();
  const words = text.gaps.refusals;
  const zone = usePreferences((preferences) => preferences.zone);
  const atUs = usePresent(({ collector }) => collector?.atUs ?? 0);
  const said = note === null ? words.before : reasonFirst(text.common.reason(note));
  // A ban may last days.
  const time = (us: number): string =>
    Math.abs(us - atUs) < 12 * HOUR_US ? formatClock(us, zone) : formatTime(us, zone);
  const name = `${venueNames[venue]} ${market}${address === null ? '' : ` (${address})`}`;
  return (
    <>
      <Mark tone="warn">{name}:</Mark>{' '}
      {untilUs > atUs ? words.again(time(untilUs), time(sinceUs)) : words.asked(time(sinceUs))}{' '}
      <span className="faint" title={said}>
        {said}
      </span>
    </>
  );
}
