import { importFolder } from '@janus/data';
import { defineSource, type ImportSource } from './import-source.js';

/** Images sorted into folders. */
export const FOLDER: ImportSource = defineSource({
  name: 'folder',
  summary: 'one folder per class, or trainA, trainB, testA, testB',
  flags: [],
  run: async ({ inputs, options }) => await importFolder(inputs, options),
});
