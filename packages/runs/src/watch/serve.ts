/** Answers the requests of the page of runs: to programs of this machine, and to the page alone. */
import { timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { JanusError } from '@janus/core';
import { requestStop } from '../run-stop.js';
import type { EventStream } from './events.js';
import type { PageFiles, ServedFile } from './page.js';
import type { ReadRun, RunsReader } from './read-runs.js';
import { samplePath } from './watched-run.js';

/** What requests are answered with. */
export interface ServedRuns {
  readonly page: PageFiles;
  readonly reader: Pick<RunsReader, 'runs'>;
  readonly events: Pick<EventStream, 'add'>;
}

/** Names under which a browser on this machine, or at the end of a tunnel to it, reaches the page. */
const OWN_NAMES: readonly string[] = ['127.0.0.1', 'localhost', '[::1]'];

/** SHA-256 of nothing: Plotly makes an empty style element, which it fills by script. */
const EMPTY_STYLE = 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=';

/** Of every answer. Plotly also sets the style of parts of text as attributes, which cannot load anything. */
const HEADERS = {
  'content-security-policy': `default-src 'self'; style-src 'self' '${EMPTY_STYLE}'; style-src-attr 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-cache',
};

/** Carries the page's token. A page of another site cannot set it without asking, which is not answered. */
const TOKEN_HEADER = 'x-janus-token';

/** Returns what answers requests. */
export function requestListener(served: ServedRuns): RequestListener {
  return (request, response) => {
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
    answer(request, response, served).catch(() => {
      if (!response.headersSent) end(response, 500, 'This could not be read.');
      else response.destroy();
    });
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  served: ServedRuns,
): Promise<void> {
  if (!isOwnName(request.headers.host)) {
    end(response, 403, 'This page is served to 127.0.0.1 and localhost only.');
    return;
  }
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  const run = served.reader.runs().get(url.searchParams.get('run') ?? '');
  if (request.method === 'POST') {
    if (url.pathname === '/stop') await stop(request, response, { run, token: served.page.token });
    else end(response, 404, 'There is nothing here.');
    return;
  }
  if (request.method !== 'GET') {
    response.setHeader('allow', 'GET, POST');
    end(response, 405, 'This page takes GET and POST only.');
    return;
  }
  const file = served.page.files.get(url.pathname);
  if (file !== undefined) sendFile(request, response, file);
  else if (url.pathname === '/events') served.events.add(response);
  else if (url.pathname === '/curves' && run !== undefined) sendCurves(response, run, url);
  else if (url.pathname === '/sample' && run !== undefined) await sendSample(response, run, url);
  else end(response, 404, 'There is nothing here.');
}

/** Whether a request names this machine: a name of another site may lead here too, and must not get in. */
function isOwnName(host: string | undefined): boolean {
  return host !== undefined && OWN_NAMES.includes(host.replace(/:\d+$/, '').toLowerCase());
}

function end(response: ServerResponse, status: number, text: string): void {
  response.statusCode = status;
  response.setHeader('content-type', 'text/plain; charset=utf-8');
  response.end(`${text}\n`);
}

function sendFile(request: IncomingMessage, response: ServerResponse, file: ServedFile): void {
  response.setHeader('etag', file.tag);
  if (request.headers['if-none-match'] === file.tag) {
    response.statusCode = 304;
    response.end();
    return;
  }
  response.setHeader('content-type', file.type);
  response.end(file.body);
}

function sendCurves(response: ServerResponse, { run }: ReadRun, url: URL): void {
  const theme = url.searchParams.get('theme') === 'dark' ? 'dark' : 'light';
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(run.curves(theme)));
}

async function sendSample(
  response: ServerResponse,
  { run, view }: ReadRun,
  url: URL,
): Promise<void> {
  const path = samplePath(run.folder, view, url.searchParams.get('name') ?? '');
  const bytes = path === undefined ? undefined : await readFile(path).catch(() => undefined);
  if (bytes === undefined) {
    end(response, 404, 'There is nothing here.');
    return;
  }
  response.setHeader('content-type', 'image/png');
  response.end(bytes);
}

async function stop(
  request: IncomingMessage,
  response: ServerResponse,
  { run, token }: { readonly run: ReadRun | undefined; readonly token: string },
): Promise<void> {
  request.resume(); // a body is not read
  if (!isToken(request.headers[TOKEN_HEADER], token)) {
    end(response, 403, 'Load the page again: it was served by an earlier call of this command.');
    return;
  }
  if (run === undefined) {
    end(response, 404, 'There is no such run.');
    return;
  }
  try {
    await requestStop(run.run.folder);
    end(response, 202, 'The run stops after the step at hand.');
  } catch (error) {
    if (!(error instanceof JanusError)) throw error;
    end(response, 409, error.message);
  }
}

function isToken(given: string | readonly string[] | undefined, token: string): boolean {
  if (typeof given !== 'string' || given.length !== token.length) return false;
  return timingSafeEqual(Buffer.from(given), Buffer.from(token));
}
