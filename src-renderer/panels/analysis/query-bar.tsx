// What is done with the text of a tab: run, cancel, save, export, the bounds of time, and the fields of its parameters.
import { useId } from 'react';
import type { AnalysisParameter } from '../../../src-shared/contract/analysis.ts';
import { venues } from '../../../src-shared/market/instrument.ts';
import { usePreferences } from '../../i18n/preferences.ts';
import { useText } from '../../i18n/text.ts';
import { Button } from '../../parts/controls.tsx';
import { useEnter } from '../../parts/enter.ts';
import { formatSpan } from '../../parts/format.ts';
import { venueNames } from '../../parts/venue-style.ts';
import { type QueryDraft, RANGE_FIELD } from './drafts.ts';
import { boundsOf, ranges } from './parameters.ts';

export function QueryBar(props: {
  readonly tab: QueryDraft;
  readonly form: readonly AnalysisParameter[];
  readonly going: boolean;
  /** What keeps the query from being run; empty: nothing. */
  readonly trouble: string;
  onRun(): void;
  onCancel(): void;
  onSave(): void;
  onExport(format: 'csv' | 'parquet'): void;
  onParameter(name: string, value: string): void;
}) {
  const text = useText();
  const words = text.analysis.bar;
  const { tab, form, going } = props;
  const written = tab.sql.trim() !== '';
  return (
    <div className="query-bar">
      <div className="query-actions">
        {going ? (
          <Button kind="primary" small keys="Mod+." testId="query-cancel" onClick={props.onCancel}>
            {words.cancel}
          </Button>
        ) : (
          <Button
            kind="primary"
            small
            keys="Mod+Enter"
            testId="query-run"
            aria-disabled={!written}
            onClick={props.onRun}
          >
            {words.run}
          </Button>
        )}
        <RangeField tab={tab} onChange={(value) => props.onParameter(RANGE_FIELD, value)} />
        <span className="query-actions-end">
          <Button small keys="Mod+S" testId="query-save" disabled={!written} onClick={props.onSave}>
            {words.save}
          </Button>
          <Button
            small
            testId="export-csv"
            title={words.exportWhat}
            disabled={!written}
            onClick={() => props.onExport('csv')}
          >
            {words.csv}
          </Button>
          <Button
            small
            testId="export-parquet"
            title={words.exportWhat}
            disabled={!written}
            onClick={() => props.onExport('parquet')}
          >
            {words.parquet}
          </Button>
        </span>
      </div>
      {form.length > 0 && (
        <fieldset className="query-form" data-testid="query-form">
          <legend className="unseen">{words.parameters}</legend>
          {form.map((parameter) => (
            <ParameterField
              key={parameter.name}
              parameter={parameter}
              value={tab.parameters[parameter.name] ?? parameter.initial}
              onChange={(value) => props.onParameter(parameter.name, value)}
              onRun={props.onRun}
            />
          ))}
        </fieldset>
      )}
      {props.trouble && (
        <p className="field-error query-trouble" role="alert" data-testid="query-trouble">
          {props.trouble}
        </p>
      )}
    </div>
  );
}

function RangeField({ tab, onChange }: { tab: QueryDraft; onChange(value: string): void }) {
  const words = useText().analysis.bar;
  const zone = usePreferences((preferences) => preferences.zone);
  const value = tab.parameters[RANGE_FIELD] ?? 'all';
  const named = ranges.some((range) => range === value);
  const { fromUs, toUs } = boundsOf(value, 0);
  return (
    <label className="query-range" title={words.rangeWhat}>
      <span className="field-label nowrap">{words.range}</span>
      <select
        className="input"
        data-testid="query-range"
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
      >
        {ranges.map((range) => (
          <option key={range} value={range}>
            {words.ranges[range]}
          </option>
        ))}
        {!named && <option value={value}>{formatSpan(fromUs, toUs, zone)}</option>}
      </select>
    </label>
  );
}

function ParameterField(props: {
  readonly parameter: AnalysisParameter;
  readonly value: string;
  onChange(value: string): void;
  onRun(): void;
}) {
  const text = useText();
  const language = usePreferences((preferences) => preferences.language);
  const { parameter, value } = props;
  const id = useId();
  const onEnter = useEnter(props.onRun);
  const label = parameter.label[language] || parameter.name;
  return (
    <div className="field query-parameter">
      <label className="field-label cut" htmlFor={id}>
        {label} <code>${parameter.name}</code>
      </label>
      {parameter.type === 'venue' ? (
        <select
          id={id}
          className="input"
          data-testid={`parameter-${parameter.name}`}
          value={value}
          onChange={(event) => props.onChange(event.currentTarget.value)}
        >
          {!venues.some((venue) => venue === value) && <option value={value}>{value}</option>}
          {venues.map((venue) => (
            <option key={venue} value={venue}>
              {venueNames[venue]}
            </option>
          ))}
        </select>
      ) : (
        <input
          id={id}
          className="input"
          data-testid={`parameter-${parameter.name}`}
          inputMode={parameter.type === 'number' ? 'decimal' : 'text'}
          placeholder={text.analysis.bar.kinds[parameter.type]}
          spellCheck={false}
          autoComplete="off"
          value={value}
          onChange={(event) => props.onChange(event.currentTarget.value)}
          {...onEnter}
        />
      )}
    </div>
  );
}
