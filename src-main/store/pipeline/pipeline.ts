// decode -> validate -> sequence -> guard -> columns, and what control records say of lines. Pure: journal records in, an outcome per batch out.
// Promises: frames = control + data + other + rejected and ticks = stored + duplicates in every outcome; each key is stored once
// over any interleaving of lines, repeats and restarts; whatever the bytes, it goes on.

import type { Us } from '../../../src-shared/base/time.ts';
import type { Market, Venue } from '../../../src-shared/market/instrument.ts';
import { latin1At } from '../../feeds/byte-rows.ts';
import type { Feed, FrameVerdict, IdPlace, NoticeFeed, TickCells, TickSink } from '../../feeds/feed.ts';
import { Batch, type BatchEnd } from './batch.ts';
import { Carry, type HistoryCount } from './carry.ts';
import type { TickColumns } from './columns.ts';
import { Fingerprint } from './fingerprint.ts';
import { GapBook } from './gap-book.ts';
import { Key, KeyBudget } from './keys.ts';
import { LineEvents, type LineName } from './line-events.ts';
import { takeList } from './listed.ts';
import type { MarketState } from './market-state.ts';
import type { Outcome } from './outcome.ts';
import { type NumberedStream, Registry } from './registry.ts';
import { readReply } from './replies.ts';
import { rememberStored, restoreMarkets, setHorizons } from './restart.ts';
import { DOUBTFUL, renewKey, SEEN, sequenceContiguous, sequenceUnique } from './sequence.ts';
import { loadStream, type StreamState } from './stream-state.ts';
import { newCells, putRow } from './tick-row.ts';
import { Unreadable } from './unreadable.ts';
import { refusal } from './validate.ts';

export interface PipelineSetup {
  feedOf(venue: Venue, market: Market): Feed | undefined;
  noticeFeedOf(venue: Venue): NoticeFeed | undefined;
  readonly streams: readonly NumberedStream[];
  /** How many keys all streams remember together; absent: as many as the store has memory for. */
  readonly keysAtMost?: number;
}

/** In a stream's line mask: some of its rows were seen by no line. */
const FROM_HISTORY = 1 << 30;
/** In place of an index: the row in hand, which its decoder held for good. */
const THIS_ROW = -2;
const NOTHING: Uint8Array = new Uint8Array();

export class Pipeline implements TickSink {
  readonly cells: TickCells & { readonly idAt: IdPlace } = newCells();
  /** Event times before this lie in hours that are (partly) sealed: the warehouse is asked before such a row is stored. */
  sealedBeforeUs: Us = 0;
  /** Control records go here, each after control(). */
  readonly lines: LineEvents;
  readonly #setup: PipelineSetup;
  readonly #registry: Registry;
  readonly #book = new GapBook();
  readonly #carry = new Carry();
  readonly #unreadable = new Unreadable();

  readonly #batch = new Batch();
  /** Rows of all batches so far, and of those before the one in hand. */
  #running = 0;
  #batchStart = 0;

  /** Of the record in hand. */
  #market: MarketState | null = null;
  #frame = 0;
  #recvUs = 0;
  #lineNo = 0;
  #lineBit = 0;
  #origin = 0;
  #payload = { bytes: NOTHING, start: 0, end: 0 };
  #history: HistoryCount | null = null;
  readonly #fingerprint = new Fingerprint();
  readonly #snapshot = { frame: -1, is: false };
  /** Rows that count as seen are looked up all the same: the reply was asked for because the store may lack them. */
  #recheck = false;
  /** Id of the row in hand, where ids prove nothing. */
  readonly #key = new Key();
  #lastSymbol = '';
  #lastChannel = '';
  #lastMarket: MarketState | null = null;
  #lastState: StreamState | null = null;
  /** Market by line number; null: no feed. */
  readonly #byLine: (MarketState | null | undefined)[] = [];
  readonly #bits: number[] = [];
  #ticksBefore = 0;
  #rowsRefusedBefore = 0;

