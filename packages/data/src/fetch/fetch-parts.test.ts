import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { FETCH_DEFAULTS, resolveFetchOptions } from './fetch-options.js';
import { backoffOf, retryAfterMs } from './fetch-retry.js';
import { forbidsUse, robotName } from './fetch-robots.js';
import { sniffImage } from '@janus/images';
import { blamesHost, canPass, statusOfError } from './fetch-status.js';

describe('forbidsUse', () => {
  it.each([
    [['noai']],
    [['NoIndex, nofollow']],
    [['nofollow,  noimageai']],
    [['noimageindex']],
    [['none']],
    [['nofollow', 'noindex']],
    [['janus-lab: noindex']],
    [['Janus-Lab: nofollow, noai']],
    [['otherbot: nofollow, janus-lab: noai']],
    [['unavailable_after: 25 Jun 2030 15:00:00 PST, noindex']],
    [['max-snippet: 20, noai']],
  ])('forbids %j', (lines) => {
    expect(forbidsUse(lines, 'janus-lab')).toBe(true);
  });

  it.each([
    [[]],
    [['']],
    [['all']],
    [['nofollow, noarchive']],
    [['otherbot: noindex']],
    [['otherbot: nofollow, noindex']],
    [['janus-lab: nofollow', 'otherbot: noai']],
    [['janus-laboratory: noai']],
    [['max-image-preview: none']],
    [['noaim']],
  ])('allows %j', (lines) => {
    expect(forbidsUse(lines, 'janus-lab')).toBe(false);
  });

  it('calls a robot by the first word of its user agent', () => {
    expect(robotName('janus-lab/0.1 (image data sets)')).toBe('janus-lab');
    expect(robotName('MyBot (+https://example.org)')).toBe('mybot');
  });
});

describe('sniffImage', () => {
  it.each(['jpeg', 'png', 'webp', 'gif', 'tiff', 'avif'] as const)(
    'knows a real %s file by its first bytes',
    async (format) => {
      const image = sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } });
      const bytes = await image.toFormat(format).toBuffer();
      const ending = { jpeg: 'jpg', tiff: 'tif' }[format as string] ?? format;
      expect(sniffImage(bytes.subarray(0, 32))).toBe(ending);
    },
  );

  it.each([
    [
      'a bitmap',
      Buffer.concat([Buffer.from('BM'), Buffer.alloc(12), Buffer.from([40, 0, 0, 0])]),
      'bmp',
    ],
    ['a HEIC file', Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1'), 'heic'],
    [
      'an AVIF file that calls itself HEIF',
      Buffer.from('\0\0\0\x1cftypmif1\0\0\0\0mif1avif', 'latin1'),
      'avif',
    ],
    ['JPEG 2000', Buffer.from('\0\0\0\x0cjP  \r\n\x87\n', 'latin1'), 'jp2'],
    ['JPEG XL', Buffer.from('\xff\x0a', 'latin1'), 'jxl'],
  ])('knows %s', (_name, head, ending) => {
    expect(sniffImage(head)).toBe(ending);
  });

  it.each([
    ['<!DOCTYPE html><html>'],
    ['<svg xmlns="http://www.w3.org/2000/svg">'],
    ['BMW is a maker of cars, not a bitmap'],
    ['\0\0\0\x18ftypisom a film'],
    ['RIFF....WAVE'],
    ['\xff\xd8'],
    ['{"error": "not found"}'],
    [''],
  ])('takes %j for no image', (text) => {
    expect(sniffImage(Buffer.from(text, 'latin1'))).toBeUndefined();
  });

  it('takes no view beyond the bytes it is given', () => {
    const long = Buffer.from('xxxx\xff\xd8\xff', 'latin1');
    expect(sniffImage(long.subarray(0, 4))).toBeUndefined();
    expect(sniffImage(long.subarray(4))).toBe('jpg');
  });
});

