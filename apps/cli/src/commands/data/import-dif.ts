import { importDif } from '@janus/data';
import { InvalidArgumentError, Option } from 'commander';
import { boxUnitFlag, columnsFlag, pairsOf } from './columns-flag.js';
import { defineSource, given, type ImportSource } from './import-source.js';

/** Reads column numbers; text that is not a number becomes NaN, which the import refuses. */
function numbersOf(pairs: Readonly<Record<string, string>>): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(pairs).map(([name, number]) => [
      name,
      /^\d+$/.test(number) ? Number(number) : Number.NaN,
    ]),
  );
}

function codingsOf(text: string): Readonly<Record<string, number>> {
  const codings = numbersOf(pairsOf(text));
  if (Object.values(codings).some(Number.isNaN)) {
    throw new InvalidArgumentError('must be name=column,name=column with column numbers.');
  }
  return codings;
}

/** Diversity in Faces. */
export const DIF: ImportSource = defineSource<{
  readonly coding?: Readonly<Record<string, number>>;
  readonly columns?: Readonly<Record<string, string>>;
  readonly boxUnit?: 'pixel' | 'fraction';
}>({
  name: 'dif',
  summary: 'the Diversity in Faces table, one line per face',
  flags: [
    new Option(
      '--coding <name=column,...>',
      'labels by column number, 144 to 190; required, since the table has no header',
    ).argParser(codingsOf),
    columnsFlag(),
    boxUnitFlag(),
  ],
  run: async ({ inputs, options, flags: { coding = {}, columns, boxUnit } }) =>
    await importDif(inputs, {
      ...options,
      codings: coding,
      ...given({ boxUnit, columns: columns === undefined ? undefined : numbersOf(columns) }),
    }),
});
