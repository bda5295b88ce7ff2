import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { classesOf, keptRows, openDataset, readManifest, writeManifest } from '@janus/data';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { StoppableContext } from '../context.js';
import { makeSmallRuns, type SmallRuns } from '../small-runs.fixture.js';
import { probeLayers, type ProbeLayersOptions, type ProbeResult } from './probe-layers.js';
import { writeProbe } from './write-probe.js';
import { TEST_ENGINE } from '../test-engine.fixture.js';

let small: SmallRuns;
let passes = 0;
beforeAll(async () => {
  small = await makeSmallRuns();
});
afterAll(async () => {
  await rm(small.root, { recursive: true, force: true });
});

const reporter = {
  log: () => undefined,
  progress: ({ label }: { label: string }) => {
    if (label === 'features of all blocks') passes++;
  },
};

/** Probes SqueezeNet, with weights of its own, on 40 generated faces of 32 px. */
const probe = async (
  options: Partial<ProbeLayersOptions> = {},
  context: StoppableContext = {},
): Promise<ProbeResult> =>
  await probeLayers(
    small.fineTuned.data,
    {
      ...{ target: 'presentation', backbone: 'squeezenet', weights: small.fineTuned.weights ?? '' },
      ...{ size: 32, folds: 3, cuts: ['conv1', 'fire3'], poolings: ['average', 'average+max'] },
      ...options,
    },
    { engine: TEST_ENGINE, reporter, ...context },
  );

it('compares each cut, pooling and normalisation on the images outside the test split', async () => {
  const result = await probe();
  const dataset = await openDataset(small.fineTuned.data);
  const test = keptRows(dataset, { split: 'test' }).length;
  expect(test).toBeGreaterThan(0);
  expect(result).toMatchObject({ n: 40 - test, aside: test, folds: 3, cuts: ['conv1', 'fire3'] });
  expect(result.classes).toEqual(classesOf(dataset, 'presentation'));
  const choices = result.rows.map((row) => `${row.cut} ${row.pooling} ${row.normalisation}`);
  expect([...choices].sort()).toEqual(
    ['conv1', 'fire3'].flatMap((cut) =>
      ['average sqrt-l2', 'average standard', 'average+max sqrt-l2', 'average+max standard'].map(
        (each) => `${cut} ${each}`,
      ),
    ),
  );
  const losses = result.rows.map(({ loss }) => loss);
  expect(losses).toEqual([...losses].sort((a, b) => a - b));
  expect(result.rows.find(({ cut }) => cut === 'conv1')?.features).toBeOneOf([64, 128]);
});

it('takes features from the images once: the second time, and for other choices and targets, from their file', async () => {
  const first = await probe();
  passes = 0;
  expect(await probe()).toEqual(first);
  const other = await probe({ cuts: ['fire2'], poolings: ['max'], normalisations: ['standard'] });
  const glasses = await probe({ target: 'glasses', cuts: ['conv1'] });
  expect(passes).toBe(0);
  expect(glasses).toMatchObject({ target: 'glasses', n: first.n });
  expect(other.rows).toHaveLength(1);
  expect(other.rows[0]).toMatchObject({ cut: 'fire2', pooling: 'max', features: 128 });
});

it('stops where its signal says so, and keeps the features that were complete', async () => {
  const size = 40; // that no other test has features of
  const keptFiles = async (): Promise<number> => {
    const files = await readdir(small.fineTuned.data, { recursive: true });
    return files.filter((file) => file.endsWith('.safetensors')).length;
  };
  const before = await keptFiles();
  for (const [at, kept] of [
    ['features of all blocks', 0],
    ['probing', 1],
  ] as const) {
    const stop = new AbortController();
    let probed = 0;
    const progress = ({ label }: { label: string }): void => {
      if (label === 'probing') probed++;
      if (label === at) stop.abort('enough');
    };
    const context = { reporter: { ...reporter, progress }, signal: stop.signal };
    await expect(probe({ size }, context)).rejects.toBe('enough');
    expect(probed).toBe(kept);
    expect(await keptFiles()).toBe(before + kept);
  }
  passes = 0;
  expect((await probe({ size })).rows).toHaveLength(8);
  expect(passes).toBe(0);
});

it('probes all images of a data set that is not split', async () => {
  const folder = small.fineTuned.data;
  const rows = await readManifest(folder);
  await writeManifest(
    folder,
    rows.map((row) => ({ ...row, split: null })),
  );
  try {
    expect(await probe({ cuts: ['conv1'] })).toMatchObject({ n: 40, aside: 0 });
  } finally {
    await writeManifest(folder, rows);
  }
});

it('names what there is when a name is not among it, before any image is read', async () => {
  const before = await readdir(small.fineTuned.data);
  passes = 0;
  await expect(probe({ target: 'height' })).rejects.toThrow(/must be a label column .*got height/);
  await expect(probe({ cuts: ['fire3', 'block4'] })).rejects.toThrow(
    'probe: cuts must be among conv1, fire2, fire3, fire4, fire5, fire6, fire7, fire8, fire9, but got block4.',
  );
  await expect(probe({ poolings: ['flatten'] })).rejects.toThrow(
    'probe: poolings must be among average, max, average+max, average+max+grid, average+max+grid3, but got flatten.',
  );
  await expect(probe({ normalisations: ['none' as never] })).rejects.toThrow(
    'probe: normalisations must be among standard, sqrt-l2, but got none.',
  );
  await expect(probe({ cuts: [] })).rejects.toThrow(/cuts must be among .*, but got none/);
  await expect(probe({ folds: 2 })).rejects.toThrow(/folds must be a whole number from 3/);
  await expect(probe({ cuts: ['fire9'], poolings: ['average+max+grid'] })).rejects.toThrow(
    'probe: average+max+grid needs feature maps of at least 2 x 2, but those after fire9 are smaller.',
  );
  expect(passes).toBe(0);
  expect(await readdir(small.fineTuned.data)).toEqual(before);
});

it('writes the result and its figure', async () => {
  const result = await probe();
  const parent = await mkdtemp(join(small.root, 'out-'));
  const folder = join(parent, 'probes', 'presentation');
  const files = await writeProbe(result, folder);
  expect(files).toEqual(['probe.json', 'probe.svg', 'probe.png'].map((name) => join(folder, name)));
  expect(JSON.parse(await readFile(join(folder, 'probe.json'), 'utf8'))).toEqual(result);
  expect(await readFile(join(folder, 'probe.svg'), 'utf8')).toContain('fire3');
  expect((await readdir(folder)).sort()).toEqual(['probe.json', 'probe.png', 'probe.svg']);
});
