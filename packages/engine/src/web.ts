/**
 * The part of `@janus/engine` for browsers: networks, losses, training loops and inference on the
 * engine that `tf.setBackend` chose. Steps run uncompiled, in float32.
 */

// Number formats
export type { Precision } from './precision.js';
export { resolveEagerPrecision as resolvePrecision } from './compile-eagerly.js';

// Steps
export {
  compileEagerly as compile,
  type CompiledStep,
  type CompileOptions,
  type Execution,
} from './compile-eagerly.js';

// Gradients
export { correctGradients } from './correct-gradients.js';

// Operations
export { applyAdam } from './adam-update.js';
export { byteTensor } from './byte-tensor.js';
export { dropoutMask } from './dropout-mask.js';
export { INSTANCE_NORM_EPSILON, instanceNorm } from './instance-norm.js';
export { reflectPad } from './reflect-pad.js';
