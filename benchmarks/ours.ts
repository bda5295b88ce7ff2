/**
 * Measures one piece of our work in a process of its own and prints a JSON line, as the peers'
 * scripts do; `janus bench` starts it. By hand:
 *
 *     node --import tsx --conditions=@janus/source benchmarks/ours.ts cyclegan --size 64 --ngf 16 --blocks 3 --batch 8
 */
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { JanusError, OptionsError } from '@janus/core';
import { choosePrecision, useEngine, type EngineName, type PrecisionChoice } from '@janus/engine';
import { peakRssMb, type Measured } from './measure.js';
import { bytesCycleGan, bytesPredict, bytesTrain } from './ours-bytes.js';
import { frozenHead } from './ours-head.js';
import { cycleGan, vggPredict, vggTrain, type StepOptions } from './ours-networks.js';
import { firstEpoch, jpeg, laterEpochs, packedEpochs } from './ours-images.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    batch: { type: 'string', default: '8' },
    size: { type: 'string', default: '224' },
    ngf: { type: 'string', default: '64' },
    blocks: { type: 'string', default: '9' },
    rounds: { type: 'string', default: '3' },
    images: { type: 'string', default: '200' },
    epochs: { type: 'string', default: '5' },
    folder: { type: 'string', default: '.' },
    precision: { type: 'string', default: 'auto' },
    engine: { type: 'string', default: 'auto' },
  },
});

/** What a work finds, and the library that computed it. */
interface Found {
  readonly measured: Measured;
  readonly library?: string;
}

type Arguments = typeof values;

async function onEngine(
  given: Arguments,
  work: (options: StepOptions) => Promise<Measured>,
): Promise<Found> {
  const engine = await useEngine({ engine: given.engine as EngineName | 'auto' });
  const { precision } = await choosePrecision(given.precision as PrecisionChoice);
  const measured = await work({
    batch: Number(given.batch),
    size: Number(given.size),
    steps: Number(given.rounds),
    precision,
  });
  return { measured, library: `${engine.name} ${engine.version}` };
}

/** As {@link onEngine}, and says on which device. */
async function onDevice(
  given: Arguments,
  work: (options: StepOptions) => Promise<Measured>,
): Promise<Found> {
  const { device } = await useEngine({ engine: given.engine as EngineName | 'auto' });
  return await onEngine(given, async (options) => {
    const measured = await work(options);
    return { ...measured, config: { ...measured.config, device } };
  });
}

async function onImages({ folder, size }: Arguments, work: typeof jpeg): Promise<Found> {
  return { measured: await work({ folder, size: Number(size) }) };
}

const WORKS: Readonly<Record<string, (given: Arguments) => Promise<Found>>> = {
  'vgg-predict': async (given) => await onEngine(given, vggPredict),
  'vgg-train': async (given) => await onEngine(given, vggTrain),
  cyclegan: async (given) =>
    await onEngine(
      given,
      async (options) =>
        await cycleGan({ ...options, ngf: Number(given.ngf), blocks: Number(given.blocks) }),
    ),
  'bytes-maps': async (given) =>
    await onDevice(given, async (options) => await bytesPredict(options, 'maps')),
  'bytes-means': async (given) =>
    await onDevice(given, async (options) => await bytesPredict(options, 'means')),
  'bytes-block5': async (given) =>
    await onDevice(given, async (options) => await bytesTrain(options, 'block5')),
  'bytes-all': async (given) =>
    await onDevice(given, async (options) => await bytesTrain(options, 'all')),
  'bytes-cyclegan': async (given) =>
    await onDevice(
      given,
      async (options) =>
        await bytesCycleGan({ ...options, ngf: Number(given.ngf), blocks: Number(given.blocks) }),
    ),
  'frozen-head': async (given) =>
    await onEngine(
      given,
      async (options) =>
        await frozenHead({
          ...options,
          images: Number(given.images),
          epochs: Number(given.epochs),
        }),
    ),
  jpeg: async (given) => await onImages(given, jpeg),
  'first-epoch': async (given) => await onImages(given, firstEpoch),
  'later-epochs': async (given) => await onImages(given, laterEpochs),
  'packed-epochs': async (given) => await onImages(given, packedEpochs),
};

async function measure(): Promise<void> {
  const [name = ''] = positionals;
  const work = WORKS[name];
  if (work === undefined) {
    throw new OptionsError(
      `ours: the work must be one of ${Object.keys(WORKS).join(', ')}, but got ${name}. Name one.`,
    );
  }
  const { measured, library } = await work(values);
  const { value, unit, config } = measured;
  const line = {
    peer: library === undefined ? 'janus' : `janus on ${library}`,
    work: name,
    config: { ...values, ...config, threads: cpus().length },
    value: Number(value.toPrecision(5)),
    unit,
    peak_rss_mb: peakRssMb(),
  };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

try {
  await measure();
} catch (error) {
  if (!(error instanceof JanusError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
