export * from './augment.js';
export * from './batches.js';
export * from './clean.js';
export { CLEAN_NEAR_DISTANCE, type CleanOptions } from './clean-options.js';
export { PICTURE_RULES, type PictureRule } from './clean-rules.js';
export { dataStatement, type StatementFacts } from './data-statement.js';
export { datasetSpreads, type DatasetSpreads } from './dataset-spreads.js';
export {
  datasetStats,
  type Counts,
  type DatasetStats,
  type NumberSummary,
  type SizeSummary,
} from './dataset-stats.js';
export { quoted } from './database.js';
export * from './dataset.js';
export * from './decode.js';
export * from './fetch-dataset.js';
export * from './fetch-options.js';
export type { FetchStatus, RowStatus } from './fetch-status.js';
export { datasetOfFold } from './folds.js';
export * from './images.js';
export * from './import-congress.js';
export * from './import-csv.js';
export * from './import-fairface.js';
export * from './import-folder.js';
export * from './import-synthetic.js';
export {
  isBookkeeping,
  labelAssociations,
  type AssociationReport,
  type LabelAssociation,
} from './label-associations.js';
export { listImages, type ImportOptions } from './importing.js';
export * from './manifest.js';
export { openFeed } from './memory-feed.js';
export * from './near-duplicates.js';
export { STEPS, judgedBy, type ManifestChange, type Step } from './manifest-row.js';
export {
  manifestChunks,
  manifestFile,
  updateManifest,
  writeManifestStream,
  type ManifestChunksOptions,
} from './manifest-stream.js';
export { assignSplits, type SplitAssignment } from './assign-splits.js';
export { LEAK_KINDS, type LeakCount, type LeakKind } from './leaks.js';
export * from './packed-read.js';
export * from './packed-write.js';
export * from './picture-feed.js';
export * from './picture-queue.js';
export * from './picture-set.js';
export * from './picture-source.js';
export * from './query.js';
export * from './resample.js';
export * from './shards-read.js';
export * from './shards-write.js';
export * from './split.js';
export { checkSplit, leakError, type SplitCheck } from './split-check.js';
export { foldsOf, NEAR_DUPLICATE_DISTANCE } from './split-options.js';
export { FOLD_COLUMN, LEAKS_FILE } from './split-write.js';
export * from './synthetic-attributes.js';
export * from './tables.js';
export * from './to-data-frame.js';
export { renderFace, renderFacePixels, type RenderFaceOptions } from './synthetic-render.js';
