// Per instrument: how many rows, how sure, and why. Before an extract it is what the recorder holds, after it what was written.
import type { UseQueryResult } from '@tanstack/react-query';
import type { FailureError } from '../../../src-shared/base/result.ts';
import type { ExtractJob, WindowPicture } from '../../../src-shared/contract/listings.ts';
import { useText } from '../../i18n/text.ts';
import { Card, EmptyState } from '../../parts/controls.tsx';
import { formatCount, formatDuration, NOTHING } from '../../parts/format.ts';
import { Mark } from '../../parts/mark.tsx';
import { venueNames } from '../../parts/venue-style.ts';
import type { ListedListing } from './jobs.ts';
import { instrumentParts } from './picture.ts';
import { verdictRows } from './verdict-rows.ts';
import { VerdictMark } from './verdict-words.tsx';

export function VerdictCard(props: {
  readonly listing: ListedListing;
  readonly job: ExtractJob | null;
  readonly picture: UseQueryResult<WindowPicture, FailureError>;
  /** The window and what may come late are over. */
  readonly passed: boolean;
}) {
  const text = useText();
  const words = text.listings.verdict;
  const { listing, picture } = props;
  // Verdicts of the window that was asked for before this one are not those of this one.
  const asking = picture.isPending || picture.isPlaceholderData;
  const manifest = props.job?.state === 'done' ? props.job.manifest : null;
  const rows = verdictRows(manifest, asking ? undefined : picture.data);

  // While the window is not over nothing is missing yet: "incomplete" would be a false alarm.
  const pending = !manifest && !props.passed;

  return (
    <Card title={manifest ? words.after : words.before} className="verdict-card" testId="verdict-card">
      <div className="card-body">
        {rows.length > 0 ? (
          <table className="table" data-testid="verdict-table">
            <thead>
              <tr>
                <th scope="col">{words.stream}</th>
                <th scope="col">{words.verdict}</th>
                <th scope="col" className="number">
                  {words.rows}
                </th>
                <th scope="col" className="number">
                  {words.firstTrade}
                </th>
                <th scope="col">{words.reasons}</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => {
                const { market, pair } = instrumentParts(row.instrument);
                return (
                  <tr key={row.instrument} data-testid="verdict-row" data-instrument={row.instrument}>
                    <td className="fits">
                      {venueNames[row.venue]} <span className="faint">{market}</span> {pair}
                    </td>
                    <td className="fits">
                      {pending ? <Mark tone="busy">{words.pending}</Mark> : <VerdictMark verdict={row.verdict} />}
                    </td>
                    <td className="number fits">{formatCount(row.rows)}</td>
                    <td className="number fits">
                      {row.firstUs === null
                        ? NOTHING
                        : `+${formatDuration((row.firstUs - listing.publishedUs) / 1000, text.units)}`}
                    </td>
                    <td className="verdict-reasons quiet">
                      {words.because(
                        text.listings.verdictMeanings[row.verdict],
                        row.reasons.map(text.common.reason).join('; '),
                      )}
                    </td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        ) : asking ? (
          <EmptyState title={text.common.loading} />
        ) : (
          !picture.error && <EmptyState title={words.none} text={words.noneWhat(listing.coin)} testId="verdict-none" />
        )}
      </div>
    </Card>
  );
}
