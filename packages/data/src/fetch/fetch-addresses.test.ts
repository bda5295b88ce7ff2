import type { LookupAddress } from 'node:dns';
import { describe, expect, it } from 'vitest';
import { guardedLookup, publicAddresses, refusalOf, type Resolve } from './fetch-addresses.js';

const isPublic = publicAddresses();

describe('publicAddresses', () => {
  it.each([
    ...['0.0.0.0', '10.1.2.3', '100.64.0.1', '100.127.255.255', '127.0.0.1', '127.9.9.9'],
    ...['169.254.169.254', '172.16.0.1', '172.31.255.255', '192.0.0.8', '192.0.2.1'],
    ...['192.88.99.1', '192.168.1.1', '198.18.0.1', '198.19.255.255', '198.51.100.7'],
    ...['203.0.113.9', '224.0.0.1', '239.255.255.255', '240.0.0.1', '255.255.255.255'],
    ...['::', '::1', '::7f00:1', 'fe80::1', 'fe80::1%eth0', 'fec0::1', 'fc00::1', 'fd12:3456::1'],
    ...['ff02::1', '100::1', '2001::1', '2001:db8::1', '3fff::1', '4000::1', '64:ff9b:1::1'],
    ...['::ffff:127.0.0.1', '::ffff:7f00:1', '::ffff:169.254.169.254', '::ffff:a9fe:a9fe'],
    ...['0:0:0:0:0:ffff:10.0.0.1', '64:ff9b::10.0.0.1', '64:ff9b::a00:1', '2002:7f00:1::'],
    ...['2002:c0a8:101::1', 'localhost', ''],
  ])('refuses %s', (address) => {
    expect(isPublic(address)).toBe(false);
  });

  it.each([
    ...['1.1.1.1', '8.8.8.8', '9.255.255.255', '11.0.0.0', '100.63.255.255', '100.128.0.0'],
    ...['126.255.255.255', '128.0.0.0', '169.253.0.1', '172.15.255.255', '172.32.0.0'],
    ...['192.0.1.1', '192.167.255.255', '198.17.255.255', '198.20.0.0', '223.255.255.255'],
    ...['2606:4700::1111', '2a00:1450:4001::200e', '2001:4860:4860::8888', '::ffff:8.8.8.8'],
    ...['64:ff9b::808:808', '2002:808:808::1'],
  ])('allows %s', (address) => {
    expect(isPublic(address)).toBe(true);
  });
});

describe('refusalOf', () => {
  it.each([
    ...['http://2130706433/', 'http://0x7f000001/', 'http://0177.0.0.1/', 'http://127.1/'],
    ...['http://0x7f.0x0.0x0.0x1/', 'http://017700000001/', 'http://127.0.0.1./', 'http://0/'],
    ...['http://[::1]/', 'http://[::ffff:127.0.0.1]/', 'http://[::ffff:7f00:1]/'],
    ...['http://①②⑦.⓪.⓪.①/', 'http://%31%32%37.0.0.1/', 'https://169.254.169.254/latest'],
  ])('refuses %s: it is an address that is not public', (text) => {
    expect(refusalOf(new URL(text), isPublic)).toBe('blocked_address');
  });

  it.each(['file:///etc/passwd', 'ftp://example.org/a.jpg', 'data:image/png;base64,AAAA'])(
    'refuses %s: it is no http',
    (text) => {
      expect(refusalOf(new URL(text), () => true)).toBe('blocked_url');
    },
  );

  it.each(['http://me:secret@example.org/a.jpg', 'https://me@example.org/a.jpg'])(
    'refuses %s: it carries credentials',
    (text) => {
      expect(refusalOf(new URL(text), () => true)).toBe('blocked_url');
    },
  );

  it('lets names and public addresses pass', () => {
    for (const text of ['https://example.org/a.jpg', 'http://8.8.8.8/', 'http://[2606:4700::1]/']) {
      expect(refusalOf(new URL(text), isPublic)).toBeUndefined();
    }
  });
});

/** Looks a name up as a socket does. */
async function look(
  lookup: ReturnType<typeof guardedLookup>,
  options: { readonly all?: boolean; readonly family?: number } = {},
): Promise<string | readonly LookupAddress[]> {
  return await new Promise((resolve, reject) => {
    lookup('host', options, (error, address) => {
      if (error === null) resolve(address);
      else reject(error);
    });
  });
}

const answering =
  (...answers: readonly (readonly string[])[]): Resolve =>
  (_name, done) => {
    const [next = [], ...rest] = answers;
    answers = rest;
    setImmediate(
      done,
      null,
      next.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  };

describe('guardedLookup', () => {
  it('gives the public ones of several addresses', async () => {
    const resolve = answering(['127.0.0.1', '8.8.8.8', '::1', '2606:4700::1', '10.0.0.1']);
    const lookup = guardedLookup({ resolve, allowed: isPublic });
    expect(await look(lookup, { all: true })).toEqual([
      { address: '8.8.8.8', family: 4 },
      { address: '2606:4700::1', family: 6 },
    ]);
    expect(await look(lookup)).toBe('8.8.8.8');
    expect(await look(lookup, { family: 6 })).toBe('2606:4700::1');
  });

  it('fails when a name has private addresses only', async () => {
    const lookup = guardedLookup({ resolve: answering(['10.0.0.1', '::1']), allowed: isPublic });
    await expect(look(lookup)).rejects.toMatchObject({ code: 'EBLOCKED' });
    await expect(look(lookup, { all: true })).rejects.toMatchObject({ code: 'EBLOCKED' });
  });

  it('asks once for a name that many want, and hands on what the resolver says is wrong', async () => {
    let asked = 0;
    const lookup = guardedLookup({
      resolve: (name, done) => {
        asked += 1;
        setImmediate(done, Object.assign(new Error(name), { code: 'ENOTFOUND' }), []);
      },
      allowed: isPublic,
    });
    const all = await Promise.allSettled([look(lookup), look(lookup), look(lookup)]);
    expect(all.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    await expect(look(lookup)).rejects.toMatchObject({ code: 'ENOTFOUND' });
    expect(asked).toBe(1);
  });

  it('asks again after a failure that can pass', async () => {
    let asked = 0;
    const lookup = guardedLookup({
      resolve: (_name, done) => {
        asked += 1;
        if (asked > 1) setImmediate(done, null, [{ address: '8.8.8.8', family: 4 }]);
        else setImmediate(done, Object.assign(new Error('later'), { code: 'EAI_AGAIN' }), []);
      },
      allowed: isPublic,
    });
    await expect(look(lookup)).rejects.toMatchObject({ code: 'EAI_AGAIN' });
    expect(await look(lookup)).toBe('8.8.8.8');
  });
});
