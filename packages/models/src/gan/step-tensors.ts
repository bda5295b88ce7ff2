/** The tensors that one update of an adversarial training makes beside its compiled halves. */
import * as tf from '@tensorflow/tfjs';
import { correctionTensors, type Adam, type AdamCorrection } from '../adam.js';

/** Tensors that live as long as one update. */
export interface StepTensors {
  /** Frees a tensor with the others; returns it. */
  readonly own: <T extends tf.Tensor>(tensor: T) => T;
  /** Advances an optimizer by one update, and returns what its halves need of that. */
  readonly correction: (adam: Adam, learningRate: number) => AdamCorrection<tf.Tensor>;
  dispose(): void;
}

/** Begins an update; the caller disposes what it made. */
export function stepTensors(): StepTensors {
  const owned: tf.Tensor[] = [];
  const own = <T extends tf.Tensor>(tensor: T): T => {
    owned.push(tensor);
    return tensor;
  };
  return {
    own,
    correction: (adam, learningRate) => {
      const made = correctionTensors(adam.advance(learningRate));
      Object.values(made).forEach(own);
      return made;
    },
    dispose: () => {
      tf.dispose(owned);
    },
  };
}