  constructor(setup: PipelineSetup) {
    this.#setup = setup;
    this.#registry = new Registry({
      feedOf: (venue, market) => setup.feedOf(venue, market),
      streams: setup.streams,
      book: this.#book,
      keys: new KeyBudget(setup.keysAtMost),
      touch: this.#batch.touch,
    });
    this.lines = new LineEvents({
      carry: this.#carry,
      book: this.#book,
      markets: () => this.#registry.markets(),
      marketOf: (line) => this.#registry.ofLine(line),
      streamOf: (no) => this.#registry.stream(no),
      touch: this.#batch.touch,
    });
  }

  // ---- restart -------------------------------------------------------------------------------------------------

  /** Takes back a state that an outcome gave. Negative numbers are coverage of markets. */
  restore(no: number, text: string): void {
    if (no < 0) {
      const at = text.indexOf('\n');
      const [venue, market] = text.slice(0, at).split(' ') as [Venue, Market];
      const found = this.#registry.market(venue, market);
      if (!found) return;
      found.stateNo = no;
      found.coverage.load(text.slice(at + 1));
      return;
    }
    const state = this.#registry.stream(no);
    if (!state) return;
    for (const gap of loadStream(state, text)) this.#book.restore(gap);
  }

  restoreCarry(text: string): void {
    this.#carry.load(text);
    restoreMarkets(this.#carry, this.#registry);
  }

  /** The keys of a stream whose ids prove nothing, as far back as horizonUs (for all of them); see rememberKey. */
  remember(no: number, id: number | string, eventUs: Us): void {
    rememberStored(this.#registry, no, id, eventUs);
  }

  /** Gaps that the catalog knows from batches beyond what is committed (see GapBook). */
  toldAhead(ids: readonly string[], knows: (id: string) => boolean): void {
    this.#book.toldAhead(ids, knows);
  }

  /** Streams whose ids are keys only. */
  keyedStreams(): number[] {
    return [...this.#registry.streams()].filter((state) => state.rule !== 'contiguous').map((state) => state.no);
  }

  /** Keys up to this event time that are not remembered are asked for. null: up to the last event time of each stream. */
  setHorizon(us: Us | null): void {
    setHorizons(this.#registry, us);
  }

  /** The venue gives a stream's ids from the beginning again: what comes next is its new start. Ids of before are asked for. */
  renumbered(state: StreamState): void {
    state.formerLastId = Math.max(state.formerLastId, state.lastId);
    state.lastId = -1;
    state.missing = [];
    state.numbering += 1;
  }

  /** How far the venues' clocks are ahead of ours, one figure a market that traded, µs. */
  clockLeadsUs(): Us[] {
    return [...this.#registry.markets()].flatMap(({ clock }) => (clock.known ? [clock.mostLeadUs] : []));
  }

  /** Until when what happened has come on a line: when it last delivered anything, less what its venue lags at present; 0: it never did. */
  heardUs(lineNo: number): Us {
    const lastUs = this.#carry.lastRecvUs[lineNo] ?? 0;
    return Math.max(0, lastUs - (this.#byLine[lineNo]?.clock.mostLagUs ?? 0));
  }

  /** Every market that was seen. */
  markets(): Iterable<MarketState> {
    return this.#registry.markets();
  }

  /** Every stream with its counts. */
  streams(): Iterable<StreamState> {
    return this.#registry.streams();
  }

  /** Gaps that wait for their grace to pass before people are told. */
  get waitingGaps(): number {
    return this.#book.waiting;
  }

  // ---- a batch -------------------------------------------------------------------------------------------------

  /** Begins a batch that writes into these columns. */
  begin(columns: TickColumns): void {
    this.#batch.begin(columns);
    this.#batchStart = this.#running;
  }

  get rows(): number {
    return this.#batch.columns.rows;
  }

  get frames(): number {
    return this.#batch.counts.frames;
  }

  /** One control record was read; what it says is told to `lines`. */
  control(frame: number, recvUs: Us): void {
    this.#see(frame, recvUs);
    this.#batch.counts.control += 1;
    this.#unreadable.tell({ recvUs, frame });
  }

  /** Records that the journal should hold and does not, between the record before and the next one. */
  damaged(frames: number, reason: string, bytes: number): void {
    this.#batch.counts.frames += frames;
    this.#batch.counts.rejected += frames;
    this.#carry.damagedFromUs ??= this.#carry.recvUs;
    this.#payload = { bytes: NOTHING, start: 0, end: 0 };
    this.#lineNo = 0;
    this.#recvUs = this.#carry.recvUs;
    this.#frame = this.#carry.frame + 1;
    if (frames > 0) this.#quarantine(-1, `journal: ${reason}, ${bytes} bytes`);
  }

  /** A record that cannot be read at all. */
  refuse(
    frame: number,
    recvUs: Us,
    lineNo: number,
    reason: string,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): void {
    this.#see(frame, recvUs);
    this.#lineNo = lineNo;
    this.#payload = { bytes, start, end };
    this.#refuse(reason);
  }

  /** One data record: the bytes start..end of a buffer, as received on a line. */
  data(
    line: LineName | undefined,
    lineNo: number,
    origin: number,
    frame: number,
    recvUs: Us,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): void {
    this.#see(frame, recvUs);
    this.#carry.lastRecvUs[lineNo] = recvUs;
    const payload = this.#payload;
    payload.bytes = bytes;
    payload.start = start;
    payload.end = end;
    this.cells.idAt.to = this.cells.idAt.from;
    this.#lineNo = lineNo;
    this.#origin = origin;
    let market = this.#byLine[lineNo];
    if (market === undefined) market = this.#learn(line, lineNo);
    this.#market = market;
    // Only a live line's frames are the venue's own stream; a reply to what was asked is read by what asked for it.
    const lineBit = this.#bits[lineNo] ?? 0;
    if (origin === 0 && lineBit !== 0 && market !== null) {
      this.#lineBit = lineBit;
      const verdict = market.feed.decodeAt(bytes, start, end, this);
      this.#count(verdict);
      const whole = verdict.kind === 'trades' && this.#batch.counts.rejectedRows === this.#rowsRefusedBefore;
      if (whole && market.feed.snapshotFirst && this.#lastState !== null) {
        market.filledBySnapshot(this.#lastState, lineNo, { recvUs, frame });
      }
      if (verdict.kind === 'quarantine' || this.#batch.counts.rejectedRows > this.#rowsRefusedBefore) {
        this.#unreadable.saw(market, lineNo, bytes.subarray(start, end), { recvUs, frame });
      }
      return;
    }
    this.#lineBit = 0;
    this.#reply(line, market);
  }

  /** A row of the frame in hand is complete. */
  accept(): void {
    const cells = this.cells;
    const market = this.#market as MarketState;
    const recvUs = this.#recvUs;
    const reason = refusal(cells, recvUs);
    if (reason !== '') {
      this.reject(THIS_ROW, reason);
      return;
    }
    let state = this.#lastState as StreamState;
    if (cells.symbol !== this.#lastSymbol || cells.channel !== this.#lastChannel || market !== this.#lastMarket) {
      state = market.stream(cells.symbol, cells.channel);
      this.#lastState = state;
      this.#lastMarket = market;
      this.#lastSymbol = cells.symbol;
      this.#lastChannel = cells.channel;
    }
    const lineBit = this.#lineBit;
    const { columns, counts } = this.#batch;
    // Rows of the past say nothing of clocks, theirs or ours.
    let past = false;
    if (state.rule === 'multiset') {
      if (cells.idNumber < 0 && cells.idText === '') cells.idText = this.#idText();
      if (lineBit === 0) state.copies.ofPage(cells, this.#frame);
      else {
        const print = market.feed.framesDiffer ? this.#fingerprint.of(this.#frame, this.#payload) : 0;
        past = state.copies.ofLine(cells, this.#lineNo, this.#frame, print, this.#isSnapshot(market.feed));
      }
    }
    const { idNumber, eventUs } = cells;
    let verdict: number;
    if (state.rule === 'contiguous') {
      if (idNumber < 0) {
        this.reject(THIS_ROW, `trade id ${JSON.stringify(this.#idText())} is not a number where ids run +1`);
        return;
      }
      const first = cells.firstIdNumber;
      verdict = sequenceContiguous(
        state,
        first >= 0 && first <= idNumber ? first : idNumber,
        idNumber,
        eventUs,
        recvUs,
        this.#frame,
        this.#book,
        lineBit !== 0,
      );
      if (verdict === DOUBTFUL) {
        const row = state.rowOf(idNumber);
        if (row >= 0) verdict = row;
      }
    } else {
      if (idNumber >= 0) this.#key.ofNumber(idNumber);
      else if (cells.idText !== '') this.#key.ofText(cells.idText);
      else this.#key.ofBytes(cells.idAt.bytes, cells.idAt.from, cells.idAt.to);
      verdict = sequenceUnique(state, this.#key, eventUs, this.#batchStart + columns.rows, this.#batchStart);
    }
    if (verdict === SEEN && this.#recheck) {
      verdict = DOUBTFUL;
      if (state.rule !== 'contiguous') renewKey(state, this.#key, this.#batchStart + columns.rows);
    }
    if (!state.touched) this.#batch.touch(state);
    counts.ticks += 1;
    market.ticks += 1;
    if (this.#history !== null) this.#history.rows += 1;
    state.lineMask |= lineBit === 0 ? FROM_HISTORY : lineBit;
    const isFirst = lineBit !== 0 && state.isFirstOn(this.#lineNo, this.#frame);
    if (lineBit !== 0 && !past) {
      market.clock.saw(eventUs, recvUs);
      // What a venue repeats at subscribing is as old as it is: it says nothing of how far the venue lags.
      if (!isFirst && market.clock.lagsMore(eventUs, recvUs) && !this.#isSnapshot(market.feed))
        market.clock.lagged(eventUs, recvUs);
      market.arrival.saw(recvUs - eventUs);
    }
    if (verdict >= SEEN) {
      counts.duplicates += 1;
      state.duplicates += 1;
      if (verdict >= 0) columns.lines[verdict] = (columns.lines[verdict] as number) | lineBit;
      else if (lineBit !== 0 && state.lineMask !== lineBit) {
        this.#batch.sightings.push({ stream: state.no, id: idNumber, idText: this.#idText(), lines: lineBit });
      }
      return;
    }
    counts.stored += 1;
    state.stored += 1;
    if (this.#origin === 0 && !past) state.pace?.saw(recvUs);
    if (this.#history !== null) this.#history.stored += 1;
    const row = columns.rows;
    if (verdict === DOUBTFUL || eventUs < this.sealedBeforeUs) {
      const restart = state.rule === 'contiguous' && this.#origin === 0 && eventUs > state.lastEventUs;
      const { numbering } = state;
      const idText = this.#idText();
      this.#batch.doubtful.push({ row, state, id: idNumber, idText, eventUs, frame: this.#frame, restart, numbering });
    }
    this.#running += 1;
    const price = putRow(columns, cells, this.#key, state, this.#frame, recvUs, this.#origin, lineBit, past);
    if (this.#origin === 0) state.lastPrice = price;
    if (idNumber >= 0 && state.rule === 'contiguous') state.putRow(idNumber, row);
  }

  reject(index: number, reason: string): void {
    const { ticks, rejectedRows } = this.#batch.counts;
    const row = ticks - this.#ticksBefore + rejectedRows - this.#rowsRefusedBefore;
    this.#batch.counts.rejectedRows += 1;
    if (this.#history !== null) this.#history.refused += 1;
    this.#quarantine(index === THIS_ROW ? row : index, reason);
  }

  /** Ends the batch. */
  end(options: BatchEnd): Outcome {
    const moment = { recvUs: this.#carry.recvUs, frame: this.#carry.frame };
    this.#unreadable.tell(moment);
    for (const market of this.#registry.markets()) market.coverage.overdue(moment, market);
    return this.#batch.end({ registry: this.#registry, book: this.#book, carry: this.#carry }, options);
  }

  // ---- the record in hand --------------------------------------------------------------------------------------

  #see(frame: number, recvUs: Us): void {
    const carry = this.#carry;
    if (carry.damagedFromUs !== null) {
      const fromUs = carry.damagedFromUs;
      carry.damagedFromUs = null;
      // As at the end of a batch that ended before the damage, so that both tell the same.
      this.#unreadable.tell({ recvUs: carry.recvUs, frame: carry.frame });
      this.lines.damaged(fromUs === 0 ? recvUs : Math.min(fromUs, recvUs), recvUs, { recvUs, frame });
    }
    const counts = this.#batch.counts;
    counts.frames += 1;
    this.#ticksBefore = counts.ticks;
    this.#rowsRefusedBefore = counts.rejectedRows;
    this.#frame = frame;
    this.#recvUs = recvUs;
    carry.frame = frame;
    carry.recvUs = recvUs;
    if (this.#batch.firstRecvUs === 0) this.#batch.firstRecvUs = recvUs;
  }

  #count(verdict: FrameVerdict): void {
    const counts = this.#batch.counts;
    switch (verdict.kind) {
      case 'trades':
        // A frame all of whose rows were refused gave nothing: it is rejected, not data.
        if (counts.ticks === this.#ticksBefore && counts.rejectedRows > this.#rowsRefusedBefore) counts.rejected += 1;
        else counts.data += 1;
        return;
      case 'control':
        counts.control += 1;
        return;
      case 'other':
        counts.other += 1;
        return;
      case 'quarantine':
        counts.rejected += 1;
        this.#quarantine(-1, verdict.reason);
    }
  }

  /** A reply to what was asked: history, a symbol list, a page of notices. */
  #reply(line: LineName | undefined, market: MarketState | null): void {
    const expected = this.#carry.expected.get(this.#lineNo);
    if (!line || !expected) {
      this.#refuse(line ? 'a reply that nothing was asked for' : `line ${this.#lineNo} is not registered`);
      return;
    }
    this.#carry.expected.delete(this.#lineNo);
    const { bytes, start, end } = this.#payload;
    const body = bytes.subarray(start, end);
    if (expected.kind === 'history') {
      this.#history = this.#carry.historyOf(expected.gapId);
      this.#history.pages += 1;
      this.#recheck = expected.recheck === true;
    }
    const noticeFeedOf = (venue: Venue): NoticeFeed | undefined => this.#setup.noticeFeedOf(venue);
    const reply = readReply(expected, body, this.#recvUs, market?.feed, noticeFeedOf, this);
    if (this.#history !== null && reply.verdict.kind === 'quarantine') this.#history.refused += 1;
    this.#history = null;
    this.#recheck = false;
    this.#count(reply.verdict);
    if (reply.instruments && expected.kind === 'instruments' && market) {
      const moment = { recvUs: this.#recvUs, frame: this.#frame };
      this.#batch.instruments.push(takeList(this.#carry.lists, market, expected, reply.instruments, moment));
    }
    if (reply.notices && reply.notices.listings.length > 0) this.#batch.notices.push(reply.notices);
  }

  /** Text of the id of the row in hand; '': it is a number. */
  #idText(): string {
    const { idNumber, idText, idAt } = this.cells;
    return idNumber >= 0 || idText !== '' ? idText : latin1At(idAt.bytes, idAt.from, idAt.to);
  }

  /** Whether the frame in hand says that it tells of the past. */
  #isSnapshot(feed: Feed): boolean {
    const asked = this.#snapshot;
    if (asked.frame !== this.#frame) {
      const { bytes, start, end } = this.#payload;
      asked.frame = this.#frame;
      asked.is = feed.isSnapshot?.(bytes.subarray(start, end)) ?? false;
    }
    return asked.is;
  }

  #refuse(reason: string): void {
    this.#batch.counts.rejected += 1;
    this.#quarantine(-1, reason);
  }

  #quarantine(item: number, reason: string): void {
    this.#batch.quarantined.add(
      { frame: this.#frame, item, lineNo: this.#lineNo, recvUs: this.#recvUs, reason },
      this.#payload,
    );
  }

  #learn(line: LineName | undefined, lineNo: number): MarketState | null {
    if (!line) return null;
    const market = this.#registry.ofLine(line);
    if (line.role === 'live' && market && market.stateNo === 0) market.stateNo = -lineNo;
    this.#byLine[lineNo] = market;
    this.#bits[lineNo] = line.role === 'live' ? 1 << line.line : 0;
    return market;
  }
}
