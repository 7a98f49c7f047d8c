// Where a listing is known from, each place with its own clocks. Addresses are opened only when they are https, in a window that knows nothing of this one.
import type { ListingSource, Manifest } from '../../../src-shared/market/listing.ts';
import { usePreferences } from '../../i18n/preferences.ts';
import { useText } from '../../i18n/text.ts';
import { copyText } from '../../parts/clipboard.ts';
import { Button } from '../../parts/controls.tsx';
import { formatDuration, formatTime, NOTHING } from '../../parts/format.ts';
import { listingTitle } from '../../parts/listing-title.ts';
import { venueNames } from '../../parts/venue-style.ts';

/** The address when it may be opened: https and nothing else, as written by whoever wrote the notice. */
export function safeAddress(url: string | null): string | null {
  if (url === null) return null;
  const parsed = URL.parse(url);
  return parsed?.protocol === 'https:' && parsed.username === '' && parsed.password === '' ? parsed.href : null;
}

export function NoticeLink({ url }: { url: string | null }) {
  const text = useText();
  const words = text.window.sources;
  if (url === null) return null;
  const safe = safeAddress(url);
  return (
    <span className="notice-link">
      {safe && (
        <a
          className="button button-small button-quiet"
          href={safe}
          target="_blank"
          rel="noopener noreferrer"
          title={safe}
          data-testid="notice-open"
        >
          {words.open} ↗
        </a>
      )}
      <Button
        small
        kind="quiet"
        title={safe ? url : `${words.unsafe}\n${url}`}
        testId="notice-copy"
        onClick={() => copyText(url)}
      >
        {words.copy}
      </Button>
    </span>
  );
}

export function SourceTable(props: {
  readonly coin: string;
  readonly sources: readonly ListingSource[];
  readonly clocks: Manifest['clocks'] | null;
}) {
  const text = useText();
  const words = text.listings;
  const zone = usePreferences((preferences) => preferences.zone);
  const { clocks } = props;
  return (
    <div className="sources">
      {clocks && (
        <dl className="sources-clocks" data-testid="window-clocks">
          {(
            [
              ['t0', clocks.atUs],
              [words.published, clocks.publishedUs],
              [words.detected, clocks.detectedUs],
            ] as const
          ).map(([name, us]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{formatTime(us, zone, 'micro')}</dd>
            </div>
          ))}
        </dl>
      )}
      {props.sources.length > 0 && (
        <table className="table" data-testid="sources-table">
          <thead>
            <tr>
              <th scope="col">{text.window.sources.coin}</th>
              <th scope="col">{text.window.sources.title}</th>
              <th scope="col">{words.published}</th>
              <th scope="col">{words.detected}</th>
              <th scope="col" className="number">
                {words.delay}
              </th>
              <th scope="col">{words.markets}</th>
              <th scope="col">
                <span className="unseen">{text.window.sources.open}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {props.sources.map((source) => (
              <tr key={source.id} data-testid="source-row">
                <td className="fits">{props.coin}</td>
                <td className="cut fills" title={listingTitle(source.title, text)}>
                  <b>{words.sources[source.source]}</b>
                  {source.kind !== 'listing' && ` · ${text.window.sources.kinds[source.kind]}`}{' '}
                  <span className="quiet">{listingTitle(source.title, text)}</span>
                </td>
                <td className="fits">{formatTime(source.publishedUs, zone, 'milli')}</td>
                <td className="fits">{formatTime(source.detectedUs, zone, 'milli')}</td>
                <td className="number fits">
                  {source.source === 'operator'
                    ? NOTHING
                    : formatDuration((source.detectedUs - source.publishedUs) / 1000, text.units)}
                </td>
                <td className="fits">
                  {[source.venue && venueNames[source.venue], source.market, ...source.quotes]
                    .filter(Boolean)
                    .join(' ')}
                </td>
                <td className="fits">
                  <NoticeLink url={source.url} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}
