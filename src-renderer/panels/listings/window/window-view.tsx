// The window of an extract: all venues on one clock, tick by tick, who moved first, what each did, and how sure that is.
import { useEffect, useMemo, useState } from 'react';
import { type Alignment, alignments, type ExtractJob } from '../../../../src-shared/contract/listings.ts';
import type { Manifest } from '../../../../src-shared/market/listing.ts';
import { usePreferences } from '../../../i18n/preferences.ts';
import { useText } from '../../../i18n/text.ts';
import { useRequest } from '../../../link/hooks.tsx';
import { Button, Choice, EmptyState, FailedState } from '../../../parts/controls.tsx';
import { formatTime } from '../../../parts/format.ts';
import { useCommands } from '../../../state/commands.ts';
import { goTo } from '../../../state/place.ts';
import { useJobs } from '../extract-form.ts';
import { isRunning } from '../jobs.ts';
import { VerdictMark } from '../verdict-words.tsx';
import { changeLook, type Layout, layouts, useLook } from './look.ts';
import { shownStreams } from './streams.ts';
import { VersionNav } from './version-nav.tsx';
import { WindowChart } from './window-chart.tsx';
import { WindowTabs } from './window-tabs.tsx';
import './window.css';

export function WindowView({ jobId }: { jobId: string }) {
  const text = useText();
  const words = text.window;
  const live = useJobs().find((job) => job.jobId === jobId);
  const asked = useRequest('listings.extract-status', { jobId }, { staleMs: 60_000, keep: false });
  const job: ExtractJob | undefined = live ?? asked.data;
  const { refetch } = asked;
  const ended = live !== undefined && !isRunning(live);
  useEffect(() => {
    if (ended) void refetch();
  }, [ended, refetch]);

  const back = (): void => goTo('listings', job?.listingId ?? null);
  useCommands('window-back', [
    { id: 'window-back', section: text.commands.listings, title: words.commands.back, keys: 'Escape', run: back },
  ]);

  if (job?.manifest && job.state === 'done')
    return <OpenWindow key={job.jobId} job={job} manifest={job.manifest} onBack={back} />;
  return (
    <section className="window card" aria-label={words.open} data-testid="window-view">
      <header className="window-head">
        <Button small keys="Escape" testId="window-back" onClick={back}>
          ← {words.back}
        </Button>
      </header>
      {job ? (
        <EmptyState
          title={words.notWritten}
          text={isRunning(job) ? words.notWrittenWhat : text.common.note(job.note)}
        />
      ) : asked.error ? (
        asked.error.failure.code === 'extract.unknown-job' ? (
          <EmptyState title={words.gone} text={words.goneWhat} testId="window-gone" />
        ) : (
          <FailedState title={words.gone} failure={asked.error.failure} onRetry={() => void asked.refetch()} />
        )
      ) : (
        <EmptyState title={words.loading} />
      )}
    </section>
  );
}

function OpenWindow(props: { readonly job: ExtractJob; readonly manifest: Manifest; onBack(): void }) {
  const text = useText();
  const words = text.window;
  const zone = usePreferences((preferences) => preferences.zone);
  const { job, manifest } = props;
  const streams = useMemo(() => shownStreams(manifest), [manifest]);
  const look = useLook();
  const { layout } = look;
  const [chosen, setChosen] = useState<string | null>(null);
  const [at, setAt] = useState<number | null>(null);
  const hasDetected = manifest.clocks.detectedUs !== null;
  const clocks = alignments.filter((one) => one !== 'detected' || hasDetected);
  const align = clocks.includes(look.align) ? look.align : 'published';
  const setAlign = (next: Alignment): void => changeLook({ align: next });
  const setLayout = (next: Layout): void => changeLook({ layout: next });
  const shown = chosen ?? streams[0]?.key ?? null;

  useCommands('window', [
    {
      id: 'window-clock',
      section: words.commands.section,
      title: words.commands.clock,
      keys: 'T',
      run: () => setAlign(clocks[(clocks.indexOf(align) + 1) % clocks.length] ?? align),
    },
    {
      id: 'window-layout',
      section: words.commands.section,
      title: words.commands.layout,
      keys: 'P',
      run: () => setLayout(layouts[(layouts.indexOf(layout) + 1) % layouts.length] ?? layout),
    },
  ]);

  return (
    <section
      className="window card"
      aria-label={words.title(manifest.coin)}
      data-testid="window-view"
      data-job={job.jobId}
    >
      <header className="window-head">
        <Button
          small
          kind="quiet"
          testId="window-back"
          aria-label={words.back}
          title={words.back}
          onClick={props.onBack}
        >
          ←
        </Button>
        <h2 className="window-coin cut" title={manifest.coin}>
          {manifest.coin}
        </h2>
        <span data-testid="window-verdict">
          <VerdictMark verdict={manifest.verdict ?? 'incomplete'} />
        </span>
        <VersionNav job={job} manifest={manifest} />
        <span className="faint cut window-t0" title={words.clockMeanings[align]}>
          t0{' '}
          {align === 'first-trade'
            ? words.clocks['first-trade']
            : formatTime(align === 'detected' ? manifest.clocks.detectedUs : manifest.clocks.atUs, zone, 'milli')}
        </span>
        <span className="window-head-end">
          <Choice<Alignment>
            small
            label={words.clockWhat}
            testId="window-clock"
            value={align}
            options={clocks.map((value) => ({ value, label: words.clocks[value] }))}
            onChange={setAlign}
          />
          <Choice<Layout>
            small
            label={words.layout}
            testId="window-layout"
            value={layout}
            options={layouts.map((value) => ({ value, label: words.layouts[value] }))}
            onChange={setLayout}
          />
        </span>
      </header>
      <WindowChart
        key={align}
        job={job}
        manifest={manifest}
        streams={streams}
        align={align}
        layout={layout}
        chosen={shown}
        at={at}
        onAt={setAt}
      >
        {(read) => (
          <WindowTabs job={job} manifest={manifest} streams={streams} read={read} chosen={shown} onChoose={setChosen} />
        )}
      </WindowChart>
    </section>
  );
}
