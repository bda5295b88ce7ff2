import { createHash } from 'node:crypto';
import { readdir, readFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Resolve } from './fetch-addresses.js';
import { badAnswers, MAX_BYTES } from './fetch-bad-answers.fixture.js';
import { startBadServer, type BadServer } from './fetch-bad-server.fixture.js';
import type { Clock } from './fetch-clock.js';
import { fetchDataset } from './fetch-dataset.js';
import { newRow, type ManifestRow } from '../manifest/manifest-row.js';
import { readManifest } from '../manifest/manifest.js';
import { writeDatasetRecord } from '../record/record-step.js';
import { writeManifestStream } from '../manifest/manifest-stream.js';
import { readTable, type TableRow } from '../manifest/tables.js';

let root = '';
let server: BadServer;
let jpeg: Buffer = Buffer.alloc(0);
let found: ReadonlyMap<string, TableRow>;
let rows: ReadonlyMap<string, ManifestRow>;

/** Addresses that look like paths out of the folder, or like nothing a file can be called. */
const HOSTILE = [
  '/../../../../etc/passwd',
  '/..%2f..%2fescaped.jpg',
  '/%00.jpg',
  `/${'long'.repeat(500)}.jpg`,
  '/a?b=/../../c.php&d=<script>',
  '/Ünïcode-图片.jpg',
  '/CON.jpg',
  '/image.php;rm -rf $HOME',
];

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'janus-fetch-'));
  jpeg = await sharp({
    create: { width: 64, height: 64, channels: 3, background: '#c84' },
  })
    .jpeg()
    .toBuffer();
  // No time passes by itself: waits are over at once, and a request's time when its answer says so.
  const limits = new Map<string, Set<{ readonly callBack: () => void }>>();
  let time = 0;
  const clock: Clock = {
    now: () => time,
    after: (ms, callBack, request) => {
      if (request === undefined) {
        const timer = setImmediate(() => {
          time += ms;
          callBack();
        });
        return () => {
          clearImmediate(timer);
        };
      }
      const own = limits.get(request.pathname) ?? new Set();
      // A request has two limits with one callback.
      const limit = { callBack };
      limits.set(request.pathname, own.add(limit));
      return () => own.delete(limit);
    },
  };
  const answers = badAnswers(jpeg, (path) => {
    for (const { callBack } of limits.get(path) ?? []) callBack();
  });
  server = await startBadServer(answers, (response, { request }) => {
    if (request.url === '/404') response.writeHead(404).end('<html>not here</html>');
    else
      response.writeHead(200, { 'content-disposition': 'attachment; filename="../x"' }).end(jpeg);
  });
  const paths = [...Object.keys(answers), '/404'];
  const urls: [id: string, url: string][] = [
    ...paths.map((path): [string, string] => [path, server.url(path)]),
    ...HOSTILE.map((path): [string, string] => [path, server.url(path)]),
    ['file', 'file:///etc/passwd'],
    ['data', 'data:image/png;base64,iVBORw0KGgo='],
    ['credentials', `http://me:secret@127.0.0.1:${server.port}/good.jpg`],
    ['nonsense', 'not an address'],
    ['nul', 'http://127.0.0.1:1/\0\u{1f600}"\n'],
    ['refused', 'http://127.0.0.1:1/closed.jpg'],
    ['dns', 'http://no-such-host.invalid/a.jpg'],
    ['tls', `https://127.0.0.1:${server.port}/good.jpg`],
  ];
  const sha256 = createHash('sha256').update(jpeg).digest('hex');
  await writeManifestStream(root, [
    ...urls.map(([id, url]) => newRow({ id, path: '', url, labels: { kind: 'a' } })),
    newRow({ id: 'once', path: '', url: server.url('/shared.jpg'), labels: { kind: 'a' } }),
    newRow({ id: 'twice', path: '', url: server.url('/shared.jpg'), labels: { kind: 'b' } }),
    newRow({ id: 'as expected', path: '', url: server.url('/good.jpg?1'), sha256, labels: {} }),
    newRow({
      id: 'upper case',
      path: '',
      url: server.url('/good.jpg?1'),
      sha256: sha256.toUpperCase(),
      labels: {},
    }),
    newRow({
      id: 'not as expected',
      path: '',
      url: server.url('/good.jpg?2'),
      sha256: sha256.replace(/./, (digit) => (digit === '0' ? '1' : '0')),
      labels: {},
    }),
    newRow({
      id: 'one of two expects another',
      path: '',
      url: server.url('/shared.jpg'),
      sha256: 'f'.repeat(64),
      labels: {},
    }),
    newRow({ id: 'local', path: 'images/own.jpg', url: server.url('/never.jpg'), labels: {} }),
    newRow({ id: 'nothing', path: '', labels: {} }),
    newRow({
      id: 'out already',
      path: '',
      url: server.url('/never.jpg'),
      status: 'removed',
      reason: 'independent',
      removedBy: 'import',
      labels: {},
    }),
  ]);
  await writeDatasetRecord(root, {
    format: 1,
    name: 'bad',
    source: 'bad',
    licence: 'none',
    options: {},
    steps: [],
  });
  const resolve: Resolve = (name, done) => {
    const code = name === 'no-such-host.invalid' ? 'ENOTFOUND' : 'EINVAL';
    setImmediate(done, Object.assign(new Error(name), { code }), []);
  };
  const options = {
    allowPrivate: true,
    perHost: 16,
    backoffMs: 1,
    retries: 2,
    maxBytes: MAX_BYTES,
    maxRedirects: 4,
    hostFailures: 0,
  };
  await fetchDataset(root, options, { clock, resolve });
  const table = await readTable(join(root, 'fetch.parquet'));
  found = new Map(table.map((row) => [String(row['id']), row]));
  rows = new Map((await readManifest(root)).map((row) => [row.id, row]));
});

