// Which recorder the window shows: the one of this computer, or a remote one by address and token. The own recorder goes on either way.
// Promises: nothing is shown as attached that has not answered; the way back to the own recorder is always open.
import { type Failure, fail, ok, type Result } from '../../src-shared/base/result.ts';
import type { Recorders, ScreenLanguage } from '../../src-shared/contract/desktop.ts';
import { contract } from '../../src-shared/contract/index.ts';
import type { Log } from '../base/log.ts';
import type { RequestTarget, Router } from '../host/router.ts';
import { readRemoteAddress } from './remote-address.ts';
import type { RemoteBook } from './remote-book.ts';
import { dialRemote, fetchExport, joinPipe, type PipePort, probeRemote, type Remote } from './remote-pipe.ts';

const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 10_000;

export class AttachedRecorder implements RequestTarget {
  readonly #router: Router;
  readonly #log: Log;
  readonly #book: RemoteBook;
  #remote: Remote | null = null;
  #state: Recorders['state'] = 'local';
  #note: string | null = null;
  #shown: () => void = () => undefined;
  #spoken: (language: ScreenLanguage) => void = () => undefined;
  /** Ends the present pipe, or the attempts to open one. */
  #end: () => void = () => undefined;

  constructor(router: Router, log: Log, book: RemoteBook) {
    this.#router = router;
    this.#log = log;
    this.#book = book;
    router.own('desktop', this);
    this.#tell('local', null);
  }

  /** Called when another recorder is to be shown: the page must begin anew, so that nothing of one is taken for the other's. */
  onShown(listener: () => void): void {
    this.#shown = listener;
  }

  /** Called with the language that the screen is shown in. */
  onLanguage(listener: (language: ScreenLanguage) => void): void {
    this.#spoken = listener;
  }

  async request(name: string, input: unknown): Promise<Result<unknown>> {
    switch (name) {
      case 'desktop.attach': {
        const read = contract['desktop.attach'].input.parse(input);
        return this.#attach(read.url, read.token, read.insecure, read.keep);
      }
      case 'desktop.detach':
        this.#show(null);
        return ok({});
      case 'desktop.language':
        this.#spoken(contract['desktop.language'].input.parse(input).language);
        return ok({});
      case 'desktop.forget': {
        const { url } = contract['desktop.forget'].input.parse(input);
        await this.#book.forget(url);
        this.#tell(this.#state, this.#note);
        return ok({});
      }
      default:
        return fail('request.unknown', `the desktop does not answer ${name}`);
    }
  }

  /**
   * Puts a recorder behind the window's new port; `hand` gives the other end to the window once there is something behind it. `own` joins the
   * port with the own recorder and gives the end of that.
   */
  serve(port: PipePort, hand: () => void, own: () => () => void): void {
    this.#end();
    const remote = this.#remote;
    if (!remote) {
      this.#end = own();
      hand();
      return;
    }
    const gone = new AbortController();
    this.#end = () => gone.abort();
    void this.#connect(remote, port, hand, gone.signal);
  }

  /** An export of the recorder that is shown; null: it is the own one. */
  export(path: string): Promise<Response> | null {
    return this.#remote ? fetchExport(this.#remote, path) : null;
  }

  async #attach(url: string, given: string | undefined, insecure: boolean, keep: boolean): Promise<Result<unknown>> {
    const address = readRemoteAddress(url, insecure);
    if (!address.ok) return address;
    const { origin } = address.value;
    const token = given?.trim() || address.value.token || (await this.#book.tokenOf(origin));
    if (!token) return fail('remote.token', `the token of ${origin} is missing; its host prints it when it is ready`);
    const remote = { origin, token };
    const answered = await probeRemote(remote);
    if (!answered.ok) return answered;
    await this.#book.remember(origin, token, keep);
    this.#log.info({ origin }, `the window shows the recorder at ${origin}`);
    this.#show(remote);
    return ok({ url: origin });
  }

  #show(remote: Remote | null): void {
    this.#remote = remote;
    this.#tell(remote ? 'connecting' : 'local', null);
    this.#end();
    this.#end = () => undefined;
    this.#shown();
  }

  async #connect(remote: Remote, port: PipePort, hand: () => void, signal: AbortSignal): Promise<void> {
    for (let waitMs = FIRST_RETRY_MS; !signal.aborted; waitMs = Math.min(waitMs * 2, LONGEST_RETRY_MS)) {
      const dialled = await dialRemote(remote, signal);
      if (signal.aborted) break;
      if (!('code' in dialled)) {
        const end = joinPipe(dialled, port, (reason) => {
          if (!signal.aborted) this.#tell('gone', reason);
        });
        signal.addEventListener('abort', end, { once: true });
        this.#tell('open', null);
        hand();
        return;
      }
      this.#failed(dialled);
      await pause(waitMs, signal);
    }
    port.close();
  }

  #failed(failure: Failure): void {
    if (failure.message !== this.#note) this.#log.warn({ failure }, failure.message);
    this.#tell(failure.code === 'remote.gone' ? 'gone' : 'refused', failure.message);
  }

  #tell(state: Recorders['state'], note: string | null): void {
    this.#state = state;
    this.#note = note;
    this.#router.publish('desktop', 'desktop.recorders', {
      attached: this.#remote?.origin ?? null,
      state,
      note,
      remotes: this.#book.list,
      canKeep: this.#book.canKeep,
    });
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
    signal.addEventListener('abort', done, { once: true });
  });
}
