import { importEverypolitician } from '@janus/data';
import { Option } from 'commander';
import { listOf, wholeNumber } from '../../flags.js';
import { columnsFlag } from './columns-flag.js';
import { defineSource, given, type ImportSource } from './import-source.js';

interface EverypoliticianFlags {
  readonly country?: string;
  readonly chamber?: readonly string[];
  readonly since?: number;
  readonly until?: number;
  readonly withoutParty?: readonly string[];
  readonly columns?: Readonly<Record<string, string>>;
}

/** Members of parliaments, one row per person. */
export const EVERYPOLITICIAN: ImportSource = defineSource<EverypoliticianFlags>({
  name: 'everypolitician',
  summary: 'the EveryPolitician folder, countries.json, term-*.csv or Popolo; one row per person',
  flags: [
    new Option('--country <name>', 'name, code or slug; required if there are several countries'),
    new Option(
      '--chamber <a,b>',
      'comma-separated names or slugs of chambers (default: all)',
    ).argParser(listOf),
    new Option('--since <year>', 'skip terms that ended before this year').argParser(
      wholeNumber(1),
    ),
    new Option('--until <year>', 'skip terms that began after this year').argParser(wholeNumber(1)),
    new Option(
      '--without-party <a,b>',
      'skip people whose party in their last term is one of these, comma-separated',
    ).argParser(listOf),
    columnsFlag(),
  ],
  run: async ({ inputs, options, flags }) => {
    const { chamber: chambers, withoutParty: withoutParties, ...same } = flags;
    return await importEverypolitician(inputs, {
      ...options,
      ...given({ ...same, chambers, withoutParties }),
    });
  },
});