afterAll(async () => {
  await server.close();
  await rm(root, { recursive: true });
});

it.each([
  ...['/good.jpg', '/wrong-type', '/no-type', '/500-then-good', '/429-then-good', '/hops'],
  ...['/hang-then-good', '/truncated-then-good', '/gzip', '/deflate', '/brotli', '/cookie'],
  ...['/robots-others', '/after-cookie', 'once', 'twice', 'as expected', 'upper case', ...HOSTILE],
])('%s becomes an image', async (id) => {
  const outcome = found.get(id);
  expect(outcome?.['status']).toBe('ok');
  const row = rows.get(id);
  expect(row).toMatchObject({ status: 'kept', reason: null, removedBy: null });
  expect(row?.sha256).toBe(createHash('sha256').update(jpeg).digest('hex'));
  expect(row?.path).toMatch(/^images\/([0-9a-f]{2})\/\1[0-9a-f]{30}\.jpg$/);
  expect(outcome).toMatchObject({ bytes: jpeg.length, httpCode: 200, path: row?.path });
  expect(jpeg.equals(await readFile(join(root, row?.path ?? '')))).toBe(true);
});

it.each([
  ['/404', 'http_404'],
  ['/410', 'http_410'],
  ['/204', 'http_204'],
  ['/always-503', 'http_503'],
  ['/hang', 'timeout'],
  ['/drip', 'timeout'],
  ['/reset-at-once', 'reset'],
  ['/reset-midway', 'reset'],
  ['/truncated', 'truncated'],
  ['/truncated-chunks', 'truncated'],
  ['/half-gzip', 'truncated'],
  ['/html', 'not_image'],
  ['/endless-html', 'not_image'],
  ['/empty', 'empty'],
  ['/no-http', 'protocol'],
  ['/huge-header', 'protocol'],
  ['/loop', 'redirects'],
  ['/to-nowhere', 'redirects'],
  ['/no-location', 'redirects'],
  ['/to-file', 'blocked_url'],
  ['/to-credentials', 'blocked_url'],
  ['/announces-too-much', 'too_large'],
  ['/sends-too-much', 'too_large'],
  ['/gzip-bomb', 'too_large'],
  ['/gzip-of-nothing', 'too_large'],
  ['/no-gzip', 'encoding'],
  ['/no-brotli', 'encoding'],
  ['/unknown-encoding', 'encoding'],
  ['/robots', 'robots'],
  ['/robots-us', 'robots'],
  ['file', 'blocked_url'],
  ['data', 'blocked_url'],
  ['credentials', 'blocked_url'],
  ['nonsense', 'bad_url'],
  ['nul', 'refused'],
  ['refused', 'refused'],
  ['dns', 'dns'],
  ['tls', 'tls'],
  ['not as expected', 'hash_mismatch'],
  ['one of two expects another', 'hash_mismatch'],
  ['nothing', 'no_url'],
])('%s is removed as %s', (id, status) => {
  expect(found.get(id)?.['status']).toBe(status);
  expect(rows.get(id)).toMatchObject({
    status: 'removed',
    reason: status,
    removedBy: 'fetch',
    path: '',
  });
});

