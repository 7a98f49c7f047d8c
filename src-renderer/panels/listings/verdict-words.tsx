// Verdicts as shape and word, with their meaning on hover.
import type { Verdict } from '../../../src-shared/market/gap.ts';
import { useText } from '../../i18n/text.ts';
import { Mark, type Tone } from '../../parts/mark.tsx';

const tones: Record<Verdict, Tone> = { proven: 'ok', covered: 'fair', unproved: 'warn', incomplete: 'bad' };

export function VerdictMark({ verdict, count }: { verdict: Verdict; count?: number }) {
  const text = useText();
  return (
    <span title={text.listings.verdictMeanings[verdict]} data-verdict={verdict}>
      <Mark tone={tones[verdict]}>
        {count !== undefined && `${count} `}
        {text.listings.verdicts[verdict]}
      </Mark>
    </span>
  );
}
