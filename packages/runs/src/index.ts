/** What makes a run and reads one. */

// Running: where a run goes, who watches it, how it ended.
export {
  isStopped,
  type ExistingRun,
  type FinishedRun,
  type ReadContext,
  type RunContext,
  type StoppableContext,
} from './context.js';
export { requestStop } from './run-stop.js';
export type { Divergence } from './divergence.js';
export type { Collapse, CollapseKind } from './collapse.js';

// The classifier.
export { trainClassifier } from './classifier/train.js';
export type { TrainClassifierOptions } from './classifier/own-backbone.js';
export type { OwnName } from './classifier/options.js';
export { classifierSeconds, type ClassifierPlanOptions } from './classifier/plan.js';
export type { FinishedClassifierRun } from './classifier/watch.js';
export {
  CLASSIFIER_DEFAULTS,
  CLASSIFIER_PAPER,
  CLASSIFIER_SMALL,
  readClassifierRun,
  type ClassifierPreset,
  type ClassifierRunOptions,
} from './classifier/options.js';

export { readBestEpochs, type BestEpoch } from './classifier/best-epochs.js';
export {
  findLearningRate,
  type FoundLearningRate,
  type RateSweep,
} from './classifier/find-learning-rate.js';
export { writeRateSweep } from './classifier/write-rate-sweep.js';
export { RECIPE_DEFAULTS, type TrainingRecipe } from './classifier/recipe.js';

// The CycleGAN.
export { trainCycleGan } from './cyclegan/train.js';
export {
  CYCLEGAN_PRESETS,
  CYCLEGAN_RUN_ATTRIBUTE,
  ATTRIBUTE_UPDATES,
  CYCLEGAN_RUN_PAPER,
  CYCLEGAN_RUN_PIX2PIX,
  CYCLEGAN_RUN_TEXTURE,
  halvedSchedule,
  PRESET_UPDATES,
  readCycleGanRun,
  type CycleGanPreset,
  type CycleGanRunOptions,
} from './cyclegan/options.js';
export {
  importGenerators,
  type ImportedGenerators,
  type ImportGeneratorsOptions,
} from './cyclegan/import-generators.js';
export { cycleGanSeconds } from './cyclegan/seconds.js';
export { fallingSchedule, updatesSchedule } from './cyclegan/falling-schedule.js';
export { openDomain, type Domain } from './cyclegan/domains.js';

// CUT: one direction.
export { trainCut } from './cut/train.js';
export {
  CUT_PRESETS,
  CUT_RUN_PAPER,
  readCutRun,
  type CutPreset,
  type CutRunOptions,
} from './cut/options.js';

// StarGAN: several attributes in one generator.
export { starGanSchedule } from './stargan/falling-schedule.js';
export { trainStarGan } from './stargan/train.js';
export {
  STARGAN_ATTRIBUTE_UPDATES,
  STARGAN_PRESETS,
  STARGAN_RUN_PAPER,
  type StarGanPreset,
  type StarGanRunOptions,
} from './stargan/options.js';

// Watching runs.
export {
  WATCH_DEFAULTS,
  watchRuns,
  type Watching,
  type WatchRunsOptions,
} from './watch/watch-runs.js';

// IcGAN: attributes set by making an image again.
export { trainIcGan } from './icgan/train.js';
export {
  ICGAN_PRESETS,
  ICGAN_RUN_PAPER,
  type IcGanPreset,
  type IcGanRunOptions,
} from './icgan/options.js';
export { readCodedRun, type CodedRunOptions } from './attributes/options.js';
export { LATENT_SEARCHES, type LatentSearch } from './attributes/latent-searches.js';

// Using a run.
export { evaluateRun, type EvaluateRunOptions } from './evaluate/evaluate-run.js';
export { LOOK_DEFAULTS, lookAtRun, type LookAtRunOptions } from './look/look-at-run.js';
export type { LookedAt, LookResult } from './look/look-result.js';
export {
  EXPORT_FORMATS,
  exportRun,
  type ExportFormat,
  type ExportResult,
  type ExportRunOptions,
} from './export/export-run.js';
export type { ExportLoss } from './export/measure-export.js';
export {
  predictImages,
  predictionsOfOne,
  predictTargets,
  type ImagePrediction,
  type ImagePredictions,
  type ImageTargetPredictions,
} from './predict.js';
export type { TargetPrediction } from '@janus/models';
export { openTargetTeller, type TargetTeller } from './classifier/tasks-predict.js';
export {
  translateImages,
  type ImageTranslations,
  type TranslatedImage,
  type TranslateImagesOptions,
} from './translate/translate-images.js';
export { FITS, type FitName } from './translate/fit.js';
export { FACE_CROP, faceCropOf, type FaceCrop } from './translate/open-fit.js';
export type { UnreadableImage } from './decoded-images.js';

