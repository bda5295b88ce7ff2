import { importDif } from '@janus/data';
import { InvalidArgumentError, Option } from 'commander';
import { listOf } from '../../flags.js';
import { defineSource, type ImportSource } from './import-source.js';

/** Reads `age=146,gender=147`. */
function codingsOf(text: string): Readonly<Record<string, number>> {
  return Object.fromEntries(
    listOf(text).map((each) => {
      const [name = '', number = '', ...more] = each.split('=');
      if (name === '' || !/^\d+$/.test(number) || more.length > 0) {
        throw new InvalidArgumentError('must be name=column,name=column.');
      }
      return [name, Number(number)];
    }),
  );
}

/** Diversity in Faces. */
export const DIF: ImportSource = defineSource<{
  readonly coding?: Readonly<Record<string, number>>;
}>({
  name: 'dif',
  summary: 'the table of Diversity in Faces, a line a face',
  flags: [
    new Option(
      '--coding <name=column,...>',
      'labels by the number of their column, 144 to 190; needed, the table names none',
    ).argParser(codingsOf),
  ],
  run: async ({ inputs, options, flags }) =>
    await importDif(inputs, { ...options, codings: flags.coding ?? {} }),
});
