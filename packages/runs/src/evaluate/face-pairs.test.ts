import type { Features } from '@janus/models';
import { describe, expect, it } from 'vitest';
import { faceMeasures } from './face-pairs.js';

/** Unit vectors at angles, in degrees: the cosine of two is that of the angle between them. */
const at = (...degrees: readonly number[]): Features => ({
  data: Float32Array.from(
    degrees.flatMap((d) => [Math.cos((d * Math.PI) / 180), Math.sin((d * Math.PI) / 180)]),
  ),
  ...{ count: degrees.length, shape: [2] },
});

describe('faceMeasures', () => {
  const originals = at(0, 60, 0);
  const people = ['a', 'a', 'b'];

  it('compares each fake with its own original, with people resampled as wholes', () => {
    const { fakes } = faceMeasures({ originals, fakes: at(60, 60, 90) }, people);
    // Cosines 0.5, 1 and 0: of person a twice, or of b twice, or of both.
    expect(fakes.value).toBeCloseTo(0.5, 6);
    expect(fakes.low).toBeCloseTo(0, 6);
    expect(fakes.high).toBeCloseTo(0.75, 6);
    expect(fakes.pairs).toBe(3);
  });

  it('has two images of one person once, and every image beside the next one of another', () => {
    const { onePerson, twoPeople } = faceMeasures({ originals, fakes: originals }, people);
    expect(onePerson).toMatchObject({ pairs: 1 });
    expect(onePerson?.value).toBeCloseTo(0.5, 6);
    // 0-2 and 1-2; 2-0 is the first again.
    expect(twoPeople).toMatchObject({ pairs: 2 });
    expect(twoPeople?.value).toBeCloseTo(0.75, 6);
  });

  it('compares twins with the originals that they are of, and leaves out what nobody has', () => {
    const twins = { features: at(60), places: [1] };
    const measured = faceMeasures({ originals, fakes: originals, twins }, ['a', 'b', 'c']);
    expect(measured.twins?.value).toBeCloseTo(1, 6);
    expect(measured.onePerson).toBeUndefined();
    expect(faceMeasures({ originals: at(0), fakes: at(0) }, ['a']).twoPeople).toBeUndefined();
  });
});
