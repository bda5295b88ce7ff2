import { createServer, type Server } from 'node:http';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { janus, janusJson, startJanus } from './janus.js';

/** The smallest JPEG that sniffing takes for one; fetch decodes nothing. */
const IMAGE = Buffer.from(
  '\xff\xd8\xff\xe0 as good as an image, to fetch at least \xff\xd9',
  'latin1',
);
const COUNT = 400;
const LATENCY_MS = 20;
const PER_HOST = 4;

let folder = '';
let server: Server;
let port = 0;
let log: string[] = [];
let connections = 0;
let mostConnections = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'janus-fetch-'));
  server = createServer((request, response) => {
    log.push(request.url ?? '');
    setTimeout(() => {
      if (request.url?.startsWith('/missing') === true) response.writeHead(404).end('no');
      else response.writeHead(200, { 'content-type': 'image/jpeg' }).end(IMAGE);
    }, LATENCY_MS);
  });
  server.on('connection', (socket) => {
    connections += 1;
    mostConnections = Math.max(mostConnections, connections);
    socket.on('close', () => (connections -= 1));
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
  ...more,
];

/** Returns the keys of the addresses that the journal calls done. */
async function journalled(name: string): Promise<readonly string[]> {
  const path = join(folder, name, 'fetch.journal.jsonl');
  if (!existsSync(path)) return [];
  const lines = (await readFile(path, 'utf8')).split('\n').slice(0, -1);
  const keyed = lines.filter((line) => line.startsWith('{"key"'));
  return keyed.map((line) => (JSON.parse(line) as { readonly key: string }).key);
}

/** Returns the child of the launcher, where the system tells; the launcher elsewhere. */
async function childOf(pid: number | undefined): Promise<number | undefined> {
  const path = `/proc/${pid ?? 0}/task/${pid ?? 0}/children`;
  if (!existsSync(path)) return pid;
  const [child] = (await readFile(path, 'utf8')).trim().split(' ');
  return child === undefined || child === '' ? pid : Number(child);
}

const until = async (met: () => boolean | Promise<boolean>): Promise<void> => {
  while (!(await met())) await new Promise((resolve) => setTimeout(resolve, 10));
};

it('a fetch that is killed three times asks for nothing that it had done, and for the rest once', async () => {
  const paths = Array.from({ length: COUNT }, (_, i) => (i % 20 === 0 ? `/missing/${i}` : `/${i}`));
  await importPaths('killed', paths);
  const done: number[] = [];
  for (let kill = 0; kill < 3; kill++) {
    const { child, end } = startJanus(fetching('killed'), folder);
    const before = (await journalled('killed')).length;
    await until(async () => (await journalled('killed')).length > before);
    // The command works in a child of the launcher; each must survive the other's death in good order.
    const target = kill === 1 ? child.pid : await childOf(child.pid);
    process.kill(target ?? 0, 'SIGKILL');
    await end;
    // A child whose launcher is dead ends as soon as it knows, and with it its connections.
    await until(() => connections === 0);
    done.push((await journalled('killed')).length);
  }
  expect(done[2]).toBeGreaterThan(done[0] ?? 0);
  expect(done[2]).toBeLessThan(COUNT);
  // Nothing is asked for twice but what was under way, or on its way to the disk, at a kill.
  const twice = log.length - new Set(log).size;
  expect(twice).toBeLessThanOrEqual(3 * 4 * PER_HOST);
  const asked = new Set(log);
  log = [];
  const result = await janusJson(fetching('killed'), folder);
  expect(log).toHaveLength(COUNT - (done[2] ?? 0));
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
  expect(mostConnections).toBeLessThanOrEqual(PER_HOST);
  log = [];
  expect(await janusJson(fetching('killed'), folder)).toMatchObject({ fetched: 0 });
  expect(log).toEqual([]);
});

it('Ctrl-C ends it with 130 and a state to go on from', async () => {
  log = [];
  await importPaths(
    'stopped',
    Array.from({ length: COUNT }, (_, i) => `/stopped/${i}`),
  );
  const { child, end } = startJanus(fetching('stopped', '--json'), folder);
  await until(async () => (await journalled('stopped')).length > 0);
  child.kill('SIGINT');
  const { status, out } = await end;
  expect(status).toBe(130);
  const { finished, fetched } = JSON.parse(out) as { finished: boolean; fetched: number };
  expect(finished).toBe(false);
  expect(await journalled('stopped')).toHaveLength(fetched);
  log = [];
  const result = await janusJson(fetching('stopped'), folder);
  expect(result).toMatchObject({ rows: COUNT, fetched: COUNT - fetched });
  expect(log).toHaveLength(COUNT - fetched);
});

it('a second fetch of one folder is one line and exit 1, and the first goes on', async () => {
  await importPaths(
    'twice',
    Array.from({ length: 100 }, (_, i) => `/twice/${i}`),
  );
  const first = startJanus(fetching('twice', '--per-host', '1', '--json'), folder);
  await until(async () => (await journalled('twice')).length > 0);
  const second = await janus(fetching('twice'), folder);
  expect(second.status).toBe(1);
  expect(second.err).toMatch(/^janus: twice: one fetch at a time .*process \d+.*\n$/);
  const { status, out } = await first.end;
  expect(status).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ rows: 100, fetched: 100 });
});

it('addresses of the own network need a flag', async () => {
  log = [];
  await importPaths('private', ['/private/1', '/private/2']);
  const { status, err } = await janus(['data', 'fetch', 'private'], folder);
  expect(status).toBe(1);
  expect(err).toMatch(/private: .*none of 2.*2 blocked_address/);
  expect(log).toEqual([]);
  const again = await janusJson(fetching('private', '--retry-failed'), folder);
  expect(again).toMatchObject({ rows: 2, rejected: 0 });
});
