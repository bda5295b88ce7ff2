import { describe, expect, it } from 'vitest';
import { mapClasses } from './map-classes.js';

const context = { place: 'data/other', column: 'sex' };

describe('mapClasses', () => {
  it('takes equal names, letter case, hyphens and underscores aside', () => {
    expect(
      mapClasses(['light_hair', 'dark_hair'], ['Dark hair', 'grey', 'LIGHT-HAIR'], context),
    ).toEqual({
      labels: [1, -1, 0],
      names: { dark_hair: 'Dark hair', light_hair: 'LIGHT-HAIR' },
    });
  });

  it('lets names that are given go before', () => {
    const names = { feminine: 'f' };
    expect(
      mapClasses(['feminine', 'masculine'], ['f', 'feminine', 'masculine'], { ...context, names }),
    ).toEqual({
      labels: [0, -1, 1],
      names: { feminine: 'f', masculine: 'masculine' },
    });
  });

  it('refuses names that either side lacks, and data without a class of the run', () => {
    expect(() => mapClasses(['a', 'b'], ['x'], { ...context, names: { c: 'x' } })).toThrow(
      /--classes: must name a class of the run \(a, b\) and one of the data's sex \(x\), but got c=x/,
    );
    expect(() => mapClasses(['a', 'b'], ['x', 'y'], context)).toThrow(
      /none of its classes of sex \(x, y\) is one of the run's \(a, b\)/,
    );
  });
});
