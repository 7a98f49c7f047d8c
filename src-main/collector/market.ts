// One market of one venue as it is recorded: its lines, its symbol list, its REST endpoint. Symbols that are named in the
// settings are subscribed at once; those that the list selects follow it, new ones without touching the others. Where the venue
// does not allow all of them, the busiest are carried and the note says so.
import { setTimeout as sleep } from 'node:timers/promises';
import { type Failure, reasonOf } from '../../src-shared/base/result.ts';
import { DAY_US, type Us } from '../../src-shared/base/time.ts';
import type { Refusal } from '../../src-shared/contract/recording.ts';
import type { Instrument } from '../../src-shared/market/instrument.ts';
import type { Log } from '../base/log.ts';
import { Backoff, pause, sharedBudget } from '../base/net.ts';
import type { JournalWriter } from '../journal/writer.ts';
import { chooseSymbols } from './choice.ts';
import type { WallClock } from './clock.ts';
import { RenewGate, type Spares, Spread } from './gates.ts';
import { Line } from './line.ts';
import { LineWatch } from './line-watch.ts';
import { ListPoll } from './list-poll.ts';
import { addressOf, fillSlots, type MarketPlan, selectSymbols } from './plan.ts';
import { openRest, type Rest } from './rest.ts';
import { keep, loadCarried, loadKept, readTurnover, type Turnover } from './symbol-list.ts';

export interface MarketContext {
  readonly journal: JournalWriter;
  readonly clock: WallClock;
  readonly log: Log;
  /** Where the last symbol list is kept; null: nowhere. */
  readonly keptPath: string | null;
  readonly worker: URL | null;
  /** Shared by all markets; absent: its own. */
  readonly spread?: Spread;
  /** Connections that renewals of a line may add at its address; null: as many as they like. */
  readonly spares?: (line: number) => Spares | null;
}

/** Second numbers of slots lie here; see JournalLine.twinOf. */
const TWIN_SLOTS = 10_000;
const TURNOVER_MS = 3_600_000;
/** What was listed within this time is carried before the busiest: its windows are what recordings are for. */
const NEW_US = DAY_US;

/** How long leaving waits for the list to be kept. */
const SAVE_MS = 1000;

type KeptList = readonly Instrument[] | readonly string[];

export class RecordedMarket {
  readonly plan: MarketPlan;
  readonly rest: Rest;
  /** Journal line of REST replies. */
  readonly restLineNo: number;
  readonly #context: MarketContext;
  readonly #stop = new AbortController();
  readonly #unsaved = new Map<string, KeptList>();
  #saving: Promise<void> | null = null;
  readonly #gate = new RenewGate();
  readonly #spread: Spread;
  readonly #lines: Line[][] = [];
  /** By the source address of this machine from which they ask. */
  readonly #rests = new Map<string | null, Rest>();
  readonly #watch: LineWatch;
  readonly #poll: ListPoll;
  #slots: readonly (readonly string[])[] = [];
  #known: ReadonlySet<string> | null = null;
  /** When a symbol was first seen in the list after the process had read one already, µs. */
  readonly #newUs = new Map<string, number>();
  /** What was read and not acted on yet: what throws on the way does not make it old news. */
  #owed: 'list' | 'turnover' | null = null;
  /** New symbols that the lines were not told of yet. */
  readonly #fresh = new Set<string>();
  #turnover: Turnover = new Map();
  #turnoverMs: number | null = null;
  #turnoverNote: string | null = null;
  #halted: string | null = null;
  #retired = false;
  #listNote: string | null = null;
  #note: string | null = null;

  constructor(plan: MarketPlan, context: MarketContext) {
    this.plan = plan;
    this.#context = context;
    this.#spread = context.spread ?? new Spread();
    const { venue, market, feed } = plan;
    const { journal, clock, worker } = context;
    // Under the first line's address, so that what the venue counts per address is counted together.
    this.rest = this.#restOf(addressOf(plan, 0));
    this.restLineNo = journal.line({ venue, market, line: 0, role: 'rest', slot: 0 });
    this.#poll = new ListPoll({ feed, rest: this.rest, lineNo: this.restLineNo, journal, clock, worker });
    this.#watch = new LineWatch({ feed, journal, clock });
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
    return this.#listNote ?? this.#note;
  }