it.each([
  ['/404', 1],
  ['/html', 1],
  ['/empty', 1],
  ['/robots', 1],
  ['/sends-too-much', 1],
  ['/500-then-good', 3],
  ['/always-503', 3],
  ['/429-then-good', 2],
  ['/hang', 3],
  ['/drip', 3],
  ['/reset-midway', 3],
  ['/truncated', 3],
  ['/good.jpg?2', 1],
  // The first time, and four redirects.
  ['/loop', 5],
])('%s is asked for %i times: again only for what can pass', (path, times) => {
  expect(server.log.filter((each) => each === path)).toHaveLength(times);
});

it('an address that several rows have is asked for once', () => {
  expect(server.log.filter((each) => each === '/shared.jpg')).toHaveLength(1);
  expect(server.log.filter((each) => each === '/good.jpg?1')).toHaveLength(1);
  expect(rows.get('twice')?.path).toBe(rows.get('once')?.path);
});

it('a row that has a file, or that an earlier step removed, stays as it is', () => {
  expect(server.log).not.toContain('/never.jpg');
  expect(found.get('local')?.['status']).toBe('local');
  expect(rows.get('local')).toMatchObject({ status: 'kept', path: 'images/own.jpg' });
  expect(found.get('out already')?.['status']).toBe('skipped');
  expect(rows.get('out already')).toMatchObject({ reason: 'independent', removedBy: 'import' });
});

it('what a row expects stays in it while it has no image', () => {
  expect(rows.get('one of two expects another')?.sha256).toBe('f'.repeat(64));
});

it('hosts get the user agent, and neither cookies nor a referrer', () => {
  const headers = server.headersOf('/after-cookie');
  expect(headers?.['user-agent']).toBe('janus-lab/0.1 (image data sets)');
  expect(headers).not.toHaveProperty('cookie');
  expect(headers).not.toHaveProperty('referer');
});

it('the table has the address after redirects and the content type', () => {
  expect(found.get('/hops')).toMatchObject({ finalUrl: server.url('/good.jpg') });
  expect(found.get('/good.jpg')?.['finalUrl']).toBeNull();
  expect(found.get('/wrong-type')).toMatchObject({ contentType: 'text/html' });
});

it('nothing is written but images under images, and no half of one', async () => {
  const names = (await readdir(root, { recursive: true })).filter((name) => name.includes('.'));
  const own = names.filter((name) => !/^images\/[0-9a-f]{2}\/[0-9a-f]{32}\.jpg$/.test(name));
  expect(own.sort()).toEqual([
    '.fetch.lock',
    'DATA.md',
    'dataset.json',
    'fetch.parquet',
    'manifest.parquet',
  ]);
});
