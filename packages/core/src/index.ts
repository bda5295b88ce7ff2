/** Numbers, text and files that every package shares. No TensorFlow, no images. */

// What a browser can load too: all but files.
export * from './web.js';

// The process
export { NODE_VERSION, peakRssMb } from './process-facts.js';

// Files
export {
  cacheFolder,
  commitRename,
  jsonText,
  readJsonFile,
  sha256OfFile,
  syncFolder,
  temporaryNameFor,
  writeFileAtomic,
  writeJson,
} from './files.js';
export { readSafetensorsFile, writeSafetensorsFile } from './safetensors-file.js';
export { systemCodeOf, systemFailureText } from './system-failure.js';

export { lockFile, readLock, type FileLock, type LockOwner } from './file-lock.js';
export {
  makeTemporaryFolder,
  withTemporaryFolder,
  type TemporaryFolder,
} from './temporary-folder.js';

// Records in a run's folder
export { findRunFolders, type FoundRunFolders, type UnreadableFolder } from './run-folders.js';
export { encodeEvent, type EventContent } from './event-file.js';
export { openMetricsTail, type MetricsTail, type TailReading } from './metrics-tail.js';
export { appendMetrics, metricsText, readMetrics, readRun, writeRun } from './run-record.js';
export { isFittedWhole, optionsWithoutEffect, type FittedBy } from './fitted-options.js';
export { shellWord, trainCommand, trainFlagOf } from './run-command.js';
export { readParts, writeParts } from './parts-record.js';
export { readAttributeCodes } from './attribute-codes.js';
export { readEvaluation } from './evaluation-record.js';
export { readBench, writeBench } from './bench-record.js';
export { readSweep, SWEEP_FILE, writeSweep } from './sweep-record.js';
export {
  readSeeds,
  SEEDS_FILE,
  writeSeeds,
  type SeedRun,
  type SeedsLeft,
  type SeedsMean,
  type SeedsMeasure,
  type SeedsRecord,
} from './seeds-record.js';
export { seedLeftText, seedsMeasureText, type SeedsMeasureText } from './seeds-text.js';
export {
  readSeedsOfEither,
  readTranslationSeeds,
  writeTranslationSeeds,
  type SeedsDirection,
  type TranslationSeedsRecord,
} from './translation-seeds-record.js';
export { meanInterval, studentQuantile95, type MeanInterval } from './student.js';
export {
  readTranslationSweep,
  TRANSLATION_SWEEP_FILE,
  writeTranslationSweep,
  type EpochSheet,
  type TranslationMeasures,
  type TranslationSweepRecord,
  type TranslationSweepRow,
} from './translation-sweep-record.js';
export {
  QUALITY_FILE,
  readQuality,
  writeQuality,
  type QualityPoint,
  type QualityRecord,
} from './quality-record.js';
export { relativeName, splitAtColon } from './portable-paths.js';
export { readRunDrawings, writeRunDrawings, type RunDrawing } from './run-drawings.js';
