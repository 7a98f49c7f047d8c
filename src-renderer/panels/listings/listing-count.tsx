// How many listings there are; where not all of them were asked for, that is said.
import { useText } from '../../i18n/text.ts';
import { formatCount } from '../../parts/format.ts';

/** With each comes its extract's whole manifest, and all of them come anew with every change: more would be megabytes at a time. */
export const LISTINGS_LIMIT = 500;

export function ListingCount({ count }: { readonly count: number }) {
  const words = useText().listings;
  if (count === 0) return null;
  const cut = count >= LISTINGS_LIMIT;
  return (
    <span className="faint" title={cut ? words.newestWhat : undefined}>
      {cut ? words.newest(formatCount(count)) : words.count(formatCount(count))}
    </span>
  );
}
