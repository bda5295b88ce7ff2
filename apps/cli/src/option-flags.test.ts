import { Command } from 'commander';
import { expect, it } from 'vitest';
import {
  addOptionFlags,
  givenOptions,
  optionsOfFlags,
  presetOptions,
  type OptionFlag,
} from './option-flags.js';

interface Options {
  readonly rate: number;
  readonly form: 'plain' | 'bold' | false;
  readonly file: string | null;
}

const TABLE: readonly OptionFlag<Options>[] = [
  { option: 'rate', flags: '--step-size <rate>', help: 'step size', parse: Number },
  {
    option: 'form',
    flags: '--form [name]',
    help: 'form',
    choices: ['plain', 'bold'],
    convert: (given) => (given === true ? 'plain' : given),
  },
  { option: 'file', flags: '--file <path>', help: 'file' },
];

function parsed(...args: readonly string[]): Partial<Options> {
  const command = new Command();
  addOptionFlags(command, TABLE, { rate: 0.5, form: false, file: null });
  command.parse(args, { from: 'user' });
  return optionsOfFlags(command.opts(), TABLE);
}

it('flags set the options that the table names, defaults where none is given', () => {
  expect(parsed()).toEqual({ rate: 0.5 });
  expect(parsed('--step-size', '0.1', '--file', 'a.h5')).toEqual({ rate: 0.1, file: 'a.h5' });
});

it('a flag without its value becomes what the table makes of it', () => {
  expect(parsed('--form')).toEqual({ rate: 0.5, form: 'plain' });
  expect(parsed('--form', 'bold')).toEqual({ rate: 0.5, form: 'bold' });
});

it('a flag without a value can be taken back, where a preset has it', () => {
  const table: readonly OptionFlag<{ readonly isWide: boolean }>[] = [
    { option: 'isWide', flags: '--wide', help: 'wide' },
  ];
  const optionOf = (...args: readonly string[]): object => {
    const command = new Command();
    addOptionFlags(command, table, {});
    command.parse(args, { from: 'user' });
    const given = givenOptions(command, table);
    return presetOptions({ isWide: true }, table, { flags: command.opts(), given });
  };
  expect(optionOf()).toEqual({ isWide: true });
  expect(optionOf('--no-wide')).toEqual({ isWide: false });
  expect(optionOf('--wide')).toEqual({ isWide: true });
});
