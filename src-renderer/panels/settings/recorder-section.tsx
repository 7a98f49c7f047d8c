// Which recorder the desktop's window shows, those that were shown before, and the form for another one.
import { useState } from 'react';
import type { Failure, Result } from '../../../src-shared/base/result.ts';
import type { RequestInput } from '../../../src-shared/contract/index.ts';
import { failureWords } from '../../i18n/failures.ts';
import { useText } from '../../i18n/text.ts';
import { Button } from '../../parts/controls.tsx';
import { useEnter } from '../../parts/enter.ts';
import { Mark } from '../../parts/mark.tsx';
import { showFailure } from '../../parts/toasts.tsx';
import { useDesktop } from '../../state/desktop.ts';

export function RecorderSection() {
  const text = useText();
  const words = text.settings.recorder;
  const { recorders, attach, detach, forget } = useDesktop();
  const [url, setUrl] = useState('');
  const [token, setToken] = useState('');
  const [keep, setKeep] = useState(true);
  const [insecure, setInsecure] = useState(false);
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<Failure | null>(null);

  const connect = (input: RequestInput<'desktop.attach'>): void => {
    if (busy) return;
    setBusy(true);
    setTrouble(null);
    attach(input).then((result) => {
      setBusy(false);
      if (!result.ok) {
        setTrouble(result.failure);
        // Where the token is missing the form is filled in as far as it is known.
        if (result.failure.code === 'remote.token' || result.failure.code === 'remote.refused') setUrl(input.url);
        return;
      }
      setUrl('');
      setToken('');
    });
  };
  const submit = (): void => {
    if (url.trim() !== '') connect({ url, keep, insecure, ...(token.trim() === '' ? {} : { token: token.trim() }) });
  };
  const onUrl = useEnter(submit);
  const onToken = useEnter(submit);
  const tell = (asked: Promise<Result<unknown>>): void => {
    asked.then((result) => {
      if (!result.ok) showFailure(result.failure);
    });
  };
  if (!recorders) return null;
  const { attached, state, note, remotes, canKeep } = recorders;

  return (
    <div className="recorders">
      <ul data-testid="recorders">
        <li className="version">
          <span>
            <b>{words.local}</b> {attached === null && <Mark tone="ok">{words.shown}</Mark>}
          </span>
          {attached !== null && (
            <Button small testId="recorder-local" onClick={() => tell(detach())}>
              {words.show}
            </Button>
          )}
        </li>
        {remotes.map((remote) => (
          <li key={remote.url} className="version">
            <span>
              <b>{remote.url}</b>{' '}
              {attached === remote.url ? (
                <Mark tone={state === 'open' ? 'ok' : state === 'connecting' ? 'busy' : 'bad'}>
                  {words.states[state]}
                  {note && ` · ${text.common.note(note)}`}
                </Mark>
              ) : (
                <span className="faint">{remote.kept ? words.kept : words.notKept}</span>
              )}
            </span>
            <span className="settings-pair">
              {attached !== remote.url && (
                <Button small disabled={busy} onClick={() => connect({ url: remote.url, keep: remote.kept, insecure })}>
                  {words.show}
                </Button>
              )}
              {attached !== remote.url && (
                <Button small kind="quiet" onClick={() => tell(forget(remote.url))}>
                  {words.forget}
                </Button>
              )}
            </span>
          </li>
        ))}
      </ul>
      <h3 className="settings-heading">{words.add}</h3>
      <label className="field">
        <span className="field-label">{words.url}</span>
        <input
          className="input"
          type="url"
          autoComplete="off"
          spellCheck={false}
          data-testid="recorder-url"
          value={url}
          onChange={(event) => setUrl(event.currentTarget.value)}
          {...onUrl}
        />
        <span className="field-hint">{words.urlHint}</span>
      </label>
      <label className="field">
        <span className="field-label">{words.token}</span>
        <input
          className="input"
          type="password"
          autoComplete="off"
          data-testid="recorder-token"
          value={token}
          onChange={(event) => setToken(event.currentTarget.value)}
          {...onToken}
        />
        <span className="field-hint">{words.tokenHint}</span>
      </label>
      {canKeep ? (
        <label className="switch">
          <input type="checkbox" checked={keep} onChange={(event) => setKeep(event.currentTarget.checked)} />
          {words.keep}
        </label>
      ) : (
        <p className="setting-what">{words.cannotKeep}</p>
      )}
      <label className="switch">
        <input type="checkbox" checked={insecure} onChange={(event) => setInsecure(event.currentTarget.checked)} />
        {words.insecure}
      </label>
      {insecure && <p className="tone-warn setting-what">{words.insecureWhat}</p>}
      {trouble && (
        <p className="field-error" role="alert">
          {failureWords(text, trouble)}
        </p>
      )}
      <p className="settings-buttons">
        <Button kind="primary" testId="recorder-attach" aria-disabled={busy || url.trim() === ''} onClick={submit}>
          {busy ? words.attaching : words.attach}
        </Button>
      </p>
    </div>
  );
}
