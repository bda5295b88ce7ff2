/** The part of `@janus/core` for browsers: all of `index.ts` but files; records are types alone. */

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
  medianOf,
  wilsonInterval,
  Z_95,
  type Interval,
} from './statistics.js';
export {
  confidentJoint,
  confidentThresholds,
  likeliestClass,
  type ConfidentJoint,
  type DoubtedLabels,
} from './confident-joint.js';
export {
  findLabelIssues,
  LABEL_FILTERS,
  type LabelFilter,
  type LabelIssuesOptions,
} from './label-issues.js';
export { LABEL_QUALITY_METHODS, labelQuality, type LabelQualityMethod } from './label-quality.js';
export {
  discordantPairs,
  holm,
  mcnemar,
  type DiscordantPairs,
  type McNemarResult,
} from './mcnemar.js';
export {
  CALIBRATION_BINS,
  calibrationBins,
  calibrationMeasures,
  expectedCalibrationError,
  fitTemperature,
  type CalibrationBin,
  type CalibrationMeasures,
} from './calibration.js';
export {
  averagePrecision,
  precisionRecallCurve,
  rankScores,
  rocArea,
  rocCurve,
  thinCurve,
  type CurvePoint,
  type RankedScores,
} from './ranking.js';
export { bandedColumn, type BandedColumn } from './banded-column.js';
export { accuracyOf, balancedAccuracyOf, type ClassifiedImages } from './share-intervals.js';
export {
  MIN_CELL,
  sliceFrame,
  type NamedColumn,
  type SliceCell,
  type SlicedPredictions,
  type SliceFrame,
} from './slices.js';
export { associationOf, type Association } from './association.js';
export { ageColumnKind, areBands, bandsInOrder } from './bands.js';
export { parseRange, type NumberRange } from './number-range.js';
export { binEdge, binsOf, EDGE_TOLERANCE, roundBinWidth, type BinGrid, type Bins } from './bins.js';

// Learning rates
export { smoothedLosses, valleyOf, type Valley } from './rate-finder.js';
export {
  exponentialSweep,
  SCHEDULE_NAMES,
  SCHEDULES,
  type Schedule,
  type ScheduleFactor,
} from './schedules.js';

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
export { float32OfHalf, halfOfFloat32 } from './float16.js';
export { decodeSafetensors, encodeSafetensors, type NamedArray } from './safetensors.js';

// Work and what is said about it
export { forEachConcurrently } from './concurrency.js';
export { csvLine } from './csv-text.js';
export { evenly } from './evenly.js';
export {
  countText,
  estimateText,
  intervalText,
  percentText,
  rangeText,
  sidesText,
} from './number-text.js';
export {
  aboutText,
  durationText,
  progressLine,
  SILENT,
  type Progress,
  type ProgressListener,
  type Reporter,
} from './progress.js';

export { escapeHtml, html, raw, type Html, type HtmlPart } from './html.js';
export { evaluatedImagesText, numberFiguresText } from './evaluation-text.js';

// Records in a run's folder
export type { RunExtension, RunKind, RunRecord, RunStart, StepRecord } from './run-record.js';
export type { ImageParts, PartImage, RunParts } from './parts-record.js';
export type { EvaluatedImages } from './evaluated-images.js';
export type {
  ClassifierEvaluation,
  ClassResult,
  Evaluation,
  Mistake,
  NumberFigures,
  OtherData,
  TargetsEvaluation,
} from './evaluation-record.js';
export type { AttributeCode, CodedClass } from './attribute-codes.js';
export { directionsOf, translationTitle } from './translation-record.js';
export {
  reconstructionRows,
  type LatentSource,
  type Reconstruction,
  type ReconstructionsEvaluation,
} from './reconstruction-record.js';
export type {
  AttributeChange,
  AttributesEvaluation,
  CycleEvaluation,
  CutEvaluation,
  CycleGanEvaluation,
  DirectionEvaluation,
  DistanceFeatures,
  FaceEvaluation,
  InceptionScoreEvaluation,
  KernelDistance,
  NeighbourhoodEvaluation,
  NamedDirection,
  NeighbourhoodMeasures,
  PairsEvaluation,
  SetDistance,
  ShareIntervals,
  TranslationEvaluation,
  TwinError,
  TwinsEvaluation,
} from './translation-record.js';
export {
  driftOf,
  isBootstrapped,
  measureNotes,
  measureRows,
  type DriftedImages,
  type MeasureRow,
  type MeasureRowsOptions,
} from './translation-rows.js';
export {
  translationVerdict,
  VERDICT_THRESHOLDS,
  type VerdictOptions,
  type VerdictThresholds,
} from './translation-verdict.js';
export type {
  BaselineRecord,
  CalibrationRecord,
  ClassifierMeasures,
  ClassRanking,
  ComparisonRecord,
  FittedTemperature,
  RankingRecord,
  RobustnessRecord,
  RobustnessRow,
  SlicesRecord,
} from './measure-record.js';
export type {
  SweepAccuracy,
  SweepComparison,
  SweepFailure,
  SweepLeft,
  SweepRecord,
  SweepRowRecord,
} from './sweep-record.js';
export type { BenchLeftOut, BenchRecord, BenchRow, BenchTrial, BenchUnit } from './bench-record.js';