  /** From which addresses the venue wants to be left alone. */
  refusals(nowUs: Us): Refusal[] {
    const { venue, market } = this.plan;
    return [...this.#rests].flatMap(([address, { refusing }]) => {
      if (refusing === null) return [];
      const { sinceMs, forMs, note } = refusing;
      const sinceUs = nowUs - Math.round(sinceMs * 1000);
      return [{ venue, market, address, sinceUs, untilUs: nowUs + Math.round(forMs * 1000), note }];
    });
  }

  start(): void {
    this.#want(null);
    void this.#follow();
  }

  /** Called a few times a second. */
  tick(nowMs: number): void {
    for (const line of this.lines) line.tick(nowMs);
    this.#watch.tick(nowMs, this.#lines);
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
    // The list is there for the next start, unless the disk stands still.
    if (this.#saving) await Promise.race([this.#saving, sleep(SAVE_MS, undefined, { ref: false })]);
  }

  #makeLine(line: number, slot: number): Line {
    const { venue, market, feed, endpoints } = this.plan;
    const { journal, clock, spares } = this.#context;
    const address = addressOf(this.plan, line);
    const { count, perMs } = feed.limits.connects;
    const connects = sharedBudget(`connect ${endpoints.ws} ${address ?? ''}`, { weight: count, perMs });
    const lineNo = journal.line({ venue, market, line, role: 'live', slot });
    const spare = spares?.(line);
    const made = new Line({
      id: `${venue}:${market}:${line}${slot > 0 ? `/${slot}` : ''}`,
      feed,
      url: feed.dial ? endpoints.ws : feed.connectUrl(endpoints.ws),
      lineNo,
      line,
      slot,
      journal,
      clock,
      address,
      connects,
      gate: this.#gate,
      spread: this.#spread,
      suspects: (symbols) => symbols.filter((symbol) => this.#known !== null && !this.#known.has(symbol)),
      ...(spare ? { spares: spare } : {}),
      ...(feed.dial
        ? { dialling: { dial: feed.dial, endpoint: endpoints.ws, rest: this.#restOf(address), connects } }
        : {}),
      // Where ids prove nothing, how long each connection delivered must be told from the journal alone, also while two overlap.
      ...(feed.idRule !== 'contiguous'
        ? { twinNo: journal.line({ venue, market, line, role: 'live', slot: slot + TWIN_SLOTS, twinOf: lineNo }) }
        : {}),
    });
    if (this.#halted !== null) made.halt(this.#halted);
    return made;
  }

  #restOf(address: string | null): Rest {
    const { feed, endpoints } = this.plan;
    const found = this.#rests.get(address) ?? openRest(feed, endpoints.rest, address);
    this.#rests.set(address, found);
    return found;
  }

  /** Most symbols that can be carried. */
  get #room(): number {
    const { connections, feed } = this.plan;
    return connections === undefined ? Number.POSITIVE_INFINITY : connections * feed.limits.streamsPerConnection;
  }

  #want(list: readonly Instrument[] | null, carried: readonly string[] = this.#slots.flat()): void {
    const { feed, connections } = this.plan;
    const selected = selectSymbols(this.plan.symbols, list);
    const symbols = chooseSymbols({
      wanted: selected,
      first: this.#first(selected, list),
      turnover: this.#turnover,
      carried,
      room: this.#room,
    });
    const limits = connections === undefined ? feed.limits : { ...feed.limits, connections };
    const slots = fillSlots(this.#slots, symbols, limits);
    const before = this.#slots;
    for (const [line, own] of this.#lines.entries()) {
      for (const [slot, carried] of slots.entries()) {
        if (carried === before[slot]) continue;
        own[slot] ??= this.#makeLine(line, slot);
        own[slot]?.want(carried);
      }
    }
    // Only here: what throws on the way leaves them wanted.
    this.#slots = slots;
    this.#tell(list, selected.length);
    if (list || Array.isArray(this.plan.symbols)) this.#retire();
  }

  /** Says of connections that an earlier process had and this plan has not that they carry nothing more, or what they carried would be missed for ever. */
  #retire(): void {
    if (this.#retired) return;
    this.#retired = true;
    const { venue, market, lines } = this.plan;
    for (const one of this.#context.journal.lines) {
      const own = one.venue === venue && one.market === market && one.role === 'live' && one.twinOf === undefined;
      if (!own || (one.line < lines && one.slot < Math.max(1, this.#slots.length))) continue;
      this.#context.journal.control(one.no, { type: 'wanted', symbols: [] });
    }
  }

  /** Carried before any other: what is named, in its order; what is new in the list. */
  #first(selected: readonly string[], list: readonly Instrument[] | null): readonly string[] {
    if (selected.length <= this.#room) return [];
    if (Array.isArray(this.plan.symbols)) return selected;
    const sinceUs = this.#context.clock.nowUs() - NEW_US;
    const listedUs = new Map(list?.map((one) => [one.symbol, one.listedUs ?? 0]));
    const since = (symbol: string): number => Math.max(this.#newUs.get(symbol) ?? 0, listedUs.get(symbol) ?? 0);
    return selected.filter((symbol) => since(symbol) > sinceUs).sort((a, b) => since(b) - since(a));
  }

  #tell(list: readonly Instrument[] | null, selected: number): void {
    const notes: string[] = [];
    const carried = this.#slots.reduce((sum, slot) => sum + slot.length, 0);
    if (carried < selected) notes.push(this.#limitNote(carried, selected));
    if (list) {
      this.#known = new Set(list.map(({ symbol }) => symbol));
      const { symbols } = this.plan;
      const strange = Array.isArray(symbols) ? symbols.filter((name) => !this.#known?.has(name)) : [];
      if (strange.length > 0) notes.push(`not in the venue's list: ${strange.slice(0, 5).join(', ')}`);
      else if (selected === 0) notes.push('no symbol of the venue matches the settings');
      this.#note = notes.join('; ') || null;
    } else this.#note = notes[0] ?? this.#note;
  }

  #limitNote(carried: number, selected: number): string {
    const { venue, feed, connections = 0, symbols } = this.plan;
    const { streamsPerConnection, connectionsPerAddress } = feed.limits;
    const order = Array.isArray(symbols)
      ? 'in the order of the settings'
      : this.#turnover.size > 0
        ? 'by turnover'
        : `in the order of the venue's list (turnover is not known${this.#turnoverNote ? `: ${this.#turnoverNote}` : ''})`;
    return (
      `${carried} of ${selected} symbols carried, ${order}: ${venue} allows an address ${connectionsPerAddress} connections of ` +
      `${streamsPerConnection} symbols, ${connections} of them are for each line of this market`
    );
  }

  /** Asks for the list for as long as this market is recorded. Never rejects: the lines go on with the symbols that they have. */
  async #follow(): Promise<void> {
    const { log } = this.#context;
    await this.#tried(() => this.#fromKept());
    const backoff = new Backoff(1000, 30_000);
    backoff.next();
    while (!this.#stop.signal.aborted) {
      const failure = await this.#tried(() => this.#askList());
      if (failure && !this.#stop.signal.aborted) {
        this.#listNote = `symbol list: ${failure.message}`;
        log.warn({ failure }, `${this.name}: symbol list not read`);
      }
      if (!failure) {
        backoff.reset();
        backoff.next();
      }
      if (!(await pause(failure ? backoff.next() : this.plan.feed.instruments.everyMs, this.#stop.signal))) return;
    }
  }

  /** What nobody foresaw is trouble with this list, not the end of all that is recorded. */
  async #tried(work: () => Promise<Failure | null>): Promise<Failure | null> {
    try {
      return await work();
    } catch (error) {
      this.#context.log.error({ err: error }, `${this.name}: symbol list: ${reasonOf(error)}`);
      return { code: 'instruments.list', message: reasonOf(error), retry: true };
    }
  }

  async #fromKept(): Promise<null> {
    const { log, keptPath } = this.#context;
    if (!keptPath) return null;
    const kept = await loadKept(keptPath);
    const carried = await loadCarried(carriedPath(keptPath));
    for (const read of [kept, carried]) if (!read.ok) log.warn({ failure: read.failure }, read.failure.message);
    if (!kept.ok || !kept.value || this.#stop.signal.aborted) return null;
    this.#poll.knows(kept.value);
    this.#want(kept.value, carried.ok ? carried.value : []);
    return null;
  }

  async #askList(): Promise<Failure | null> {
    const { keptPath, clock } = this.#context;
    const asked = await this.#poll.ask(this.#stop.signal);
    if (!asked.ok) return asked.failure;
    this.#listNote = null;
    const { instruments, changed } = asked.value;
    if (changed) this.#owed = 'list';
    for (const { symbol } of instruments) {
      if (this.#known?.has(symbol) ?? true) continue;
      if (!this.#fresh.has(symbol)) this.#newUs.set(symbol, clock.nowUs());
      this.#fresh.add(symbol);
    }
    if (await this.#askTurnover(selectSymbols(this.plan.symbols, instruments).length)) this.#owed ??= 'turnover';
    if (this.#stop.signal.aborted || this.#owed === null) return null;
    const before = this.#slots;
    this.#want(instruments);
    if (this.#fresh.size > 0) for (const line of this.lines) line.listed([...this.#fresh]);
    this.#fresh.clear();
    const isNew = this.#owed === 'list';
    this.#owed = null;
    if (isNew && keptPath) this.#save(keptPath, instruments);
    if (keptPath && Number.isFinite(this.#room) && this.#slots !== before) {
      this.#save(carriedPath(keptPath), this.#slots.flat());
    }
    return null;
  }

  /** Once an hour, where not all symbols can be carried. True: it is known anew. */
  async #askTurnover(selected: number): Promise<boolean> {
    const { feed, symbols } = this.plan;
    const { turnover } = feed.instruments;
    if (!turnover || selected <= this.#room || Array.isArray(symbols)) return false;
    const now = performance.now();
    if (this.#turnoverMs !== null && now - this.#turnoverMs < TURNOVER_MS) return false;
    const reply = await this.rest.get(turnover.request(), this.#stop.signal);
    const read = reply.ok ? await readTurnover(feed, reply.value.body, this.#context.worker) : reply;
    if (!read.ok) {
      // Asked again with the next list; until then what is carried stays.
      this.#context.log.warn({ failure: read.failure }, `${this.name}: turnover not read`);
      this.#turnoverNote = read.failure.message;
      return this.#slots.length === 0 || this.#turnover.size === 0;
    }
    this.#turnoverMs = now;
    this.#turnoverNote = null;
    this.#turnover = read.value;
    return true;
  }

  /** Beside the polls, the newest of each file: a disk may take its time, and a new listing does not wait for it. */
  #save(path: string, list: KeptList): void {
    this.#unsaved.set(path, list);
    this.#saving ??= this.#saveAll().finally(() => {
      this.#saving = null;
    });
  }

  async #saveAll(): Promise<void> {
    for (;;) {
      const [next] = this.#unsaved;
      if (!next) return;
      this.#unsaved.delete(next[0]);
      const saved = await keep(...next);
      if (!saved.ok) this.#context.log.warn({ failure: saved.failure }, saved.failure.message);
    }
  }
}

function carriedPath(keptPath: string): string {
  return keptPath.replace(/\.json$/, '.carried.json');
}
