// The floor of the throughput bench: a plain ws client that parses every frame with JSON.parse and keeps nothing.
//   node e2e/bench/floor.ts <ws url> <trades> <symbol>...
import WebSocket from 'ws';

const [url = '', wanted = '0', ...symbols] = process.argv.slice(2);
const trades = Number(wanted);
let seen = 0;
let sum = 0;
let startedMs = 0;
const socket = new WebSocket(url, { perMessageDeflate: false, skipUTF8Validation: true });
socket.on('open', () => {
  for (let at = 0; at < symbols.length; at += 50) {
    socket.send(
      JSON.stringify({
        method: 'SUBSCRIBE',
        params: symbols.slice(at, at + 50).map((symbol) => `${symbol.toLowerCase()}@trade`),
        id: at + 1,
      }),
    );
  }
});
socket.on('message', (data: Buffer) => {
  const message = JSON.parse(data.toString('latin1')) as { data?: { t: number } };
  if (!message.data) return;
  if (seen === 0) startedMs = performance.now();
  seen += 1;
  sum += message.data.t;
  if (seen === trades) {
    const seconds = (performance.now() - startedMs) / 1000;
    console.log(JSON.stringify({ trades: seen, seconds, perSecond: Math.round(trades / seconds), sum }));
    socket.terminate();
  }
});
socket.on('error', (error) => {
  console.error(String(error));
  process.exit(1);
});
