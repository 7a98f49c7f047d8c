// Asks a venue for its symbol list, all pages of it, and keeps what it said in the journal: the first list of a process and every
// one that differs, with all its pages; of one without news only that it was read. A page that fails fails the whole list.
import { type Failure, fail, ok, type Result } from '../../src-shared/base/result.ts';
import { Origin, RecordKind } from '../../src-shared/market/frame.ts';
import type { Instrument } from '../../src-shared/market/instrument.ts';
import type { Feed, HttpRequest } from '../feeds/feed.ts';
import type { JournalWriter } from '../journal/writer.ts';
import type { WallClock } from './clock.ts';
import type { Rest } from './rest.ts';
import { readPage } from './symbol-list.ts';

/** A list of more pages than this goes in circles. */
const MOST_PAGES = 200;
/** A list that lacks more than half of what the one before held, of at least so many, is believed when the venue has said so for this long. */
const WORTH_DOUBT = 20;
const DOUBT_MS = 600_000;

export interface ListContext {
  readonly feed: Feed;
  readonly rest: Pick<Rest, 'get'>;
  /** Journal line of REST replies. */
  readonly lineNo: number;
  readonly journal: JournalWriter;
  readonly clock: WallClock;
  readonly worker: URL | null;
  readonly doubtMs?: number;
}

export interface SymbolList {
  readonly instruments: readonly Instrument[];
  /** It differs from the one before, or is the first. */
  readonly changed: boolean;
}

interface Asked {
  readonly path: string;
  readonly body: Uint8Array;
  readonly recvUs: number;
  readonly digest: string;
  readonly instruments: readonly Instrument[];
}

export class ListPoll {
  readonly #context: ListContext;
  #pages: readonly { readonly digest: string; readonly instruments: readonly Instrument[] }[] = [];
  #list: readonly Instrument[] = [];
  #unreadable = false;
  #doubtedMs: number | null = null;

  constructor(context: ListContext) {
    this.#context = context;
  }

  /** What an earlier process read: what the first list is held against. */
  knows(kept: readonly Instrument[]): void {
    this.#list = kept;
  }

  async ask(signal: AbortSignal): Promise<Result<SymbolList>> {
    const { feed } = this.#context;
    const asked: Asked[] = [];
    const paths = new Set<string>();
    for (let request: HttpRequest | null = feed.instruments.request(); request; ) {
      if (paths.has(request.path) || paths.size >= MOST_PAGES) {
        return fail(
          'instruments.pages',
          `${feed.venue} ${feed.market}: page ${paths.size + 1} is one that was read already`,
        );
      }
      paths.add(request.path);
      const page = await this.#page(request, asked.length, signal);
      if (!page.ok) return page;
      asked.push(page.value.asked);
      request = page.value.next;
    }
    return this.#take(asked);
  }

  async #page(
    request: HttpRequest,
    index: number,
    signal: AbortSignal,
  ): Promise<Result<{ asked: Asked; next: HttpRequest | null }>> {
    const { feed, rest, clock, worker } = this.#context;
    const reply = await rest.get(request, signal);
    if (!reply.ok) return reply;
    const recvUs = clock.nowUs();
    const { body } = reply.value;
    const before = this.#pages[index];
    const read = await readPage(feed, body, worker, before?.digest ?? null);
    if (!read.ok) {
      if (index === 0) this.#keepUnreadable(request.path, body, recvUs);
      return read;
    }
    const { digest, next } = read.value;
    const instruments = read.value.instruments ?? before?.instruments ?? [];
    return ok({ asked: { path: request.path, body, recvUs, digest, instruments }, next });
  }

  #take(asked: readonly Asked[]): Result<SymbolList> {
    const { feed, journal, lineNo, clock } = this.#context;
    const { venue, market } = feed;
    const changed =
      asked.length !== this.#pages.length || asked.some(({ digest }, index) => digest !== this.#pages[index]?.digest);
    if (!changed) {
      this.#doubtedMs = null;
      // As of its first page: what opened while the others were read may be missing on it.
      const asOfUs = asked[0]?.recvUs ?? clock.nowUs();
      journal.control(lineNo, { type: 'instruments-unchanged', venue, market }, asOfUs);
      return ok({ instruments: this.#list, changed });
    }
    const doubt = this.#doubt(new Set(asked.flatMap(({ instruments }) => instruments.map(({ symbol }) => symbol))));
    if (doubt) return { ok: false, failure: doubt };
    // A list of 10 MB each minute would be most of the journal: after the first only changes are kept.
    for (const [index, { path, body, recvUs }] of asked.entries()) {
      const place = asked.length === 1 ? {} : { page: index + 1, last: index === asked.length - 1 };
      if (!this.#write(path, body, recvUs, place)) return { ok: false, failure: full() };
    }
    this.#pages = asked.map(({ digest, instruments }) => ({ digest, instruments }));
    // Pages may overlap when something was listed between them.
    const bySymbol = new Map(asked.flatMap(({ instruments }) => instruments.map((one) => [one.symbol, one] as const)));
    this.#list = [...bySymbol.values()];
    return ok({ instruments: this.#list, changed });
  }

  /** A venue in trouble answers with an empty list or a part of it: believed, it would end what is recorded as if nobody wanted it. */
  #doubt(symbols: ReadonlySet<string>): Failure | null {
    const { feed, doubtMs = DOUBT_MS } = this.#context;
    const before = this.#list.length;
    const stay = this.#list.filter(({ symbol }) => symbols.has(symbol)).length;
    const most = before >= WORTH_DOUBT && stay * 2 < before;
    if (symbols.size > 0 ? !most : before === 0) {
      this.#doubtedMs = null;
      return null;
    }
    this.#doubtedMs ??= performance.now();
    if (symbols.size > 0 && performance.now() - this.#doubtedMs >= doubtMs) {
      this.#doubtedMs = null;
      return null;
    }
    const words = symbols.size === 0 ? 'is empty' : `holds only ${stay} of ${before} symbols`;
    return {
      code: 'instruments.doubtful',
      message: `${feed.venue} ${feed.market}: the venue's list ${words}; what is recorded stays until it says so for longer`,
      retry: true,
    };
  }

  /** What the venue says instead of a list is evidence, once. */
  #keepUnreadable(path: string, body: Uint8Array, recvUs: number): void {
    if (this.#unreadable) return;
    this.#unreadable = true;
    this.#write(path, body, recvUs, {});
  }

  #write(path: string, body: Uint8Array, recvUs: number, place: { page?: number; last?: boolean }): boolean {
    const { journal, lineNo, feed } = this.#context;
    if (!journal.hasRoom) return false;
    const { venue, market } = feed;
    journal.control(lineNo, { type: 'instruments', venue, market, path, ...place }, recvUs);
    const monoUs = Math.floor(performance.now() * 1000);
    return journal.append(lineNo, RecordKind.data, Origin.live, recvUs, monoUs, body) > 0;
  }
}

function full(): Failure {
  return { code: 'journal.full', message: 'the journal has no room for the symbol list', retry: true };
}
