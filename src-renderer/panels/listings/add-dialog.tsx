// A listing by hand: a coin and a moment, read back in both zones before anything is stored.

import { useRef, useState } from 'react';
import { FailureError } from '../../../src-shared/base/result.ts';
import { usePreferences, type Zone } from '../../i18n/preferences.ts';
import { useText } from '../../i18n/text.ts';
import { useCommand, useRequest } from '../../link/hooks.tsx';
import { Button, Choice, FailureWords } from '../../parts/controls.tsx';
import { useEnter } from '../../parts/enter.ts';
import { formatTime } from '../../parts/format.ts';
import { Modal } from '../../parts/modal.tsx';
import { goTo } from '../../state/place.ts';
import { noteStarted, useExtractFormState, windowOf } from './extract-form.ts';
import { parseMoment, tidyCoin } from './moment.ts';

export function AddDialog({ onClose }: { onClose(): void }) {
  const text = useText();
  const words = text.listings.dialog;
  const [zone, setZone] = useState<Zone>(usePreferences((preferences) => preferences.zone));
  const [coin, setCoin] = useState('');
  const [moment, setMoment] = useState('');
  const [note, setNote] = useState('');
  const [tried, setTried] = useState(false);
  const coinField = useRef<HTMLInputElement>(null);
  const name = tidyCoin(coin);
  const known = useRequest('listings.coin', { coin: name }, { enabled: name !== '', staleMs: 10_000 }).data;
  const add = useCommand('listings.add', (_output, queries) => {
    void queries.invalidateQueries({ queryKey: ['listings.list'] });
  });
  const extract = useCommand('listings.extract');
  const atUs = parseMoment(moment, zone);
  const failure = add.error?.failure ?? extract.error?.failure;

  const save = async (thenExtract: boolean): Promise<void> => {
    setTried(true);
    if (!name || atUs === undefined) return;
    const { listing } = await add.mutateAsync({ coin: name, atUs, title: note.trim() });
    const form = useExtractFormState.getState();
    const range = windowOf(form);
    if (thenExtract && range) {
      const job = await extract.mutateAsync({
        coin: listing.coin,
        atUs: listing.publishedUs,
        ...range,
        format: form.format,
        language: usePreferences.getState().language,
        listingId: listing.id,
      });
      noteStarted(listing.id, job.jobId);
    }
    goTo('listings', listing.id);
    onClose();
  };
  const act = (thenExtract: boolean): void => {
    void save(thenExtract).catch((error: unknown) => {
      // A refusal is shown below, by the mutation that it belongs to; anything else is a bug and is to be seen as one.
      if (!(error instanceof FailureError)) throw error;
    });
  };
  const onEnter = useEnter(() => act(false));

  return (
    <Modal open title={words.title} text={words.what} testId="add-dialog" initialFocus={coinField} onClose={onClose}>
      <label className="field">
        <span className="field-label">{words.coin}</span>
        <input
          ref={coinField}
          className="input"
          data-testid="add-coin"
          maxLength={40}
          spellCheck={false}
          autoComplete="off"
          placeholder={words.coinHint}
          aria-invalid={tried && name === ''}
          aria-describedby="add-coin-known"
          value={coin}
          onChange={(event) => setCoin(event.target.value)}
          {...onEnter}
        />
        {tried && name === '' && <span className="field-error">{words.noCoin}</span>}
        <span id="add-coin-known" className="field-warning" role="status" data-testid="add-unlisted">
          {known?.listed === false && words.unlisted(name, known.near.join(', '))}
        </span>
      </label>
      <div className="field">
        <label className="field-label" htmlFor="add-time">
          {words.time}
        </label>
        <div className="add-time">
          <input
            id="add-time"
            className="input"
            data-testid="add-time"
            spellCheck={false}
            autoComplete="off"
            placeholder="2026-11-20 18:00:00"
            aria-invalid={(tried || moment.length > 15) && atUs === undefined}
            value={moment}
            onChange={(event) => setMoment(event.target.value)}
            {...onEnter}
          />
          <Choice<Zone>
            label={text.common.zone}
            value={zone}
            options={[
              { value: 'UTC', label: 'UTC' },
              { value: 'KST', label: 'KST' },
            ]}
            onChange={setZone}
          />
          <Button
            testId="add-now"
            onClick={() => setMoment(formatTime(Date.now() * 1000, zone, 'milli').replace(/ (UTC|KST)$/, ''))}
          >
            {words.now}
          </Button>
        </div>
        {atUs === undefined ? (
          <span className={tried && moment ? 'field-error' : 'field-hint'}>
            {tried && moment ? words.badTime : words.timeHint}
          </span>
        ) : (
          <span className="field-hint" data-testid="add-reads">
            {words.reads}: {formatTime(atUs, 'UTC', 'milli')} · {formatTime(atUs, 'KST', 'milli')}
          </span>
        )}
      </div>
      <label className="field">
        <span className="field-label">{words.note}</span>
        <input
          className="input"
          data-testid="add-note"
          maxLength={500}
          value={note}
          onChange={(event) => setNote(event.target.value)}
          {...onEnter}
        />
      </label>
      {failure && (
        <p className="field-error" role="alert">
          <FailureWords failure={failure} />
        </p>
      )}
      <div className="dialog-foot">
        <Button kind="quiet" onClick={onClose}>
          {text.common.cancel}
        </Button>
        <Button testId="add-save" disabled={add.isPending} onClick={() => act(false)}>
          {words.save}
        </Button>
        <Button kind="primary" testId="add-extract" disabled={add.isPending} onClick={() => act(true)}>
          {words.saveAndExtract}
        </Button>
      </div>
    </Modal>
  );
}
