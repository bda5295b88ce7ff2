import { describe, expect, it, test } from 'vitest';
import { brokenRule, IMAGE_RULES, ruleThresholds, type RuledImage } from './clean-rules.js';

const GOOD: RuledImage = {
  shorterSide: 200,
  squareness: 0.8,
  deviation: 50,
  entropy: 7,
  percentile5: 30,
  percentile99: 230,
  sharpness: 1000,
};

test('a good image breaks no rule', () => {
  expect(brokenRule(GOOD, ruleThresholds())).toBeNull();
});

describe('each rule', () => {
  it.each(IMAGE_RULES)(
    '$name removes an image beyond its threshold, and keeps one within',
    (rule) => {
      const { name, measure, threshold, removes, reason } = rule;
      const sides = {
        under: [-0.01, 0],
        'at or under': [0, 0.01],
        'at or over': [0, -0.01],
      } as const;
      const [past, within] = sides[removes];
      const only = ruleThresholds(
        Object.fromEntries(IMAGE_RULES.map((each) => [each.name, each.name === name])),
      );
      expect(brokenRule({ ...GOOD, [measure]: threshold + past }, only)).toBe(reason);
      expect(brokenRule({ ...GOOD, [measure]: threshold + within }, only)).toBeNull();
      const off = ruleThresholds({ [name]: false });
      expect(off).not.toHaveProperty(name);
    },
  );

  it.each(IMAGE_RULES)('$name has a default in its range, a unit and a source', (rule) => {
    const [least, most] = rule.range;
    expect(rule.threshold).toBeGreaterThanOrEqual(least);
    expect(rule.threshold).toBeLessThanOrEqual(most);
    expect(rule.source.length * rule.unit.length * rule.measures.length).toBeGreaterThan(0);
  });
});

test('no two rules share a name or a reason', () => {
  expect(new Set(IMAGE_RULES.map(({ name }) => name)).size).toBe(IMAGE_RULES.length);
  expect(new Set(IMAGE_RULES.map(({ reason }) => reason)).size).toBe(IMAGE_RULES.length);
});

test('an unknown rule and a threshold out of range are errors that name the way out', () => {
  expect(() => ruleThresholds({ blury: 3 })).toThrow(/one of small, shape.*but got blury/);
  expect(() => ruleThresholds({ plain: 9 })).toThrow(/plain must be from 0 to 8, but got 9/);
  expect(() => ruleThresholds({ blurry: Number.NaN })).toThrow(/but got NaN/);
});
