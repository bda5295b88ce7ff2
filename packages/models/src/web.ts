/** What a browser can load: networks, losses, train steps, loops, metrics. Nothing here reaches `node:*`. */

// Backbones: pretrained networks, cut and put together.
export {
  BACKBONES,
  blocksOf,
  buildBackbone,
  cutAfter,
  cutBackbone,
  unfrozenBlocks,
  type BackboneName,
} from './backbones/backbones.js';
export { BACKBONE_FACTS, type BackboneFacts } from './backbones/backbone-facts.js';
export type { BuildOwnBackbone, OwnBackbone } from './backbones/own-backbone.js';
export { cutToWeights, setWeights } from './backbones/load-weights.js';
export {
  preprocess,
  rgbScaling,
  type Preprocessing,
  type RgbScaling,
} from './backbones/preprocessing.js';

// Features: what a frozen network makes of images.
export {
  computeFeatures,
  computeLogits,
  FEATURE_BATCH,
  featureBatches,
  featureRows,
  stackedFeatures,
  type ComputeOptions,
  type Features,
  type ImageStream,
  type SizedImages,
  type SquareImages,
} from './features.js';
export { frozenBatches } from './frozen-batches.js';

// The classifier: head, training, evaluation.
export { buildDense, buildHead, joinModels, parseHead } from './classifier/classifier-head.js';
export { splitClassifier, type ClassifierHalves } from './classifier/split-classifier.js';
export {
  buildPooling,
  NORMALISATIONS,
  POOLINGS,
  type Normalisation,
  type Pooling,
} from './classifier/pooling.js';
export { columnScales, setColumnScales, standardised, type ColumnScales } from './standardise.js';
export {
  fitLogisticRegression,
  predictLogistic,
  type LabelledRows,
  type LogisticModel,
  type LogisticOptions,
} from './classifier/logistic-regression.js';
export {
  fitLogisticRegressions,
  type LogisticBatchOptions,
  type LogisticFit,
} from './classifier/logistic-batch.js';
export {
  buildProbeNetwork,
  PROBE_POOLINGS,
  type ProbeNetwork,
  type ProbePart,
} from './classifier/probe-network.js';
export {
  balancedClassWeights,
  createClassifierTraining,
  isPhaseOver,
  restoreClassifier,
  snapshotOfClassifier,
  useBestWeights,
  weightsInUse,
  type ClassifierPhase,
  type ClassifierProgress,
  type ClassifierSnapshot,
  type ClassifierTraining,
  type ClassifierTrainingOptions,
} from './classifier/classifier-training.js';
export {
  classifierSteps,
  VALIDATION_BATCH,
  type ClassifierBatch,
  type ClassifierSources,
} from './classifier/classifier-steps.js';
export {
  compileAttributeSteps,
  type AttributeBatch,
  type AttributeNetwork,
  type AttributeSteps,
} from './classifier/attribute-steps.js';
export { MIXES, type Mix } from './classifier/mixing.js';
export { OPTIMIZERS, type OptimizerName } from './optimizer-contract.js';
export { blockFactors } from './optimizer.js';
export {
  centred,
  fitLinearHead,
  meansOf,
  setDense,
  votesOf,
  type LabelledFeatures,
} from './classifier/linear-head.js';
export { ALL_PENALTIES, isFitted, LINEAR_PENALTIES } from './classifier/linear-penalties.js';
export {
  crossValidateHead,
  fitHead,
  headFolds,
  headLearningCurve,
  type CrossValidatedHead,
  type HeadImages,
  type LearningPoint,
} from './classifier/cross-validated-head.js';
export { argMax, evaluateClassifier } from './classifier/classifier-evaluate.js';
export { temperedProbabilities } from './classifier/classifier-measures.js';
export { softmax } from './classifier/softmax.js';

// Looking: where a classifier is off, and what it looks at.
export {
  mostConfused,
  topLosses,
  type ConfusedPair,
  type ImageLoss,
  type InterpretedImages,
} from './classifier/interpretation.js';
export {
  checkGradCam,
  gradCam,
  type ClassMaps,
  type ExplainedImages,
  type GradCamOptions,
  type SanityCheck,
} from './classifier/grad-cam.js';
export {
  besideEachOther,
  buildDenseHeads,
  classNames,
  logitsByTarget,
  logitsNames,
  type TargetDescription,
} from './classifier/heads.js';
export {
  headsDescriptionOf,
  type ClassifierDescription,
  type HeadsDescription,
} from './classifier/descriptions.js';
export { predictionOf, type TargetPrediction } from './classifier/target-prediction.js';
export {
  createHeadsTally,
  startLossOf,
  type HeadLabels,
  type HeadLoss,
  type HeadsMeasure,
} from './classifier/heads-loss.js';
export {
  binOfNumber,
  expectedNumber,
  rangesOf,
  scaleOfNumbers,
  scaleOfRanges,
  type NamedScale,
  type OrderedScale,
} from './classifier/heads-scale.js';
export { fitOrderedLogistic, type OrderedLogisticFit } from './classifier/heads-ordered.js';
export { evaluateHead, type HeadPredictions } from './classifier/heads-evaluate.js';

