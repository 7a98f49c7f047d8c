// Every version of an extract: why it was written, what changed since the one before, and the way into it.
import type { ExtractJob, ExtractVersion } from '../../../../src-shared/contract/listings.ts';
import { usePreferences } from '../../../i18n/preferences.ts';
import { type Text, useText } from '../../../i18n/text.ts';
import { Button, EmptyState } from '../../../parts/controls.tsx';
import { formatCount, formatTime } from '../../../parts/format.ts';
import { Mark } from '../../../parts/mark.tsx';
import { goTo } from '../../../state/place.ts';
import { VerdictMark } from '../verdict-words.tsx';
import { useVersions } from './version-nav.tsx';
import { windowItem } from './window-item.ts';

export function VersionsTab({ job }: { job: ExtractJob }) {
  const text = useText();
  const words = text.window.versions;
  const zone = usePreferences((preferences) => preferences.zone);
  const versions = useVersions(job);
  if (versions.length === 0) return <EmptyState title={words.none} />;
  return (
    <table className="table versions-table" data-testid="versions-table">
      <thead>
        <tr>
          <th scope="col">{text.window.tabs.versions}</th>
          <th scope="col">{words.cause}</th>
          <th scope="col">{words.written}</th>
          <th scope="col" className="number">
            {words.trades}
          </th>
          <th scope="col">{text.window.columns.verdict}</th>
          <th scope="col">{words.changes}</th>
          <th scope="col">
            <span className="unseen">{words.open}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {versions.map((version) => (
          <tr key={version.jobId} data-testid="version-row" data-version={version.version}>
            <td className="fits">
              {text.window.version(String(version.version))} <span className="faint">{version.format}</span>
            </td>
            <td className="fits">{words.causes[version.cause]}</td>
            <td className="fits">{formatTime(version.createdUs, zone)}</td>
            <td className="number fits">{formatCount(version.rows)}</td>
            <td className="fits">
              <VerdictMark verdict={version.verdict} />
            </td>
            <td className="versions-changes quiet">
              <Changes version={version} text={text} />
            </td>
            <td className="fits versions-open">
              {version.jobId === job.jobId ? (
                <span className="faint">{words.shown}</span>
              ) : (
                <Button small testId="version-open" onClick={() => goTo('listings', windowItem(version.jobId))}>
                  {words.open}
                </Button>
              )}
              {!version.present && <Mark tone="warn">{words.missing}</Mark>}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Changes({ version, text }: { version: ExtractVersion; text: Text }) {
  const words = text.window.versions;
  const { verdicts } = text.listings;
  if (version.since === null) return <>{words.first}</>;
  if (version.changes.length === 0) return <>{words.same(String(version.since))}</>;
  return (
    <>
      {words.since(String(version.since))}:{' '}
      {version.changes
        .map((change) => {
          const parts = [];
          if (change.rowsBefore !== change.rowsAfter)
            parts.push(words.rows(formatCount(change.rowsBefore), formatCount(change.rowsAfter)));
          if (change.verdictBefore !== change.verdictAfter)
            parts.push(
              words.verdict(
                change.verdictBefore ? verdicts[change.verdictBefore] : '–',
                change.verdictAfter ? verdicts[change.verdictAfter] : '–',
              ),
            );
          if (change.filled.length > 0) parts.push(words.filled(formatCount(change.filled.length)));
          return `${change.instrument} (${parts.join(', ')})`;
        })
        .join('; ')}
    </>
  );
}
