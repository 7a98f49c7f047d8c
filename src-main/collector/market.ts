// One market of one venue as it is recorded: its lines, its symbol list, its REST endpoint. Symbols that are named in the
// settings are subscribed at once; those that the list selects follow it, new ones without touching the others.
import type { Failure } from '../../src-shared/base/result.ts';
import { Origin, RecordKind } from '../../src-shared/market/frame.ts';
import type { Instrument } from '../../src-shared/market/instrument.ts';
import type { Log } from '../base/log.ts';
import { Backoff, pause, sharedBudget } from '../base/net.ts';
import type { JournalWriter } from '../journal/writer.ts';
import type { WallClock } from './clock.ts';
import { RenewGate, Spread } from './gates.ts';
import { Line } from './line.ts';
import { fillSlots, type MarketPlan, selectSymbols } from './plan.ts';
import { openRest, type Rest } from './rest.ts';
import { keep, loadKept, readList } from './symbol-list.ts';

export interface MarketContext {
  readonly journal: JournalWriter;
  readonly clock: WallClock;
  readonly log: Log;
  /** Where the last symbol list is kept; null: nowhere. */
  readonly keptPath: string | null;
  readonly worker: URL | null;
}

export class RecordedMarket {
  readonly plan: MarketPlan;
  readonly rest: Rest;
  /** Journal line of REST replies. */
  readonly restLineNo: number;
  readonly #context: MarketContext;
  readonly #stop = new AbortController();
  readonly #gate = new RenewGate();
  readonly #lines: Line[][] = [];
  #slots: readonly (readonly string[])[] = [];
  #known: ReadonlySet<string> | null = null;
  #listed = '';
  #halted: string | null = null;
  #note: string | null = null;

  constructor(plan: MarketPlan, context: MarketContext) {
    this.plan = plan;
    this.#context = context;
    this.rest = openRest(plan.feed, plan.endpoints.rest);
    const { venue, market } = plan;
    this.restLineNo = context.journal.line({ venue, market, line: 0, role: 'rest', slot: 0 });
    for (let line = 0; line < plan.lines; line += 1) this.#lines.push([this.#makeLine(line, 0)]);
  }

  get name(): string {
    return `${this.plan.venue}:${this.plan.market}`;
  }

  get lines(): Line[] {
    return this.#lines.flat();
  }

  /** What keeps this market from being recorded as asked, or what is odd about it; null: nothing. */
  get note(): string | null {
    return this.#note;
  }

  start(): void {
    this.#want(null);
    void this.#follow();
  }

  halt(reason: string): void {
    this.#halted = reason;
    for (const line of this.lines) line.halt(reason);
  }

  resume(): void {
    this.#halted = null;
    for (const line of this.lines) line.resume();
  }

  async close(reason: string): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.lines.map((line) => line.close(reason)));
  }

  #makeLine(line: number, slot: number): Line {
    const { venue, market, feed, endpoints } = this.plan;
    const { journal, clock } = this.#context;
    const made = new Line({
      id: `${venue}:${market}:${line}${slot > 0 ? `/${slot}` : ''}`,
      feed,
      url: feed.connectUrl(endpoints.ws),
      lineNo: journal.line({ venue, market, line, role: 'live', slot }),
      line,
      slot,
      journal,
      clock,
      connects: sharedBudget(`connect ${endpoints.ws}`, {
        weight: feed.limits.connects.count,
        perMs: feed.limits.connects.perMs,
      }),
      gate: this.#gate,
      spread: new Spread(),
      suspects: (symbols) => symbols.filter((symbol) => this.#known !== null && !this.#known.has(symbol)),
    });
    if (this.#halted !== null) made.halt(this.#halted);
    return made;
  }

  #want(list: readonly Instrument[] | null): void {
    const symbols = selectSymbols(this.plan.symbols, list);
    const slots = fillSlots(this.#slots, symbols, this.plan.feed.limits.streamsPerConnection);
    const before = this.#slots;
    this.#slots = slots;
    for (const [line, own] of this.#lines.entries()) {
      for (const [slot, carried] of slots.entries()) {
        if (carried === before[slot]) continue;
        own[slot] ??= this.#makeLine(line, slot);
        own[slot]?.want(carried);
      }
    }
    this.#checkNames(list);
  }

  #checkNames(list: readonly Instrument[] | null): void {
    if (!list) return;
    this.#known = new Set(list.map(({ symbol }) => symbol));
    const strange = Array.isArray(this.plan.symbols) ? this.plan.symbols.filter((name) => !this.#known?.has(name)) : [];
    const none = this.#slots.flat().length === 0;
    if (strange.length > 0) this.#note = `not in the venue's list: ${strange.slice(0, 5).join(', ')}`;
    else this.#note = none ? 'no symbol of the venue matches the settings' : null;
  }

  /** Asks for the list for as long as this market is recorded. */
  async #follow(): Promise<void> {
    const { log, keptPath } = this.#context;
    if (keptPath) {
      const kept = await loadKept(keptPath);
      if (!kept.ok) log.warn({ failure: kept.failure }, kept.failure.message);
      else if (kept.value && !this.#stop.signal.aborted) this.#want(kept.value);
    }
    const backoff = new Backoff(1000, 30_000);
    backoff.next();
    while (!this.#stop.signal.aborted) {
      const failure = await this.#askList();
      if (failure && !this.#stop.signal.aborted) {
        this.#note = `symbol list: ${failure.message}`;
        log.warn({ failure }, `${this.name}: symbol list not read`);
      }
      if (!failure) {
        backoff.reset();
        backoff.next();
      }
      if (!(await pause(failure ? backoff.next() : this.plan.feed.instruments.everyMs, this.#stop.signal))) return;
    }
  }

  async #askList(): Promise<Failure | null> {
    const { feed } = this.plan;
    const { worker, keptPath, log, clock } = this.#context;
    const request = feed.instruments.request();
    const reply = await this.rest.get(request, this.#stop.signal);
    if (!reply.ok) return reply.failure;
    const recvUs = clock.nowUs();
    const first = this.#listed === '';
    if (first && !this.#journal(request.path, reply.value.body, recvUs)) return this.#full();
    const list = await readList(feed, reply.value.body, worker);
    if (!list.ok) return list.failure;
    const digest = JSON.stringify(list.value);
    // A list of 10 MB each minute would be most of the journal: after the first only changes are kept.
    if (digest !== this.#listed) {
      if (!first && !this.#journal(request.path, reply.value.body, recvUs)) return this.#full();
      this.#listed = digest;
      if (keptPath) {
        const saved = await keep(keptPath, list.value);
        if (!saved.ok) log.warn({ failure: saved.failure }, saved.failure.message);
      }
    }
    if (!this.#stop.signal.aborted) this.#want(list.value);
    return null;
  }

  #journal(path: string, body: Uint8Array, recvUs: number): boolean {
    const { journal } = this.#context;
    const { venue, market } = this.plan;
    if (!journal.hasRoom) return false;
    journal.control(this.restLineNo, { type: 'instruments', venue, market, path }, recvUs);
    const monoUs = Math.floor(performance.now() * 1000);
    return journal.append(this.restLineNo, RecordKind.data, Origin.live, recvUs, monoUs, body) > 0;
  }

  #full(): Failure {
    return { code: 'journal.full', message: 'the journal has no room for the symbol list', retry: true };
  }
}