describe('waits', () => {
  const options = { backoffMs: 100, maxWaitMs: 1000, seed: 1 };

  it('backoffOf doubles up to the longest wait, half of it by chance', () => {
    for (let tries = 1; tries <= 8; tries++) {
      const whole = Math.min(1000, 100 * 2 ** (tries - 1));
      for (const key of ['a', 'b', 'c']) {
        const wait = backoffOf(key, tries, options);
        expect(wait).toBeGreaterThanOrEqual(whole / 2);
        expect(wait).toBeLessThanOrEqual(whole);
      }
    }
  });

  it('backoffOf is the same for the same seed, and another for another', () => {
    const waits = (seed: number): readonly number[] =>
      ['a', 'b', 'c'].map((key) => backoffOf(key, 4, { ...options, seed }));
    expect(waits(1)).toEqual(waits(1));
    expect(waits(2)).not.toEqual(waits(1));
  });

  it.each([
    ['7', undefined, 7000],
    [' 0 ', undefined, 0],
    ['Wed, 21 Oct 2026 07:28:30 GMT', 'Wed, 21 Oct 2026 07:28:00 GMT', 30_000],
    ['Wed, 21 Oct 2026 07:28:00 GMT', 'Wed, 21 Oct 2026 07:29:00 GMT', 0],
    ['Wed, 21 Oct 2026 07:28:00 GMT', undefined, undefined],
    ['soon', 'Wed, 21 Oct 2026 07:28:00 GMT', undefined],
    ['-5', 'Wed, 21 Oct 2026 07:28:00 GMT', undefined],
    [undefined, undefined, undefined],
  ])('retryAfterMs reads %j answered at %j as %j', (value, date, wait) => {
    expect(retryAfterMs(value, date)).toBe(wait);
  });
});

describe('statuses', () => {
  it('another try is for what can pass', () => {
    for (const status of [
      'http_429',
      'http_500',
      'http_503',
      'timeout',
      'reset',
      'truncated',
    ] as const) {
      expect(canPass(status), status).toBe(true);
    }
    for (const status of [
      'http_404',
      'http_403',
      'http_501',
      'not_image',
      'robots',
      'dns',
    ] as const) {
      expect(canPass(status), status).toBe(false);
    }
  });

  it('a missing image does not speak against its host, a missing host does', () => {
    expect(blamesHost('http_404')).toBe(false);
    expect(blamesHost('not_image')).toBe(false);
    expect(blamesHost('dns')).toBe(true);
    expect(blamesHost('http_503')).toBe(true);
  });

  it.each([
    ['ENOTFOUND', 'dns'],
    ['ECONNREFUSED', 'refused'],
    ['ECONNRESET', 'reset'],
    ['ETIMEDOUT', 'timeout'],
    ['EBLOCKED', 'blocked_address'],
    ['HPE_INVALID_CONSTANT', 'protocol'],
    ['CERT_HAS_EXPIRED', 'tls'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'tls'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'tls'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'tls'],
  ])('%s is %s', (code, status) => {
    expect(statusOfError(code)).toBe(status);
  });
});

describe('resolveFetchOptions', () => {
  it('fills in the defaults, and connects in no longer than a try may take', () => {
    expect(resolveFetchOptions({})).toEqual(FETCH_DEFAULTS);
    expect(resolveFetchOptions({ timeoutMs: 50 }).connectTimeoutMs).toBe(50);
  });

  it.each([
    [{ concurrency: 0 }, /concurrency must be a whole number from 1 to 1024, but got 0/],
    [{ perHost: 1.5 }, /perHost must be a whole number.*but got 1.5/],
    [{ retries: 21 }, /retries must be .* from 0 to 20, but got 21/],
    [{ maxBytes: NaN }, /maxBytes must be .* but got NaN/],
    [{ userAgent: 'a\r\nHost: b' }, /userAgent must be printable ASCII/],
    [{ userAgent: '' }, /userAgent must be printable ASCII/],
  ])('refuses %j', (options, message) => {
    expect(() => resolveFetchOptions(options)).toThrow(message);
  });
});
