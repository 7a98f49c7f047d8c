// Where a trade spends its time, stage by stage, and how deep the buffers stand against their limits.
import { useText } from '../../i18n/text.ts';
import { Card, EmptyState } from '../../parts/controls.tsx';
import { formatBytes, formatCount, formatDuration } from '../../parts/format.ts';
import { venueNames } from '../../parts/venue-style.ts';
import { useLive } from '../../state/live.ts';

interface Stage {
  readonly name: string;
  readonly hint: string;
  readonly p50: number | null;
  readonly p99: number | null;
}

export function DelaysCard() {
  const text = useText();
  const words = text.watch.delays;
  const collector = useLive((view) => view.collector);
  const store = useLive((view) => view.store);
  const stages: Stage[] = [
    ...(store?.venues ?? []).map(({ venue, arrivalMs }) => ({
      name: words.arrival(venueNames[venue]),
      hint: words.arrivalWhat,
      p50: arrivalMs?.p50 ?? null,
      p99: arrivalMs?.p99 ?? null,
    })),
    ...(collector ? [{ name: words.durable, hint: words.durableWhat, ...collector.durableDelayMs }] : []),
    ...(store
      ? [
          { name: words.storing, hint: words.storingWhat, ...store.storingDelayMs },
          { name: words.whole, hint: text.live.queryableWhat, ...store.queryableDelayMs },
        ]
      : []),
    ...(collector ? [{ name: words.loop, hint: words.loopWhat, p50: null, p99: collector.loopDelayMs.p99 }] : []),
  ];
  return (
    <Card title={words.title} className="live-delays" testId="delays-card">
      <div className="card-body">
        {stages.length === 0 ? (
          <EmptyState title={text.common.noData} />
        ) : (
          <>
            <table className="table" data-testid="delays-rows">
              <thead>
                <tr>
                  <th scope="col">{words.stage}</th>
                  <th scope="col" className="number">
                    {words.p50}
                  </th>
                  <th scope="col" className="number">
                    {words.p99}
                  </th>
                </tr>
              </thead>
              <tbody>
                {stages.map((stage) => (
                  <tr key={stage.name} title={stage.hint}>
                    <td className="cut fills">{stage.name}</td>
                    <td className="number fits quiet">{formatDuration(stage.p50, text.units)}</td>
                    <td className="number fits">{formatDuration(stage.p99, text.units)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
            <table className="table" data-testid="buffers-rows">
              <thead>
                <tr>
                  <th scope="col">{words.buffers}</th>
                  <th scope="col" className="number">
                    {words.depth}
                  </th>
                  <th scope="col" className="number">
                    {words.limit}
                  </th>
                </tr>
              </thead>
              <tbody>
                {collector && (
                  <tr title={words.memoryWhat}>
                    <td className="cut fills">{words.memory}</td>
                    <td className="number fits">{formatBytes(collector.bufferedBytes)}</td>
                    <td className="number fits quiet">{formatBytes(collector.bufferLimitBytes)}</td>
                  </tr>
                )}
                {store && (
                  <tr title={words.journalWhat}>
                    <td className="cut fills">{words.journal}</td>
                    <td className="number fits">
                      {formatCount(store.lagFrames)} · {formatDuration(store.lagMs, text.units)}
                    </td>
                    <td className="number fits quiet">{words.noLimit}</td>
                  </tr>
                )}
              </tbody>
            </table>
          </>
        )}
      </div>
    </Card>
  );
}
