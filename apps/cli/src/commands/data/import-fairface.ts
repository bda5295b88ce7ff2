import { importFairface } from '@janus/data';
import { defineSource, onlyInput, type ImportSource } from './import-source.js';

/** FairFace. */
export const FAIRFACE: ImportSource = defineSource({
  name: 'fairface',
  summary: "FairFace's folder, with its tables of labels",
  flags: [],
  run: async (request) => await importFairface(onlyInput(request), request.options),
});
