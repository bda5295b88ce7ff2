import { importUtkface } from '@janus/data';
import { defineSource, type ImportSource } from './import-source.js';

/** UTKFace. */
export const UTKFACE: ImportSource = defineSource({
  name: 'utkface',
  summary: "UTKFace's images, whose names are their labels",
  flags: [],
  run: async ({ inputs, options }) => await importUtkface(inputs, options),
});
