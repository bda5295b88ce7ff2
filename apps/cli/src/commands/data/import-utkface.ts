import { importUtkface } from '@janus/data';
import { defineSource, type ImportSource } from './import-source.js';

/** UTKFace. */
export const UTKFACE: ImportSource = defineSource({
  name: 'utkface',
  summary: 'UTKFace images, labelled by their file names',
  flags: [],
  run: async ({ inputs, options }) => await importUtkface(inputs, options),
});
