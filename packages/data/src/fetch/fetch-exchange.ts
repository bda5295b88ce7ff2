/** One request and its response. */

import {
  Agent as HttpAgent,
  request as requestHttp,
  type ClientRequest,
  type IncomingMessage,
  type RequestOptions,
} from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import type { LookupFunction } from 'node:net';
import { EnvironmentError } from '@janus/core';
import {
  discardBody,
  drain,
  readBody,
  unpacked,
  type Body,
  type BodyOptions,
} from './fetch-body.js';
import type { Clock } from './fetch-clock.js';
import { retryAfterMs } from './fetch-retry.js';
import { forbidsUse } from './fetch-robots.js';
import { canPass, statusOfError, type FetchStatus } from './fetch-status.js';

/** How one exchange ended. */
export type Exchange = {
  /** Status code; null without a response. */
  readonly httpCode: number | null;
  readonly contentType: string | null;
} & (
  | { readonly kind: 'image'; readonly body: Body }
  | { readonly kind: 'redirect'; readonly to: string }
  | {
      readonly kind: 'failed';
      readonly status: FetchStatus;
      /** Whether a retry may succeed. */
      readonly again: boolean;
      /** The wait that the host asks for, in ms. */
      readonly waitMs?: number;
    }
);

/** Connections to hosts, kept open while there is more to fetch from them. */
export interface Connections {
  readonly agentOf: (url: URL) => HttpAgent;
  /** Closes the idle connections to a host. */
  readonly release: (host: string) => void;
  /** Closes all connections, including those with a request under way. */
  readonly close: () => void;
}

/** Time for which one of several addresses of a host is tried before the next, in ms. */
const NEXT_ADDRESS_MS = 2000;

/** Returns connections that are made only to addresses that `lookup` returns. */
export function openConnections(lookup: LookupFunction): Connections {
  const agents = new Map<string, { http?: HttpAgent; https?: HttpsAgent }>();
  const options = {
    keepAlive: true,
    lookup,
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: NEXT_ADDRESS_MS,
  };
  const release = (host: string): void => {
    const own = agents.get(host);
    own?.http?.destroy();
    own?.https?.destroy();
    agents.delete(host);
  };
  return {
    agentOf: ({ hostname, protocol }) => {
      let own = agents.get(hostname);
      if (own === undefined) agents.set(hostname, (own = {}));
      if (protocol === 'https:') return (own.https ??= new HttpsAgent(options));
      return (own.http ??= new HttpAgent(options));
    },
    release,
    close: () => {
      for (const host of [...agents.keys()]) release(host);
    },
  };
}

/** Options of {@link exchange}. */
export interface ExchangeOptions extends BodyOptions {
  readonly connections: Connections;
  readonly userAgent: string;
  /** The name by which X-Robots-Tag can address us; undefined: the header is ignored. */
  readonly robot: string | undefined;
  /** Limit from the name's look-up to the last byte. */
  readonly timeoutMs: number;
  /** Limit of the look-up and the connection. */
  readonly connectTimeoutMs: number;
  readonly clock: Clock;
}

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** State of a request that is under way. */
interface Watch {
  expired: boolean;
  /** Whether the connection broke rather than being closed. */
  broken: boolean;
  readonly stop: () => void;
}

function watch(request: ClientRequest, url: URL, options: ExchangeOptions): Watch {
  const { clock, timeoutMs, connectTimeoutMs } = options;
  const state: Watch = {
    expired: false,
    broken: false,
    stop: () => {
      endWhole();
      endConnecting();
    },
  };
  const expire = (): void => {
    state.expired = true;
    request.destroy();
  };
  const endWhole = clock.after(timeoutMs, expire, url);
  const endConnecting = clock.after(Math.min(connectTimeoutMs, timeoutMs), expire, url);
  request.once('socket', (socket) => {
    if (request.reusedSocket) endConnecting();
    else socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', endConnecting);
  });
  return state;
}

/** The head of a response, or why there is none. */
type Answered =
  | { readonly response: IncomingMessage; readonly state: Watch }
  | { readonly failed: FetchStatus; readonly again: boolean };

/** Consecutive idle connections that may turn out to be closed. */
const STALE = 4;

