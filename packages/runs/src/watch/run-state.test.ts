import { expect, it } from 'vitest';
import { runState } from './run-state.js';

const owner = { work: 'training', pid: 7, host: 'a pid:[1]', processStart: null, since: 's' };

it.each([
  [{ status: 'running' }, { owner, asked: false }, 'running', 'training, process 7 on a'],
  [
    { status: 'running' },
    { owner, asked: true },
    'stopping',
    'stopping after the step at hand, process 7 on a',
  ],
  [
    { status: 'finished' },
    { owner: { ...owner, work: 'evaluation' }, asked: false },
    'evaluating',
    'evaluation by process 7 on a',
  ],
  [
    { status: 'running' },
    undefined,
    'stopped',
    'its process has ended; can be resumed from the last checkpoint',
  ],
  [{ status: 'stopped' }, undefined, 'stopped', 'stopped, can be resumed'],
  [{ status: 'finished' }, undefined, 'finished', 'finished'],
  [
    { status: 'stopped', result: { diverged: { step: 30, name: 'crossEntropy', loss: null } } },
    undefined,
    'diverged',
    'diverged at step 30 (crossEntropy not finite)',
  ],
  [
    { status: 'finished', result: { diverged: { step: 3, name: 'dX', loss: 26_345.6 } } },
    undefined,
    'diverged',
    'diverged at step 3 (dX 2.63e+4)',
  ],
] as const)('a run of %j with %j is %s', (...[record, work, state, text]) => {
  expect(runState(record, work)).toEqual([state, text]);
});
