// Settings that were in force before, and settings as a file: both go into the form first, where their changes are seen.
import { usePreferences } from '../../i18n/preferences.ts';
import { useText } from '../../i18n/text.ts';
import { useLink, useRequest } from '../../link/hooks.tsx';
import { Button, EmptyState, FailedState } from '../../parts/controls.tsx';
import { formatTime } from '../../parts/format.ts';
import { showFailure, showToast } from '../../parts/toasts.tsx';
import { asJson, replaceDraft } from './draft.ts';

export function VersionsSection(props: { path: string; disabled: boolean; onExport(): void; onImport(): void }) {
  const text = useText();
  const words = text.settings.versions;
  const zone = usePreferences((preferences) => preferences.zone);
  const link = useLink();
  const list = useRequest('settings.versions', {}, { keep: true });
  const load = (name: string): void => {
    link.request('settings.version', { name }).then((result) => {
      const json = result.ok ? asJson(result.value.settings) : undefined;
      if (!result.ok) showFailure(result.failure);
      else if (json !== undefined) {
        replaceDraft(json);
        showToast('ok', ({ settings }) => settings.versions.loaded);
      }
    });
  };
  const versions = list.data?.versions ?? [];
  return (
    <>
      <h3 className="settings-heading">{words.file}</h3>
      <p className="setting-what">
        {words.path} <code>{props.path}</code>
      </p>
      <p className="settings-buttons">
        <Button title={words.exportWhat} testId="settings-export" onClick={props.onExport}>
          {words.export}
        </Button>
        <Button title={words.importWhat} testId="settings-import" disabled={props.disabled} onClick={props.onImport}>
          {words.import}
        </Button>
      </p>
      <h3 className="settings-heading">{words.kept}</h3>
      {list.error && !list.data ? (
        <FailedState title={text.common.failed} failure={list.error.failure} onRetry={() => void list.refetch()} />
      ) : versions.length === 0 ? (
        <EmptyState title={words.none} text={words.noneWhat} testId="versions-none" />
      ) : (
        <ul data-testid="versions">
          {versions.map((version) => (
            <li key={version.name} className="version">
              <span>
                <span className="faint">{words.until}</span> {formatTime(version.savedUs, zone)}
              </span>
              <Button small title={words.loadWhat} disabled={props.disabled} onClick={() => load(version.name)}>
                {words.load}
              </Button>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