function ask(url: URL, options: ExchangeOptions, stale = 0): Promise<Answered> {
  const secure = url.protocol === 'https:';
  const settings: RequestOptions = {
    agent: options.connections.agentOf(url),
    headers: {
      'user-agent': options.userAgent,
      accept: 'image/jpeg, image/png, image/*;q=0.9, */*;q=0.5',
      'accept-encoding': 'identity',
    },
  };
  return new Promise((resolve, reject) => {
    const request = (secure ? requestHttps : requestHttp)(url, settings);
    const state = watch(request, url, options);
    let answered = false;
    request.once('response', (response) => {
      answered = true;
      resolve({ response, state });
    });
    request.on('error', (error: NodeJS.ErrnoException) => {
      state.broken = true;
      if (answered) return;
      state.stop();
      const code = error.code ?? '';
      if (code === 'EMFILE' || code === 'ENFILE') reject(tooManyFiles(error));
      else if (state.expired) resolve({ failed: 'timeout', again: true });
      else if (request.reusedSocket && code === 'ECONNRESET' && stale < STALE) {
        // The host closed an idle connection while the request was on its way, which is not a failure.
        ask(url, options, stale + 1).then(resolve, reject);
      } else {
        const failed = statusOfError(code);
        resolve({ failed, again: code === 'EAI_AGAIN' || canPass(failed) });
      }
    });
    request.end();
  });
}

function tooManyFiles(cause: Error): EnvironmentError {
  return new EnvironmentError(
    'fetch: each connection needs a file descriptor, but this process may open no more. Lower --concurrency or raise `ulimit -n`; what was fetched stays.',
    { cause },
  );
}

/**
 * Requests an image once and reads the response.
 *
 * @throws EnvironmentError when the process may open no more connections; errors of the disk as they are
 */
export async function exchange(url: URL, options: ExchangeOptions): Promise<Exchange> {
  const answered = await ask(url, options);
  if ('failed' in answered) {
    const { failed: status, again } = answered;
    return { kind: 'failed', status, again, httpCode: null, contentType: null };
  }
  const { response, state } = answered;
  try {
    return await takeApart(response, state, options);
  } finally {
    state.stop();
  }
}

async function takeApart(
  response: IncomingMessage,
  state: Watch,
  options: ExchangeOptions,
): Promise<Exchange> {
  const { statusCode: httpCode = 0, headers } = response;
  const head = { httpCode, contentType: headers['content-type'] ?? null };
  const failed = (status: FetchStatus, waitMs?: number): Exchange => ({
    ...head,
    kind: 'failed',
    status,
    again: canPass(status),
    ...(waitMs === undefined ? {} : { waitMs }),
  });
  if (httpCode !== 200) {
    await drain(response);
    if (REDIRECTS.has(httpCode)) {
      const to = headers.location;
      return to === undefined ? failed('redirects') : { ...head, kind: 'redirect', to };
    }
    return failed(`http_${httpCode}`, retryAfterMs(headers['retry-after'], headers.date));
  }
  const lines = response.headersDistinct['x-robots-tag'] ?? [];
  if (options.robot !== undefined && forbidsUse(lines, options.robot)) {
    await drain(response);
    return failed('robots');
  }
  if (Number(headers['content-length'] ?? 0) > options.maxBytes) {
    response.destroy();
    return failed('too_large');
  }
  const stream = unpacked(response, options.maxBytes);
  if (stream === undefined) {
    await drain(response);
    return failed('encoding');
  }
  let body: Awaited<ReturnType<typeof readBody>>;
  try {
    body = await readBody(stream, options);
  } catch (error) {
    return failed(statusOfBroken(error, state));
  }
  if (typeof body === 'string') return failed(body);
  if (stream === response && !response.complete) {
    await discardBody(body);
    return failed('truncated');
  }
  return { ...head, kind: 'image', body };
}

/** Returns why a body broke off. */
function statusOfBroken(error: unknown, state: Watch): FetchStatus {
  if (state.expired) return 'timeout';
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'TOO_LARGE') return 'too_large';
  // Compressed data that ends early.
  if (code === 'Z_BUF_ERROR') return 'truncated';
  if (code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE') {
    return state.broken ? 'reset' : 'truncated';
  }
  // Errors of zlib and Brotli.
  if (code.startsWith('Z_') || code.startsWith('ERR_')) return 'encoding';
  if (code.startsWith('HPE_')) return 'protocol';
  throw error;
}
