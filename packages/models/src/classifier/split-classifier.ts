import * as tf from '@tensorflow/tfjs';
import { besideEachOther } from './heads.js';

/** The two parts of a classifier; both share its weights: dispose them, and the classifier. */
export interface ClassifierHalves {
  /** Preprocessed images -> what is pooled of the feature maps, float32 [B, D]. */
  readonly features: tf.LayersModel;
  /** Pooled features -> logits, float32 [B, classes]; of several targets, side by side. */
  readonly dense: tf.LayersModel;
  /** Gives up the layers of `dense`, which are freed only when these and the classifier are disposed. */
  readonly dispose: () => void;
}

/** What stands above the pooling. */
const ABOVE: readonly string[] = ['Dense', 'Dropout'];

/** What an output is made of. */
interface Chain {
  readonly pooled: tf.SymbolicTensor;
  /** In the order in which they are applied. */
  readonly above: readonly tf.layers.Layer[];
}

/**
 * Cuts a classifier of one target or more before its first dense layer: above it stand dense layers and dropout, one after
 * the other, of which several targets may share the first ones.
 *
 * @param model as `joinModels` joins a backbone and a head
 */
export function splitClassifier(model: tf.LayersModel): ClassifierHalves {
  const chains = model.outputs.map((output) => chainOf(output, model.name));
  const pooled = chains[0]?.pooled;
  if (pooled === undefined || chains.some((chain) => chain.pooled !== pooled)) {
    throw new Error(`splitClassifier: ${model.name} has no pooling that its outputs share`);
  }
  const features = tf.model({ inputs: model.inputs, outputs: pooled, name: 'pooled' });
  const input = tf.input({ shape: pooled.shape.slice(1), name: 'pooled_input' });
  const applied = new Map<tf.layers.Layer, tf.SymbolicTensor>();
  const outputs = chains.map(({ above }) => {
    let logits = input;
    for (const layer of above) {
      const known = applied.get(layer) ?? (layer.apply(logits) as tf.SymbolicTensor);
      applied.set(layer, known);
      logits = known;
    }
    return logits;
  });
  const dense = besideEachOther(tf.model({ inputs: input, outputs, name: 'dense' }));
  return {
    ...{ features, dense },
    dispose: () => {
      dense.dispose();
    },
  };
}

function chainOf(output: tf.SymbolicTensor, name: string): Chain {
  const above: tf.layers.Layer[] = [];
  let pooled: tf.SymbolicTensor | undefined = output;
  while (pooled !== undefined && ABOVE.includes(pooled.sourceLayer.getClassName())) {
    const { sourceLayer, nodeIndex }: tf.SymbolicTensor = pooled;
    above.unshift(sourceLayer);
    pooled = sourceLayer.inboundNodes[nodeIndex]?.inputTensors[0];
  }
  if (pooled === undefined) throw new Error(`splitClassifier: ${name} has no pooling`);
  return { pooled, above };
}
