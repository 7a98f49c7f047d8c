// OKX's live frames, byte by byte as feeds.md section 4 shows them: channel `trades-all`, one trade each.
import { bytesOf, putBytes, putWhole } from './bytes.ts';
import type { SimulatedStream, Trade } from './stream.ts';
import type { TapeRow } from './tape.ts';
import { finish, HEAD, putLots, putMs, putPrice, type RenderedFrame, scratch, TEXT_FRAME } from './wire.ts';

const word = {
  price: bytesOf('","px":"'),
  qty: bytesOf('","sz":"'),
  buy: bytesOf('","side":"buy","source":"0","ts":"'),
  sell: bytesOf('","side":"sell","source":"0","ts":"'),
  end: bytesOf('"}]}'),
};

const heads = new WeakMap<SimulatedStream, Uint8Array>();

function headOf(stream: SimulatedStream): Uint8Array {
  const known = heads.get(stream);
  if (known) return known;
  const arg = `"arg":{"channel":"trades-all","instId":"${stream.symbol}"}`;
  const made = bytesOf(`{${arg},"data":[{"instId":"${stream.symbol}","tradeId":"`);
  heads.set(stream, made);
  return made;
}

/** Ids are +1 per instrument. */
export function putOkxId(out: Uint8Array, pos: number, stream: SimulatedStream, row: TapeRow): number {
  return putWhole(out, pos, stream.firstId + row.index);
}

/** The whole WebSocket frame of a trade; valid until the next frame is rendered. */
export function renderOkx(stream: SimulatedStream, trade: Trade): RenderedFrame {
  const out = scratch;
  let at = putBytes(out, HEAD, headOf(stream));
  at = putWhole(out, at, trade.id);
  at = putBytes(out, at, word.price);
  at = putPrice(out, at, stream.scales, trade.priceTicks);
  at = putBytes(out, at, word.qty);
  at = putLots(out, at, stream.scales, trade.lots);
  at = putBytes(out, at, trade.sell ? word.sell : word.buy);
  at = putMs(out, at, trade.ms);
  return finish(putBytes(out, at, word.end), TEXT_FRAME);
}
