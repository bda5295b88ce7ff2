import * as tf from '@tensorflow/tfjs';
import { reflectPadGradient } from '../reflect-pad.js';

let corrected = false;

/**
 * Replaces gradients that tfjs 4.22 has silently wrong, for every engine:
 * `MirrorPad` drops what the mirrored border contributes.
 */
export function correctGradients(): void {
  if (corrected) return;
  corrected = true;
  tf.unregisterGradient('MirrorPad');
  tf.registerGradient({
    kernelName: 'MirrorPad',
    inputsToSave: ['x'],
    gradFunc: (dy, saved, attributes) => {
      const { paddings, mode } = attributes as unknown as {
        paddings: readonly (readonly [number, number])[];
        mode: 'reflect' | 'symmetric';
      };
      const [x] = saved;
      return {
        x: () => reflectPadGradient(dy as tf.Tensor, { paddings, mode, shape: x?.shape ?? [] }),
      };
    },
  });
}
