// What is known of an extract beside its drawing: figures, who moved first, versions, files, clocks, and what every word means.
import type { ExtractJob } from '../../../../src-shared/contract/listings.ts';
import type { Manifest } from '../../../../src-shared/market/listing.ts';
import { LEAST_PAST_SECONDS, MOVE_PERCENT, PAST_SECONDS } from '../../../../src-shared/market/pump.ts';
import { useText } from '../../../i18n/text.ts';
import { Choice } from '../../../parts/controls.tsx';
import { SourceTable } from '../source-table.tsx';
import { FiguresTable } from './figures-table.tsx';
import { FilesTab } from './files-tab.tsx';
import { LeadsTab } from './leads-tab.tsx';
import { changeLook, type Tab, tabs, useLook } from './look.ts';
import { StreamClocks } from './stream-clocks.tsx';
import type { ShownStream } from './streams.ts';
import { VersionsTab } from './versions-tab.tsx';
import type { Readings } from './window-chart.tsx';

export function WindowTabs(props: {
  readonly job: ExtractJob;
  readonly manifest: Manifest;
  readonly streams: readonly ShownStream[];
  readonly read: Readings;
  readonly chosen: string | null;
  onChoose(key: string): void;
}) {
  const text = useText();
  const words = text.window;
  const tab = useLook((look) => look.tab);
  const { job, manifest, streams } = props;
  return (
    <div className="window-tabs">
      <div className="window-tabs-head">
        <Choice<Tab>
          small
          label={words.tabsLabel}
          testId="window-tabs"
          value={tab}
          options={tabs.map((value) => ({ value, label: words.tabs[value] }))}
          onChange={(next) => changeLook({ tab: next })}
        />
      </div>
      <div className="window-tab" data-tab={tab}>
        {tab === 'figures' && (
          <FiguresTable
            manifest={manifest}
            streams={streams}
            read={props.read}
            chosen={props.chosen}
            onChoose={props.onChoose}
          />
        )}
        {tab === 'leads' && <LeadsTab manifest={manifest} streams={streams} />}
        {tab === 'versions' && <VersionsTab job={job} />}
        {tab === 'files' && <FilesTab job={job} manifest={manifest} />}
        {tab === 'clocks' && (
          <>
            <SourceTable coin={manifest.coin} sources={manifest.listing?.sources ?? []} clocks={manifest.clocks} />
            <StreamClocks manifest={manifest} streams={streams} />
          </>
        )}
        {tab === 'terms' && <Terms />}
      </div>
    </div>
  );
}

function Terms() {
  const text = useText();
  const { terms, columns, leadMeasures, leadMeanings, layout } = text.window;
  const entries: readonly (readonly [string, string])[] = [
    [columns.base, terms.base],
    [columns.percent, terms.move],
    [`${columns.peak}, ${columns.toPeak}`, terms.peak],
    [columns.low, terms.low],
    [columns.multiple, terms.multiple(String(PAST_SECONDS), String(LEAST_PAST_SECONDS))],
    [columns.trades, terms.trades],
    [columns.buys, terms.buys],
    [leadMeasures.abnormal, leadMeanings.abnormal],
    [leadMeasures.move, leadMeanings.move(String(MOVE_PERCENT))],
    [columns.lag, leadMeanings.lag],
    [columns.verdict, terms.verdict],
    [layout, terms.drawing],
  ];
  return (
    <dl className="window-terms" data-testid="window-terms">
      {entries.map(([term, what]) => (
        <div key={term}>
          <dt>{term}</dt>
          <dd>{what}</dd>
        </div>
      ))}
    </dl>
  );
}
