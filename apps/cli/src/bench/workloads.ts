/** What `janus bench` measures: our side's arguments, and the peers'. */
import type { BenchUnit } from '@janus/core';

/** A peer's script and what it is told. */
export interface PeerProgram {
  readonly script: PeerScript;
  readonly args: readonly string[];
}

/** The scripts that `--peers` names a folder of. */
export type PeerScript = 'torch_peer.py' | 'keras_peer.py';

/** Configurations of a peer, of which the fastest counts. */
export interface PeerClass {
  readonly name: string;
  readonly candidates: readonly PeerProgram[];
}

/** One piece of work. */
export interface BenchWork {
  /** For `--works`. */
  readonly name: string;
  readonly title: string;
  readonly unit: BenchUnit;
  /** Arguments of `benchmarks/ours.ts`. */
  readonly ours: readonly string[];
  /** Whether both sides get `--folder` with JPEG files. */
  readonly readsImages: boolean;
  readonly peers: readonly PeerClass[];
}

/**
 * Returns PyTorch's two classes: what it does untold, and the fastest of bfloat16 in both layouts
 * with and without torch.compile. What it does untold takes part in the second too, for processors
 * without bfloat16.
 */
function pyTorch(args: readonly string[]): readonly PeerClass[] {
  const program = (...more: readonly string[]): PeerProgram => ({
    script: 'torch_peer.py',
    args: [...args, ...more],
  });
  const untold = program('--precision', 'f32', '--layout', 'default');
  const reduced = ['default', 'channels_last'].flatMap((layout) => {
    const told = ['--precision', 'bf16', '--layout', layout];
    return [program(...told), program(...told, '--compile')];
  });
  return [
    { name: 'PyTorch default', candidates: [untold] },
    { name: 'PyTorch best', candidates: [untold, ...reduced] },
  ];
}

/** A step of the two sides that take the same arguments. */
function step(
  work: Pick<BenchWork, 'name' | 'title' | 'unit'>,
  told: readonly string[],
): BenchWork {
  return { ...work, ours: told, readsImages: false, peers: pyTorch(told) };
}

const VGG = ['--batch', '8', '--size', '224'];

const VGG_WORKS: readonly BenchWork[] = [
  step({ name: 'vgg-predict', title: 'VGG-16 base, 224 px, batch 8, predict', unit: 'img/s' }, [
    ...['vgg-predict', ...VGG, '--rounds', '10'],
  ]),
  step({ name: 'vgg-train', title: 'VGG-16 base, 224 px, batch 8, train all', unit: 'img/s' }, [
    ...['vgg-train', ...VGG, '--rounds', '3'],
  ]),
];

/** Side, filters, blocks, batch, and steps that are timed. */
const CYCLEGAN_SIZES = [
  { size: 256, ngf: 64, blocks: 9, batch: 1, steps: 3 },
  { size: 128, ngf: 32, blocks: 6, batch: 1, steps: 10 },
  { size: 64, ngf: 16, blocks: 3, batch: 8, steps: 15 },
] as const;

const CYCLEGAN_WORKS: readonly BenchWork[] = CYCLEGAN_SIZES.map(
  ({ size, ngf, blocks, batch, steps }) =>
    step(
      {
        name: `cyclegan-${size}`,
        title: `CycleGAN step with identity loss, ${size} px, ngf ${ngf}, ${blocks} blocks, batch ${batch}`,
        unit: 's/step',
      },
      [
        ...['cyclegan', '--size', `${size}`, '--ngf', `${ngf}`, '--blocks', `${blocks}`],
        ...['--batch', `${batch}`, '--rounds', `${steps}`],
      ],
    ),
);

const loader = (workers: number): PeerProgram => ({
  script: 'torch_peer.py',
  args: ['jpeg', '--size', '224', '--workers', `${workers}`],
});

/** One process decodes, as untold; two do. */
const ONE_PROCESS = loader(0);
const TWO_WORKERS = loader(2);

const IMAGE_WORKS: readonly BenchWork[] = [
  {
    name: 'jpeg',
    title: 'JPEG to 224 px RGB',
    unit: 'img/s',
    ours: ['jpeg', '--size', '224'],
    readsImages: true,
    peers: [
      { name: 'PyTorch default', candidates: [ONE_PROCESS] },
      { name: 'PyTorch best', candidates: [ONE_PROCESS, TWO_WORKERS] },
    ],
  },
  ...Object.entries({
    'first-epoch': 'First epoch of batches, 224 px',
    'later-epochs': 'A later epoch of batches',
    'packed-epochs': 'A later epoch of batches, from a pack',
  }).map(([name, title]) => ({
    ...{ name, title, unit: 'img/s' as const },
    ours: [name, '--size', '224'],
    readsImages: true,
    peers: [{ name: 'PyTorch DataLoader, 2 workers', candidates: [TWO_WORKERS] }],
  })),
];

const HEAD = ['frozen-head', '--size', '224', '--images', '100', '--epochs', '20', '--batch', '20'];

const keras = (precision: 'f32' | 'bf16'): PeerProgram => ({
  script: 'keras_peer.py',
  args: [...HEAD, '--precision', precision],
});

const KERAS_UNTOLD = keras('f32');

const HEAD_WORK: BenchWork = {
  name: 'frozen-head',
  title: 'Head on a frozen VGG-16, 20 epochs',
  unit: 'img/s',
  ours: HEAD,
  readsImages: false,
  peers: [
    { name: 'Keras default', candidates: [KERAS_UNTOLD] },
    { name: 'Keras best', candidates: [KERAS_UNTOLD, keras('bf16')] },
  ],
};

/** All of them, in the order of the table. */
export const BENCH_WORKS: readonly BenchWork[] = [
  ...VGG_WORKS,
  ...CYCLEGAN_WORKS,
  ...IMAGE_WORKS,
  HEAD_WORK,
];
