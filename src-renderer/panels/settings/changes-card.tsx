// Beside the form: what must be mended first, or what will change and what applying it does; and the two buttons.
import type { SettingsChange, SettingsIssue } from '../../../src-shared/contract/configuration.ts';
import { type Text, useText } from '../../i18n/text.ts';
import { Button, Card, EmptyState } from '../../parts/controls.tsx';
import { formatCount } from '../../parts/format.ts';
import { MarkShape, type Tone } from '../../parts/mark.tsx';
import { asJson, change, type Json, undoAt, useDraft, valueAt } from './draft.ts';
import { fieldAt, fieldWords, placeWords } from './words.ts';

const tones: Record<SettingsChange['effect'], Tone> = {
  'at-once': 'ok',
  opens: 'ok',
  closes: 'warn',
  reopens: 'warn',
};

export function ChangesCard(props: {
  readonly issues: readonly SettingsIssue[];
  readonly changes: readonly SettingsChange[];
  readonly checking: boolean;
  readonly busy: boolean;
  readonly movedOn: boolean;
  readonly canApply: boolean;
  onApply(): void;
  onUndo(): void;
  onShow(path: SettingsIssue['path']): void;
}) {
  const text = useText();
  const words = text.settings;
  const dirty = useDraft((state) => state.dirty);
  const { issues, changes } = props;
  return (
    <Card
      title={words.changes.title}
      className="changes"
      testId="changes"
      end={
        <span className="faint" data-testid="changes-count">
          {props.checking
            ? words.changes.checking
            : issues.length > 0
              ? words.issues.count(formatCount(issues.length))
              : changes.length > 0
                ? words.changes.count(formatCount(changes.length))
                : ''}
        </span>
      }
    >
      <div className="changes-foot">
        <Button testId="settings-undo" disabled={!dirty || props.busy} onClick={props.onUndo}>
          {words.changes.undo}
        </Button>
        <Button
          kind="primary"
          keys="Mod+S"
          testId="settings-apply"
          aria-disabled={!props.canApply}
          onClick={() => {
            if (props.canApply) props.onApply();
          }}
        >
          {props.busy ? words.changes.applying : words.changes.apply}
        </Button>
      </div>
      <div className="card-body">
        {props.movedOn && <p className="changes-note tone-warn">{words.changes.movedOn}</p>}
        {issues.length > 0 ? (
          <>
            <p className="changes-note">{words.issues.title}</p>
            <ul>
              {issues.map((issue) => (
                <IssueRow
                  key={`${issue.path.join('.')} ${issue.message}`}
                  issue={issue}
                  onShow={() => props.onShow(issue.path)}
                />
              ))}
            </ul>
          </>
        ) : changes.length > 0 ? (
          <ul>
            {changes.map((one) => (
              <ChangeRow key={one.path.join('.')} change={one} />
            ))}
          </ul>
        ) : (
          <EmptyState title={words.changes.none} text={words.changes.noneWhat} testId="changes-none" />
        )}
      </div>
    </Card>
  );
}

function IssueRow({ issue, onShow }: { issue: SettingsIssue; onShow(): void }) {
  const text = useText();
  const words = text.settings.issues;
  const strange = issue.message.startsWith('unknown key');
  const there = useDraft((state) => valueAt(state.draft, issue.path) !== undefined);
  return (
    <li className="change" data-testid="issue">
      <MarkShape tone="bad" />
      <div className="change-text">
        <b>{placeWords(issue.path, text)}</b>
        <p className="field-error">{text.common.note(issue.message)}</p>
      </div>
      {strange && there ? (
        <Button small onClick={() => change(issue.path, undefined)}>
          {words.removeKey}
        </Button>
      ) : (
        <Button small onClick={onShow} testId="issue-show">
          {words.show}
        </Button>
      )}
    </li>
  );
}

function ChangeRow({ change: one }: { change: SettingsChange }) {
  const text = useText();
  const words = text.settings.changes;
  const field = fieldAt(one.path);
  const { show } = fieldWords(text);
  const said = (value: unknown): string => {
    const json = asJson(value);
    if (json === undefined) return words.nothing;
    return field ? show(field, json) : wholeWords(json, text);
  };
  const place = placeWords(one.path, text);
  return (
    <li className="change" data-testid="change" data-path={one.path.join('.')} data-effect={one.effect}>
      <MarkShape tone={tones[one.effect]} />
      <div className="change-text">
        <b>{place}</b>
        <p>
          <ins>{said(one.after)}</ins> <span className="faint">{words.was}</span> <del>{said(one.before)}</del>
        </p>
        <p className="quiet">{words.effects[one.effect]}</p>
      </div>
      <Button small kind="quiet" aria-label={words.undoOne(place)} onClick={() => undoAt(one.path)}>
        {words.undoShort}
      </Button>
    </li>
  );
}

/** A part that came or went as a whole, as a venue does. */
function wholeWords(json: Json, text: Text): string {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return JSON.stringify(json);
  const words = text.settings;
  if ('enabled' in json) return json.enabled === true ? words.on : words.off;
  return JSON.stringify(json);
}
