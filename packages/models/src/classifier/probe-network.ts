import * as tf from '@tensorflow/tfjs';
import { blocksOf, outputOfBlock } from '../backbones/backbones.js';
import { joinModels } from './classifier-head.js';
import { buildPooling, type Pooling } from './pooling.js';

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
  /** Every block with every pooling but `flatten`; poolings of a block share numbers. */
  readonly parts: readonly ProbePart[];
  /** D. */
  readonly columns: number;
}

/** The part of the whole of a block's pooled features that a pooling is, in channels. */
const SLICES: Readonly<Partial<Record<Pooling, readonly [from: number, to: number]>>> = {
  average: [0, 1],
  max: [1, 2],
  'average+max': [0, 2],
  'average+max+grid': [0, 6],
};

/** The poolings that a {@link ProbeNetwork} has: all but `flatten`. */
export const PROBE_POOLINGS = Object.keys(SLICES) as readonly Pooling[];

/**
 * Returns a network that computes the pooled features of all blocks in one pass over the images. A block
 * whose maps are too small for the grid has the other poolings only. Dispose the backbone, not the network.
 */
export function buildProbeNetwork(backbone: tf.LayersModel): ProbeNetwork {
  const outputs: tf.SymbolicTensor[] = [];
  const parts: ProbePart[] = [];
  let columns = 0;
  for (const cut of blocksOf(backbone)) {
    const output = outputOfBlock(backbone, cut);
    const [height = 0, width = 0, channels = 0] = output.shape.slice(1).map(Number);
    const hasGrid = Math.min(height, width) >= 2;
    const pooling = hasGrid ? 'average+max+grid' : 'average+max';
    const upTo = tf.model({ inputs: backbone.inputs, outputs: output, name: `up_to_${cut}` });
    const pooled = joinModels(
      upTo,
      buildPooling({ inputShape: [height, width, channels], pooling, prefix: `${cut}_` }),
      `pooled_${cut}`,
    );
    outputs.push(...pooled.outputs);
    const width6 = hasGrid ? 6 : 2;
    for (const [name, [from, to]] of Object.entries(SLICES) as [Pooling, [number, number]][]) {
      if (to > width6) continue;
      parts.push({
        cut,
        pooling: name,
        from: columns + from * channels,
        length: (to - from) * channels,
      });
    }
    columns += width6 * channels;
  }
  // Every backbone has several blocks.
  const all = tf.layers.concatenate({ name: 'all_blocks' }).apply(outputs) as tf.SymbolicTensor;
  const network = tf.model({ inputs: backbone.inputs, outputs: all, name: 'probe' });
  return { network, parts, columns };
}
