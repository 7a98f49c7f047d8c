// Where a trade spends its time, stage by stage, and how deep the buffers stand against their limits.
import { useText } from '../../i18n/text.ts';
import { Card, EmptyState } from '../../parts/controls.tsx';
import { formatBytes, formatCount, formatDuration } from '../../parts/format.ts';
import { venueNames } from '../../parts/venue-style.ts';
import { useLive, usePresent } from '../../state/live.ts';

interface Stage {
  readonly name: string;
  readonly hint: string;
  readonly p50: number | null;
  readonly p99: number | null;
}

function told(figures: Pick<Stage, 'p50' | 'p99'> | null | undefined): Pick<Stage, 'p50' | 'p99'> {
  return { p50: figures?.p50 ?? null, p99: figures?.p99 ?? null };
}

export function DelaysCard() {
  const text = useText();
  const words = text.watch.delays;
  const collector = useLive((view) => view.collector);
  const store = useLive((view) => view.store);
  // Rows stay where they are; their figures go where nobody speaks for them.
  const present = usePresent((meters) => meters);
  const stages: Stage[] = [
    ...(store?.venues ?? []).map(({ venue, arrivalMs }) => ({
      name: words.arrival(venueNames[venue]),
      hint: words.arrivalWhat,
      ...told(present.store && arrivalMs),
    })),
    ...(collector
      ? [{ name: words.durable, hint: words.durableWhat, ...told(present.collector?.durableDelayMs) }]
      : []),
    ...(store
      ? [
          { name: words.storing, hint: words.storingWhat, ...told(present.store?.storingDelayMs) },
          { name: words.whole, hint: text.live.queryableWhat, ...told(present.store?.queryableDelayMs) },
        ]
      : []),
    ...(collector
      ? [{ name: words.loop, hint: words.loopWhat, p50: null, p99: present.collector?.loopDelayMs.p99 ?? null }]
      : []),
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
                    <td className="number fits">{formatBytes(present.collector?.bufferedBytes)}</td>
                    <td className="number fits quiet">{formatBytes(present.collector?.bufferLimitBytes)}</td>
                  </tr>
                )}
                {store && (
                  <tr title={words.journalWhat}>
                    <td className="cut fills">{words.journal}</td>
                    <td className="number fits">
                      {formatCount(present.store?.lagFrames)} · {formatDuration(present.store?.lagMs, text.units)}
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
