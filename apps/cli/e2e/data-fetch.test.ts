import { EventEmitter, once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { janus, janusJson, startJanus } from './janus.js';

/** Bytes that pass for a JPEG by their signature; fetch does not decode them. */
const IMAGE = Buffer.from(
  '\xff\xd8\xff\xe0 as good as an image, to fetch at least \xff\xd9',
  'latin1',
);
const COUNT = 400;
const PER_HOST = 4;

let folder = '';
let server: Server;
let port = 0;
/** Paths that were requested, in order. */
let log: string[] = [];
/** Answers that the server gives; a request beyond them waits. */
let answers = Infinity;
let held: { readonly path: string; readonly response: ServerResponse }[] = [];
let connections = 0;
let maxConnections = 0;
const serverEvents = new EventEmitter();

/** Resolves once `met` holds, which is asked each time the server gets a request or loses a connection. */
async function serverUntil(met: () => boolean): Promise<void> {
  while (!met()) await once(serverEvents, 'event');
}

function answer(path: string, response: ServerResponse): void {
  if (answers === 0) {
    held.push({ path, response });
    response.on('close', () => {
      held = held.filter((each) => each.response !== response);
    });
    return;
  }
  answers -= 1;
  if (path.startsWith('/missing')) response.writeHead(404).end('no');
  else response.writeHead(200, { 'content-type': 'image/jpeg' }).end(IMAGE);
}

/** Sets how many more requests the server answers, those that wait first. */
function answerNext(count: number): void {
  answers = count;
  const waiting = held;
  held = [];
  for (const { path, response } of waiting) answer(path, response);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'janus-fetch-'));
  server = createServer((request, response) => {
    const { url = '' } = request;
    log.push(url);
    answer(url, response);
    serverEvents.emit('event');
  });
  // The client alone closes a connection: one that the server thinks idle may have a request on its way.
  server.keepAliveTimeout = 0;
  server.on('connection', (socket) => {
    connections += 1;
    maxConnections = Math.max(maxConnections, connections);
    socket.on('close', () => {
      connections -= 1;
      serverEvents.emit('event');
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  port = (server.address() as AddressInfo).port;
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true, force: true });
});

/** Imports a list of addresses as a user does. */
async function importPaths(name: string, paths: readonly string[]): Promise<void> {
  const lines = paths.map((path, i) => `r${i},http://127.0.0.1:${port}${path}\n`);
  await writeFile(join(folder, `${name}.csv`), `id,url\n${lines.join('')}`);
  await janusJson(
    ['data', 'import', 'csv', `${name}.csv`, '--id-column', 'id', '--out', name],
    folder,
  );
}

const fetching = (name: string, ...more: readonly string[]): readonly string[] => [
  ...['data', 'fetch', name, '--allow-private', '--per-host', `${PER_HOST}`, '--retries', '0'],
  // An answer that is held back is no failure, however slow the machine is.
  ...['--timeout-ms', `${2 ** 31 - 1}`, '--connect-timeout-ms', `${2 ** 31 - 1}`],
  ...more,
];

/** Lines have been added to the journal. */
const JOURNAL_GROWS = { call: 'appendFile', path: 'fetch\\.journal\\.jsonl$' } as const;

/** Returns the keys of the addresses that the journal lists as done. */
async function journalled(name: string): Promise<readonly string[]> {
  const path = join(folder, name, 'fetch.journal.jsonl');
  if (!existsSync(path)) return [];
  const lines = (await readFile(path, 'utf8')).split('\n').slice(0, -1);
  const keyed = lines.filter((line) => line.startsWith('{"key"'));
  return keyed.map((line) => (JSON.parse(line) as { readonly key: string }).key);
}

/** Starts a fetch, and returns when everything that the server answers now is in the journal. */
async function startFetch(
  name: string,
  options: { readonly answered: number; readonly flags?: readonly string[] },
): Promise<ReturnType<typeof startJanus>> {
  const { answered, flags = [] } = options;
  const done = (await journalled(name)).length + answered;
  answerNext(answered);
  const running = startJanus(fetching(name, ...flags), folder, JOURNAL_GROWS);
  await running.until(async () => (await journalled(name)).length === done);
  return running;
}

