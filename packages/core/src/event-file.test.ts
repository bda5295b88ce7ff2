import { expect, it } from 'vitest';
import { crc32c, encodeEvent } from './event-file.js';

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));

it('crc32c equals the examples of RFC 3720, appendix B.4', () => {
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
  expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
  expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe(0x46dd794e);
});

// tools/oracles/tensorboard_events.py --bytes, TensorBoard 2.20.0: the same events, written by its own code.
it.each([
  [
    'version',
    { kind: 'version' },
    '1800000000000000a37f4b220900001040fc54d9411a0d627261696e2e4576656e743a32338d2fe9',
  ],
  [
    'restart',
    { kind: 'restart', step: 301 },
    '100000000000000095fbfe180900001040fc54d94110ad023a020801cb79b93b',
  ],
  [
    'scalars',
    { kind: 'scalars', step: 300, scalars: { 'losses/größe': 0.1, 'learning-rate': 2e-4 } },
    '3b000000000000001a23ac5c0900001040fc54d94110ac022a2d0a150a0e6c6f737365732f6772c3b6c39f6515cdcccc3d0a140a0d6c6561726e696e672d726174651517b75139cf16c09c',
  ],
] as const)('an event of kind %s has the bytes that TensorBoard writes', (_, content, hex) => {
  expect(encodeEvent(content, 1_700_000_000.25)).toEqual(bytes(hex));
});
