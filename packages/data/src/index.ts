export * from './clean/clean.js';
export { CLEAN_NEAR_DISTANCE, type CleanOptions } from './clean/clean-options.js';
export { IMAGE_RULES, type ImageRule } from './clean/clean-rules.js';
export { cropDataset, type CropResult } from './crop/crop-dataset.js';
export { CROP_MARGIN, type CropOptions } from './crop/crop-options.js';
export { dataStatement, type StatementFacts } from './explore/data-statement.js';
export { datasetSpreads, type DatasetSpreads } from './explore/dataset-spreads.js';
export {
  datasetStats,
  type Counts,
  type DatasetStats,
  type NumberSummary,
  type SizeSummary,
} from './explore/dataset-stats.js';
export { quoted } from './manifest/database.js';
export * from './manifest/dataset.js';
export * from './fetch/fetch-dataset.js';
export * from './fetch/fetch-options.js';
export type { FetchStatus, RowStatus } from './fetch/fetch-status.js';
export { datasetOfFold } from './split/folds.js';
export * from './sources/import-congress.js';
export { importCelebA, type ImportCelebAOptions } from './sources/import-celeba.js';
export { importDif, type DifColumn, type ImportDifOptions } from './sources/import-dif.js';
export { importUtkface } from './sources/import-utkface.js';
export { importCsv, type ImportCsvOptions } from './sources/import-csv.js';
export type { TextEncoding } from './tables/plain-text.js';
export type { TableColumns } from './sources/map-columns.js';
export {
  importEverypolitician,
  type ImportEverypoliticianOptions,
} from './sources/import-everypolitician.js';
export * from './sources/import-fairface.js';
export * from './sources/import-folder.js';
export {
  isBookkeeping,
  labelAssociations,
  type AssociationReport,
  type LabelAssociation,
} from './explore/label-associations.js';
export type { ImportOptions } from './sources/importing.js';
export { imageFiles, type ImageFile, type ImageFiles } from './sources/image-files.js';
export type { ImportInput } from './sources/inputs.js';
export * from './manifest/manifest.js';
export * from './duplicates/near-duplicates.js';
export { STEPS, judgedBy, type ManifestChange, type Step } from './manifest/manifest-row.js';
export {
  manifestChunks,
  manifestFile,
  updateManifest,
  writeManifestStream,
  type ManifestChunksOptions,
} from './manifest/manifest-stream.js';
export { assignSplits, type SplitAssignment } from './split/assign-splits.js';
export { LEAK_KINDS, type LeakCount, type LeakKind } from './split/leaks.js';
export * from './pack/find-pack.js';
export * from './pack/open-images.js';
export * from './pack/pack-dataset.js';
export * from './explore/query.js';
export * from './pack/write-shards.js';
export * from './split/split.js';
export { checkSplit, leakError, type SplitCheck } from './split/split-check.js';
export { foldsOf, NEAR_DUPLICATE_DISTANCE } from './split/split-options.js';
export { FOLD_COLUMN, LEAKS_FILE } from './split/split-write.js';
export * from './manifest/tables.js';
export * from './explore/to-data-frame.js';

export { checkOutput, finishImport, newRow } from './sources/importing.js';
export { LABELLINGS } from './sources/labellings.js';
