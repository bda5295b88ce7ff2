import { expect, it } from 'vitest';
import type { GpuFacts } from '../machine/gpu.js';
import { gpuProblems, type GpuBuildState } from './gpu-problems.js';

const H100: GpuFacts = {
  cards: [{ name: 'NVIDIA H100', computeCapability: '9.0' }],
  driver: '570.86.15',
  cuda: '12.8',
  hasDriverLibrary: true,
  hasDevice: true,
};
const B200: GpuFacts['cards'] = [{ name: 'NVIDIA B200', computeCapability: '10.0' }];
const RTX: GpuFacts['cards'] = [{ name: 'NVIDIA RTX A2000', computeCapability: '8.6' }];
const OLD_DRIVER = { driver: '525.60.13', cuda: '12.0' };
const IN_USE: GpuBuildState = { installed: true, missing: [], used: true };
const UNUSED: GpuBuildState = { ...IN_USE, used: false };
const ABSENT: GpuBuildState = { installed: false, missing: [], used: false };
const NO_GPU: GpuFacts = { cards: [], hasDriverLibrary: false, hasDevice: false };

const only = (facts: GpuFacts, build: GpuBuildState): { what: string; remedy: string } => {
  const problems = gpuProblems(facts, build);
  expect(problems).toHaveLength(1);
  return problems[0]!;
};

it('has nothing to say where a GPU computes, or where there is none', () => {
  expect(gpuProblems(H100, IN_USE)).toEqual([]);
  expect(gpuProblems(NO_GPU, ABSENT)).toEqual([]);
  expect(gpuProblems(NO_GPU, UNUSED)).toEqual([]);
});

it('names the command for a GPU that is not used yet', () => {
  expect(only(H100, ABSENT)).toEqual({
    what: 'NVIDIA H100 (driver 570.86.15, CUDA 12.8) is not used: the GPU build of TensorFlow is not installed.',
    remedy: 'npx janus engine install --gpu',
  });
});

it('says both CUDA releases when the driver is too old for the card', () => {
  expect(only({ ...H100, ...OLD_DRIVER, cards: B200 }, UNUSED)).toEqual({
    what: 'The NVIDIA driver 525.60.13 supports CUDA 12.0, but TensorFlow 2.21.0 needs 12.5. This driver cannot compile for a card as new as NVIDIA B200 (compute capability 10.0).',
    remedy:
      'Update the driver to 555.42.02 or newer, or set CUDA_VISIBLE_DEVICES=-1 to compute on the processor',
  });
});

it('offers the CPU build to an old driver before the GPU build is installed', () => {
  const { remedy } = only({ ...H100, ...OLD_DRIVER }, ABSENT);
  expect(remedy).toBe(
    'Update the driver to 555.42.02 or newer, or use the CPU build (`npx janus engine install`)',
  );
});

it('accepts a driver of the same major release where the GPU computes anyway', () => {
  // The library holds machine code for both.
  for (const cards of [RTX, H100.cards]) {
    const facts = { ...H100, ...OLD_DRIVER, cards };
    expect(gpuProblems(facts, IN_USE)).toEqual([]);
    expect(only(facts, UNUSED).what).toContain(
      'Cards up to compute capability 9.0 may still work (minor version compatibility)',
    );
  }
});

it('says that a driver of an older major release does not start', () => {
  expect(only({ ...H100, driver: '470.82.01', cuda: '11.4' }, UNUSED).what).toBe(
    'The NVIDIA driver 470.82.01 supports CUDA 11.4, but TensorFlow 2.21.0 needs 12.5 and does not start below 12.0 (driver 525.60.13).',
  );
});

it('says that a card is too old for the library', () => {
  const cards = [{ name: 'NVIDIA GeForce GTX 970', computeCapability: '5.2' }];
  expect(only({ ...H100, cards }, UNUSED)).toEqual({
    what: 'NVIDIA GeForce GTX 970 has compute capability 5.2, but TensorFlow 2.21.0 needs 6.0 or newer.',
    remedy: 'To continue without it, set CUDA_VISIBLE_DEVICES=-1 to compute on the processor',
  });
});

it('names the libraries that are missing, with a GPU and without', () => {
  const build = { ...UNUSED, missing: ['libcudnn.so.9', 'libcusolver.so.11'] };
  for (const facts of [H100, NO_GPU]) {
    expect(only(facts, build)).toEqual({
      what: 'The installed GPU build lacks libcudnn.so.9, libcusolver.so.11 and cannot load without it.',
      remedy: 'npx janus engine install --gpu',
    });
  }
});

it('sees a device whose driver is not loaded', () => {
  expect(only({ ...NO_GPU, hasDevice: true }, ABSENT)).toEqual({
    what: 'This machine has an NVIDIA device, but its driver is not loaded (/proc/driver/nvidia/version is missing).',
    remedy: "Install NVIDIA's driver 555.42.02 or newer, then `npx janus engine install --gpu`",
  });
});

it('sees a GPU that was hidden, and one whose container lacks the driver library', () => {
  expect(only(H100, { ...UNUSED, visible: '-1' })).toEqual({
    what: 'NVIDIA H100 (driver 570.86.15, CUDA 12.8) is hidden from TensorFlow: CUDA_VISIBLE_DEVICES is "-1".',
    remedy: 'unset CUDA_VISIBLE_DEVICES',
  });
  const { what } = only({ ...H100, hasDriverLibrary: false }, { ...UNUSED, visible: '0' });
  expect(what).toContain("the driver's library libcuda.so.1 is not");
});

it("points to TensorFlow's reasons when it knows none itself", () => {
  expect(only(H100, UNUSED).remedy).toBe(
    'TF_CPP_MIN_LOG_LEVEL=0 npx janus doctor, which prints the reasons',
  );
});
