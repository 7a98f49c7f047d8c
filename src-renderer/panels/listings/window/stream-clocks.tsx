// The clocks that each instrument has of its own: its first trade from t0 on, and its first abnormal tick with what made it so.
import type { Manifest } from '../../../../src-shared/market/listing.ts';
import { usePreferences } from '../../../i18n/preferences.ts';
import { useText } from '../../../i18n/text.ts';
import { formatClock, formatOffset, NOTHING } from '../../../parts/format.ts';
import { Swatch } from '../../../parts/plot.tsx';
import { venueNames } from '../../../parts/venue-style.ts';
import type { ShownStream } from './streams.ts';

export function StreamClocks({ manifest, streams }: { manifest: Manifest; streams: readonly ShownStream[] }) {
  const text = useText();
  const words = text.window.streamClocks;
  const zone = usePreferences((preferences) => preferences.zone);
  const moment = (us: number | null | undefined) =>
    us == null ? (
      NOTHING
    ) : (
      <>
        {formatClock(us, zone, 'milli')}{' '}
        <span className="faint">{formatOffset(Number(((us - manifest.clocks.atUs) / 1e6).toFixed(6)))}</span>
      </>
    );
  return (
    <table className="table" data-testid="stream-clocks">
      <thead>
        <tr>
          <th scope="col">{text.window.columns.stream}</th>
          <th scope="col" className="number">
            {words.firstTrade}
          </th>
          <th scope="col" className="number">
            {words.firstAbnormal}
          </th>
          <th scope="col">{words.why}</th>
        </tr>
      </thead>
      <tbody>
        {streams.map(({ key, stream, style, pair }) => (
          <tr key={key}>
            <td className="fits">
              <Swatch style={style} /> {venueNames[stream.venue]} {pair} <span className="faint">{stream.market}</span>
            </td>
            <td className="number fits">{moment(stream.firstTradeUs)}</td>
            <td className="number fits">{moment(stream.firstAbnormal?.us)}</td>
            <Why reason={stream.firstAbnormal?.reason} />
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Why({ reason }: { reason: string | undefined }) {
  const text = useText();
  const said = reason === undefined ? undefined : text.common.reason(reason);
  return (
    <td className="cut fills quiet" title={said}>
      {said ?? NOTHING}
    </td>
  );
}
