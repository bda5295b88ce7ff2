/** The command that makes a run again, from its record. */
import { optionsWithoutEffect } from './fitted-options.js';
import type { RunKind, RunRecord } from './run-record.js';

/** Options whose flag is not their name in kebab case. */
const GENERATOR = {
  ...{ imageSize: 'size', imageWidth: 'size' },
  ...{ generatorFilters: 'filters', generatorBlocks: 'blocks' },
};
const RENAMED: Readonly<Record<RunKind, Readonly<Record<string, string>>>> = {
  classifier: {},
  cyclegan: GENERATOR,
  cut: GENERATOR,
  stargan: GENERATOR,
  icgan: GENERATOR,
};

/** Options that no flag sets: they follow from the others, or are the same in every run of the command. */
const WITHOUT_FLAG: Readonly<Record<RunKind, readonly string[]>> = {
  classifier: ['preprocessing'],
  cyclegan: ['paired', 'normalization'],
  cut: ['beta1', 'discriminatorLayers', 'projection'],
  stargan: ['beta1', 'lambdaPenalty'],
  icgan: ['encoderBeta1'],
};

/** Returns options as flags give them: both sides of an image are one flag, width by height. */
function withSides({
  imageWidth,
  ...options
}: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  if (typeof imageWidth !== 'number') return options;
  return { ...options, imageSize: `${imageWidth}x${String(options['imageSize'])}` };
}

/** Options that are on unless a flag of `--no-` turns them off. */
const ON: readonly string[] = ['nceIdentity'];

/** Returns the flag of `janus train` that sets an option: `--fine-tune-epochs`. */
export function trainFlagOf(kind: RunKind, option: string): string {
  const kebab = option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return `--${RENAMED[kind][option] ?? kebab}`;
}

/** Returns a word of a command as a POSIX shell reads it back. */
export function shellWord(text: string): string {
  return /^[\w./:=,+%@-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

function wordOf(value: unknown): string | undefined {
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  if (Array.isArray(value)) {
    const isList = value.length > 0 && value.every((each) => typeof each === 'string');
    return isList ? value.join(',') : undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const weights = Object.entries(value);
  const areNumbers = weights.every(([, weight]) => typeof weight === 'number');
  return areNumbers ? weights.map(([name, weight]) => `${name}=${weight}`).join(',') : undefined;
}

/**
 * Returns the command that trains a run with the options, the seed and the data of its record, every option spelled out:
 * `janus train classifier --data data/faces --target gender --backbone vgg16 ...`. What no flag sets is left out.
 *
 * @param how `resumes`: whether the command is to resume the run, which asks for all options as they were; default false:
 * options without effect, which a new run refuses, are left out
 */
export function trainCommand(
  record: Pick<RunRecord, 'kind' | 'options'>,
  { resumes = false }: { readonly resumes?: boolean } = {},
): string {
  const { kind } = record;
  const idle = kind === 'classifier' && !resumes ? optionsWithoutEffect(record.options) : [];
  const options = withSides(record.options);
  const first = ['data', 'x', 'y', 'target'].filter((name) => name in options);
  const names = [...first, ...Object.keys(options).filter((name) => !first.includes(name))];
  const flags = names
    .filter((name) => !WITHOUT_FLAG[kind].includes(name) && !idle.includes(name))
    .flatMap((name) => {
      const value = options[name];
      if (ON.includes(name)) {
        return value === false ? [trainFlagOf(kind, name).replace('--', '--no-')] : [];
      }
      if (value === true) return [trainFlagOf(kind, name)];
      const word = wordOf(value);
      return word === undefined ? [] : [`${trainFlagOf(kind, name)} ${shellWord(word)}`];
    });
  return ['janus train', kind, ...flags].join(' ');
}
