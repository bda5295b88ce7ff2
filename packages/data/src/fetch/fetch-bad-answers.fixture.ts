import type { ServerResponse } from 'node:http';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import type { Answer } from './fetch-bad-server.fixture.js';

/** Bytes of a file that the tests allow. */
export const MAX_BYTES = 100_000;

const redirect =
  (to: string, code = 302): Answer =>
  (response) => {
    response.writeHead(code, { location: to }).end();
  };

const packed =
  (encoding: string, bytes: () => Buffer): Answer =>
  (response) => {
    response.writeHead(200, { 'content-encoding': encoding }).end(bytes());
  };

/**
 * Calls back when what was written has been read: the other side runs in this process, and some turns of the event
 * loop lead through its sockets.
 */
function whenRead(then: () => void, turns = 4): void {
  if (turns === 0) then();
  else {
    setImmediate(() => {
      whenRead(then, turns - 1);
    });
  }
}

/** Writes as fast as it is read, and never ends. */
function pour(response: ServerResponse, first: Buffer, chunk: Buffer): void {
  const more = (): void => {
    while (!response.destroyed && response.write(chunk));
  };
  response.on('drain', more);
  response.write(first);
  more();
}

/**
 * Returns a bad answer for each path, and some good ones: `jpeg`.
 *
 * @param expire ends the time of the request under way for a path
 */
export function badAnswers(
  jpeg: Buffer,
  expire: (path: string) => void,
): Readonly<Record<string, Answer>> {
  const image =
    (headers: Readonly<Record<string, string>> = {}): Answer =>
    (response) => {
      response.writeHead(200, { 'content-type': 'image/jpeg', ...headers }).end(jpeg);
    };

  return {
    '/good.jpg': image(),
    '/wrong-type': image({ 'content-type': 'text/html' }),
    '/no-type': (response) => response.writeHead(200).end(jpeg),
    '/500-then-good': (response, { before }) => {
      if (before < 2) response.writeHead(500).end('oops');
      else response.writeHead(200).end(jpeg);
    },
    '/always-503': (response) => response.writeHead(503).end(),
    '/429-then-good': (response, { before }) => {
      if (before === 0) response.writeHead(429, { 'retry-after': '0' }).end('slow down');
      else response.writeHead(200).end(jpeg);
    },
    '/410': (response) => response.writeHead(410).end(),
    '/204': (response) => response.writeHead(204).end(),
    '/hang': () => {
      expire('/hang');
    },
    '/hang-then-good': (response, { before }) => {
      if (before > 0) response.writeHead(200).end(jpeg);
      else expire('/hang-then-good');
    },
    '/drip': (response) => {
      response.writeHead(200, { 'content-length': String(jpeg.length) });
      response.write(jpeg.subarray(0, 1), () => {
        whenRead(() => {
          expire('/drip');
        });
      });
    },
    '/reset-at-once': (response) => response.socket?.resetAndDestroy(),
    '/reset-midway': (response) => {
      response.writeHead(200, { 'content-length': String(jpeg.length) });
      response.write(jpeg.subarray(0, 100), () => {
        whenRead(() => response.socket?.resetAndDestroy());
      });
    },
    '/truncated': (response) => {
      response.writeHead(200, { 'content-length': String(jpeg.length) });
      response.write(jpeg.subarray(0, 100), () => response.socket?.end());
    },
    '/truncated-chunks': (response) => {
      response.writeHead(200);
      response.write(jpeg.subarray(0, 100), () => response.socket?.end());
    },
    '/truncated-then-good': (response, { before }) => {
      response.writeHead(200, { 'content-length': String(jpeg.length) });
      if (before > 0) response.end(jpeg);
      else response.write(jpeg.subarray(0, 100), () => response.socket?.end());
    },
    '/html': (response) => {
      response.writeHead(200, { 'content-type': 'image/jpeg' }).end('<html>Not found</html>');
    },
    '/endless-html': (response) => {
      response.writeHead(200, { 'content-type': 'image/jpeg' });
      pour(response, Buffer.from('<!DOCTYPE html>'), Buffer.alloc(65_536, 'x'));
    },
    '/empty': (response) => response.writeHead(200, { 'content-length': '0' }).end(),
    '/no-http': (response) => response.socket?.end('220 mail.example.org ESMTP\r\n\r\n'),
    '/huge-header': (response) => {
      response.socket?.end(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`);
    },
    '/loop': redirect('/loop'),
    '/hops': redirect('/hop-2', 301),
    '/hop-2': redirect('/hop-3', 303),
    '/hop-3': redirect('good.jpg', 308),
    '/to-file': redirect('file:///etc/passwd'),
    '/to-credentials': redirect('http://me:secret@127.0.0.1/'),
    '/to-nowhere': redirect('http://'),
    '/no-location': (response) => response.writeHead(302).end(),
    '/announces-too-much': (response) => {
      response.writeHead(200, { 'content-length': String(MAX_BYTES + 1) });
      response.write(jpeg);
    },
    '/sends-too-much': (response) => {
      response.writeHead(200);
      pour(response, jpeg, Buffer.alloc(65_536));
    },
    '/gzip': packed('gzip', () => gzipSync(jpeg)),
    '/deflate': packed('deflate', () => deflateSync(jpeg)),
    '/brotli': packed('br', () => brotliCompressSync(jpeg)),
    '/gzip-bomb': packed('gzip', () =>
      gzipSync(Buffer.concat([jpeg, Buffer.alloc(50 * 1024 * 1024)])),
    ),
    '/gzip-of-nothing': (response) => {
      const nothing = gzipSync('');
      response.writeHead(200, { 'content-encoding': 'gzip' });
      pour(response, nothing, Buffer.concat(Array<Buffer>(1000).fill(nothing)));
    },
    '/no-gzip': packed('gzip', () => jpeg),
    '/no-brotli': packed('br', () => Buffer.alloc(100, 0xff)),
    '/half-gzip': (response) => {
      const bytes = gzipSync(jpeg);
      response.writeHead(200, { 'content-encoding': 'gzip' });
      response.end(bytes.subarray(0, bytes.length / 2));
    },
    '/unknown-encoding': packed('snappy', () => jpeg),
    '/robots': image({ 'x-robots-tag': 'noai' }),
    '/robots-us': image({ 'x-robots-tag': 'janus-lab: noindex' }),
    '/robots-others': image({ 'x-robots-tag': 'otherbot: noindex, noai' }),
    '/cookie': (response) => {
      response.writeHead(302, { 'set-cookie': 'who=me; Path=/', location: '/after-cookie' }).end();
    },
    '/after-cookie': image(),
  };
}
