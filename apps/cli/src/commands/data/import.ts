import { OptionsError } from '@janus/core';
import { Argument, type Command } from 'commander';
import { jsonFlag } from '../../flags.js';
import { createTerminal } from '../../terminal.js';
import { CELEBA } from './import-celeba.js';
import { CONGRESS } from './import-congress.js';
import { CSV } from './import-csv.js';
import { DIF } from './import-dif.js';
import { EVERYPOLITICIAN } from './import-everypolitician.js';
import { FAIRFACE } from './import-fairface.js';
import { FOLDER } from './import-folder.js';
import { given, type ImportSource } from './import-source.js';
import { SYNTHETIC } from './import-synthetic.js';
import { UTKFACE } from './import-utkface.js';
import { printStep } from './print-step.js';

const SOURCES: readonly ImportSource[] = [
  CSV,
  FOLDER,
  EVERYPOLITICIAN,
  CONGRESS,
  DIF,
  FAIRFACE,
  UTKFACE,
  CELEBA,
  SYNTHETIC,
];

interface CommonFlags {
  readonly out: string;
  readonly force?: boolean;
  readonly licence?: string;
  readonly json?: boolean;
}

/** `janus data import`. */
export function addImport(data: Command): void {
  const command = data
    .command('import')
    .description('create a data folder from a source')
    .addArgument(
      new Argument('<source>', 'kind of source').choices(SOURCES.map(({ name }) => name)),
    )
    .argument('<input...>', 'files, folders or quoted patterns; for synthetic, the number of faces')
    .requiredOption('--out <dir>', 'data folder to create')
    .option('--force', 'replace an existing data set')
    .option('--licence <text>', 'terms of use of the images, for DATA.md')
    .addOption(jsonFlag());
  const owners = new Map<string, string[]>();
  for (const { name, flags } of SOURCES) {
    for (const flag of flags) {
      const known = owners.get(flag.attributeName());
      if (known === undefined) {
        owners.set(flag.attributeName(), [name]);
        command.addOption(flag.helpGroup(`Options of ${name}:`));
      } else known.push(name);
    }
  }
  const sources = SOURCES.map(({ name, summary }) => `  ${name.padEnd(16)} ${summary}`);
  command
    .addHelpText(
      'after',
      `
Sources:
${sources.join('\n')}

Examples:
  $ npx janus data import synthetic 600 --out data/faces --size 64
  $ npx janus data import folder photos --out data/photos
  $ npx janus data import csv 'lists/*.csv.gz' --url-column link --label-columns age,gender --out data/listed
  $ npx janus data import everypolitician everypolitician --country US --since 1996 --without-party independent --out data/members`,
    )
    .action(async (name: string, inputs: string[], all: CommonFlags) => {
      const source = SOURCES.find((each) => each.name === name);
      if (source === undefined)
        throw new OptionsError(
          `data import: the source must be one of ${SOURCES.map((each) => each.name).join(', ')}, but got ${name}.`,
        );
      for (const [flag, of] of owners) {
        if (of.includes(name) || command.getOptionValueSource(flag) !== 'cli') continue;
        const long = command.options.find((each) => each.attributeName() === flag)?.long ?? flag;
        throw new OptionsError(
          `${long}: applies to ${of.join(' and ')}, but the source is ${name}. Leave it out.`,
        );
      }
      const terminal = createTerminal(all.json === true);
      const values = all as unknown as Readonly<Record<string, unknown>>;
      const own = source.flags.map((flag) => flag.attributeName());
      const result = await source.run({
        inputs,
        options: { ...given({ licence: all.licence }), out: all.out, force: all.force === true },
        flags: given(Object.fromEntries(own.map((flag) => [flag, values[flag]]))),
        terminal,
      });
      printStep(terminal, `Imported into ${all.out}`, result);
    });
}