// Probing the layers of a backbone.
export {
  PROBE_DEFAULTS,
  probeLayers,
  type ProbeLayersOptions,
  type ProbeResult,
} from './probe/probe-layers.js';
export type { ProbeRow } from './probe/probe-rows.js';
export { PROBE_NORMALISATIONS, type ProbeNormalisation } from './probe/scaled-columns.js';
export { probeNested, type FoldChoice, type NestedProbeResult } from './probe/nested-probe.js';
export { writeProbe } from './probe/write-probe.js';

// Reviewing labels.
export {
  REVIEW_DEFAULTS,
  reviewLabels,
  type LabelIssue,
  type LabelReview,
  type ReviewLabelsOptions,
} from './labels/review-labels.js';
export {
  writeLabelReview,
  type LabelReviewFiles,
  type WriteLabelReviewOptions,
} from './labels/write-label-review.js';
// Several seeds of one training.
export {
  trainClassifierSeeds,
  type SeedsResult,
  type TrainSeedsOptions,
} from './seeds/train-seeds.js';
export {
  trainCycleGanSeeds,
  type TrainTranslationSeedsOptions,
  type TranslationSeedsResult,
} from './seeds/train-translation-seeds.js';
export type { SeedsContext, SeedsEnd } from './seeds/seed-runs.js';

// Tables of trainings.
export {
  runSweep,
  type SweepContext,
  type SweepOptions,
  type SweepResult,
} from './sweep/run-sweep.js';
export { readSweepRows } from './sweep/read-rows.js';
export {
  areClassifiers,
  areTranslations,
  rowsOnTarget,
  type ClassifierSweepRow,
  type CycleGanSweepRow,
  type SweepRow,
} from './sweep/sweep-row.js';
export {
  runTranslationSweep,
  type TranslationSweepOptions,
  type TranslationSweepResult,
} from './sweep/run-translation-sweep.js';
export { translationMarkdown } from './sweep/translation-table.js';
export {
  measureQuality,
  type MeasureQualityOptions,
  type QualityResult,
} from './quality/measure-quality.js';
export { presetRecipe, type QualityRecipe } from './quality/quality-recipe.js';
export { sweepMarkdown } from './sweep/sweep-table.js';
export {
  PAPER_SCALE,
  trainPaper,
  type PaperTable,
  type SkippedTable,
  type TrainedPaper,
  type TrainedTable,
  type TrainPaperOptions,
} from './paper/train-paper.js';

// Weights for a small backbone, made here.
export {
  PRETRAIN_DEFAULTS,
  pretrainBackbone,
  type PretrainOptions,
  type PretrainResult,
} from './pretrain/pretrain-backbone.js';

// Data sets: those that are drawn, crops that need a detector, and what is shown of any.
export { makeBenchImages, type BenchImages } from './dataset/bench-images.js';
export { cropImages, type CropImagesOptions } from './dataset/crop-images.js';
export { generateFaces, type GenerateFacesOptions } from './dataset/generate-faces.js';
export { prepareFaces, type PrepareFacesOptions } from './dataset/prepare-faces.js';
export {
  writeDataSheets,
  type DataSheet,
  type DataSheetsOptions,
} from './dataset/review-sheets.js';
export {
  dataSetCounts,
  writeDataFigures,
  writeDataSummary,
  type SummarySheet,
} from './dataset/summary.js';

// What options are made of, from the packages below: a command or a notebook needs no other import.
export { LABEL_FILTERS, SCHEDULE_NAMES, type LabelFilter, type Schedule } from '@janus/core';
export {
  AUGMENTATIONS,
  IMAGE_FORMATS,
  parseAugmentations,
  type Augmentation,
  type ImageFormat,
} from '@janus/images';
export {
  ADVERSARIAL_MODES,
  DISCRIMINATOR_ARCHITECTURES,
  GENERATOR_ARCHITECTURES,
  INITIALISATIONS,
  NORMS,
  STARGAN_ADVERSARIALS,
  EPOCH_SCHEDULES,
  BACKBONE_FACTS,
  BACKBONES,
  GENERATOR_SKIPS,
  embedFaces,
  getWeights,
  listWeights,
  MIXES,
  NORMALISATIONS,
  OPTIMIZERS,
  parseHead,
  POOLINGS,
  UPSAMPLINGS,
  PROBE_POOLINGS,
  WEIGHTS_NAMES,
  type BuildOwnBackbone,
  type OwnBackbone,
  type WeightsEntry,
  type WeightsSource,
} from '@janus/models';

export { VERSION } from './version.js';
