import { mkdtemp, rm } from 'node:fs/promises';
import type { LookupAddress } from 'node:dns';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { guardedLookup } from './fetch-addresses.js';
import { startBadServer, type Answer, type BadServer } from './fetch-bad-server.fixture.js';
import { SYSTEM_CLOCK } from './fetch-clock.js';
import { openConnections, type Connections } from './fetch-exchange.js';
import { fetchWork, itemOf, pathOf, type FetchItem } from './fetch-item.js';
import { resolveFetchOptions } from './fetch-options.js';
import type { FetchOutcome } from './fetch-status.js';

// The whole of 127.0.0.0/8 leads to this machine on Linux only: one of its addresses can play a public one.
const PUBLIC = '127.0.0.2';
const PRIVATE = '127.0.0.1';
/** No answer is too late, however slow the machine is. */
const UNLIMITED_MS = 2 ** 31 - 1;
const noRange = process.platform === 'linux' ? '' : ' (skipped: needs a second loopback address)';

let server: BadServer;
let folder = '';
let connections: Connections | undefined;
/** What the resolver says, one answer after the other; the last one stays. */
let answers: readonly (readonly string[])[] = [];

const redirectTo =
  (to: () => string): Answer =>
  (response) => {
    response.writeHead(302, { location: to() }).end();
  };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'janus-item-'));
  const jpeg = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
    .jpeg()
    .toBuffer();
  server = await startBadServer({
    '/image': (response) => response.writeHead(200).end(jpeg),
    '/to-loopback': redirectTo(() => server.url('/secret', PRIVATE)),
    '/to-decimal': redirectTo(() => server.url('/secret', '2130706433')),
    '/to-mapped': redirectTo(() => server.url('/secret', '[::ffff:7f00:1]')),
    '/to-metadata': redirectTo(() => 'http://169.254.169.254/latest/meta-data/'),
    '/to-name': redirectTo(() => server.url('/secret', 'inside.test')),
    '/to-public': redirectTo(() => server.url('/image', 'outside.test')),
    '/secret': (response) => response.writeHead(200).end(jpeg),
  });
});

beforeEach(() => {
  answers = [[PUBLIC]];
});

afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

/** Follows one address to its end, as the loop over hosts does. */
async function follow(url: string): Promise<FetchOutcome | undefined> {
  const allowed = (address: string): boolean => address === PUBLIC;
  connections = openConnections(
    guardedLookup({
      allowed,
      resolve: (_name, done) => {
        const [next = [], ...rest] = answers;
        if (rest.length > 0) answers = rest;
        setImmediate(
          done,
          null,
          next.map((address): LookupAddress => ({ address, family: 4 })),
        );
      },
    }),
  );
  let outcome: FetchOutcome | undefined;
  const work = fetchWork({
    options: resolveFetchOptions({ backoffMs: 1, retries: 1, timeoutMs: UNLIMITED_MS }),
    allowed,
    exchangeOptions: {
      connections,
      spoolName: () => join(folder, 'spool'),
      userAgent: 'test',
      robot: 'test',
      connectTimeoutMs: UNLIMITED_MS,
      clock: SYSTEM_CLOCK,
      maxBytes: 10_000,
    },
    finish: async (_item, found) => {
      await Promise.resolve();
      outcome = found;
    },
  });
  let item: FetchItem | undefined = itemOf({ key: 'ab'.repeat(16), url, expected: null });
  while (item !== undefined) {
    const next = await work(item);
    item = next.kind === 'again' ? next.item : undefined;
  }
  connections.close();
  return outcome;
}

describe.skipIf(noRange !== '')(`addresses that are not public${noRange}`, () => {
  it.each(['/to-loopback', '/to-decimal', '/to-mapped', '/to-metadata'])(
    'a redirect to one ends there: %s',
    async (path) => {
      expect(await follow(server.url(path, PUBLIC))).toMatchObject({
        status: 'blocked_address',
        tries: 1,
      });
      expect(server.log).toContain(path);
    },
  );

  it('a redirect to a name that has only one ends there', async () => {
    answers = [[PRIVATE]];
    const outcome = await follow(server.url('/to-name', PUBLIC));
    expect(outcome?.status).toBe('blocked_address');
  });

  it('a name that has one beside a public one leads to the public one', async () => {
    answers = [[PRIVATE, PUBLIC]];
    expect((await follow(server.url('/image', 'both.test')))?.status).toBe('ok');
  });

  it('a name that changes to one after it was checked leads to what was checked', async () => {
    answers = [[PUBLIC], [PRIVATE]];
    expect((await follow(server.url('/image', 'rebinding.test')))?.status).toBe('ok');
    answers = [[PUBLIC], [PRIVATE]];
    // Two hops to one name: the second is not looked up anew into the private network.
    expect((await follow(server.url('/to-public', 'outside.test')))?.status).toBe('ok');
  });

  it('are never connected to', () => {
    expect(server.log).not.toContain('/secret');
    expect([...server.reachedAt].map((address) => address.replace('::ffff:', ''))).toEqual([
      PUBLIC,
    ]);
  });
});

it('pathOf spreads images over 256 folders', () => {
  expect(pathOf('0a1b', 'png')).toBe('images/0a/0a1b.png');
});
