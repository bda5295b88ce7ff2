import { expect, it } from 'vitest';
import { shellWord, trainCommand } from './run-command.js';

it('trainCommand spells a record out as flags, the data first, and leaves out what no flag sets', () => {
  const options = {
    ...{
      size: 224,
      fineTuneEpochs: 3,
      weights: null,
      augment: ['flip', 'crop'],
      trainImages: undefined,
    },
    ...{ data: 'my faces', target: 'gender', seed: 1, preprocessing: 'torchvision' },
  };
  expect(trainCommand({ kind: 'classifier', options })).toBe(
    "janus train classifier --data 'my faces' --target gender --size 224 --fine-tune-epochs 3 --augment flip,crop --seed 1",
  );
  const gan = { x: 'd:a=b', y: 'd:a=c', imageSize: 64, paired: true, globalView: true, bend: 0 };
  expect(trainCommand({ kind: 'cyclegan', options: gan })).toBe(
    'janus train cyclegan --x d:a=b --y d:a=c --size 64 --global-view --bend 0',
  );
  const wide = { x: 'a', y: 'b', imageSize: 64, seed: 2, imageWidth: 96 };
  expect(trainCommand({ kind: 'cyclegan', options: wide })).toBe(
    'janus train cyclegan --x a --y b --size 96x64 --seed 2',
  );
});

it('trainCommand leaves out what has no effect on a linear head alone, but for a run to resume', () => {
  const options = {
    ...{ data: 'd', target: 't', backbone: 'vgg16', head: 'linear', unfreeze: 'none' },
    ...{ fineTuneEpochs: 3, optimizer: 'sgd', maxSteps: 7, seed: 1 },
  };
  const of = (changes: object, resumes = false): string =>
    trainCommand({ kind: 'classifier', options: { ...options, ...changes } }, { resumes });
  const all = '--fine-tune-epochs 3 --optimizer sgd --max-steps 7 --seed 1';
  expect(of({})).toMatch(/--unfreeze none --seed 1$/);
  expect(of({}, true)).toContain(all);
  expect(of({ unfreeze: 'block5' })).toContain(all);
  expect(of({ head: '1x8' })).toContain(all);
  // Without them, blocks would be fine-tuned.
  expect(of({ unfreeze: 'block5', fineTuneEpochs: 0 })).toMatch(/ --fine-tune-epochs 0 --seed 1$/);
});

it('shellWord quotes what a shell would read otherwise', () => {
  expect(shellWord("it's; rm")).toBe(String.raw`'it'\''s; rm'`);
  expect(shellWord('a/b.c=d')).toBe('a/b.c=d');
});