it('a fetch that is killed three times requests nothing again that it had finished, and the rest once', async () => {
  const paths = Array.from({ length: COUNT }, (_, i) => (i % 20 === 0 ? `/missing/${i}` : `/${i}`));
  await importPaths('killed', paths);
  for (const [kill, answered] of [30, 40, 50].entries()) {
    const { child, end, commandPid } = await startFetch('killed', { answered });
    // The command runs in a child of the launcher; killing either must end both and lose nothing.
    process.kill((kill === 1 ? child.pid : commandPid()) ?? 0, 'SIGKILL');
    await end;
    await serverUntil(() => connections === 0);
  }
  const done = (await journalled('killed')).length;
  expect(done).toBe(30 + 40 + 50);
  // Only what was under way at a kill is requested twice.
  const twice = log.length - new Set(log).size;
  expect(twice).toBeLessThanOrEqual(3 * PER_HOST);
  const asked = new Set(log);
  log = [];
  answerNext(Infinity);
  const result = await janusJson(fetching('killed'), folder);
  expect(log).toHaveLength(COUNT - done);
  expect(new Set(log).size).toBe(log.length);
  expect(new Set([...asked, ...log]).size).toBe(COUNT);
  expect(result).toMatchObject({
    rows: COUNT - COUNT / 20,
    rejected: COUNT / 20,
    reasons: { http_404: COUNT / 20 },
    finished: true,
  });
  const images = await readdir(join(folder, 'killed/images'), { recursive: true });
  const files = images.filter((name) => name.endsWith('.jpg'));
  expect(files).toHaveLength(COUNT - COUNT / 20);
  for (const file of files) {
    expect(IMAGE.equals(await readFile(join(folder, 'killed/images', file)))).toBe(true);
  }
  expect(images.filter((name) => name.startsWith('.'))).toEqual([]);
  expect(maxConnections).toBeLessThanOrEqual(PER_HOST);
  log = [];
  expect(await janusJson(fetching('killed'), folder)).toMatchObject({ fetched: 0 });
  expect(log).toEqual([]);
});

it('Ctrl-C ends it with 130 and a state to resume from', async () => {
  log = [];
  await importPaths(
    'stopped',
    Array.from({ length: COUNT }, (_, i) => `/stopped/${i}`),
  );
  const { child, end } = await startFetch('stopped', { answered: 30, flags: ['--json'] });
  await serverUntil(() => held.length === PER_HOST);
  const underWay = held.map(({ response }) => response);
  child.kill('SIGINT');
  // It has noticed when it closes what is under way.
  await serverUntil(() => underWay.every((response) => response.closed));
  answerNext(Infinity);
  const { status, out } = await end;
  expect(status).toBe(130);
  const { finished, fetched } = JSON.parse(out) as { finished: boolean; fetched: number };
  expect(finished).toBe(false);
  expect(fetched).toBeGreaterThanOrEqual(30);
  expect(fetched).toBeLessThanOrEqual(30 + PER_HOST);
  expect(await journalled('stopped')).toHaveLength(fetched);
  log = [];
  const result = await janusJson(fetching('stopped'), folder);
  expect(result).toMatchObject({ rows: COUNT, fetched: COUNT - fetched });
  expect(log).toHaveLength(COUNT - fetched);
});

it('a second fetch of one folder is one line and exit 1, and the first finishes', async () => {
  await importPaths(
    'twice',
    Array.from({ length: 100 }, (_, i) => `/twice/${i}`),
  );
  const first = await startFetch('twice', { answered: 30, flags: ['--per-host', '1', '--json'] });
  const second = await janus(fetching('twice'), folder);
  expect(second.status).toBe(1);
  expect(second.err).toMatch(/^janus: twice: one fetch at a time .*process \d+.*\n$/);
  answerNext(Infinity);
  const { status, out } = await first.end;
  expect(status).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ rows: 100, fetched: 100 });
});

it('private addresses need a flag', async () => {
  log = [];
  await importPaths('private', ['/private/1', '/private/2']);
  const { status, err } = await janus(['data', 'fetch', 'private'], folder);
  expect(status).toBe(1);
  expect(err).toMatch(/private: .*none of 2.*2 blocked_address/);
  expect(log).toEqual([]);
  const again = await janusJson(fetching('private', '--retry-failed'), folder);
  expect(again).toMatchObject({ rows: 2, rejected: 0 });
});
