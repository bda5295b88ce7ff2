import { describe, expect, it } from 'vitest';
import { namedWeights } from './weights-flag.js';

describe('namedWeights', () => {
  it('reads weights by name; a name may have an equals sign', () => {
    expect(namedWeights('age=0.5, a=b=2,gender=0')).toEqual({ age: 0.5, 'a=b': 2, gender: 0 });
  });

  it.each(['age', 'age=', '=1', 'age=-1', 'age=x', 'age=Infinity', ''])('refuses %j', (text) => {
    expect(() => namedWeights(text)).toThrow(/must/);
  });
});
