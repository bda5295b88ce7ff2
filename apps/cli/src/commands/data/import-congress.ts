import { importCongress } from '@janus/data';
import { columnsFlag } from './columns-flag.js';
import { defineSource, given, onlyInput, type ImportSource } from './import-source.js';

/** Members of the United States Congress with their official portraits. */
export const CONGRESS: ImportSource = defineSource<{
  readonly columns?: Readonly<Record<string, string>>;
}>({
  name: 'congress',
  summary: 'a folder of portraits and congress-legislators tables',
  flags: [columnsFlag()],
  run: async (request) =>
    await importCongress(onlyInput(request), { ...request.options, ...given(request.flags) }),
});
