/** From a source of images to images that a model can be trained on: one section for each step of the way. */

// Sources: a table, a folder or a published data set becomes a data folder.
export { importCelebA, type ImportCelebAOptions } from './sources/import-celeba.js';
export { importCongress, type ImportCongressOptions } from './sources/import-congress.js';
export { importCsv, type ImportCsvOptions, type ImportCsvResult } from './sources/import-csv.js';
export { importDif, type ImportDifOptions } from './sources/import-dif.js';
export {
  importEverypolitician,
  type ImportEverypoliticianOptions,
} from './sources/import-everypolitician.js';
export { importFairface, type ImportFairfaceOptions } from './sources/import-fairface.js';
export { importFolder } from './sources/import-folder.js';
export { importUtkface } from './sources/import-utkface.js';
export { checkOutput, finishImport, type ImportOptions } from './sources/importing.js';
export { imageFiles } from './sources/image-files.js';
export { findImages, type FoundImage, type FoundImages } from './sources/find-images.js';
export { LABELLINGS } from './sources/labellings.js';
export type { TableColumns } from './sources/map-columns.js';
export { MISSING_VALUES } from './tables/missing-values.js';
export type { TextEncoding } from './tables/plain-text.js';

// Manifest: the table of a data folder's images, and the record of what was done to them.
export {
  classesOf,
  keptRows,
  labelledItems,
  openDataset,
  parseFilter,
  type Dataset,
  type Filter,
  type LabelledItem,
  type RowsOptions,
} from './manifest/dataset.js';
export {
  readDatasetRecord,
  type DatasetRecord,
  type StepResult,
} from './manifest/dataset-record.js';
export { imagePathOf, readManifest, writeManifest } from './manifest/manifest.js';
export { newRow, type ManifestChange, type ManifestRow } from './manifest/manifest-row.js';
export { manifestChunks, updateManifest } from './manifest/manifest-stream.js';
export type { SplitName } from './manifest/split-name.js';
export { readTable, writeTable, type Schema, type TableRow } from './manifest/tables.js';
export { writeDatasetRecord } from './record/record-step.js';

// Fetch: images that are addresses so far become files.
export { fetchDataset, type FetchResult } from './fetch/fetch-dataset.js';
export { FETCH_DEFAULTS, FETCH_USER_AGENT, type FetchOptions } from './fetch/fetch-options.js';

// Crop: each image is reduced to its box or face, all to one size.
export { cropDataset, type CropResult } from './crop/crop-dataset.js';
export { CROP_MARGIN, type CropOptions } from './crop/crop-options.js';
export { openCrops, type RepeatCrop } from './crop/repeat-crop.js';

// Clean: unusable images and copies are removed, each with its reason.
export { cleanDataset, type CleanResult } from './clean/clean.js';
export { CLEAN_NEAR_DISTANCE, type CleanOptions } from './clean/clean-options.js';
export { IMAGE_RULES } from './clean/clean-rules.js';
export { hashDistance, nearDuplicateClusters } from './duplicates/near-duplicates.js';

// Review: what a person decided about labels.
export {
  readLabelDecisions,
  type LabelDecision,
  type LabelDecisions,
} from './review/label-decisions.js';
export { readReviewedLabels, type ReviewedLabel } from './review/reviewed-labels.js';

// Split: every kept row goes to train, validation or test.
export { assignSplits, type SplitAssignment } from './split/assign-splits.js';
export { datasetOfFold, type DealtFolds } from './split/folds.js';
export { LEAK_KINDS, type LeakKind } from './split/leak-kind.js';
export { splitDataset, type SplitResult } from './split/split.js';
export { checkSplit, leakError, type SplitCheck } from './split/split-check.js';
export { NEAR_DUPLICATE_DISTANCE, type SplitOptions } from './split/split-options.js';

// Pack: pixels in one file for training, and archives for other programs.
export { openImages, type OpenImagesOptions } from './pack/open-images.js';
export { packDataset, type PackOptions, type PackResult } from './pack/pack-dataset.js';
export { writeShards, type ShardOptions, type ShardResult } from './pack/write-shards.js';

// Merge: several data folders as one.
export { mergeDatasets, type MergeOptions } from './merge/merge-datasets.js';

// Explore: counts, SQL and data frames.
export { datasetSpreads, type DatasetSpreads } from './explore/dataset-spreads.js';
export { datasetStats, type DatasetStats } from './explore/dataset-stats.js';
export type { NumberSummary, SizeSummary } from './explore/number-summaries.js';
export { queryDataset, queryTables } from './explore/query.js';
export { toDataFrame } from './explore/to-data-frame.js';
export { quoted } from './manifest/database.js';
export type { Counts } from './manifest/manifest-question.js';
