/**
 * The server of `fetch.ts`, in a process of its own: as little work a request as can be, answered after a
 * while. Arguments: folder of .jpg files, ms before an answer. Tells its port, then, whenever it is asked,
 * what it did, over the channel to its parent.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';

/** What the server did so far. */
export interface Served {
  readonly requests: number;
  /** Of one core. */
  readonly cpuSeconds: number;
  readonly mostConnections: number;
}

const [folder = '.', latencyMs = '20'] = process.argv.slice(2);
const answers = readdirSync(folder)
  .filter((name) => name.endsWith('.jpg'))
  .sort()
  .map((name) => {
    const bytes = readFileSync(join(folder, name));
    const head = `HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: ${bytes.length}\r\n`;
    const answerOf = (end: string): Buffer =>
      Buffer.concat([Buffer.from(`${head}${end}\r\n`), bytes]);
    return { keep: answerOf(''), close: answerOf('Connection: close\r\n') };
  });

let requests = 0;
const sockets = new Set<Socket>();
let mostConnections = 0;

function answer(socket: Socket, head: string): void {
  requests += 1;
  const number = Number(/^GET \/(\d+)\.jpg/.exec(head)?.[1] ?? 0);
  const bytes = answers[number % answers.length];
  const close = /\r\nconnection: close/i.test(head);
  setTimeout(() => {
    if (close) socket.end(bytes?.close ?? '');
    else socket.write(bytes?.keep ?? '');
  }, Number(latencyMs));
}

const server = createServer({ noDelay: true }, (socket) => {
  let pending = '';
  sockets.add(socket);
  mostConnections = Math.max(mostConnections, sockets.size);
  socket.on('close', () => sockets.delete(socket));
  socket.on('error', () => undefined);
  socket.on('data', (chunk) => {
    pending += chunk.toString('latin1');
    const end = pending.indexOf('\r\n\r\n');
    if (end < 0) return;
    answer(socket, pending.slice(0, end + 2));
    pending = pending.slice(end + 4);
  });
});

server.listen({ port: 0, host: '127.0.0.1', backlog: 1024 }, () => {
  process.send?.({ port: (server.address() as AddressInfo).port });
});

process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send?.({ requests, cpuSeconds: (user + system) / 1e6, mostConnections } satisfies Served);
});
process.on('disconnect', () => {
  process.exit(0);
});
