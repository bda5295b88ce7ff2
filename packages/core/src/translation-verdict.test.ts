import { describe, expect, it } from 'vitest';
import { wilsonInterval } from './statistics.js';
import type { DirectionEvaluation } from './translation-record.js';
import { measureNotes, measureRows } from './translation-rows.js';
import { translationVerdict } from './translation-verdict.js';

const around = (value: number, half: number): { value: number; low: number; high: number } => ({
  ...{ value, low: value - half, high: value + half },
});

/** A translation that does what it should. */
const GOOD: DirectionEvaluation = {
  n: 180,
  judgedAsTarget: wilsonInterval(152, 180),
  originalsJudgedAsTarget: wilsonInterval(0, 180),
  ...{ cycleL1: 0.034, changeL1: 0.035, identityL1: 0.012 },
  kid: { ...around(0.14, 0.02), originals: 0.5, twins: 0.01, protocol: 'kernel on VGG-16' },
  twinError: {
    ...{ n: 180, features: 0.86, pixels: 0.87 },
    ranges: { features: { low: 0.84, high: 0.88 }, pixels: { low: 0.85, high: 0.9 } },
  },
  twins: { n: 180, judgedAsTarget: wilsonInterval(179, 180), drift: { smile: 0.15, beard: 0.03 } },
  drift: { smile: 0.17, beard: 0.05 },
  face: {
    fakes: { ...around(0.93, 0.01), pairs: 180 },
    twins: { ...around(0.9, 0.01), pairs: 180 },
    twoPeople: { ...around(0.5, 0.02), pairs: 180 },
    protocol: 'cosine of faceres',
  },
};

const verdict = (more: Partial<DirectionEvaluation>): string =>
  translationVerdict({ ...GOOD, ...more }, { to: 'masculine' });

describe('the sentence of a translation', () => {
  it('says what is achieved, with the figures that show it', () => {
    expect(verdict({})).toBe(
      'It changes what the judge sees (84 % judged as masculine, of the originals 0 %, of the twins 99 %), ' +
        'comes closer to real images of masculine (kernel distance 0.14, of the originals 0.50), ' +
        'comes closer to the twins than no change would (error 0.86 in features), ' +
        'keeps the face (cosine 0.93, of the twin 0.90) and keeps everything else as in the twins, within 2 points.',
    );
  });

  it('does not trust a judged share of fakes that lie further from the real images', () => {
    const kid = { ...around(0.9, 0.1), originals: 0.5, protocol: 'p' };
    expect(verdict({ kid })).toMatch(
      /, but goes away from real images of masculine \(kernel distance 0\.90, of the originals 0\.50\), so that the judged share is not to be trusted\.$/,
    );
    const level = { ...around(0.5, 0.1), originals: 0.5, protocol: 'p' };
    expect(verdict({ kid: level })).toMatch(/but comes no closer to real images of masculine/);
    const noChange = { judgedAsTarget: wilsonInterval(3, 180) };
    expect(verdict({ kid, ...noChange })).not.toMatch(/trusted/);
  });

  it('calls a share that the originals reach too no change', () => {
    const judgedAsTarget = wilsonInterval(30, 180);
    const originalsJudgedAsTarget = wilsonInterval(25, 180);
    expect(verdict({ judgedAsTarget, originalsJudgedAsTarget })).toMatch(
      /but does not change what the judge sees \(17 % judged as masculine, of the originals 14 %/,
    );
  });

  it('names the attributes that change in five points more images than in the twins', () => {
    expect(verdict({ drift: { smile: 0.18, beard: 0.2 } })).toMatch(
      /, but changes beard \(in 20 % of the images, of the twins in 3 %\) too\.$/,
    );
    const { n, judgedAsTarget } = GOOD.twins ?? { n: 0 };
    const blind = { twins: { n, judgedAsTarget }, drift: { smile: 0.04 } };
    expect(verdict(blind)).toMatch(/keeps everything else as it was, within 4 points\.$/);
  });

  it('measures a face by two images of one person, where someone has several', () => {
    const face = (fakes: number): Partial<DirectionEvaluation> => ({
      face: {
        fakes: { ...around(fakes, 0.01), pairs: 180 },
        onePerson: { ...around(0.8, 0.02), pairs: 40 },
        twoPeople: { ...around(0.3, 0.02), pairs: 180 },
        protocol: 'p',
      },
    });
    expect(verdict(face(0.85))).toContain('keeps the face (cosine 0.85, of two images of one');
    expect(verdict(face(0.6))).toMatch(/but changes the face more than two images of one person/);
    expect(verdict(face(0.3))).toMatch(/but makes another person of a face \(cosine 0\.30/);
  });

  it('says nothing of what was not measured', () => {
    const bare = { n: 3, cycleL1: 0.1, changeL1: 0.1 };
    expect(translationVerdict(bare, { to: 'b' })).toBe(
      'Nothing was measured that tells whether it is a translation.',
    );
    expect(measureRows(bare, { to: 'b' }).map(({ measure }) => measure)).toEqual([
      ...['change, mean |G(x) - x|', 'cycle error, mean |F(G(x)) - x|'],
    ]);
    expect(measureNotes(bare)).toEqual([]);
  });
});

describe('the rows of a translation', () => {
  const rowOf = (measure: string, features?: 'inception-v3'): unknown =>
    measureRows(GOOD, { to: 'masculine', features }).find((row) => row.measure === measure);

  it('have the originals and the twins beside the fakes', () => {
    expect(rowOf('judged as masculine')).toEqual({
      measure: 'judged as masculine',
      fakes: '84.4 % [78.4, 89.0]',
      originals: '0.0 % [0.0, 2.1]',
      twins: '99.4 % [96.9, 99.9]',
    });
    expect(rowOf('kernel distance (VGG-16)')).toMatchObject({
      ...{ fakes: '0.140 [0.120, 0.160]', originals: '0.500', twins: '0.0100' },
    });
    expect(rowOf('smile changes')).toMatchObject({ twins: '15.0 % [10.5, 20.9]' });
    expect(rowOf('  images of two people, 180 pairs')).toMatchObject({
      originals: '0.50 [0.48, 0.52]',
    });
  });

  it('name the standard distances only where the features are the standard ones', () => {
    expect(rowOf('kernel distance (KID)', 'inception-v3')).toBeDefined();
    expect(rowOf('kernel distance (KID)')).toBeUndefined();
  });
});
