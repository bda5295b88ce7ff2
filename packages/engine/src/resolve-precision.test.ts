import { beforeAll, describe, expect, it } from 'vitest';
import { bfloat16Instructions } from './bfloat16.js';
import { installedAddon } from './install/installed.js';
import { measureSpeed, type MeasuredSpeed } from './measure-speed.js';
import { choosePrecision } from './resolve-precision.js';
import { useEngine } from './use-engine.js';

const noEngine = installedAddon() === undefined ? ' (skipped: no native engine)' : '';

it('bfloat16Instructions heeds a cap that the user set on oneDNN', () => {
  const flags = new Set(['avx2', 'avx512_bf16']);
  expect(bfloat16Instructions({}, flags)).toEqual(['avx512_bf16']);
  expect(bfloat16Instructions({ ONEDNN_MAX_CPU_ISA: 'AVX512_CORE_BF16' }, flags)).toHaveLength(1);
  expect(bfloat16Instructions({ ONEDNN_MAX_CPU_ISA: 'AVX2' }, flags)).toEqual([]);
  expect(bfloat16Instructions({}, new Set(['avx2']))).toEqual([]);
});

describe('choosePrecision', () => {
  const measured = (speed: MeasuredSpeed) => () => Promise.resolve(speed);
  it('auto is float32 on an engine without bfloat16, and measures nothing', async () => {
    await useEngine({ engine: 'js' });
    const never = (): never => {
      throw new Error('measured');
    };
    expect(await choosePrecision('auto', never)).toEqual({ precision: 'float32' });
  });

  describe.skipIf(noEngine !== '')(`on the native engine${noEngine}`, () => {
    beforeAll(async () => {
      await useEngine({ engine: 'tensorflow' });
    });

    it.each([
      [
        { float32: 100, bfloat16: 250 },
        { precision: 'bfloat16', ratio: 2.5 },
      ],
      [
        { float32: 100, bfloat16: 105 },
        { precision: 'float32', ratio: 1.05 },
      ],
      [{ float32: 100 }, { precision: 'float32' }],
    ])('auto of %o is %o', async (speed, chosen) => {
      expect(await choosePrecision('auto', measured(speed))).toEqual(chosen);
      expect(await choosePrecision('float32', measured(speed))).toEqual({ precision: 'float32' });
    });
  });
});

describe('measureSpeed', () => {
  it.skipIf(noEngine !== '')(
    `measures the engine in use once, and bfloat16 where there is some${noEngine}`,
    async () => {
      await useEngine({ engine: 'tensorflow' });
      const speed = await measureSpeed();
      expect(speed.float32).toBeGreaterThan(0);
      expect(speed.bfloat16 !== undefined).toBe(bfloat16Instructions().length > 0);
      expect(await measureSpeed()).toBe(speed);
    },
  );

  it('measures plain JavaScript too', async () => {
    await useEngine({ engine: 'js' });
    const { float32, bfloat16 } = await measureSpeed();
    expect(float32).toBeGreaterThan(0);
    expect(bfloat16).toBeUndefined();
  });
});
