// What each venue contributes now, and in all.
import { useText } from '../../i18n/text.ts';
import { Card, EmptyState, NoAnswer } from '../../parts/controls.tsx';
import { formatCount, formatRate, formatShare } from '../../parts/format.ts';
import { Swatch } from '../../parts/plot.tsx';
import { lineStyle, venueNames } from '../../parts/venue-style.ts';
import { formatPlace } from '../../state/address.ts';
import { useLive } from '../../state/live.ts';

export function VenuesCard() {
  const text = useText();
  const store = useLive((view) => view.store);
  const silent = useLive((view) => view.storeSilent);
  const total = store?.venues.reduce((sum, entry) => sum + entry.tradesPerSecond, 0) ?? 0;
  return (
    <Card title={text.live.venues.title} className="live-venues" testId="venues-card">
      <div className="card-body">
        {silent ? (
          <NoAnswer />
        ) : store && store.venues.length > 0 ? (
          <table className="table" data-testid="venues-table">
            <thead>
              <tr>
                <th scope="col">{text.live.venues.venue}</th>
                <th scope="col" className="number">
                  {text.live.venues.rate}
                </th>
                <th scope="col" className="number">
                  {text.live.venues.share}
                </th>
                <th scope="col" className="number">
                  {text.live.venues.ticks}
                </th>
              </tr>
            </thead>
            <tbody>
              {store.venues.map((entry) => (
                <tr key={entry.venue} data-row={entry.venue}>
                  <td className="fits">
                    <span className="mark">
                      <Swatch style={lineStyle(entry.venue)} />
                      <a className="evidence-link" href={formatPlace({ panel: 'lines', item: `find:${entry.venue}` })}>
                        {venueNames[entry.venue]}
                      </a>
                    </span>
                  </td>
                  <td className="number" title={text.live.ticksWhat(formatRate(entry.ticksPerSecond))}>
                    {formatRate(entry.tradesPerSecond)}
                  </td>
                  <td className="number quiet">{formatShare(total > 0 ? entry.tradesPerSecond / total : null)}</td>
                  <td className="number quiet">{formatCount(entry.trades)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        ) : (
          <EmptyState title={text.common.noData} />
        )}
      </div>
    </Card>
  );
}
