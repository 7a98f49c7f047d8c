// A query under a name: over the saved analysis that it came from, or as a new one.
import { useRef, useState } from 'react';
import type { Analysis, AnalysisParameter } from '../../../src-shared/contract/analysis.ts';
import { failureWords } from '../../i18n/failures.ts';
import { usePreferences } from '../../i18n/preferences.ts';
import { useText } from '../../i18n/text.ts';
import { useCommand } from '../../link/hooks.tsx';
import { Button } from '../../parts/controls.tsx';
import { useEnter } from '../../parts/enter.ts';
import { Modal } from '../../parts/modal.tsx';
import { showToast } from '../../parts/toasts.tsx';
import type { QueryDraft } from './drafts.ts';
import { titleOf } from './library-card.tsx';
import { changeTab } from './query-tabs.ts';

export function SaveDialog(props: {
  readonly tab: QueryDraft;
  readonly form: readonly AnalysisParameter[];
  /** What the tab came from; null: nothing, or it is no longer there. */
  readonly origin: Analysis | null;
  onClose(): void;
}) {
  const text = useText();
  const words = text.analysis.save;
  const language = usePreferences((preferences) => preferences.language);
  const { tab, origin, form } = props;
  const over = origin?.kind === 'saved' ? origin : null;
  const [name, setName] = useState(over ? titleOf(over, language) : tab.title);
  const [about, setAbout] = useState(over ? over.about[language] : '');
  const [tried, setTried] = useState(false);
  const nameField = useRef<HTMLInputElement>(null);
  const save = useCommand('analyses.save', (saved, queries) => {
    changeTab(tab.id, { title: titleOf(saved, language), analysisId: saved.id });
    void queries.invalidateQueries({ queryKey: ['analyses.list'] });
    showToast('ok', (text, language) => text.analysis.save.saved(titleOf(saved, language)));
    props.onClose();
  });
  const bad = tried && name.trim() === '';

  const act = (id: string | undefined): void => {
    setTried(true);
    if (name.trim() === '') {
      nameField.current?.focus();
      return;
    }
    // What the form holds now is what the analysis begins with the next time.
    const parameters = form.map((parameter) => ({
      ...parameter,
      initial: tab.parameters[parameter.name] ?? parameter.initial,
    }));
    save.mutate({
      ...(id === undefined ? {} : { id }),
      title: name.trim(),
      about: about.trim(),
      sql: tab.sql,
      parameters,
    });
  };
  const onEnter = useEnter(() => act(over?.id));

  return (
    <Modal
      open
      title={words.title}
      text={words.what}
      testId="save-dialog"
      initialFocus={nameField}
      onClose={props.onClose}
    >
      <label className="field">
        <span className="field-label">{words.name}</span>
        <input
          ref={nameField}
          className="input"
          data-testid="save-name"
          maxLength={120}
          autoComplete="off"
          aria-invalid={bad}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          {...onEnter}
        />
        {bad && <span className="field-error">{words.noName}</span>}
      </label>
      <label className="field">
        <span className="field-label">{words.about}</span>
        <input
          className="input"
          data-testid="save-about"
          maxLength={1000}
          autoComplete="off"
          value={about}
          onChange={(event) => setAbout(event.currentTarget.value)}
          {...onEnter}
        />
      </label>
      {save.error && (
        <p className="field-error" role="alert">
          {failureWords(text, save.error.failure)}
        </p>
      )}
      <div className="dialog-foot">
        <Button onClick={props.onClose}>{text.common.cancel}</Button>
        {over && (
          <Button testId="save-new" disabled={save.isPending} onClick={() => act(undefined)}>
            {words.asNew}
          </Button>
        )}
        <Button kind="primary" testId="save-go" disabled={save.isPending} onClick={() => act(over?.id)}>
          {over ? words.over(titleOf(over, language)) : words.save}
        </Button>
      </div>
    </Modal>
  );
}
