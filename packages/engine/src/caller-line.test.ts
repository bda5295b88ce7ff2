import { describe, expect, it } from 'vitest';
import { callerLine, isRandomCall } from './caller-line.js';

describe('a place in the program', () => {
  /** The frames of a call to `operation`, with tfjs at `root`. */
  const placeOf = (operation: string, root: string): Error => {
    const place = new Error();
    place.stack = [
      'Error',
      `    at Engine.makeTensor (${root}/engine.ts:815:28)`,
      `    at ${operation}_ (${root}/ops/made.ts:58:14)`,
      `    at Object.${operation}__op (${root}/ops/operation.ts:51:28)`,
      '    at step (file:///home/somebody/janus/train.ts:6:25)',
      '    at traceStep (/home/somebody/janus/packages/engine/src/graph/trace.ts:363:43)',
      '    at main (/home/somebody/janus/other.ts:1:2)',
    ].join('\n');
    return place;
  };

  it("is the caller's line, and random where tfjs draws, with source maps and without", () => {
    for (const root of [
      '/home/somebody/janus/node_modules/@tensorflow/tfjs/dist',
      '/home/somebody/janus/tfjs-core/src', // what tsx makes of it
    ]) {
      const drawn = placeOf('randomUniform', root);
      expect(callerLine(drawn)).toBe('/home/somebody/janus/train.ts:6:25');
      expect(isRandomCall(drawn)).toBe(true);
      expect(isRandomCall(placeOf('tensor1d', root))).toBe(false);
    }
  });
});
