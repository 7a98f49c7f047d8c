// Who moved first: every instrument that moved, in order, with its lag by the venues' clocks and by ours, and the definition beside it.
import { useState } from 'react';
import type { Manifest } from '../../../../src-shared/market/listing.ts';
import { type LeadMeasure, MOVE_PERCENT } from '../../../../src-shared/market/pump.ts';
import { useText } from '../../../i18n/text.ts';
import { Choice, EmptyState } from '../../../parts/controls.tsx';
import { formatDuration, formatOffset, NOTHING } from '../../../parts/format.ts';
import { Swatch } from '../../../parts/plot.tsx';
import { venueNames } from '../../../parts/venue-style.ts';
import { streamKey } from './series-columns.ts';
import { bestLead, type ShownStream } from './streams.ts';

export function LeadsTab({ manifest, streams }: { manifest: Manifest; streams: readonly ShownStream[] }) {
  const text = useText();
  const words = text.window;
  const best = bestLead(manifest);
  const [by, setBy] = useState<LeadMeasure>(best?.by ?? 'abnormal');
  const measures = manifest.leads ?? [];
  const lead = measures.find((one) => one.by === by) ?? best;
  if (!lead) return <EmptyState title={words.leads.none} text={words.leads.noneWhat} testId="leads-none" />;
  const longest = Math.max(1, ...lead.order.map((one) => one.lagUs));
  const shown = new Map(streams.map((one) => [one.key, one]));
  return (
    <div className="leads">
      <table className="table leads-table" data-testid="leads-table">
        <thead>
          <tr>
            <th scope="col">{words.leads.instrument}</th>
            <th scope="col" className="number">
              {words.leads.at}
            </th>
            <th scope="col" className="number">
              {words.leads.lag}
            </th>
            <th scope="col" className="leads-bar">
              <span className="unseen">{words.leads.lag}</span>
            </th>
            <th scope="col" className="number">
              {words.leads.received}
            </th>
          </tr>
        </thead>
        <tbody>
          {lead.order.map((one) => {
            const found = shown.get(streamKey(one));
            return (
              <tr key={streamKey(one)} data-testid="lead-row" data-instrument={one.instrument}>
                <td className="fits" title={text.common.reason(found?.stream.firstAbnormal?.reason ?? '')}>
                  {found && <Swatch style={found.style} />}{' '}
                  {found ? `${venueNames[found.stream.venue]} ${found.pair}` : one.instrument}{' '}
                  <span className="faint">{found?.stream.market}</span>
                </td>
                <td className="number fits">
                  {formatOffset(Number(((one.us - manifest.clocks.atUs) / 1e6).toFixed(6)))}
                </td>
                <td className="number fits">
                  {one.lagUs === 0 ? <b>{words.first}</b> : `+${formatDuration(one.lagUs / 1000, text.units)}`}
                </td>
                <td className="leads-bar" aria-hidden="true">
                  <span style={{ width: `${(one.lagUs / longest) * 100}%`, background: found?.style.color }} />
                </td>
                <td className="number fits">
                  {one.recvLagUs === null ? (
                    <span title={words.leads.backfilled}>{NOTHING}</span>
                  ) : one.recvLagUs === 0 ? (
                    <b>{words.first}</b>
                  ) : (
                    `+${formatDuration(one.recvLagUs / 1000, text.units)}`
                  )}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      <div className="leads-what">
        {measures.length > 1 && (
          <Choice<LeadMeasure>
            small
            label={words.leadBy}
            testId="lead-by"
            value={lead.by}
            options={measures.map((one) => ({ value: one.by, label: words.leadMeasures[one.by] }))}
            onChange={setBy}
          />
        )}
        <p>
          <b>{words.leadMeasures[lead.by]}.</b>{' '}
          {lead.by === 'abnormal' ? words.leadMeanings.abnormal : words.leadMeanings.move(String(MOVE_PERCENT))}
        </p>
        <p data-testid="lead-definition">
          <b>{words.columns.lag}.</b> {words.leadMeanings.lag}
        </p>
      </div>
    </div>
  );
}
