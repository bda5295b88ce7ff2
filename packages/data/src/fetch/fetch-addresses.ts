/** Which addresses may be connected to: a list of images must not reach servers of the local network. */

import { lookup, type LookupAddress } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/**
 * IPv4 addresses that are not public: this network, private, shared (CGNAT), loopback, link-local, protocol
 * assignments, documentation, the old 6to4 relays, benchmarking, multicast, reserved and broadcast. IANA's
 * registry of special-purpose addresses (RFC 6890 and its updates).
 */
const NOT_PUBLIC_4: readonly (readonly [address: string, bits: number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
];

/** Exceptions in 2000::/3, the public part of IPv6: protocol assignments with Teredo, documentation. */
const NOT_PUBLIC_6: readonly (readonly [address: string, bits: number])[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['3fff::', 20],
];

function listOf(
  ranges: readonly (readonly [address: string, bits: number])[],
  family: 'ipv4' | 'ipv6',
): BlockList {
  const list = new BlockList();
  for (const [address, bits] of ranges) list.addSubnet(address, bits, family);
  return list;
}

/** Returns the eight groups of an IPv6 address. */
function groupsOf(address: string): readonly number[] {
  const plain = address.replace(/%.*$/, '').replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (...found) => {
    const [a, b, c, d] = found.slice(1, 5).map(Number) as [number, number, number, number];
    return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  });
  const [head = '', tail] = plain.split('::');
  const read = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((group) => parseInt(group, 16));
  const before = read(head);
  if (tail === undefined) return before;
  const after = read(tail);
  return [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
}

/** Returns the IPv4 address that two groups of an IPv6 address carry. */
function carried(high: number, low: number): string {
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

/** Returns a function that tells whether an address, as a resolver writes it, is public. */
export function publicAddresses(): (address: string) => boolean {
  const four = listOf(NOT_PUBLIC_4, 'ipv4');
  const six = listOf(NOT_PUBLIC_6, 'ipv6');
  const isPublic = (address: string): boolean => {
    const family = isIP(address);
    if (family === 4) return !four.check(address, 'ipv4');
    if (family !== 6) return false;
    const groups = groupsOf(address);
    const [a = 0, b = 0, c = 0] = groups;
    const last = carried(groups[6] ?? 0, groups[7] ?? 0);
    // IPv4 inside IPv6 is judged as IPv4: ::ffff:0:0/96 (RFC 4291), 64:ff9b::/96 (RFC 6052).
    if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) {
      return isPublic(last);
    }
    if (a === 0x64 && b === 0xff9b && groups.slice(2, 6).every((group) => group === 0)) {
      return isPublic(last);
    }
    // 6to4 (RFC 3056) carries the address of its router.
    if (a === 0x2002) return isPublic(carried(b, c));
    return (a & 0xe000) === 0x2000 && !six.check(address.replace(/%.*$/, ''), 'ipv6');
  };
  return isPublic;
}

/** Resolves a name to its addresses; a test passes its own. */
export type Resolve = (
  name: string,
  done: (error: NodeJS.ErrnoException | null, addresses: readonly LookupAddress[]) => void,
) => void;

/** Options of {@link guardedLookup}. */
interface GuardedLookupOptions {
  /** Default: the system's resolver. */
  readonly resolve?: Resolve;
  /** Returns whether an address may be connected to. */
  readonly allowed: (address: string) => boolean;
}

/**
 * Time for which an answer is cached, in ms: shorter than most records hold, longer than a burst of
 * requests.
 */
const KEEP_MS = 60_000;
/** Names that are cached; the oldest is dropped first. */
const KEEP_NAMES = 4096;

const resolveBySystem: Resolve = (name, done) => {
  lookup(name, { all: true }, done);
};

/** The error of a host that has no allowed address. */
function blockedError(host: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${host} has no public address`), { code: 'EBLOCKED' });
}

type Answer = readonly LookupAddress[] | NodeJS.ErrnoException;

/**
 * Returns a look-up for sockets that returns allowed addresses only: a socket connects to the address that was checked,
 * even if the name resolves differently a moment later. Concurrent look-ups of a name are joined, and answers are
 * cached for a minute.
 */
export function guardedLookup(options: GuardedLookupOptions): LookupFunction {
  const { resolve = resolveBySystem, allowed } = options;
  const known = new Map<string, { readonly answer: Answer; readonly until: number }>();
  const waiting = new Map<string, ((answer: Answer) => void)[]>();

  const ask = (name: string, done: (answer: Answer) => void): void => {
    const found = known.get(name);
    if (found !== undefined && found.until > performance.now()) {
      process.nextTick(done, found.answer);
      return;
    }
    const others = waiting.get(name);
    if (others !== undefined) {
      others.push(done);
      return;
    }
    const callers = [done];
    waiting.set(name, callers);
    resolve(name, (error, addresses) => {
      const safe = error === null ? addresses.filter(({ address }) => allowed(address)) : [];
      const answer: Answer = error ?? (safe.length > 0 ? safe : blockedError(name));
      // A transient failure is not cached.
      if (!(answer instanceof Error) || answer.code !== 'EAI_AGAIN') {
        known.delete(name);
        known.set(name, { answer, until: performance.now() + KEEP_MS });
        const [oldest] = known.keys();
        if (known.size > KEEP_NAMES && oldest !== undefined) known.delete(oldest);
      }
      waiting.delete(name);
      for (const caller of callers) caller(answer);
    });
  };

  return (name, wanted, done) => {
    ask(name, (answer) => {
      if (answer instanceof Error) {
        done(answer, '', 0);
        return;
      }
      const { family = 0, all = false } = wanted;
      const number = family === 'IPv4' ? 4 : family === 'IPv6' ? 6 : family;
      const fit = answer.filter((each) => number === 0 || each.family === number);
      const [first] = fit;
      if (first === undefined) {
        done(Object.assign(new Error(`${name} not found`), { code: 'ENOTFOUND' }), '', 0);
      } else if (all) {
        done(null, [...fit]);
      } else {
        done(null, first.address, first.family);
      }
    });
  };
}

/** Returns the host of an address as resolvers and sockets expect it: IPv6 without brackets. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '');
}

/** Returns why an address must not be fetched, before its name is looked up; undefined when it may. */
export function refusalOf(
  url: URL,
  allowed: (address: string) => boolean,
): 'blocked_url' | 'blocked_address' | undefined {
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return 'blocked_url';
  if (url.username !== '' || url.password !== '') return 'blocked_url';
  const host = hostOf(url);
  // Sockets do not look up a numeric address. URL has already turned decimal, octal and hexadecimal forms into the
  // usual one, as browsers do.
  if (isIP(host) !== 0 && !allowed(host)) return 'blocked_address';
  return undefined;
}
