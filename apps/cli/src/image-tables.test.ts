import { expect, it } from 'vitest';
import { predictionTable, translationTable } from './image-tables.js';

const unreadable = [{ file: 'cut.jpg', reason: 'cut.jpg: must be whole, but is not' }];

it('a table of predictions has a row for each file, with its error where there is one', () => {
  const rows = [{ file: 'a,1.jpg', prediction: 'yes', probabilities: { no: 0.25, yes: 0.75 } }];
  expect(predictionTable({ target: 't', classes: ['no', 'yes'], rows, unreadable })).toEqual([
    'file,predicted,p_no,p_yes,error',
    '"a,1.jpg",yes,0.25,0.75,',
    'cut.jpg,,,,"cut.jpg: must be whole, but is not"',
  ]);
});

it('a table of translations names the file of each', () => {
  const rows = [{ file: 'a.jpg', out: 'fakes/a.png' }];
  expect(translationTable({ rows, unreadable })).toEqual([
    'file,out,error',
    'a.jpg,fakes/a.png,',
    'cut.jpg,,"cut.jpg: must be whole, but is not"',
  ]);
});
