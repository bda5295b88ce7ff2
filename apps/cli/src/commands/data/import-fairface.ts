import { importFairface } from '@janus/data';
import { columnsFlag, rootFlag } from './columns-flag.js';
import { defineSource, given, onlyInput, type ImportSource } from './import-source.js';

/** FairFace. */
export const FAIRFACE: ImportSource = defineSource<{
  readonly columns?: Readonly<Record<string, string>>;
  readonly root?: string;
}>({
  name: 'fairface',
  summary: 'the FairFace folder, with its label tables',
  flags: [columnsFlag(), rootFlag()],
  run: async (request) =>
    await importFairface(onlyInput(request), { ...request.options, ...given(request.flags) }),
});
