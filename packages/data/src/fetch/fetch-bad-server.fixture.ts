/** A web server for the tests of fetch, which misbehaves by path and keeps a log. */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** Answers one request; the second number says how often this path was asked for before. */
export type Answer = (
  response: ServerResponse,
  asked: { readonly request: IncomingMessage; readonly before: number },
) => void;

/** A running server. */
export interface BadServer {
  readonly port: number;
  /** Returns the address of a path at 127.0.0.1, or another host's that leads here. */
  readonly url: (path: string, host?: string) => string;
  /** Paths in the order in which they were asked for. */
  readonly log: readonly string[];
  /** Headers of the last request for a path. */
  readonly headersOf: (path: string) => IncomingMessage['headers'] | undefined;
  /** The most connections that were open at once. */
  readonly mostConnections: () => number;
  /** Own addresses that were connected to. */
  readonly reachedAt: ReadonlySet<string>;
  readonly close: () => Promise<void>;
}

/** Starts a server on a free port; `answer` is found by the path without its query. */
export async function startBadServer(
  answers: Readonly<Record<string, Answer>>,
  fallback?: Answer,
): Promise<BadServer> {
  const log: string[] = [];
  const headers = new Map<string, IncomingMessage['headers']>();
  const sockets = new Set<Socket>();
  const reachedAt = new Set<string>();
  let mostConnections = 0;
  const server: Server = createServer((request, response) => {
    const path = request.url ?? '';
    const before = log.filter((each) => each === path).length;
    log.push(path);
    headers.set(path, request.headers);
    const answer = answers[path.replace(/\?.*$/, '')] ?? fallback;
    if (answer !== undefined) answer(response, { request, before });
    else response.writeHead(404, { 'content-type': 'text/html' }).end('<html>not here</html>');
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    mostConnections = Math.max(mostConnections, sockets.size);
    reachedAt.add(socket.localAddress ?? '');
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '0.0.0.0', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: (path, host = '127.0.0.1') => `http://${host}:${port}${path}`,
    log,
    headersOf: (path) => headers.get(path),
    mostConnections: () => mostConnections,
    reachedAt,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
