/** The workloads of `janus bench`: arguments of our side and of the peers. */
import type { BenchUnit } from '@janus/core';

/** A peer's script and its arguments. */
export interface PeerProgram {
  readonly script: PeerScript;
  readonly args: readonly string[];
  /** What to append to `args` for a single step; absent where that saves nothing. */
  readonly oneStep?: readonly string[];
}

/** The scripts in the folder of `--peers`. */
export type PeerScript = 'torch_peer.py' | 'keras_peer.py' | 'bytes_peer.py';

/** Configurations of a peer; the fastest one is compared. */
export interface PeerClass {
  readonly name: string;
  readonly candidates: readonly PeerProgram[];
}

/** One thing to measure on both sides. */
export interface Workload {
  /** As `--workloads` takes it, and `work` in the result. */
  readonly name: string;
  /** In words, for the report. */
  readonly title: string;
  readonly unit: BenchUnit;
  /** Arguments of `benchmarks/ours.ts`. */
  readonly ours: readonly string[];
  /** Whether both sides take `--folder`, a folder of JPEG files. */
  readonly readsImages: boolean;
  /** Whether it is measured only where it is named. */
  readonly onlyNamed?: boolean;
  readonly peers: readonly PeerClass[];
}

/**
 * Returns PyTorch's two classes: its defaults, and the fastest of bfloat16 in both layouts with and
 * without torch.compile. The defaults are a candidate of the second class too, for processors without
 * bfloat16.
 */
function pyTorch(
  args: readonly string[],
  script: PeerScript = 'torch_peer.py',
): readonly PeerClass[] {
  const program = (...more: readonly string[]): PeerProgram => ({
    script,
    args: [...args, ...more],
    oneStep: ['--rounds', '1'],
  });
  const defaults = program('--precision', 'f32', '--layout', 'default');
  const reduced = ['default', 'channels_last'].flatMap((layout) => {
    const settings = ['--precision', 'bf16', '--layout', layout];
    return [program(...settings), program(...settings, '--compile')];
  });
  return [
    { name: 'PyTorch default', candidates: [defaults] },
    { name: 'PyTorch best', candidates: [defaults, ...reduced] },
  ];
}

/** Returns a workload of network steps, for which both sides take the same arguments. */
function step(
  workload: Pick<Workload, 'name' | 'title' | 'unit'>,
  args: readonly string[],
): Workload {
  return { ...workload, ours: args, readsImages: false, peers: pyTorch(args) };
}

const VGG = ['--batch', '8', '--size', '224'];

const VGG_WORKLOADS: readonly Workload[] = [
  step({ name: 'vgg-predict', title: 'VGG-16 base, 224 px, batch 8, predict', unit: 'img/s' }, [
    ...['vgg-predict', ...VGG, '--rounds', '10'],
  ]),
  step({ name: 'vgg-train', title: 'VGG-16 base, 224 px, batch 8, train all', unit: 'img/s' }, [
    ...['vgg-train', ...VGG, '--rounds', '3'],
  ]),
];

/** Image side in px, filters, residual blocks, batch size, and number of timed steps. */
const CYCLEGAN_SIZES = [
  { size: 256, ngf: 64, blocks: 9, batch: 1, steps: 3 },
  { size: 128, ngf: 32, blocks: 6, batch: 1, steps: 10 },
  { size: 64, ngf: 16, blocks: 3, batch: 8, steps: 15 },
] as const;

const CYCLEGAN_WORKLOADS: readonly Workload[] = CYCLEGAN_SIZES.map(
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

/** The DataLoader's default, which decodes in the main process, and two worker processes. */
const ONE_PROCESS = loader(0);
const TWO_WORKERS = loader(2);

const IMAGE_WORKLOADS: readonly Workload[] = [
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
  oneStep: ['--epochs', '1'],
});

const KERAS_DEFAULT = keras('f32');

const HEAD_WORKLOAD: Workload = {
  name: 'frozen-head',
  title: 'Head on a frozen VGG-16, 20 epochs',
  unit: 'img/s',
  ours: HEAD,
  readsImages: false,
  peers: [
    { name: 'Keras default', candidates: [KERAS_DEFAULT] },
    { name: 'Keras best', candidates: [KERAS_DEFAULT, keras('bf16')] },
  ],
};

/** How large the steps of {@link bytesWorkloads} are. */
export interface BytesSizes {
  /** Images a step, of each domain for a CycleGAN; default 8. */
  readonly batch?: number | undefined;
  /** Side in pixels; default 224, of the CycleGAN 64. */
  readonly size?: number | undefined;
}

/** Steps that are timed. */
const BYTES_STEPS = 20;

/** Steps from the bytes of images in memory to an answer in memory, on whichever device each side finds. */
function bytesWorkloads({ batch = 8, size }: BytesSizes): readonly Workload[] {
  const workload = (
    named: Pick<Workload, 'name' | 'title' | 'unit'>,
    { side, more = [] }: { readonly side: number; readonly more?: readonly string[] },
  ): Workload => {
    const given = ['--batch', `${batch}`, '--size', `${side}`, '--rounds', `${BYTES_STEPS}`];
    const args = [named.name, ...given, ...more];
    return {
      ...named,
      title: `${named.title}, ${side} px, batch ${batch}`,
      ...{ ours: args, readsImages: false, onlyNamed: true },
      peers: pyTorch(args, 'bytes_peer.py'),
    };
  };
  const predicted = { maps: 'bytes to maps', means: 'bytes to means of maps' };
  const trained = { block5: 'train block5 from bytes', all: 'train all from bytes' };
  return [
    ...Object.entries({ ...predicted, ...trained }).map(([name, what]) =>
      workload(
        { name: `bytes-${name}`, title: `VGG-16 base, ${what}`, unit: 'img/s' },
        { side: size ?? 224 },
      ),
    ),
    workload(
      {
        name: 'bytes-cyclegan',
        title: 'CycleGAN step from bytes, ngf 16, 3 blocks',
        unit: 's/step',
      },
      { side: size ?? 64, more: ['--ngf', '16', '--blocks', '3'] },
    ),
  ];
}

/** Returns all workloads, in the order of the table; sizes are those of the steps from bytes. */
export function workloadsOf(sizes: BytesSizes): readonly Workload[] {
  return [
    ...VGG_WORKLOADS,
    ...CYCLEGAN_WORKLOADS,
    ...IMAGE_WORKLOADS,
    HEAD_WORKLOAD,
    ...bytesWorkloads(sizes),
  ];
}

/** All workloads at their default sizes. */
export const WORKLOADS: readonly Workload[] = workloadsOf({});