// The CycleGAN: networks, training, translation.
export { cycleGanArchitecture } from './cyclegan/cyclegan-architecture.js';
export {
  buildDiscriminator,
  DISCRIMINATOR_ARCHITECTURES,
  wholeKernel,
} from './cyclegan/cyclegan-discriminator.js';
export {
  buildGenerator,
  GENERATOR_ARCHITECTURES,
  GENERATOR_SKIPS,
  generatorMultiple,
  type GeneratorSkip,
} from './cyclegan/cyclegan-generator.js';
export { imageSides, type ImageSides } from './cyclegan/image-sides.js';
export { UPSAMPLINGS, type Upsampling } from './cyclegan/generator-form.js';
export { INITIALISATIONS } from './cyclegan/initial-weights.js';
export { NORMS } from './cyclegan/cyclegan-norms.js';
export { ADVERSARIAL_MODES, undecidedLoss } from './cyclegan/cyclegan-losses.js';
export { cycleWeights } from './cyclegan/cyclegan-parts.js';
export {
  CYCLEGAN_ATTRIBUTE,
  CYCLEGAN_PAPER,
  CYCLEGAN_PIX2PIX,
  CYCLEGAN_TEST,
  CYCLEGAN_TEXTURE,
  type CycleGanOptions,
} from './cyclegan/cyclegan-presets.js';
export {
  checkpointOfCycleGan,
  createCycleGan,
  networkArrays,
  restoreCycleGan,
  samplingGenerators,
  startCycleGan,
  type CycleGan,
} from './cyclegan/cyclegan-state.js';
export { changeWeightAt, EPOCH_SCHEDULES, epochFactor } from './cyclegan/cyclegan-schedule.js';
export { readReferenceGenerator, type ReferenceGenerator } from './cyclegan/reference-weights.js';
export { cycleGanWork } from './cyclegan/cyclegan-work.js';
export { sumOfWork, workOf, type Work } from './network-work.js';
export { cycleGanSteps } from './cyclegan/cyclegan-steps.js';
export { compileCycleGan, trainStep } from './cyclegan/cyclegan-train-step.js';
export {
  ALARM_LIMITS,
  translationAlarms,
  type TranslationAlarms,
} from './cyclegan/cyclegan-alarms.js';
export {
  openTranslator,
  sampleTranslations,
  translate,
  type SampleOptions,
  type TranslatedImages,
  type Translator,
} from './cyclegan/cyclegan-translate.js';

// CUT: one direction, held to its original by a contrastive term.
export {
  CUT_ATTRIBUTE,
  CUT_FAST,
  CUT_PAPER,
  CUT_TEST,
  type CutOptions,
} from './cut/cut-presets.js';
export {
  checkpointOfCut,
  createCut,
  cutArchitecture,
  cutGenerator,
  restoreCut,
  type Cut,
} from './cut/cut-state.js';
export { cutSteps } from './cut/cut-steps.js';
export { cutWork } from './cut/cut-work.js';

// StarGAN: several attributes in one generator.
export {
  STARGAN_ADVERSARIALS,
  STARGAN_ATTRIBUTE,
  STARGAN_PAPER,
  STARGAN_TEST,
  type StarGanAdversarial,
  type StarGanOptions,
} from './stargan/stargan-presets.js';
export type { LabelEntry } from './stargan/stargan-networks.js';
export {
  checkpointOfStarGan,
  createStarGan,
  restoreStarGan,
  starGanArchitecture,
  starGenerator,
  type StarGan,
} from './stargan/stargan-state.js';
export { starGanSteps } from './stargan/stargan-steps.js';
export { starGanWork } from './stargan/stargan-work.js';

// IcGAN: attributes set by making an image again.
export { ICGAN_PAPER, ICGAN_QUICK, ICGAN_TEST, type IcGanOptions } from './icgan/icgan-presets.js';
export {
  checkpointOfIcGan,
  createIcGan,
  icGanArchitecture,
  icGenerator,
  restoreIcGan,
  type IcGan,
} from './icgan/icgan-state.js';
export { icGanSteps } from './icgan/icgan-steps.js';
export { icGanWork } from './icgan/icgan-work.js';
export { drawnImages, invertingGenerator } from './icgan/icgan-images.js';
export { signedLabels } from './icgan/icgan-batch.js';
export type { ImageFeatures } from './icgan/latent-search.js';
export { openSearchTranslator } from './icgan/search-translate.js';

// Any generator that takes labels.
export {
  openLabelTranslator,
  readLabels,
  translateToLabels,
  type LabelsOf,
} from './conditional/label-translate.js';

// Faces: the detector, from files that the caller has read.
export { makeFaceDetector, type FaceDetector } from './faces/face-detector.js';
export { readConvertedGraph, type GraphFile } from './faces/converted-graph.js';

// Measures of images.
export { featureDistances, imageDistances } from './image-metrics/distances.js';
export { frechetDistance } from './image-metrics/frechet-distance.js';
export { INCEPTION_SIZE } from './image-metrics/inception.js';
export { inceptionFeatures } from './image-metrics/inception-features.js';
export { featureCosines, type ImagePair } from './image-metrics/cosines.js';
export { inceptionScore, type InceptionScore } from './image-metrics/inception-score.js';
export { neighbourhoods, type Neighbourhoods } from './image-metrics/neighbourhoods.js';
export { perceptualDistances, perceptualNetwork } from './image-metrics/perceptual-distance.js';
export { peakSignalToNoise, structuralSimilarity } from './image-metrics/similarity.js';
export { kernelDistance, kernelDistanceInterval } from './image-metrics/kernel-distance.js';
export { averagedBackbone, unitFeatures } from './image-metrics/embedding.js';

// What training steps of one's own are made of.
export { correctionTensors, createAdam, type Adam, type AdamCorrection } from './adam.js';
export { modelArtifacts, modelOf, type ModelArtifacts, type ModelFile } from './model-artifacts.js';
export { registerLayers } from './layers.js';
export {
  arraysOf,
  assignArrays,
  disposeWeights,
  gradientsOf,
  variablesOf,
  type NamedVariables,
} from './model-variables.js';
