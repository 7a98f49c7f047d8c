// Which version of the extract is shown, and the way to the one before and after it.
import { useEffect, useRef } from 'react';
import type { ExtractJob, ExtractVersion } from '../../../../src-shared/contract/listings.ts';
import type { Manifest } from '../../../../src-shared/market/listing.ts';
import { useText } from '../../../i18n/text.ts';
import { useRequest } from '../../../link/hooks.tsx';
import { Button } from '../../../parts/controls.tsx';
import { useCommands } from '../../../state/commands.ts';
import { goTo } from '../../../state/place.ts';
import { useJobs } from '../extract-form.ts';
import { windowItem } from './window-item.ts';

const none: readonly ExtractVersion[] = [];

/** All versions of the moment that an extract was written around, newest first. */
export function useVersions(job: ExtractJob): readonly ExtractVersion[] {
  const asked = useRequest('listings.versions', { coin: job.coin, atUs: job.atUs }, { keep: true });
  const { refetch } = asked;
  const written = useJobs()
    .filter((one) => one.coin === job.coin && one.atUs === job.atUs && one.state === 'done')
    .map((one) => one.jobId)
    .join(' ');
  const known = useRef(written);
  useEffect(() => {
    if (known.current === written) return;
    known.current = written;
    void refetch();
  }, [written, refetch]);
  return asked.data?.versions ?? none;
}

export function VersionNav({ job, manifest }: { job: ExtractJob; manifest: Manifest }) {
  const text = useText();
  const words = text.window;
  const versions = useVersions(job);
  const at = versions.findIndex((version) => version.jobId === job.jobId);
  const older = at < 0 ? undefined : versions[at + 1];
  const newer = at < 0 ? undefined : versions[at - 1];
  const newest = versions[0];
  const open = (version: ExtractVersion | undefined): void => {
    if (version) goTo('listings', windowItem(version.jobId));
  };
  useCommands('window-versions', [
    {
      id: 'window-older',
      section: words.commands.section,
      title: words.versions.older,
      keys: '[',
      enabled: older !== undefined,
      run: () => open(older),
    },
    {
      id: 'window-newer',
      section: words.commands.section,
      title: words.versions.next,
      keys: ']',
      enabled: newer !== undefined,
      run: () => open(newer),
    },
  ]);
  return (
    <span className="window-version">
      <span className="faint" data-testid="window-version">
        {words.version(String(manifest.version))}
        {versions.length > 1 && ` / ${versions.length}`}
      </span>
      {newer && newest && (
        <Button small testId="window-newest" onClick={() => open(newest)} title={words.versions.newer}>
          {words.versions.openNewest}
        </Button>
      )}
    </span>
  );
}
