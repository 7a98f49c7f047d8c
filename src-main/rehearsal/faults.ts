// The timetable of faults: what goes wrong when, for how long, on which connections; each begin and end is told to the ledger.
import { lineGroups } from './lines.ts';
import type { SimulatedMarket } from './market.ts';
import type { FrameFault, Outlet } from './outlet.ts';
import { type FaultRecipe, type MalformedShape, malformedShapes, type Recipe } from './recipe.ts';
import { type VenueMarket, venueOf } from './venue.ts';
import { type RenderedFrame, wholeFrame } from './wire.ts';

const ENDING_MS = 2000;
const OVERSIZED_BYTES = 17 * 1024 * 1024;
const DEEP = 20_000;
/** The first shapes of the list leave the connection standing. */
const HARMLESS_SHAPES = 5;
const HALF_OPEN_MS = 600_000;

export interface FaultRemark {
  readonly fault: FaultRecipe['kind'];
  readonly phase: 'begin' | 'end';
  readonly recipe: FaultRecipe;
  readonly atMs: number;
  readonly connections: readonly number[];
  /** Frames hit. */
  readonly hits: number;
}

interface Running {
  readonly recipe: FaultRecipe;
  readonly markets: readonly SimulatedMarket[];
  readonly endMs: number;
  readonly hit: Set<Outlet>;
  readonly frameFault: FrameFault | null;
  hits: number;
  left: number;
  /** reorder: the frame that waits for its follower on the same connection. */
  readonly held: Map<Outlet, Buffer>;
  shape: number;
  undo: () => void;
}

export class FaultTable {
  readonly #waiting: { atMs: number; readonly recipe: FaultRecipe }[];
  readonly #running: Running[] = [];
  readonly #markets: readonly SimulatedMarket[];
  readonly #remark: (remark: FaultRemark) => void;
  readonly #notices: { refusing: boolean };
  /** The timetable waits for subscriptions. */
  #held: boolean;

  constructor(
    recipe: Recipe,
    markets: readonly SimulatedMarket[],
    notices: { refusing: boolean },
    remark: (remark: FaultRemark) => void,
  ) {
    this.#markets = markets;
    this.#notices = notices;
    this.#remark = remark;
    this.#held = recipe.timesFrom !== undefined;
    this.#waiting = recipe.faults.map((fault) => ({ atMs: fault.atSeconds * 1000, recipe: fault }));
  }

  /** The timetable counts from this time since the start. */
  release(nowMs: number): void {
    this.#held = false;
    for (const next of this.#waiting) next.atMs += nowMs;
  }

  /** Starts and ends what is due at this time since the start. */
  tick(nowMs: number): void {
    for (let at = this.#running.length - 1; at >= 0; at -= 1) {
      const running = this.#running[at];
      if (running && (nowMs >= running.endMs || running.left <= 0)) {
        this.#running.splice(at, 1);
        this.#end(running, nowMs);
      }
    }
    for (let at = this.#held ? -1 : this.#waiting.length - 1; at >= 0; at -= 1) {
      const next = this.#waiting[at];
      if (!next || next.atMs > nowMs) continue;
      if (next.recipe.everySeconds === undefined) this.#waiting.splice(at, 1);
      else next.atMs += next.recipe.everySeconds * 1000;
      this.#begin(next.recipe, nowMs);
    }
    for (const running of this.#running) {
      // A connection that opened during the fault is hit too, when the fault is not aimed at one line.
      if (running.frameFault) this.#aim(running);
    }
  }

  /** Begins a fault now, beside the timetable. */
  inject(recipe: FaultRecipe, nowMs: number): void {
    this.#begin(recipe, nowMs);
  }

  #begin(recipe: FaultRecipe, nowMs: number): void {
    const markets = this.#markets.filter(
      (market) =>
        (recipe.venue === undefined || venueOf(market.key) === recipe.venue) &&
        (recipe.market === undefined || market.key.endsWith(`:${recipe.market}`)),
    );
    const lasting = recipe.forSeconds === undefined ? defaultMs(recipe) : recipe.forSeconds * 1000;
    const running: Running = {
      recipe,
      markets,
      endMs: nowMs + lasting,
      hit: new Set(),
      frameFault: null,
      hits: 0,
      left: recipe.count ?? Number.POSITIVE_INFINITY,
      held: new Map(),
      shape: recipe.shape ? malformedShapes.indexOf(recipe.shape) : 0,
      undo: () => undefined,
    };
    const started = this.#start(running);
    this.#remark({
      fault: recipe.kind,
      phase: 'begin',
      recipe,
      atMs: nowMs,
      connections: [...started.hit].map((outlet) => outlet.number),
      hits: 0,
    });
    this.#running.push(started);
  }

  #targets(running: Running): Outlet[] {
    const { line } = running.recipe;
    return running.markets.flatMap((market) => {
      const open = market.outlets.filter((outlet) => !outlet.dead && outlet.ended === null);
      return line === undefined ? open : (lineGroups(open)[line] ?? []);
    });
  }

  #aim(running: Running): void {
    const { frameFault } = running;
    if (!frameFault || (running.recipe.line !== undefined && running.hit.size > 0)) return;
    for (const outlet of this.#targets(running)) {
      if (running.hit.has(outlet)) continue;
      running.hit.add(outlet);
      outlet.faults.push(frameFault);
    }
  }

  #start(running: Running): Running {
    const { recipe, markets } = running;
    const targets = this.#targets(running);
    const onEach = (act: (outlet: Outlet) => void): Running => {
      for (const outlet of targets) {
        running.hit.add(outlet);
        act(outlet);
      }
      return running;
    };
    switch (recipe.kind) {
      case 'cut':
        return onEach((outlet) => outlet.cut('fault: cut'));
      case 'half-open':
        running.undo = () => {
          for (const outlet of running.hit) outlet.cut('fault: half-open ended');
        };
        return onEach((outlet) => outlet.halfOpen());
      case 'stall':
        running.undo = () => {
          for (const outlet of running.hit) outlet.stall(false);
        };
        return onEach((outlet) => outlet.stall(true));
      case 'ending':
        running.undo = () => {
          for (const outlet of running.hit) outlet.close(1001, 'server shutdown');
        };
        for (const market of markets) {
          for (const outlet of targets) {
            if (market.outlets.includes(outlet)) market.protocol.announceEnd(market, outlet);
          }
        }
        return onEach(() => undefined);
      case 'refuse':
        for (const market of markets) market.refusing = true;
        running.undo = () => {
          for (const market of markets) market.refusing = false;
        };
        return running;
      case 'rest-429':
        for (const market of markets) market.restRefusing = true;
        if (markets.some((market) => venueOf(market.key) === 'upbit')) this.#notices.refusing = true;
        running.undo = () => {
          for (const market of markets) market.restRefusing = false;
          if (markets.some((market) => venueOf(market.key) === 'upbit')) this.#notices.refusing = false;
        };
        return running;
      case 'skew': {
        const jump = (ms: number): void => {
          for (const market of markets) {
            market.skewMs += ms;
            market.epoch += 1;
          }
        };
        jump(recipe.ms ?? 0);
        running.undo = () => jump(-(recipe.ms ?? 0));
        return running;
      }
      case 'drop':
      case 'repeat':
      case 'reorder':
      case 'malformed': {
        const aimed: Running = {
          ...running,
          frameFault: (outlet, frame, symbol) => strike(aimed, outlet, frame, symbol),
        };
        aimed.undo = () => {
          for (const outlet of aimed.hit) outlet.faults = outlet.faults.filter((fault) => fault !== aimed.frameFault);
        };
        this.#aim(aimed);
        return aimed;
      }
    }
  }

  #end(running: Running, nowMs: number): void {
    running.undo();
    for (const [outlet, frame] of running.held) outlet.put(frame, 0, frame.length);
    running.held.clear();
    this.#remark({
      fault: running.recipe.kind,
      phase: 'end',
      recipe: running.recipe,
      atMs: nowMs,
      connections: [...running.hit].map((outlet) => outlet.number),
      hits: running.hits,
    });
  }
}

