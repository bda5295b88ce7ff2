import { trainFlagOf, type RunKind } from '@janus/core';
import { Option } from 'commander';
import { expect, it } from 'vitest';
import { CLASSIFIER_FLAGS } from './commands/train-classifier.js';
import { CYCLEGAN_FLAGS } from './commands/cyclegan-flags.js';

it.each<[RunKind, readonly { readonly option: string; readonly flags: string }[]]>([
  ['classifier', CLASSIFIER_FLAGS],
  ['cyclegan', CYCLEGAN_FLAGS],
])('trainFlagOf names the flag of each option of a %s', (kind, table) => {
  expect(table.map(({ option }) => trainFlagOf(kind, option))).toEqual(
    table.map(({ flags }) => new Option(flags).long),
  );
});
