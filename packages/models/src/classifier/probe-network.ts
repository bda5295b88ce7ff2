import * as tf from '@tensorflow/tfjs';
import { blocksOf, outputOfBlock } from '../backbones/backbones.js';
import { gridMeans, poolingLayers, type Pooling } from './pooling.js';

/** Where the features of one block are in a row of a {@link ProbeNetwork}. */
export interface ProbePart {
  /** A block's name, such as `block4`. */
  readonly cut: string;
  readonly pooling: Pooling;
  /** First number of the part. */
  readonly from: number;
  /** How many numbers it has. */
  readonly length: number;
}

/** A backbone that hands out what each of its blocks sees, pooled. */
export interface ProbeNetwork {
  /** Images float32 [B, H, W, 3] -> float32 [B, D]; shares the backbone's weights. */
  readonly network: tf.LayersModel;
  /** Every block with every pooling that its maps are large enough for; poolings of a block share numbers. */
  readonly parts: readonly ProbePart[];
  /** D. */
  readonly columns: number;
}

/** The parts of a block's row that poolings are, in channels: mean, maximum, then the quarters. */
const SLICES: Readonly<Partial<Record<Pooling, readonly [from: number, to: number]>>> = {
  average: [0, 1],
  max: [1, 2],
  'average+max': [0, 2],
  'average+max+grid': [0, 6],
};

/** With the finer grid, its nine cells come before all of these. */
const FINE_CELLS = 9;

/** The poolings that a {@link ProbeNetwork} has: all but `flatten`. */
export const PROBE_POOLINGS: readonly Pooling[] = [
  ...(Object.keys(SLICES) as Pooling[]),
  'average+max+grid3',
];

/** Options of {@link buildProbeNetwork}. */
export interface ProbeNetworkOptions {
  /** Whether `average+max+grid3` is there too, which makes a row two and a half times as long; default false. */
  readonly fineGrid?: boolean;
}

/**
 * Returns a network that computes the pooled features of all blocks in one pass over the images. A block
 * whose maps are too small for a grid has the other poolings only. Dispose the backbone, not the network.
 */
export function buildProbeNetwork(
  backbone: tf.LayersModel,
  { fineGrid = false }: ProbeNetworkOptions = {},
): ProbeNetwork {
  const outputs: tf.SymbolicTensor[] = [];
  const parts: ProbePart[] = [];
  let columns = 0;
  for (const cut of blocksOf(backbone)) {
    const output = outputOfBlock(backbone, cut);
    const [height = 0, width = 0, channels = 0] = output.shape.slice(1).map(Number);
    const side = Math.min(height, width);
    const [hasGrid, hasFine] = [side >= 2, fineGrid && side >= 3];
    const prefix = `${cut}_`;
    outputs.push(
      ...(hasFine ? gridMeans(output, { prefix: `${prefix}fine_`, side: 3 }) : []),
      poolingLayers(output, { pooling: hasGrid ? 'average+max+grid' : 'average+max', prefix }),
    );
    const add = (pooling: Pooling, from: number, to: number): void => {
      const start = columns + from * channels;
      parts.push({ cut, pooling, from: start, length: (to - from) * channels });
    };
    const shared = hasFine ? FINE_CELLS : 0;
    const end = shared + (hasGrid ? 6 : 2);
    for (const [name, [from, to]] of Object.entries(SLICES) as [Pooling, [number, number]][]) {
      if (shared + to <= end) add(name, shared + from, shared + to);
    }
    if (hasFine) add('average+max+grid3', 0, FINE_CELLS + 2);
    columns += end * channels;
  }
  // Every backbone has several blocks.
  const all = tf.layers.concatenate({ name: 'all_blocks' }).apply(outputs) as tf.SymbolicTensor;
  const network = tf.model({ inputs: backbone.inputs, outputs: all, name: 'probe' });
  return { network, parts, columns };
}
