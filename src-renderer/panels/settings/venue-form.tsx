// The settings of one venue; one that is not recorded yet is one button away.
import type { SettingsIssue } from '../../../src-shared/contract/configuration.ts';
import type { Venue } from '../../../src-shared/market/instrument.ts';
import { useText } from '../../i18n/text.ts';
import { Button, EmptyState } from '../../parts/controls.tsx';
import { venueNames } from '../../parts/venue-style.ts';
import { change, useDraft, valueAt } from './draft.ts';
import { FieldRow } from './field.tsx';
import { fieldsUnder } from './form-model.ts';
import { isMarket, usualVenue } from './words.ts';

export function VenueForm(props: { venue: Venue; issues: readonly SettingsIssue[]; disabled: boolean }) {
  const { venue, issues, disabled } = props;
  const text = useText();
  const words = text.settings.venue;
  const there = useDraft((state) => valueAt(state.draft, ['venues', venue]) !== undefined);
  const markets = useDraft((state) => JSON.stringify(valueAt(state.draft, ['venues', venue, 'markets']) ?? []));
  if (!there) {
    return (
      <EmptyState title={words.notSet} text={words.addWhat}>
        <Button
          kind="primary"
          testId="venue-add"
          disabled={disabled}
          onClick={() => change(['venues', venue], usualVenue(venue))}
        >
          {words.add(venueNames[venue])}
        </Button>
      </EmptyState>
    );
  }
  const fields = fieldsUnder('venues', venue);
  const plain = fields.filter((field) => field.path[2] !== 'endpoints');
  const parsed: unknown = JSON.parse(markets);
  const chosen = Array.isArray(parsed) ? parsed.filter(isMarket) : [];
  const addresses = fields.filter(
    (field) => field.path[2] === 'endpoints' && chosen.some((one) => one === field.path[3]),
  );
  const wrong = issues.some((issue) => issue.path[1] === venue && issue.path[2] === 'endpoints');
  return (
    <>
      {plain.map((field) => (
        <FieldRow key={field.path.join('.')} field={field} issues={issues} disabled={disabled} />
      ))}
      {addresses.length > 0 && (
        <details className="advanced" {...(wrong ? { open: true } : {})}>
          <summary>
            {words.advanced} <span className="faint">{words.advancedWhat}</span>
          </summary>
          {chosen.map((market) => (
            <fieldset key={market} className="advanced-market">
              <legend>{text.settings.markets[market]}</legend>
              {addresses
                .filter((field) => field.path[3] === market)
                .map((field) => (
                  <FieldRow key={field.path.join('.')} field={field} issues={issues} disabled={disabled} />
                ))}
            </fieldset>
          ))}
        </details>
      )}
      <p className="venue-remove">
        <Button
          small
          kind="quiet"
          testId="venue-remove"
          disabled={disabled}
          onClick={() => change(['venues', venue], undefined)}
        >
          {words.remove}
        </Button>
      </p>
    </>
  );
}
