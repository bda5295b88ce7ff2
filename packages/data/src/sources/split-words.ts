/** Words that tables and folders use for the splits. */

import type { SplitName } from '../manifest/split-name.js';

/** The split that each word stands for. */
export const SPLIT_WORDS: Readonly<Record<string, SplitName>> = {
  train: 'train',
  training: 'train',
  validation: 'validation',
  val: 'validation',
  valid: 'validation',
  dev: 'validation',
  test: 'test',
  testing: 'test',
};

/** Returns SQL of a value as a word: text in lower case without surrounding spaces. */
const wordSql = (value: string): string => `lower(trim(CAST(${value} AS VARCHAR)))`;

/** Returns SQL of the split that a value stands for; null for another word. */
export function splitSql(value: string): string {
  const cases = Object.entries(SPLIT_WORDS).map(([word, name]) => `WHEN '${word}' THEN '${name}'`);
  return `CASE ${wordSql(value)} ${cases.join(' ')} END`;
}

/** Returns SQL of whether a value stands for a split. */
export function isSplitWordSql(value: string): string {
  const words = Object.keys(SPLIT_WORDS).map((word) => `'${word}'`);
  return `${wordSql(value)} IN (${words.join(', ')})`;
}
