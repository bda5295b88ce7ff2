/** Networks, weights, losses, train steps, loops, metrics. */
export * from './web.js';

// What needs files, and so Node: checkpoints, models, weights.
export { latestCheckpoint, loadCheckpoint, saveCheckpoint, type Checkpoint } from './checkpoint.js';
export { loadModel, readModelFiles, saveModel } from './model-files.js';
export {
  loadClassifier,
  saveClassifier,
  saveDescription,
  type TrainedClassifier,
} from './classifier/classifier-files.js';
export type { WeightType } from './export/small-weights.js';
export { setTorchvisionWeights, torchvisionWeights } from './export/torchvision-weights.js';
export {
  loadHeads,
  loadTarget,
  readHeadsDescription,
  saveHeads,
  saveHeadsDescription,
  type LoadedHeads,
  type LoadedTarget,
} from './classifier/heads-files.js';
export {
  getWeights,
  listWeights,
  pretrainedWeights,
  WEIGHTS_NAMES,
  type PretrainedWeights,
  type WeightsEntry,
  type WeightsSource,
} from './backbones/weights.js';
export {
  INCEPTION_FILE,
  inceptionOf,
  readInception,
  type Inception,
} from './image-metrics/inception-weights.js';
export { embedFaces, FACE_EMBEDDING_SIZE, type EmbedFacesOptions } from './faces/embed-faces.js';
export { openFaceFeatures } from './faces/face-features.js';
export {
  FACE_DETECTOR_NAME,
  faceDetectorFiles,
  loadFaceDetector,
} from './faces/face-detector-files.js';
