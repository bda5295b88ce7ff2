export * from './batches.js';
export * from './errors.js';
export * from './files.js';
export * from './progress.js';
export * from './random.js';
export * from './run-record.js';
export * from './safetensors.js';
export * from './statistics.js';
