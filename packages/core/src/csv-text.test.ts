import { expect, it } from 'vitest';
import { csvLine } from './csv-text.js';

it('cells are quoted where RFC 4180 asks for it, and empty where there is nothing', () => {
  expect(csvLine(['a.jpg', 0.25, null])).toBe('a.jpg,0.25,');
  expect(csvLine(['a,b', 'say "x"', 'two\nlines', ' edge'])).toBe(
    '"a,b","say ""x""","two\nlines"," edge"',
  );
});
