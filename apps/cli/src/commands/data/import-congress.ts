import { importCongress } from '@janus/data';
import { defineSource, onlyInput, type ImportSource } from './import-source.js';

/** Members of the United States Congress with their official portraits. */
export const CONGRESS: ImportSource = defineSource({
  name: 'congress',
  summary: 'a folder with portraits and the congress-legislators records',
  flags: [],
  run: async (request) => await importCongress(onlyInput(request), request.options),
});
