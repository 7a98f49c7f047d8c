// Says that the times of a result are UTC, to a reader whose other clocks are not; to nobody else.
import type { ResultColumn } from '../../../src-shared/contract/analysis.ts';
import type { Zone } from '../../i18n/preferences.ts';
import { useText } from '../../i18n/text.ts';
import { isUtc } from '../../parts/grid-rows.ts';

export function UtcHint({ columns, zone }: { columns: readonly ResultColumn[] | null; zone: Zone }) {
  const words = useText().analysis.result;
  if (zone === 'UTC' || !columns?.some(isUtc)) return null;
  return (
    <span className="nowrap" title={`${words.utc}\n${words.toKst}`} data-testid="result-utc">
      {words.utcNotKst}
    </span>
  );
}
