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

/** Members of parliaments, one row a person. */
export const EVERYPOLITICIAN: ImportSource = defineSource<EverypoliticianFlags>({
  name: 'everypolitician',
  summary: "EveryPolitician's folder, countries.json, term-*.csv or Popolo; one row a person",
  flags: [
    new Option('--country <name>', 'name, code or slug; needed where there are several'),
    new Option('--chamber <a,b>', 'names or slugs (default: all)').argParser(listOf),
    new Option('--since <year>', 'leave out terms that ended before').argParser(wholeNumber(1)),
    new Option('--until <year>', 'leave out terms that began after').argParser(wholeNumber(1)),
    new Option(
      '--without-party <a,b>',
      'leave out people whose party at their last term is one of these',
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
