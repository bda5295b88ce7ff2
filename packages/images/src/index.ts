// Decoding image files
export {
  decodeImage,
  decodeRecipe,
  type DecodeRecipe,
  type DecodeTarget,
} from './decode/decode.js';
export { decodeUpright } from './decode/decode-upright.js';
export { sniffImage, SNIFF_BYTES } from './decode/sniff-image.js';
export { decodeImages, type DecodeImagesOptions } from './loader/decode-images.js';
export { readableBatches, type ReadableBatch } from './loader/readable-batches.js';

// Scaling decoded images, and adding what a translation changed to an image of another size
export { resizeImages } from './decode/resize-images.js';
export {
  middlePart,
  middleSquare,
  resample,
  type ImageSize,
  type RgbImage,
} from './decode/resample.js';
export { bytesOf, sidesFrom, sidesOf, type Sides } from './decode/sides.js';
export {
  addChange,
  changeOf,
  type AddChangeOptions,
  type Change,
  type Part,
} from './change/change.js';
export { bendImage, type BendField, type BendOptions } from './change/bend-image.js';
export { changedPart, type BentPart } from './change/changed-part.js';
export {
  pieceSize,
  squarePieces,
  wholePieces,
  type ChangedPieces,
  type Pieces,
} from './change/pieces.js';
export { regionOf, type PixelBox } from './crop-geometry.js';
export {
  changeOfTiles,
  cutTiles,
  tileGrid,
  type TileGrid,
  type TileOptions,
} from './change/tiles.js';

// Writing decoded images
export {
  IMAGE_FORMATS,
  writeDescribedPng,
  writeImage,
  type ImageFormat,
} from './write/write-image.js';
export type { Provenance } from './write/provenance.js';

// Making images worse on purpose
export {
  changeImages,
  IMAGE_CHANGES,
  type ChangeChoice,
  type ImageChange,
} from './change-images.js';

// Augmentation
export {
  augment,
  AUGMENTATIONS,
  drawAugmentation,
  parseAugmentations,
  type Augmentation,
  type AugmentDraw,
  type DrawContext,
} from './augment/augment.js';

// Sets of images
export {
  firstImages,
  imageSetOfFiles,
  pixelsOf,
  type ImageSet,
  type ImageSetOptions,
} from './loader/image-set.js';
export type { LoaderSource } from './loader/image-source.js';

// Batches for training and inference
export type { BatchImages, DecodedImages } from './planned-batches.js';
export {
  imageBatches,
  labelledBatches,
  type ImageCopy,
  type LabelledBatchesOptions,
} from './batches.js';
export {
  pairedBatches,
  unpairedBatches,
  unpairedStepsPerEpoch,
  type UnpairedBatchesOptions,
} from './domain-batches.js';

// Threads
export {
  createLoader,
  loaderThreads,
  type Loader,
  type LoaderItem,
  type LoaderOptions,
} from './loader/loader.js';
export { startWorker } from './loader/start-worker.js';

// Packs: decoded images on disk
export {
  encodePackHeader,
  listPacks,
  PACK_FILES,
  PACK_START,
  packFolder,
  packKey,
  packsFolder,
  partialPackFolder,
  type PackContent,
  type PackHeader,
} from './pack/pack-format.js';
export { openPack, packedSource, type Pack, type PlacedPack } from './pack/read-pack.js';
export { writePackedPixels, type PackedPixelsOptions } from './pack/write-pack.js';

// Shards: image files in tar archives
export { readShards, type ShardSample } from './shards/read-shards.js';
export { createTar, type TarFile, type TarWriter } from './shards/tar.js';