function defaultMs(recipe: FaultRecipe): number {
  if (recipe.kind === 'cut') return 0;
  if (recipe.kind === 'half-open') return HALF_OPEN_MS;
  if (recipe.kind === 'ending') return recipe.ms ?? ENDING_MS;
  return recipe.count === undefined ? 5000 : Number.POSITIVE_INFINITY;
}

/** Does the fault to one frame; gives whether the frame itself may still go. */
function strike(running: Running, outlet: Outlet, frame: RenderedFrame, symbol: string): boolean {
  const { recipe } = running;
  if (running.left <= 0) return true;
  if (recipe.symbols && !recipe.symbols.includes(symbol)) return true;
  if (recipe.kind === 'reorder') {
    const held = running.held.get(outlet);
    if (!held) {
      running.held.set(outlet, Buffer.from(frame.bytes.subarray(frame.start, frame.end)));
      return false;
    }
    outlet.put(frame.bytes, frame.start, frame.end);
    outlet.put(held, 0, held.length);
    running.held.delete(outlet);
    running.hits += 1;
    running.left -= 1;
    return false;
  }
  running.hits += 1;
  running.left -= 1;
  if (recipe.kind === 'repeat') outlet.put(frame.bytes, frame.start, frame.end);
  if (recipe.kind === 'malformed') {
    const shape = malformedShapes[running.shape] ?? 'truncated';
    if (!recipe.shape) running.shape = (running.shape + 1) % HARMLESS_SHAPES;
    const binary = (frame.bytes[frame.start] ?? 0) === 0x82;
    const damaged = damage(frame.bytes.subarray(frame.payload, frame.end), shape, outlet.spoil);
    const whole = wholeFrame(damaged, binary);
    outlet.put(whole, 0, whole.length);
  }
  return recipe.kind === 'repeat';
}

/** A damaged copy of a payload. */
export function damage(payload: Uint8Array, shape: MalformedShape, spoil: VenueMarket['spoil']): Uint8Array {
  const text = Buffer.from(payload).toString('utf8');
  switch (shape) {
    case 'truncated':
      return payload.subarray(0, Math.floor(payload.length * 0.6));
    case 'garbage':
      return Buffer.from('\u0000]}{%%\u0007"e":', 'utf8');
    case 'not-utf8':
      return Buffer.from([0x7b, 0xff, 0xfe, 0x80, 0xc3, 0x28, 0x7d]);
    case 'wrong-type':
    case 'nan':
      return Buffer.from(spoil(text, shape), 'utf8');
    case 'deep':
      return Buffer.from(`{"e":${'['.repeat(DEEP)}${']'.repeat(DEEP)}}`, 'utf8');
    case 'oversized':
      return Buffer.alloc(OVERSIZED_BYTES, 0x20);
  }
}
