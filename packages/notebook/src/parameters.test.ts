import { describe, expect, it } from 'vitest';
import { parametersOf } from './parameters.js';

const FULL = { data: '', faces: 2000, seed: 1 };
const SMALL = { faces: 200 };

describe('parametersOf', () => {
  it('returns those of the notebook, and of the small profile where that is asked for', () => {
    expect(parametersOf(FULL, SMALL, {})).toEqual(FULL);
    expect(parametersOf(FULL, SMALL, { JANUS_NOTEBOOK_PROFILE: 'small' })).toEqual({
      ...FULL,
      faces: 200,
    });
  });

  it('takes the data folder and NB_PARAMS from the environment, the latter over all', () => {
    const environment = {
      JANUS_NOTEBOOK_PROFILE: 'small',
      JANUS_NOTEBOOK_DATA: 'data/faces',
      NB_PARAMS: '{"faces": 50}',
    };
    expect(parametersOf(FULL, SMALL, environment)).toEqual({
      data: 'data/faces',
      faces: 50,
      seed: 1,
    });
  });

  it.each([
    [{ JANUS_NOTEBOOK_PROFILE: 'tiny' }, 'must be full or small, but got tiny'],
    [{ NB_PARAMS: '{' }, 'NB_PARAMS: must be JSON'],
    [{ NB_PARAMS: '[1]' }, 'NB_PARAMS: must be an object'],
    [{ NB_PARAMS: '{"face": 5}' }, '(data, faces, seed), but got face: 5'],
    [{ NB_PARAMS: '{"faces": "5"}' }, 'but got faces: "5"'],
  ])('refuses %o', (environment, message) => {
    expect(() => parametersOf(FULL, SMALL, environment)).toThrow(message);
  });
});
