import * as tf from '@tensorflow/tfjs';

/** The two parts of a classifier; both share its weights: dispose the classifier only. */
export interface ClassifierHalves {
  /** Preprocessed images -> what is pooled of the feature maps, float32 [B, D]. */
  readonly features: tf.LayersModel;
  /** Pooled features -> logits, float32 [B, classes]. */
  readonly dense: tf.LayersModel;
}

/** What stands above the pooling. */
const ABOVE: readonly string[] = ['Dense', 'Dropout'];

/**
 * Cuts a classifier before its first dense layer: above it stand dense layers and dropout, one after the other.
 *
 * @param model as `joinModels` joins a backbone and a head
 */
export function splitClassifier(model: tf.LayersModel): ClassifierHalves {
  const above: tf.layers.Layer[] = [];
  let [pooled] = model.outputs;
  while (pooled !== undefined && ABOVE.includes(pooled.sourceLayer.getClassName())) {
    const { sourceLayer, nodeIndex }: tf.SymbolicTensor = pooled;
    above.unshift(sourceLayer);
    pooled = sourceLayer.inboundNodes[nodeIndex]?.inputTensors[0];
  }
  if (pooled === undefined) throw new Error(`splitClassifier: ${model.name} has no pooling`);
  const features = tf.model({ inputs: model.inputs, outputs: pooled, name: 'pooled' });
  const input = tf.input({ shape: pooled.shape.slice(1), name: 'pooled_input' });
  let logits = input;
  for (const layer of above) logits = layer.apply(logits) as typeof logits;
  return { features, dense: tf.model({ inputs: input, outputs: logits, name: 'dense' }) };
}
