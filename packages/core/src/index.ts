/** Numbers, strings and files that every other package may use. `web.ts` is the part for browsers. */

// Expected failures
export {
  CheckpointError,
  DataError,
  EnvironmentError,
  JanusError,
  NumericalError,
  OptionsError,
  ShapeError,
  TensorLeakError,
} from './errors.js';

// Seeded randomness
export {
  hashOfText,
  permutationOf,
  streamFromState,
  streamOf,
  type RandomState,
  type RandomStream,
} from './random.js';

// Statistics
export {
  balancedAccuracy,
  clusterBootstrap,
  confusionMatrix,
  mcnemar,
  medianOf,
  wilsonInterval,
  type Interval,
} from './statistics.js';
export { associationOf, type Association } from './association.js';
export { ageColumnKind, areBands, bandsInOrder } from './bands.js';
export { binEdge, binsOf, EDGE_TOLERANCE, roundBinWidth, type BinGrid, type Bins } from './bins.js';

// Batches and faces: where images, data and models meet
export {
  batchOrder,
  cursorAfter,
  FIRST_BATCH,
  stepsPerEpochOf,
  type BatchCursor,
  type BatchOrderOptions,
  type BatchSource,
  type FeatureBatch,
  type ImageBatch,
  type LabelledBatch,
  type UnpairedBatch,
} from './batches.js';
export type { DetectFaces, FaceBox } from './face-box.js';

// Named arrays of numbers: checkpoints, weights, cached features
export { decodeSafetensors, encodeSafetensors, type NamedArray } from './safetensors.js';

// Work and what is said about it
export { forEachConcurrently } from './concurrency.js';
export { percent } from './percent.js';
export {
  durationText,
  progressLine,
  SILENT,
  type Progress,
  type ProgressListener,
  type Reporter,
} from './progress.js';

// The process
export { NODE_VERSION, peakRssMb } from './process-facts.js';

// Files
export {
  cacheFolder,
  commitRename,
  readJsonFile,
  sha256OfFile,
  syncFolder,
  temporaryNameFor,
  writeFileAtomic,
  writeJson,
} from './files.js';

// Records in a run's folder
export {
  appendMetrics,
  readMetrics,
  readRun,
  writeRun,
  type RunKind,
  type RunRecord,
  type StepRecord,
} from './run-record.js';
export {
  readEvaluation,
  type ClassifierEvaluation,
  type ClassResult,
  type CycleGanEvaluation,
  type DirectionEvaluation,
  type Evaluation,
  type KernelDistance,
  type Mistake,
} from './evaluation-record.js';
export {
  readBench,
  writeBench,
  type BenchLeftOut,
  type BenchRecord,
  type BenchRow,
  type BenchTrial,
  type BenchUnit,
} from './bench-record.js';
