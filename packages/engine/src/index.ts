/** TensorFlow.js under Janus: which engine runs, how it is installed, and what makes it fast. */

// Choosing, installing and looking at engines
export { useEngine, type Engine, type EngineName } from './use-engine.js';
export { installEngine, type EngineSource } from './install/install.js';
export { installedAddon } from './install/installed.js';
export { engineEnvironment } from './install/settings.js';
export { diagnose } from './diagnose.js';

// Number formats
export type { Precision } from './precision.js';
export { bfloat16Instructions, computesBfloat16 } from './bfloat16.js';
export {
  choosePrecision,
  resolvePrecision,
  type ChosenPrecision,
  type PrecisionChoice,
} from './resolve-precision.js';
export { measureSpeed, type MeasuredSpeed } from './measure-speed.js';

// Compiled steps
export { compile } from './compile.js';
export type { CompiledStep, CompileOptions, Execution } from './compile-eagerly.js';

// Gradients
export { correctGradients } from './correct-gradients.js';

// Operations
export { applyAdam } from './adam-update.js';
export { byteTensor } from './byte-tensor.js';
export { dropoutMask } from './dropout-mask.js';
export { INSTANCE_NORM_EPSILON, instanceNorm } from './instance-norm.js';
export { reflectPad } from './reflect-pad.js';
