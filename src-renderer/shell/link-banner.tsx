// What the reader must know while there is no link: that the figures are old, how old, what is true in spite of it, and what can be done.
import { useState } from 'react';
import { usePreferences } from '../i18n/preferences.ts';
import { useText } from '../i18n/text.ts';
import { useLink, useLinkState } from '../link/hooks.tsx';
import { Button } from '../parts/controls.tsx';
import { useEnter } from '../parts/enter.ts';
import { formatAge, formatClock, formatCount, formatRate } from '../parts/format.ts';
import { MarkShape } from '../parts/mark.tsx';
import { useBeat } from '../parts/now.ts';
import { useLive } from '../state/live.ts';

export function LinkBanner() {
  const text = useText();
  const link = useLink();
  const state = useLinkState();
  const now = useBeat(1000);
  if (state.phase !== 'lost') return null;
  const ageMs = Math.max(0, now - (state.lastMessageMs ?? state.sinceMs));
  const lead = state.reach === 'gone' ? text.link.gone : state.reach === null ? text.link.unclear : text.link.lost;
  return (
    <div className="banner" role="alert" data-testid="link-lost" data-reach={state.reach ?? 'unknown'}>
      <MarkShape tone="bad" />
      <div className="banner-text">
        <p>
          {lead} {text.link.old(formatAge(ageMs, text.units))}{' '}
          {state.reach === 'refused' ? text.link.refused : text.link.trying(state.attempts)}
        </p>
        <StillTrue />
      </div>
      {state.reach === 'refused' ? (
        <SignIn />
      ) : (
        <Button small testId="link-retry" onClick={link.reconnect}>
          {text.link.now}
        </Button>
      )}
    </div>
  );
}

/** The host turns `?token=` into its cookie and the page starts afresh. */
function SignIn() {
  const text = useText();
  const [token, setToken] = useState('');
  const enter = (): void => {
    if (token.trim()) location.assign(`/?token=${encodeURIComponent(token.trim())}${location.hash}`);
  };
  const onEnter = useEnter(enter);
  return (
    <span className="banner-form">
      <input
        className="input"
        type="password"
        autoComplete="off"
        aria-label={text.link.token}
        placeholder={text.link.token}
        data-testid="token-input"
        value={token}
        onChange={(event) => setToken(event.target.value)}
        {...onEnter}
      />
      <Button small onClick={enter} testId="token-submit">
        {text.link.signIn}
      </Button>
    </span>
  );
}

/** What was known when the last message came, and cannot have become untrue since. */
function StillTrue() {
  const text = useText();
  const words = text.shell.banner;
  const zone = usePreferences((preferences) => preferences.zone);
  const collector = useLive((view) => view.collector);
  const store = useLive((view) => view.store);
  if (!collector) return <p className="quiet">{words.independent}</p>;
  const at = formatClock(collector.atUs, zone);
  const seen = `${collector.recording ? text.recording.recording : text.recording.halted}, ${text.status.ticks} ${formatRate(store?.tradesPerSecond)}`;
  return (
    <p className="banner-true" data-testid="still-true">
      {words.kept(formatCount(collector.durableFrame), at)} {words.seen(seen, at)}
    </p>
  );
}
