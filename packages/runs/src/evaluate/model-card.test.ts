import { expect, it } from 'vitest';
import { DATASET, EVALUATION, RECORD, SLICES } from './card.fixture.js';
import { classifierCard } from './model-card.js';

it('the card for people has the same, and marks groups of too few images', () => {
  const given = { record: RECORD, dataset: DATASET };
  const card = classifierCard({ ...given, evaluation: { ...EVALUATION, slices: SLICES } });
  expect(card).toContain('| age=young | 30 | 95.0 % [80.0, 99.0] |');
  expect(card).toContain('| age=old | 12 | fewer than 20 images |');
  for (const heading of [
    'Figures',
    'Groups',
    'Made with',
    'For',
    'Limits',
    'Trade-offs',
    'Not for',
  ]) {
    expect(card).toContain(`\n## ${heading}\n`);
  }
  expect(card).toContain(
    'Always naming the commonest class would have 80.0 %, where the model has 90.0 % [79.0, 96.0].',
  );
  const plain = classifierCard({ ...given, evaluation: EVALUATION });
  expect(plain).not.toContain('## Groups');
  expect(plain).toContain('Accuracy by groups of people was not measured.');
});
